import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SavedFilter } from '../../lib/api/types.ts';
import { MY_ACTIVE } from './case-filter.ts';
import { SavedFilters } from './saved-filters.svelte.ts';

const grants = { ...MY_ACTIVE, operator: 'everyone', tags: ['tag_grant'] };
let stored: SavedFilter[];
let asked: string[];
let offline: boolean;
let filters: SavedFilters;

beforeEach(() => {
  asked = [];
  offline = false;
  stored = [{ id: 'filt_1', name: 'Grants to follow up', filter: { status: 'active', operator: 'everyone', tags: ['tag_grant'] } }];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path.replace('/api/v1', '')}`);
    if (offline) throw new TypeError('Failed to fetch');
    if (init.method === 'DELETE') {
      stored = stored.filter(({ id }) => !path.endsWith(id));
      return new Response(null, { status: 204 });
    }
    if (init.method === 'POST') {
      const made = { id: `filt_${stored.length + 2}`, ...(JSON.parse(String(init.body)) as Omit<SavedFilter, 'id'>) };
      stored.push(made);
      return Response.json(made, { status: 201 });
    }
    return Response.json({ items: [...stored] });
  });
  filters = new SavedFilters();
});

afterEach(() => vi.unstubAllGlobals());

test('are loaded once, and the one that shows the same is known', async () => {
  await Promise.all([filters.ensure(), filters.ensure()]);
  expect(asked).toEqual(['GET /filters']);
  expect(filters.same(grants)?.name).toBe('Grants to follow up');
  expect(filters.same(MY_ACTIVE)).toBeUndefined();
});

test('a removed one can be taken back', async () => {
  await filters.ensure();
  const [saved] = filters.items;
  if (saved) await filters.remove(saved);
  expect(filters.items).toEqual([]);
  expect(stored).toEqual([]);
  await filters.undo();
  expect(stored).toMatchObject([{ name: 'Grants to follow up', filter: { status: 'active', operator: 'everyone', tags: ['tag_grant'] } }]);
  expect(filters.items).toEqual(stored);
  expect(filters.removed).toBeNull();
});

test('one that could not be removed stays', async () => {
  await filters.ensure();
  offline = true;
  const [saved] = filters.items;
  await expect(saved && filters.remove(saved)).rejects.toMatchObject({ name: 'Offline' });
  expect(filters.items).toHaveLength(1);
  expect(filters.removed).toBeNull();
});

test('a new one is saved with what it shows', async () => {
  await filters.ensure();
  await filters.save('  All mine ', { ...MY_ACTIVE, status: 'all' });
  expect(filters.items.map(({ name }) => name)).toEqual(['All mine', 'Grants to follow up']);
  expect(stored[1]?.filter).toEqual({ status: 'all', operator: 'me', tags: [] });
});
