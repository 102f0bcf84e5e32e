import type { Page } from '@playwright/test';
import { Api } from '../support/api.ts';
import type { Account, Desk } from '../support/desk.ts';
import { expect, test } from '../support/test.ts';

/** Ends all sessions of someone, as they do elsewhere; the open page says so and leads to the way in. */
async function endSession(desk: Desk, account: Account, page: Page): Promise<void> {
  await (await Api.signIn(desk, account)).call('DELETE', '/sessions');
  await expect(page.getByRole('status').filter({ hasText: 'Your session is over. Sign in again; what you were writing is kept.' })).toBeVisible();
}

/** Signs in by the form that is shown, wherever that leads. It may know who was there, and that it is someone else now. */
async function signIn(page: Page, account: Account): Promise<void> {
  const password = page.getByLabel('Password', { exact: true });
  await expect(password).toBeVisible();
  if (!(await page.getByText(account.email, { exact: true }).isVisible())) {
    const other = page.getByRole('button', { name: 'Sign in as someone else', exact: true });
    if (await other.isVisible()) await other.click();
    await page.getByRole('textbox', { name: 'Email address', exact: true }).fill(account.email);
  }
  await password.fill(account.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeHidden();
}

test('a message and a note for a colleague stand there again after signing in', async ({ desk, people }) => {
  const account = desk.operator(0);
  const colleague = desk.operator(1);
  const me = await people.operator(desk, account);
  const { page } = me;
  await me.createCase('Nick Evans');
  await me.chat.composer.fill('We can come on Thursday');
  await me.button('handOver').click();
  const dialog = page.getByRole('dialog', { name: 'Hand over the case of Nick Evans' });
  const note = dialog.getByRole('textbox', { name: 'Note for your colleague' });
  await dialog.getByRole('combobox', { name: 'To' }).selectOption({ label: `${colleague.name}, away` });
  await note.fill('He wants to be called after six');
  await dialog.getByRole('checkbox', { name: 'Stay on the case too' }).check();

  await endSession(desk, account, page);
  await signIn(page, account);
  await expect(note).toHaveValue('He wants to be called after six');
  await expect(dialog.getByRole('combobox', { name: 'To' }).locator('option:checked')).toHaveText(new RegExp(colleague.name));
  await expect(dialog.getByRole('checkbox', { name: 'Stay on the case too' })).toBeChecked();

  // A reload, also of the page to sign in, takes nothing either.
  await endSession(desk, account, page);
  await page.reload();
  await signIn(page, account);
  await expect(note).toHaveValue('He wants to be called after six');

  // Whoever else signs in in this browser sees none of it.
  await endSession(desk, account, page);
  await signIn(page, colleague);
  await expect(page.getByRole('heading', { name: 'Nick Evans' })).toBeVisible();
  await expect(me.chat.composer).toHaveValue('');
  await expect(dialog).toBeHidden();
  await endSession(desk, colleague, page);
  await signIn(page, account);
  await expect(note).toHaveValue('He wants to be called after six');

  // Closed by mistake it comes back as it was; cancelled it is gone.
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(me.chat.composer).toHaveValue('We can come on Thursday');
  await me.button('handOver').click();
  await expect(note).toHaveValue('He wants to be called after six');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await me.button('handOver').click();
  await expect(note).toHaveValue('');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.reload();
  await expect(me.chat.composer).toHaveValue('We can come on Thursday');
  await expect(dialog).toBeHidden();
});

test('a quick response waits for its author, who is led back to it', async ({ desk, people }) => {
  const account = desk.operator(0);
  const { page } = await people.operator(desk, account);
  await page.goto(`${desk.url}/settings/responses`);
  await page.getByRole('button', { name: 'New response', exact: true }).click();
  const form = page.getByRole('form', { name: 'New quick response' });
  const text = form.getByRole('textbox', { name: 'Text', exact: true });
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Opening hours');
  await form.getByRole('textbox', { name: 'Shortcut', exact: true }).fill('hours');
  await text.fill('We are here from nine');

  await endSession(desk, account, page);
  await signIn(page, desk.operator(1));
  await expect(page.getByRole('heading', { name: 'Quick responses', exact: true })).toBeVisible();
  await expect(page.getByText('Choose a response to read or change it.')).toBeVisible();
  await expect(form).toBeHidden();
  await page.goto(`${desk.url}/`);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();

  // On another page than the one it was typed on, it is told that something waits, and where.
  await signIn(page, account);
  const waits = page.getByRole('status').filter({ hasText: 'You were writing something that was not sent. It is kept.' });
  await expect(waits).toBeVisible();
  await waits.getByRole('link', { name: 'Go on writing' }).click();
  await expect(waits).toBeHidden();
  await expect(text).toHaveValue('We are here from nine');
  await expect(form.getByRole('textbox', { name: 'Shortcut', exact: true })).toHaveValue('hours');
  await form.getByRole('button', { name: 'Create response' }).click();
  await expect(form).toBeHidden();

  // One that is there already saves itself as soon as it can.
  const edited = page.getByRole('region', { name: 'Quick response', exact: true }).getByRole('textbox', { name: 'Text', exact: true });
  await expect(edited).toHaveValue('We are here from nine');
  // Typed and already signed out, before the page knows it: the refusal is what tells.
  await page.route('**/api/v1/quick-responses/*', async (route) => {
    await (await Api.signIn(desk, account)).call('DELETE', '/sessions');
    await route.continue();
  });
  await edited.fill('We are here from nine to five');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.unroute('**/api/v1/quick-responses/*');
  await signIn(page, account);
  await expect(edited).toHaveValue('We are here from nine to five');
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: /Opening hours/ })).toContainText('We are here from nine to five');
});

