import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Tag } from '../../lib/api/types.ts';
import { settle } from '../../tests/support/clock.ts';
import { Tags } from './tags.svelte.ts';

let stored: Tag[];
let asked: string[];
let tags: Tags;

beforeEach(() => {
  asked = [];
  stored = ['Warranty', 'Grant', 'Heat pump'].map((name, at) => ({ id: `tag_${at}`, name, cases: at }));
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path.replace('/api/v1', '')}`);
    if (init.method === 'POST') {
      const { name } = JSON.parse(String(init.body)) as { name: string };
      const there = stored.find((tag) => tag.name.toLowerCase() === name.toLowerCase());
      const made = there ?? { id: `tag_${stored.length}`, name, cases: 0 };
      if (!there) stored.push(made);
      return Response.json(made);
    }
    return Response.json({ items: [...stored] });
  });
  tags = new Tags();
});

afterEach(() => vi.unstubAllGlobals());

const names = (found: Tag[]) => found.map(({ name }) => name);

test('are loaded once for many who need them, in the order of their names', async () => {
  await Promise.all([tags.ensure(), tags.ensure()]);
  await tags.ensure();
  expect(asked).toEqual(['GET /tags']);
  expect(names(tags.items)).toEqual(['Grant', 'Heat pump', 'Warranty']);
});

test('are found by any part of their name, those that begin with it first', async () => {
  stored.push({ id: 'tag_9', name: 'No grant', cases: 0 });
  await tags.ensure();
  expect(names(tags.like('GRA'))).toEqual(['Grant', 'No grant']);
  expect(tags.named(' grant ')?.name).toBe('Grant');
});

test('a name that is there already makes no second tag', async () => {
  await tags.ensure();
  const made = await tags.create('  GRANT ');
  expect(made.name).toBe('Grant');
  expect(names(tags.items)).toEqual(['Grant', 'Heat pump', 'Warranty']);
});

test('a change during a load is not missed', async () => {
  const load = tags.ensure();
  tags.apply({ event: { type: 'tag.changed' } });
  await load;
  await settle();
  expect(asked).toHaveLength(2);
});

test('nobody who never needed them loads them because of a change', () => {
  expect(tags.apply({ event: { type: 'tag.changed' } })).toBe(true);
  expect(asked).toEqual([]);
});
