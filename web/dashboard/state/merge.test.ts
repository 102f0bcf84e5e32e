import { beforeEach, describe, expect, test } from 'vitest';
import { settle } from '../../tests/support/clock.ts';
import { Offline, Problem } from '../../lib/api/client.ts';
import type { Case, CaseRow, MergePreview } from '../../lib/api/types.ts';
import { Merge } from './merge.svelte.ts';

const row = (id: string) => ({ id, name: id, number: 1 }) as CaseRow;
const field = (key: string, into: string, from: string) => ({ key, label: null, into, from, differs: into !== '' && from !== '' && into !== from });
const preview: MergePreview = {
  into: row('case_1'),
  from: row('case_2'),
  fields: [field('name', 'Amina', 'A. Haddad'), field('email', 'a@x.example', 'a@x.example'), field('phone', '', '+49170'), field('notes', 'One', 'Two'), field('fld_1', 'x', '')],
  entries: 3,
  guests_told: true,
};

let asked: { from: string; take: readonly string[]; key: string }[];
let failures: unknown[];
let previews: ((preview: MergePreview) => void)[] | null;

function open(): Merge {
  return new Merge({
    into: 'case_1',
    likely: () => [row('case_3')],
    preview: () => (previews ? new Promise((answer) => previews?.push(answer)) : Promise.resolve(preview)),
    merge: async (from, take, key) => {
      asked.push({ from, take, key });
      const failure = failures.shift();
      if (failure) throw failure;
      return { id: 'case_1' } as Case;
    },
  });
}

beforeEach(() => {
  asked = [];
  failures = [];
  previews = null;
});

describe('merging', () => {
  test('says what differs, what is taken over, and that both notes stay', async () => {
    const merge = open();
    await merge.choose(row('case_2'));
    expect(merge.choices.map(({ key }) => key)).toEqual(['name']);
    expect(merge.filled.map(({ key }) => key)).toEqual(['phone']);
    expect(merge.notes).toBe(true);
  });

  test('takes what was chosen, once', async () => {
    const merge = open();
    await merge.choose(row('case_2'));
    merge.pick('name', true);
    merge.pick('name', true);
    expect(await merge.run()).toEqual({ id: 'case_1' });
    expect(asked).toMatchObject([{ from: 'case_2', take: ['name'] }]);
  });

  test('asks for the same with the same key after silence, and anew after a refusal', async () => {
    const merge = open();
    await merge.choose(row('case_2'));
    failures = [new Offline(), new Problem(409, { code: 'call_open' })];
    expect(await merge.run()).toBeNull();
    expect(await merge.run()).toBeNull();
    expect(merge.error).toBeInstanceOf(Problem);
    await merge.run();
    const [first, second, third] = asked.map(({ key }) => key);
    expect(second).toBe(first);
    expect(third).not.toBe(second);
  });

  test('shows nothing of a case that was put back while its preview was on its way', async () => {
    previews = [];
    const merge = open();
    const first = merge.choose(row('case_2'));
    merge.back();
    previews[0]?.(preview);
    await first;
    await settle();
    expect(merge.preview).toBeNull();
    expect(merge.from).toBeNull();
  });

  test('offers the other cases of the customer until something is searched for', () => {
    const merge = open();
    expect(merge.found.map(({ id }) => id)).toEqual(['case_3']);
    merge.search.type('Amina');
    expect(merge.found).toEqual([]);
    merge.search.type(' ');
    expect(merge.found.map(({ id }) => id)).toEqual(['case_3']);
    merge.stop();
  });

  test('never finds the case itself', () => {
    const merge = open();
    merge.search.text = 'Amina';
    merge.search.items = [row('case_1'), row('case_2')].map((found) => ({ case: found, hit: {} as never }));
    expect(merge.found.map(({ id }) => id)).toEqual(['case_2']);
  });
});
