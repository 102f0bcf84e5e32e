import { Api } from '../support/api.ts';
import { expect, test } from '../support/test.ts';

/** The note at a field of a completed case. */
const HELD = 'Not saved: the case is completed. Kept here until it is reopened.';

test('what is typed into a field that goes is shown until it is dismissed, and is not sent again', async ({ desk, people }) => {
  const administrator = await Api.signIn(desk, desk.administrator);
  const operator = await people.operator(desk, desk.operator(0));
  const boiler = await administrator.call<{ id: string }>('POST', '/custom-fields', { label: 'Boiler', kind: 'text' });
  await operator.createCase('Nick Evans');
  const field = operator.details.getByRole('textbox', { name: 'Boiler', exact: true });
  const status = operator.details.getByRole('status').filter({ hasText: 'Boiler' });
  await field.fill('Gas');
  await expect(operator.details.getByRole('status').filter({ hasText: operator.name.saved })).toBeVisible();

  let refused = 0;
  operator.page.on('response', (answer) => {
    if (answer.status() === 422) refused++;
  });
  const removed = operator.details.getByRole('group', { name: 'The field “Boiler” was removed. You had typed:' });
  await test.step('archived while someone types', async () => {
    // Always before the text can be saved.
    const path = `**/api/v1/cases/${operator.caseId}`;
    await operator.page.route(path, async (route) => {
      if (route.request().method() === 'PATCH') await administrator.call('PATCH', `/custom-fields/${boiler.id}`, { archived: true });
      await route.continue();
    });
    await field.press('End');
    await field.pressSequentially(' from 2004');
    await expect(removed).toBeVisible();
    await operator.page.unroute(path);
    await expect(removed.getByRole('textbox')).toHaveValue('Gas from 2004');
    await expect(removed.getByRole('textbox')).toBeFocused();
    await expect(status).toContainText('but not');
  });

  await test.step('still there after a reload, and nothing is sent', async () => {
    const before = refused;
    await operator.page.reload();
    await expect(removed.getByRole('textbox')).toHaveValue('Gas from 2004');
    await expect(status).toContainText('Not saved');
    await removed.getByRole('button', { name: 'Dismiss' }).click();
    await expect(removed).toBeHidden();
    await expect(status).toBeHidden();
    await operator.page.reload();
    await expect(operator.field('internalNotes')).toBeVisible();
    await expect(removed).toBeHidden();
    expect(refused).toBe(before);
  });
});

test('a detail that is typed while a colleague completes the case says that it waits', async ({ desk, people }) => {
  const colleague = await Api.signIn(desk, desk.operator(1));
  const operator = await people.operator(desk, desk.operator(0));
  await operator.createCase('Nick Evans');
  const path = `/cases/${operator.caseId}`;
  await operator.field('internalNotes').focus();
  // Always before the text can be saved.
  await operator.page.route(`**/api/v1${path}`, async (route) => {
    if (route.request().method() === 'PATCH') await colleague.call('POST', `${path}/complete`, {}).catch(() => null);
    await route.continue();
  });
  await operator.field('internalNotes').pressSequentially('Calls before noon');
  await expect(operator.details.getByText(HELD)).toBeVisible();
  await expect(operator.field('internalNotes')).toHaveValue('Calls before noon');
  await operator.page.unroute(`**/api/v1${path}`);
  await operator.page.reload();
  await expect(operator.details.getByText(HELD)).toBeVisible();

  await colleague.call('POST', `${path}/reopen`, {});
  await expect(operator.details.getByText(HELD)).toBeHidden();
  await expect.poll(async () => (await operator.ask('GET', path)).body).toMatchObject({ fields: { notes: { value: 'Calls before noon' } } });
});

test('a number that is none is named, and hides nothing of the others', async ({ desk, people, network }) => {
  const operator = await people.operator(desk, desk.operator(0), { network });
  await operator.createCase('Nick Evans');
  const phone = operator.details.getByRole('textbox', { name: 'Phone number' });
  const top = operator.details.locator('.details-head').getByRole('status');

  await test.step('Esc after the country goes back to the number that is saved', async () => {
    await operator.details.getByRole('button', { name: /^Country code/ }).click();
    await operator.page.keyboard.type('Germany');
    await operator.page.keyboard.press('Enter');
    await expect(phone).toBeFocused();
    await operator.page.keyboard.type('30 1234567');
    await expect(top).toHaveText('Saved');
    await phone.press('Escape');
    await expect(phone).toHaveValue('+49 30 1234567');
    await phone.fill('+49 30 abc');
    await phone.press('Escape');
    await expect(phone).toHaveValue('+49 30 1234567');
    await expect(top).toHaveText('Saved');
  });

  await test.step('the others are saved, and the line leads to what is not', async () => {
    await phone.fill('+49 30 abc');
    await phone.press('Enter');
    await expect(top).toHaveText('Saved, but not: Phone number');
    await operator.field('internalNotes').fill('Gas boiler');
    await expect(top).toHaveText('Saved, but not: Phone number');
    await top.getByRole('button', { name: 'Phone number' }).click();
    await expect(phone).toBeFocused();
  });

  await test.step('no connection is what it says first', async () => {
    network.set('closed');
    await operator.field('internalNotes').fill('Gas boiler from 2004');
    await expect(top).toHaveText('Not saved, trying again');
    await expect(operator.page.getByText('No connection', { exact: false }).first()).toBeVisible();
    await expect(operator.details.getByRole('listitem').filter({ hasText: desk.operator(0).name })).toContainText('away');
    network.set('pass');
    await expect(top).toHaveText('Saved, but not: Phone number', { timeout: 30_000 });
  });
});
