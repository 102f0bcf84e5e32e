import { describe, expect, test } from 'vitest';
import type { Actor, CaseRow, Event, LiveEvent } from '../../lib/api/types.ts';
import { changed, known, read, wordsOf, type Known } from './case-rows.ts';

const ME = 'op_me';
const I: Actor = { kind: 'operator', id: ME, name: 'Maren Lindqvist' };
const IFEOMA: Actor = { kind: 'operator', id: 'op_ifeoma', name: 'Ifeoma Okafor' };
const GUEST: Actor = { kind: 'guest', id: null, name: null };

const row: CaseRow = {
  id: 'case_1',
  number: 1,
  name: 'Amina Haddad',
  status: 'active',
  origin: 'manual',
  guest_online: false,
  unread: 2,
  joined: true,
  in_call: false,
  operator_ids: [ME],
  last_entry: 10,
  last_activity_at: '2026-03-12T10:00:00.000Z',
  waiting_since: null,
  attention: null,
  snoozed_until: null,
  tags: [],
  snippet: null,
};

const LATER = '2026-03-12T11:00:00.000Z';
const said = (text: string): Event => ({ type: 'message.sent', text, client_key: 'k' });
const live = (event: Event, entry: number | null = 11, actor: Actor = GUEST): LiveEvent => ({ case_id: 'case_1', entry, at: LATER, actor, event, merged_from: null });
const after = (change: Partial<CaseRow>, ...events: LiveEvent[]): Known => {
  let now = known({ ...row, ...change });
  for (const event of events) now = changed(now, event, ME).known ?? now;
  return now;
};

describe('an event', () => {
  test('of the guest counts as unread, moves the case up and gives the last words', () => {
    expect(after({}, live(said('Two\n lines'))).row).toMatchObject({
      unread: 3,
      last_entry: 11,
      last_activity_at: LATER,
      snippet: { from: 'guest', actor_id: null, text: 'Two lines' },
    });
  });

  test('that came along with a merged case moves nothing; the server counts', () => {
    const merged = changed(known(row), live({ type: 'case.merged', number: 7, name: 'Amina again', entries: 2, into: null, operator_ids: [], queued: false }, 11, IFEOMA), ME);
    expect(merged.ask).toBe(true);
    const moved = after({}, { ...live(said('Long ago'), 12), at: '2020-01-01T00:00:00.000Z', merged_from: 7 });
    expect(moved.row).toMatchObject({ last_entry: 12, unread: 2, last_activity_at: row.last_activity_at });
  });

  test('that says where a case went takes its row', () => {
    expect(changed(known(row), live({ type: 'case.merged', number: 1, name: 'Amina', entries: 2, into: 'case_2', operator_ids: [ME], queued: false }, null, IFEOMA), ME).known).toBeNull();
  });

  test('of the last one to leave makes it wait from then on', () => {
    const left = after({}, live({ type: 'operator.left', operator: { id: ME, name: 'Maren' }, queued: true }, 11, I));
    expect(left.row).toMatchObject({ status: 'awaiting', waiting_since: LATER });
    const taken = changed(left, { ...live({ type: 'operator.joined', operator: { id: 'op_ifeoma', name: 'Ifeoma' }, claimed: true }, 12, IFEOMA) }, ME).known;
    expect(taken?.row).toMatchObject({ status: 'active', waiting_since: null });
  });

  test('that the row has seen already changes nothing', () => {
    const before = known(row);
    expect(changed(before, live(said('old'), 10), ME)).toEqual({ known: before, ask: false });
    expect(after({}, live(said('a'), 11), live(said('a'), 11)).row.unread).toBe(3);
  });

  test('in a case one is not on does not count', () => {
    expect(after({ joined: false, unread: 0, operator_ids: ['op_ifeoma'] }, live(said('Hello'))).row.unread).toBe(0);
  });

  test('of a colleague does not count', () => {
    expect(after({}, live(said('On it'), 11, IFEOMA)).row).toMatchObject({ unread: 2, snippet: { from: 'operator', actor_id: 'op_ifeoma' } });
  });

  test('of the guest’s coming leaves the case where it stands', () => {
    expect(after({}, live({ type: 'guest.arrived' })).row).toMatchObject({ last_entry: 11, last_activity_at: row.last_activity_at });
  });

  test('of a new name is taken over, other fields are not the list’s', () => {
    expect(after({}, live({ type: 'case.changed', field: 'name', version: 2, name: 'A. Haddad' }, null, I)).row.name).toBe('A. Haddad');
    const before = known(row);
    expect(changed(before, live({ type: 'case.changed', field: 'notes', version: 2, name: null }, null, I), ME).known).toBe(before);
  });

  test('of a call says that one is going on until it is over', () => {
    const started = live({ type: 'call.started', call_id: 'call_1' }, 11, I);
    const over = live({ type: 'call.ended', call_id: 'call_1', started_by: { id: ME, name: 'Maren Lindqvist' }, duration_ms: 60_000 }, 12, I);
    expect(after({}, started).row.in_call).toBe(true);
    expect(after({}, started, over).row.in_call).toBe(false);
  });

  test('of deletion takes the row away', () => {
    expect(changed(known(row), live({ type: 'case.deleted', operator_ids: [ME], queued: false }, null, I), ME).known).toBeNull();
  });
});

