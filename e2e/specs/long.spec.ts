import { Api } from '../support/api.ts';
import { expect, test } from '../support/test.ts';

/** What product.md asks of a long case (S89). */
const ENTRIES = 2_000;
/** So that a phone can scroll it, however long it is. */
const ROWS_IN_DOM_MAX = 200;

test('a case with 2 000 entries scrolls to its first one', async ({ desk, people }) => {
  test.setTimeout(240_000);
  const api = await Api.signIn(desk, desk.operator(0));
  const { id } = await api.createCase('Nick Evans');
  for (let n = 1; n <= ENTRIES; n++) await api.say(id, `Entry number ${n}`);

  const operator = await people.operator(desk, desk.operator(0));
  await operator.page.goto(`${desk.url}/cases/${id}`);
  await operator.chat.expectToSay(`Entry number ${ENTRIES}`);

  const rows = operator.chat.region.getByRole('listitem');
  const first = operator.chat.region.getByText('Entry number 1', { exact: true });
  const seen = new Set<string>();
  await operator.chat.region.hover();
  await expect(async () => {
    await operator.page.mouse.wheel(0, -3_000);
    expect(await rows.count()).toBeLessThanOrEqual(ROWS_IN_DOM_MAX);
    for (const entry of await operator.chat.said(/Entry number \d+/)) seen.add(entry);
    await expect(first).toBeInViewport({ timeout: 150 });
  }).toPass({ timeout: 120_000, intervals: [0] });
  // Nothing was skipped on the way up.
  expect(seen.size).toBe(ENTRIES);

  await test.step('and down again, by what comes in', async () => {
    await operator.chat.send('The last word');
    await operator.chat.expectToSay('The last word');
    expect(await rows.count()).toBeLessThanOrEqual(ROWS_IN_DOM_MAX);
  });
});

test('a row below the fold of the list is opened and focused where it stands', async ({ desk, people }) => {
  const CASES = 40;
  const api = await Api.signIn(desk, desk.operator(0));
  for (let n = 1; n <= CASES; n++) await api.call('POST', '/cases', { name: `Customer ${n}.` });

  const { page } = await people.operator(desk, desk.operator(0));
  const rows = page.getByRole('region', { name: 'Case list' }).getByRole('link');
  const row = (n: number) => rows.filter({ hasText: `Customer ${n}.` });
  // The newest is the first; this one is drawn, but only scrolling shows it.
  await expect(row(CASES)).toBeInViewport();
  await expect(row(24)).toBeAttached();
  await expect(row(24)).not.toBeInViewport();

  await test.step('by a press', async () => {
    await row(24).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Customer 24.' })).toBeVisible();
    await expect(row(24)).toBeInViewport();
  });

  await test.step('by the focus, as a screen reader sets it', async () => {
    await row(18).focus();
    await expect(row(18)).toBeFocused();
    await expect(row(18)).toBeInViewport();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Customer 18.' })).toBeVisible();
  });
});
