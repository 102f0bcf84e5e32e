import { afterEach, describe, expect, test, vi } from 'vitest';
import { TestStorage } from '../../tests/support/storage.ts';
import { filterOf, matches, MY_ACTIVE, QUEUE, recallFilter, rememberFilter, sameFilter, searchOf, sensible, viewOf, type CaseFilter } from './case-filter.ts';

const ME = 'op_me';
const row: Parameters<typeof matches>[0] = { status: 'active', operator_ids: [ME], tags: [{ id: 'tag_a', name: 'A' }], attention: null, snoozed_until: null };
const some: CaseFilter[] = [QUEUE, { ...MY_ACTIVE, status: 'completed', operator: 'everyone' }, { ...MY_ACTIVE, operator: 'op_2', tags: ['tag_a', 'tag_b'] }, viewOf('snoozed'), viewOf('attention')];

describe('an address', () => {
  test.each(some)('keeps %j', (filter) => expect(filterOf(searchOf(filter))).toEqual(filter));

  test('needs no word for what everyone begins with', () => {
    expect(searchOf(MY_ACTIVE)).toBe('');
    expect(filterOf('')).toBeNull();
    expect(filterOf('?q=radiator')).toBeNull();
  });

  test.each(['?status=gone&operator=<b>&tags=x,tag_a,,tag_a&view=all', '?tags=tag_a'])('%s: what makes no sense is left out', (search) =>
    expect(filterOf(search)).toEqual({ ...MY_ACTIVE, tags: ['tag_a'] }),
  );
});

test('the order of tags makes no other filter', () => {
  const one = sensible({ ...MY_ACTIVE, tags: ['tag_b', 'tag_a'] });
  expect(sameFilter(one, sensible({ ...MY_ACTIVE, tags: ['tag_a', 'tag_b', 'tag_a'] }))).toBe(true);
});

test('a case that sleeps is found everywhere but among the own active ones', () => {
  const asleep = { ...row, snoozed_until: '2999-01-01T00:00:00.000Z' };
  expect(matches(asleep, MY_ACTIVE, ME)).toBe(false);
  expect(matches(asleep, { ...MY_ACTIVE, operator: 'everyone' }, ME)).toBe(true);
  expect(matches(asleep, viewOf('snoozed'), ME)).toBe(true);
  expect(matches({ ...row, snoozed_until: '2020-01-01T00:00:00.000Z' }, MY_ACTIVE, ME)).toBe(true);
});

describe('a browser', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('remembers the filter for each person', () => {
    vi.stubGlobal('localStorage', new TestStorage());
    rememberFilter(ME, viewOf('attention'));
    expect(recallFilter(ME)).toEqual(viewOf('attention'));
    expect(recallFilter('op_2')).toEqual(MY_ACTIVE);
  });

  test('that remembers something else shows the own active cases', () => {
    const storage = new TestStorage();
    storage.setItem(`deskside:filter:${ME}`, '{"status":"all"}');
    vi.stubGlobal('localStorage', storage);
    expect(recallFilter(ME)).toEqual(MY_ACTIVE);
  });
});
