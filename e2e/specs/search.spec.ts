import { Api } from '../support/api.ts';
import { expect, test } from '../support/test.ts';

test('words stand in the search field only with what they found, and the palette finds what can be set', async ({ desk, people }) => {
  const api = await Api.signIn(desk, desk.operator(0));
  const { id } = await api.createCase('Nick Evans');
  const one = await people.operator(desk, desk.operator(0));
  const two = await people.operator(desk, desk.operator(1));
  await two.page.goto(`${desk.url}/cases/${id}`);
  const { page } = one;
  const field = page.getByRole('combobox', { name: 'Search cases', exact: true });

  await test.step('a hit is opened: over the list that is there again, no words', async () => {
    await field.fill('Evans');
    await page.getByRole('listbox').getByRole('option').first().click();
    await expect(page.getByRole('heading', { level: 1, name: 'Nick Evans' })).toBeVisible();
    await expect(field).toHaveValue('');
  });

  await test.step('the case says who else looks at it', async () => {
    await expect(page.locator('.case-head')).toContainText('is looking');
  });

  await test.step('the last search comes back, to be typed over', async () => {
    await field.click();
    await expect(field).toHaveValue('Evans');
    await expect(page.getByRole('listbox').getByRole('option').first()).toBeVisible();
    await page.keyboard.type('Olga');
    await expect(field).toHaveValue('Olga');
    await page.keyboard.press('Escape');
    await expect(field).toHaveValue('');
    await page.keyboard.press('Escape');
  });

  await test.step('the colours, by typing for them', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('dark');
    await page.getByRole('option', { name: /Appearance: Dark/ }).click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  });
});
