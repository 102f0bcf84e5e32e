import { expect, type Locator, type Page } from '@playwright/test';
import { Api } from '../support/api.ts';
import { names } from '../support/names.ts';
import { OperatorBrowser } from '../support/operator.ts';
import { test } from '../support/test.ts';

/** Farther than this nobody wants to tab. */
const TABS_MAX = 60;

/** Presses Tab until the focus is there: what cannot be reached this way cannot be used without a mouse. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let n = 0; n < TABS_MAX; n++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`not reached by ${TABS_MAX} tabs: ${String(target)}`);
}

/** The focus must be seen: an outline, or an edge that changes. */
async function expectVisibleFocus(target: Locator): Promise<void> {
  const style = await target.evaluate((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return { outline: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1, shadow: boxShadow !== 'none' };
  });
  expect(style.outline || style.shadow, `focus of ${String(target)} can be seen`).toBe(true);
}

test('from sign-in to a completed case without a mouse', async ({ desk, people }) => {
  const page = await people.stranger(desk);
  const operator = new OperatorBrowser(page, 'en');
  const account = desk.operator(0);
  await page.goto(`${desk.url}/sign-in`);

  const email = operator.field('email');
  if (!(await email.evaluate((element) => element === document.activeElement))) await tabTo(page, email);
  await expectVisibleFocus(email);
  await page.keyboard.type(account.email);
  await tabTo(page, page.getByLabel(names.en.password, { exact: true }));
  await page.keyboard.type(account.password);
  await page.keyboard.press('Enter');
  await expect(operator.caseList).toBeVisible();

  await test.step('create a case', async () => {
    await page.keyboard.press('c');
    const name = page.getByRole('dialog').getByRole('textbox', { name: names.en.caseName, exact: true });
    await expect(name).toBeFocused();
    await page.keyboard.type('Nick Evans');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Nick Evans' })).toBeVisible();
  });

  await test.step('answer', async () => {
    await page.locator('body').evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('r');
    await expect(operator.chat.composer).toBeFocused();
    await page.keyboard.type('Good morning');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('How is the boiler?');
    await page.keyboard.press('Enter');
    await expect(operator.chat.region.getByText('How is the boiler?')).toBeVisible();
    await expect(operator.chat.composer).toHaveValue('');
    await page.keyboard.press('Escape');
    await expect(operator.chat.composer).not.toBeFocused();
  });

  await test.step('take a note', async () => {
    await page.keyboard.press('n');
    await expect(operator.field('internalNotes')).toBeFocused();
    await expectVisibleFocus(operator.field('internalNotes'));
    await page.keyboard.type('Calls before noon.');
    await expect(operator.details.getByRole('status').filter({ hasText: names.en.saved })).toBeVisible();
    await page.keyboard.press('Escape');
  });

  await test.step('go through the list', async () => {
    const opened = page.url();
    await page.keyboard.press('j');
    await expect(page).not.toHaveURL(opened);
    await page.keyboard.press('k');
    await expect(page).toHaveURL(opened);
  });

  await test.step('menus open, move and close by keys', async () => {
    await tabTo(page, operator.button('options'));
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menu')).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menu')).toBeHidden();
    await expect(operator.button('options')).toBeFocused();
  });

  await test.step('the shortcuts are told', async () => {
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  });

  await test.step('complete', async () => {
    await tabTo(page, operator.button('complete'));
    await expectVisibleFocus(operator.button('complete'));
    await page.keyboard.press('Enter');
    await expect(operator.button('reopen')).toBeVisible();
    await page.keyboard.press('e');
    await expect(operator.button('complete')).toBeVisible();
    await page.keyboard.press('e');
    await expect(operator.button('reopen')).toBeVisible();
  });
});

test('what is typed into a field that goes is no command, and goes to nobody else', async ({ desk, people }) => {
  const me = await people.operator(desk, desk.operator(0));
  const { page } = me;
  const colleague = await Api.signIn(desk, desk.operator(1));
  const administrator = await Api.signIn(desk, desk.administrator);
  await me.createCase('Nick Evans');
  const id = new URL(page.url()).pathname.split('/')[2] ?? '';
  const status = async () => (await colleague.call<{ status: string }>('GET', `/cases/${id}`)).status;

  await test.step('a colleague completes the case in the middle of an answer', async () => {
    await me.chat.composer.pressSequentially('We can ');
    await colleague.call('POST', `/cases/${id}/complete`, {});
    await expect(me.chat.region.getByText('This case is completed: nothing can be written or changed in it.')).toBeVisible();
    await page.keyboard.type('come as reckoned');
    await expect(me.chat.composer).toBeFocused();
    await expect(me.chat.composer).toHaveValue('We can ');
    await expect(page.getByRole('dialog')).toBeHidden();
    expect(await status()).toBe('completed');

    // Left on purpose, a letter is a command at once.
    await page.keyboard.press('Escape');
    await page.keyboard.press('e');
    await expect(me.button('complete')).toBeVisible();
    await expect(me.chat.composer).toHaveValue('We can ');
    await page.keyboard.press('r');
    await page.keyboard.type('come');
    await page.keyboard.press('Enter');
    await expect(me.chat.region.getByText('We can come')).toBeVisible();
  });

  await test.step('an administrator takes the field away that is being filled in', async () => {
    const field = await administrator.call<{ id: string }>('POST', '/custom-fields', { label: 'Boiler', kind: 'text' });
    const boiler = me.details.getByRole('textbox', { name: 'Boiler', exact: true });
    await boiler.pressSequentially('He is a ');
    await administrator.call('DELETE', `/custom-fields/${field.id}`);
    // Without a pause, whenever the field goes.
    do await page.keyboard.type('rude person, never call ');
    while (await boiler.isVisible());
    await page.keyboard.type('once more');
    await expect(me.chat.composer).not.toBeFocused();
    await expect(me.chat.composer).toHaveValue('');
    await expect(page.getByRole('dialog')).toBeHidden();
    expect(await status()).toBe('active');
  });
});

test('after an act the focus goes on where one goes on', async ({ desk, people }) => {
  const account = desk.operator(0);
  const api = await Api.signIn(desk, account);
  for (const name of ['The third', 'The second', 'The first']) await api.createCase(name);
  const page = await people.stranger(desk);
  const operator = new OperatorBrowser(page, 'en');
  await page.goto(`${desk.url}/sign-in`);
  await operator.signIn(account);
  const open = async (name: string) => {
    await expect(operator.caseRow(name)).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
    await expect(operator.chat.composer).toBeVisible();
  };

  await operator.caseRow('The first').focus();
  await open('The first');
  await page.keyboard.press('e');
  await expect(operator.caseRow('The first')).toBeHidden();

  await open('The second');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog').getByRole('combobox');
  await expect(palette).toBeFocused();
  await page.keyboard.type(names.en.handOver);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'The second' });
  await dialog.getByRole('combobox').selectOption({ index: 1 });
  await dialog.getByRole('button', { name: names.en.handOver, exact: true }).press('Enter');
  await expect(operator.caseRow('The second')).toBeHidden();

  await open('The third');
  await operator.button('complete').press('Enter');
  await expect(operator.button('reopen')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(operator.button('complete')).toBeFocused();
});
