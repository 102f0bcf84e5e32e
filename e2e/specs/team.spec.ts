import { expect, test } from '../support/test.ts';

test('a colleague sees the case at once, reads what the guest wrote, and takes part', async ({ desk, people }) => {
  const first = await people.operator(desk, desk.operator(0));
  const second = await people.operator(desk, desk.operator(1));
  await first.createCase('Nick Evans');
  await expect(second.caseRow('Nick Evans')).toBeHidden();
  await first.addOperator(desk.operator(1).name);
  await expect(second.caseRow('Nick Evans')).toBeVisible();

  const guest = await people.guest(desk, await first.copyGuestLink());
  await guest.chat.send('The boiler is cold');
  await expect(second.caseRow('Nick Evans')).toContainText('1 unread');
  await second.caseRow('Nick Evans').click();
  await second.chat.expectToSay('The boiler is cold');
  await expect(second.caseRow('Nick Evans')).not.toContainText('unread');
  await expect(guest.chat.region.getByText(/^\d\d:\d\d, read$/)).toBeVisible();
  await second.chat.send('We are on our way');
  await guest.chat.expectToSay('We are on our way');
  await first.chat.expectToSay('We are on our way');
});

test('a case in the queue is taken by one, and goes back when the last one leaves', async ({ desk, people }) => {
  const first = await people.operator(desk, desk.operator(0));
  const second = await people.operator(desk, desk.operator(1));
  const take = (operator: typeof first) =>
    operator.caseList.getByRole('button', { name: `${operator.name.take} Grace Adeyemi`, exact: true });
  await expect(take(second)).toBeVisible();
  await take(first).click();
  await expect(take(second)).toBeHidden();
  await expect(take(first)).toBeHidden();
  await expect(first.caseRow('Grace Adeyemi')).toBeVisible();

  await first.openCase('Grace Adeyemi');
  await first.page.getByRole('button', { name: 'Leave the case', exact: true }).click();
  const question = first.page.getByRole('alertdialog');
  await question.getByRole('button', { name: 'To the queue', exact: true }).click();
  await expect(take(second)).toBeVisible();
});

test('a draft waits on every device of its author, and nobody else sees it', async ({ desk, people }) => {
  const desktop = await people.operator(desk, desk.operator(0));
  await desktop.createCase('Nick Evans');
  await desktop.addOperator(desk.operator(1).name);
  await desktop.chat.composer.fill('Half a sentence');
  await expect(desktop.chat.region.getByText('Draft saved')).toBeVisible();

  const laptop = await people.operator(desk, desk.operator(0));
  await laptop.openCase('Nick Evans');
  await expect(laptop.chat.composer).toHaveValue('Half a sentence');
  const colleague = await people.operator(desk, desk.operator(1));
  await colleague.openCase('Nick Evans');
  await expect(colleague.chat.composer).toHaveValue('');
});