test('what an administrator fills in stands there again after signing in', async ({ desk, people }) => {
  const account = desk.administrator;
  const { page } = await people.operator(desk, account);

  await page.goto(`${desk.url}/settings/team`);
  await page.getByRole('button', { name: 'Invite operator', exact: true }).click();
  const invitation = page.getByRole('dialog', { name: 'Invite operator' });
  await invitation.getByRole('textbox', { name: 'Email address' }).fill('newcomer@example.com');
  await invitation.getByRole('radio', { name: 'Administrator' }).check();
  await endSession(desk, account, page);
  await signIn(page, account);
  await expect(invitation.getByRole('textbox', { name: 'Email address' })).toHaveValue('newcomer@example.com');
  await expect(invitation.getByRole('radio', { name: 'Administrator' })).toBeChecked();
  await invitation.getByRole('button', { name: 'Cancel' }).click();

  await page.goto(`${desk.url}/settings/fields`);
  await page.getByRole('button', { name: 'Add field', exact: true }).click();
  const field = page.getByRole('form', { name: 'New field' });
  await field.getByRole('textbox', { name: 'Label', exact: true }).fill('Serial number');
  await endSession(desk, account, page);
  await signIn(page, account);
  await expect(field.getByRole('textbox', { name: 'Label', exact: true })).toHaveValue('Serial number');
  await field.getByRole('button', { name: 'Cancel' }).click();

  await page.goto(`${desk.url}/`);
  await page.getByRole('button', { name: 'Create new case', exact: true }).click();
  const creating = page.getByRole('dialog', { name: 'New case' });
  await creating.getByRole('textbox', { name: 'Case name' }).fill('Nick Evans');
  await creating.getByRole('textbox', { name: 'Internal notes' }).fill('Prefers mornings');
  await endSession(desk, account, page);
  await page.reload();
  await signIn(page, account);
  await expect(creating.getByRole('textbox', { name: 'Case name' })).toHaveValue('Nick Evans');
  await expect(creating.getByRole('textbox', { name: 'Internal notes' })).toHaveValue('Prefers mornings');
  await creating.getByRole('button', { name: 'Create case', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Nick Evans' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Nick Evans' })).toBeVisible();
  await expect(creating).toBeHidden();
});

test('the rest of a sentence goes into no field when the session ends in it', async ({ desk, people }) => {
  const account = desk.operator(0);
  const me = await people.operator(desk, account);
  const { page } = me;
  await me.createCase('Nick Evans');
  await me.chat.composer.pressSequentially('We can come');
  await endSession(desk, account, page);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeFocused();
  await page.keyboard.type(' on Thursday');
  await expect(page.getByText(account.email, { exact: true })).toBeVisible();
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
  await page.keyboard.type(account.password);
  await page.keyboard.press('Enter');
  await expect(me.chat.composer).toHaveValue('We can come');
});
