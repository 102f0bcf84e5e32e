import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SearchItem } from '../../lib/api/types.ts';
import { settle } from '../../tests/support/clock.ts';
import { CaseSearch } from './search.svelte.ts';

let asked: string[];
/** Answers by query; each is given when the test lets it go. */
let answers: Map<string, { give: (names: string[], next?: string | null) => void; fail: () => void; aborted: boolean }>;
let search: CaseSearch;

const item = (name: string) => ({ case: { id: `case_${name}`, name }, hit: { where: 'name', label: null, entry: null, at: '', snippet: { text: name, marks: [] } } }) as unknown as SearchItem;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  asked = [];
  answers = new Map();
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    const query = new URL(path, 'http://desk').searchParams;
    const name = `${query.get('q')}${query.has('cursor') ? `@${query.get('cursor')}` : ''}`;
    asked.push(name);
    return new Promise<Response>((resolve, reject) => {
      const answer = {
        aborted: false,
        give: (names: string[], next: string | null = null) => resolve(Response.json({ items: names.map(item), next, complete: true })),
        fail: () => reject(new TypeError('Failed to fetch')),
      };
      init.signal?.addEventListener('abort', () => {
        answer.aborted = true;
        reject(new DOMException('aborted', 'AbortError'));
      });
      answers.set(name, answer);
    });
  });
  search = new CaseSearch();
});

afterEach(() => {
  search.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const names = () => search.items.map((found) => found.case.name);
const pause = () => vi.advanceTimersByTimeAsync(150);

async function found(query: string, result: string[], next: string | null = null): Promise<void> {
  search.type(query);
  await pause();
  answers.get(query)?.give(result, next);
  await settle();
}

describe('typing', () => {
  test('asks once, after a pause', async () => {
    for (const text of ['r', 'ra', 'rad']) search.type(text);
    expect(asked).toEqual([]);
    await pause();
    expect(asked).toEqual(['rad']);
    expect(search.waiting).toBe(true);
  });

  test('drops the answer to what stood there before', async () => {
    search.type('radi');
    await pause();
    search.type('radiator');
    expect(answers.get('radi')?.aborted).toBe(true);
    answers.get('radi')?.give(['Old']);
    await pause();
    answers.get('radiator')?.give(['Yusuf']);
    await settle();
    expect(names()).toEqual(['Yusuf']);
    expect(search.waiting).toBe(false);
  });

  test('of a space changes nothing', async () => {
    await found('mill', ['Mill Lane']);
    search.type('mill ');
    await pause();
    expect(asked).toEqual(['mill']);
    expect(search.waiting).toBe(false);
  });

  test('keeps what was found until the next answer, and forgets it with the last letter', async () => {
    await found('mill', ['Mill Lane']);
    search.type('mills');
    expect(names()).toEqual(['Mill Lane']);
    expect(search.waiting).toBe(true);
    search.type('');
    expect(names()).toEqual([]);
    await pause();
    expect(asked).toEqual(['mill']);
  });

  test('says when there is nothing, and when little is looked at', async () => {
    search.type('#12');
    expect(search.short).toBe(true);
    search.type('1279');
    expect(search.short).toBe(false);
    await found('radiatr', []);
    expect(search.nothing).toBe(true);
  });
});

describe('pages', () => {
  test('follow each other, and a case that moved meanwhile stands once', async () => {
    await found('boiler', ['A', 'B'], 'p2');
    const more = search.more();
    answers.get('boiler@p2')?.give(['B', 'C']);
    await more;
    expect(names()).toEqual(['A', 'B', 'C']);
    await search.more();
    expect(asked).toEqual(['boiler', 'boiler@p2']);
  });

  test('of an older question are dropped', async () => {
    await found('boiler', ['A'], 'p2');
    const more = search.more();
    search.type('boilers');
    answers.get('boiler@p2')?.give(['B']);
    await more;
    expect(names()).toEqual(['A']);
    expect(search.loadingMore).toBe(false);
  });
});

test('a failure is told, and Enter asks again', async () => {
  search.type('mill');
  await pause();
  answers.get('mill')?.fail();
  await settle();
  expect(search.error).toMatchObject({ name: 'Offline' });
  const again = search.now();
  answers.get('mill')?.give(['Mill Lane']);
  await again;
  expect([search.error, names()]).toEqual([null, ['Mill Lane']]);
});

test('the arrows stay within what is there, and a case that is gone takes the choice along', async () => {
  await found('m', ['A', 'B', 'C']);
  expect(search.chosen).toBe(0);
  search.step(5);
  expect(search.chosen).toBe(2);
  search.forget('case_A');
  expect([names(), search.chosen]).toEqual([['B', 'C'], 1]);
  search.step(-9);
  expect(search.chosen).toBe(0);
});