describe('status and operators', () => {
  const joined = (id: string): Event => ({ type: 'operator.joined', operator: { id, name: id }, claimed: false });
  const leaves = (id: string): Event => ({ type: 'operator.left', operator: { id, name: id }, queued: false });

  test('the first to join makes a waiting case active', () => {
    const taken = after({ status: 'awaiting', operator_ids: [], joined: false, unread: 0 }, live(joined('op_ifeoma'), 11, IFEOMA)).row;
    expect(taken).toMatchObject({ status: 'active', operator_ids: ['op_ifeoma'], joined: false });
  });

  test('after joining oneself, the server knows how much is unread', () => {
    const outcome = changed(known({ ...row, joined: false, operator_ids: [], status: 'awaiting', unread: 0 }), live(joined(ME), 11, I), ME);
    expect(outcome.ask).toBe(true);
    expect(outcome.known?.row).toMatchObject({ joined: true, status: 'active' });
  });

  test('the last to leave puts it back into the queue, and nothing is unread any more', () => {
    expect(after({}, live(leaves(ME), 11, I)).row).toMatchObject({ status: 'awaiting', operator_ids: [], joined: false, unread: 0 });
    expect(after({ operator_ids: [ME, 'op_ifeoma'] }, live(leaves('op_ifeoma'), 11, I)).row).toMatchObject({ status: 'active', joined: true });
  });

  test('completed and open again', () => {
    expect(after({}, live({ type: 'case.completed' }, 11, I)).row.status).toBe('completed');
    expect(after({}, live({ type: 'case.completed' }, 11, I), live({ type: 'case.reopened' }, 12, I)).row.status).toBe('active');
    expect(after({ operator_ids: [] }, live({ type: 'case.completed' }, 11, I), live({ type: 'case.reopened' }, 12, I)).row.status).toBe('awaiting');
  });

  test('leaving a completed case leaves it completed', () => {
    expect(after({ status: 'completed' }, live(leaves(ME), 11, I)).row.status).toBe('completed');
  });
});

describe('reading', () => {
  const tab = (entry: number, actor: Actor = I): LiveEvent => live({ type: 'case.read', entry }, null, actor);

  test('in another tab takes the count away', () => {
    expect(after({}, tab(10)).row.unread).toBe(0);
  });

  test('leaves what came after', () => {
    expect(after({}, live(said('a'), 11), live(said('b'), 12), tab(11)).row.unread).toBe(1);
    expect(after({}, live(said('a'), 11), live(said('b'), 12), tab(11), live(said('c'), 13), tab(12)).row.unread).toBe(1);
  });

  test('up to a place from before the load: only the server can count', () => {
    const outcome = changed(known(row), tab(8), ME);
    expect(outcome.ask).toBe(true);
    expect(outcome.known?.row.unread).toBe(2);
  });

  test('of others is theirs', () => {
    expect(after({}, tab(10, IFEOMA), tab(10, GUEST)).row.unread).toBe(2);
  });

  test('a read case stays as it is', () => {
    const before = known({ ...row, unread: 0 });
    expect(read(before, 10)).toEqual({ known: before, ask: false });
  });
});

test('last words are one line, and not a whole letter', () => {
  const words = wordsOf({ actor: GUEST, event: said(`${'🙂 '.repeat(500)}`) });
  expect([...(words?.text ?? '')].length).toBeLessThanOrEqual(121);
  expect(words?.text).not.toContain('\ufffd');
  expect(wordsOf({ actor: I, event: { type: 'case.completed' } })).toBeNull();
});

test('the last words are cut where the server cuts them', () => {
  const words = (text: string) => wordsOf(live(said(text), 11))?.text;
  expect(words('a'.repeat(120))).toBe('a'.repeat(120));
  expect(words('a'.repeat(121))).toBe(`${'a'.repeat(120)}…`);
  expect(words('👍🏽'.repeat(121))).toBe(`${'👍🏽'.repeat(120)}…`);
  expect(words('👨‍👩‍👧‍👦'.repeat(60))).toBe(`${'👨‍👩‍👧‍👦'.repeat(17)}👨…`);
  expect(words(`${'a'.repeat(100)}${' '.repeat(900)}b`)).toBe(`${'a'.repeat(100)} b`);
});
