import { Api } from '../support/api.ts';
import type { Desk } from '../support/desk.ts';
import type { People } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

const MANY = 100_000;
const VISITS = 11;
/** Requests at once while the cases are made. */
const AT_ONCE = 32;

/** From the press of Enter in the address bar until rows of the list are drawn and the search field takes words. */
async function visits(people: People, desk: Desk): Promise<number[]> {
  const operator = await people.operator(desk, desk.operator(0));
  const { page } = operator;
  await page.addInitScript(() => {
    const look = () => {
      const usable = document.querySelector('a[href*="/cases/"]') && document.querySelector('input[type="search"]:not(:disabled)');
      if (usable) document.documentElement.dataset['usable'] = String(Math.round(performance.now()));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const times: number[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    await page.goto(desk.url);
    await expect(page.locator('html')).toHaveAttribute('data-usable', /\d/);
    times.push(Number(await page.locator('html').getAttribute('data-usable')));
  }
  return times.sort((one, other) => one - other);
}

async function fill(desk: Desk, from: number): Promise<void> {
  const api = await Api.signIn(desk, desk.operator(0));
  let next = from;
  const worker = async () => {
    for (let number = next++; number < MANY; number = next++) {
      await api.call('POST', '/cases', { name: `Case ${number}`, email: `customer${number}@example.org`, internal_reference: `KD-${number}` });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

test('from the address to a usable desk, with few and with many cases', async ({ desk, people }) => {
  test.setTimeout(1_800_000);
  const few = await visits(people, desk);
  await fill(desk, 0);
  const many = await visits(people, desk);
  const at = (times: number[], share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  console.log(`usable with the demo's cases: median ${at(few, 0.5)} ms, slowest of ${VISITS} ${at(few, 1)} ms`);
  console.log(`usable with ${MANY} cases: median ${at(many, 0.5)} ms, slowest of ${VISITS} ${at(many, 1)} ms; ${(at(many, 0.5) / at(few, 0.5)).toFixed(2)} × few`);
});
