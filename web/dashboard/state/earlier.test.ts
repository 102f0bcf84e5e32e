import { expect, test } from 'vitest';
import { Offline } from '../../lib/api/client.ts';
import type { CaseRow, Page } from '../../lib/api/types.ts';
import { Earlier } from './earlier.svelte.ts';

const page = (ids: string[], next: string | null = null): Page<CaseRow> => ({ items: ids.map((id) => ({ id }) as CaseRow), next });

test('other cases are asked for once for a contact, and anew after it has changed', async () => {
  const asked: (string | null)[] = [];
  const earlier = new Earlier(async (cursor) => {
    asked.push(cursor);
    return cursor ? page(['case_3']) : page(['case_2'], 'more');
  });
  await earlier.of('', '');
  expect(asked).toEqual([]);
  await earlier.of('a@x.example', '');
  await earlier.of('a@x.example', '');
  expect(asked).toEqual([null]);
  await earlier.more();
  expect(earlier.items.map(({ id }) => id)).toEqual(['case_2', 'case_3']);
  expect(earlier.next).toBeNull();
  await earlier.of('b@x.example', '');
  expect(asked).toEqual([null, 'more', null]);
  await earlier.of('', '');
  expect(earlier.items).toEqual([]);
});

test('an answer for a contact that has changed meanwhile is dropped', async () => {
  const answers: ((page: Page<CaseRow>) => void)[] = [];
  const earlier = new Earlier(() => new Promise((answer) => answers.push(answer)));
  const first = earlier.of('a@x.example', '');
  const second = earlier.of('b@x.example', '');
  answers[1]?.(page(['case_b']));
  answers[0]?.(page(['case_a']));
  await Promise.all([first, second]);
  expect(earlier.items.map(({ id }) => id)).toEqual(['case_b']);
});

test('what could not be loaded can be asked for again', async () => {
  let reachable = false;
  const earlier = new Earlier(async () => {
    if (!reachable) throw new Offline();
    return page(['case_2']);
  });
  await earlier.of('a@x.example', '');
  expect(earlier.error).toBeInstanceOf(Offline);
  reachable = true;
  await earlier.reload();
  expect(earlier.error).toBeNull();
  expect(earlier.items).toHaveLength(1);
});
