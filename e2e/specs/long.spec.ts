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
