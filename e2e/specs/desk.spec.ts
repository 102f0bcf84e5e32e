import { expect, test } from '../support/test.ts';
import type { Conversation } from '../support/conversation.ts';

/** Every word that the tests send, wherever it stands on a screen. */
const WORDS = /(?:operator|guest)-\d\d\b/;

/** Sends from both sides at once, each in order. */
async function bothWrite(operator: Conversation, guest: Conversation, from: number, to: number): Promise<void> {
  const write = async (who: Conversation, name: string) => {
    for (let n = from; n <= to; n++) await who.send(`${name}-${String(n).padStart(2, '0')}`);
  };
  await Promise.all([write(operator, 'operator'), write(guest, 'guest')]);
}

/** Both screens show the same words: each exactly once, each sender's in order, in one order of all. */
async function expectOneStory(operator: Conversation, guest: Conversation, each: number): Promise<void> {
  await expect(async () => {
    const [here, there] = [await operator.said(WORDS), await guest.said(WORDS)];
    expect(here).toHaveLength(2 * each);
    expect(there).toEqual(here);
  }).toPass({ timeout: 45_000 });
  const story = await operator.said(WORDS);
  for (const name of ['operator', 'guest']) {
    const own = story.filter((word) => word.startsWith(name));
    expect(own).toEqual(Array.from({ length: each }, (_, n) => `${name}-${String(n + 1).padStart(2, '0')}`));
  }
}

test('an operator and a guest meet in a case, write, and part', async ({ desk, people }) => {
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const link = await operator.copyGuestLink();
  await expect(operator.details.getByText(operator.name.away, { exact: true })).toBeVisible();

  const guest = await people.guest(desk, link);
  await expect(operator.details.getByText(operator.name.online, { exact: true })).toBeVisible({ timeout: 2_000 });
  await expect(guest.page.getByText('Nick Evans').first()).toBeVisible();

  await test.step('twenty messages each way', async () => {
    await bothWrite(operator.chat, guest.chat, 1, 20);
    await expectOneStory(operator.chat, guest.chat, 20);
  });

  await test.step('a reload shows the same', async () => {
    await Promise.all([operator.page.reload(), guest.page.reload()]);
    await expectOneStory(operator.chat, guest.chat, 20);
  });

  await test.step('typing shows, and goes away', async () => {
    await guest.chat.composer.pressSequentially('Well', { delay: 40 });
    await expect(operator.chat.region.getByText('is typing')).toBeVisible();
    await guest.chat.composer.fill('');
    await expect(operator.chat.region.getByText('is typing')).toBeHidden();
    await operator.chat.composer.pressSequentially('Well', { delay: 40 });
    await expect(guest.chat.region.getByText('is typing')).toBeVisible();
    await operator.chat.composer.fill('');
    await expect(guest.chat.region.getByText('is typing')).toBeHidden();
  });

  await test.step('a new name reaches the guest', async () => {
    await operator.rename('Nick and Ida Evans');
    await expect(guest.page.getByText('Nick and Ida Evans').first()).toBeVisible();
  });

  await test.step('complete, reopen, delete', async () => {
    await operator.button('complete').click();
    await expect(operator.button('reopen')).toBeVisible();
    await expect(guest.page.getByRole('heading', { name: 'completed' })).toBeVisible();
    await expect(guest.chat.composer).toBeHidden();

    await operator.button('reopen').click();
    await expect(operator.button('complete')).toBeVisible();
    await expect(guest.chat.composer).toBeVisible();
    await expectOneStory(operator.chat, guest.chat, 20);

    const id = operator.caseId;
    await operator.deleteCase();
    await expect(guest.page.getByRole('heading', { name: 'deleted' })).toBeVisible();
    expect(await operator.call('DELETE', `/cases/${id}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const late = await people.guest(desk, link);
    await expect(late.page.getByRole('heading', { name: 'deleted' })).toBeVisible();
  });
});

test('nothing is lost, doubled or reordered when the network and the server go away', async ({
  desk,
  people,
  network,
}) => {
  test.setTimeout(240_000);
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const guest = await people.guest(desk, await operator.copyGuestLink(), { network });
  await bothWrite(operator.chat, guest.chat, 1, 2);
  await expectOneStory(operator.chat, guest.chat, 2);

  await test.step('the cable is pulled', async () => {
    network.set('closed');
    await expect(guest.page.getByText('No connection', { exact: false })).toBeVisible();
    await bothWrite(operator.chat, guest.chat, 3, 5);
    await expect(guest.chat.region.getByText('Sending…').first()).toBeVisible();
    network.set('pass');
    await expectOneStory(operator.chat, guest.chat, 5);
  });

  await test.step('the connection looks open and carries nothing, and the server loses power', async () => {
    network.set('halfOpen');
    await bothWrite(operator.chat, guest.chat, 6, 8);
    await expect(operator.details.getByText(operator.name.away, { exact: true })).toBeVisible({ timeout: 45_000 });
    await expect(guest.page.getByText('No connection', { exact: false })).toBeVisible({ timeout: 45_000 });
    await desk.kill();
    await bothWrite(operator.chat, guest.chat, 9, 10);
    await desk.start();
    await bothWrite(operator.chat, guest.chat, 11, 12);
    network.set('pass');
    await expectOneStory(operator.chat, guest.chat, 12);
  });

  await test.step('and all is as before', async () => {
    await expect(operator.details.getByText(operator.name.online, { exact: true })).toBeVisible();
    await expect(guest.page.getByText('No connection', { exact: false })).toBeHidden();
    await expect(guest.chat.region.getByText('Sending…')).toBeHidden();
    await bothWrite(operator.chat, guest.chat, 13, 14);
    await expectOneStory(operator.chat, guest.chat, 14);
  });
});

test('a colleague sees the case at once, reads what the guest wrote, and takes part', async ({ desk, people }) => {
  const first = await people.operator(desk, desk.operator(0));
  const second = await people.operator(desk, desk.operator(1));
  await first.createCase('Nick Evans');
  await expect(second.caseRow('Nick Evans')).toBeHidden();
  await first.addOperator(desk.operator(1).name);
  await expect(second.caseRow('Nick Evans')).toBeVisible();

  const guest = await people.guest(desk, await first.copyGuestLink());
  await guest.chat.send('The boiler is cold');
  await expect(second.caseRow('Nick Evans')).toContainText('1');
  await second.caseRow('Nick Evans').click();
  await second.chat.expectToSay('The boiler is cold');
  await expect(guest.chat.region.getByText('read', { exact: false }).last()).toBeVisible();
  await second.chat.send('We are on our way');
  await guest.chat.expectToSay('We are on our way');
  await first.chat.expectToSay('We are on our way');
});
