import { OperatorBrowser } from '../support/operator.ts';
import { expect, test } from '../support/test.ts';

const NEW = 'violet-otter-77-lantern';

test('a lost password comes back by mail, once, and ends every session', async ({ desk, people }) => {
  const account = desk.operator(0);
  const elsewhere = await people.operator(desk, account);
  const page = await people.stranger(desk);
  const operator = new OperatorBrowser(page, 'en');
  await page.goto(`${desk.url}/sign-in`);
  await page.getByRole('link', { name: 'Forgotten password?' }).click();
  await operator.field('email').fill(account.email);
  await page.getByRole('button', { name: 'Send link' }).click();
  await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible();

  await expect(async () => {
    await page.goto(`${desk.url}/dev/mail`);
    await expect(page.getByRole('link', { name: /\/reset\// }).first()).toBeVisible({ timeout: 500 });
  }).toPass();
  const link = await page.getByRole('link', { name: /\/reset\// }).first().getAttribute('href');
  await page.goto(String(link));
  await page.getByLabel('New password', { exact: true }).fill(NEW);
  await page.getByRole('button', { name: 'Save new password' }).click();
  await expect(page.getByRole('heading', { name: 'Your new password is saved' })).toBeVisible();
  // The other browser is signed out at once, and says so.
  await expect(elsewhere.button('signIn')).toBeVisible();

  await page.goto(String(link));
  await expect(page.getByRole('heading', { name: 'This link does not work any more' })).toBeVisible();
  await page.goto(`${desk.url}/sign-in`);
  await operator.signIn({ ...account, password: NEW });
});

test('a photo and a colour, chosen in the settings, are what customers see', async ({ desk, people }) => {
  const chief = await people.operator(desk, desk.administrator);
  const { page } = chief;
  await chief.createCase('Nick Evans');
  const link = await chief.copyGuestLink();
  await page.goto(`${desk.url}/settings/profile`);
  const photo = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 800, height: 600 });
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    context.fillStyle = '#c04080';
    context.fillRect(0, 0, 800, 600);
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
  const file = { name: 'me.png', mimeType: 'image/png', buffer: Buffer.from(photo, 'base64') };
  await page.locator('input[type="file"]').setInputFiles(file);
  await expect(page.locator('img[src*="/pictures/"]').first()).toBeVisible();

  await page.goto(`${desk.url}/settings/branding`);
  await page.getByRole('textbox', { name: 'Own colour' }).fill('#8a2be2');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'Saved' }).first()).toBeVisible();

  const guest = await people.guest(desk, link);
  await expect(guest.page.locator('img[src*="/pictures/"]').first()).toBeVisible();
  const hue = () => guest.page.evaluate(() => Number(getComputedStyle(document.documentElement).getPropertyValue('--brand-h')));
  await expect.poll(hue).toBeGreaterThan(280);
  await expect.poll(hue).toBeLessThan(320);
});
