import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Actor, Case, Event, Me } from '../../lib/api/types.ts';
import { settle } from '../../tests/support/clock.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import { Desk } from './desk.svelte.ts';

const NOON = '2026-03-12T12:00:00.000Z';
const me = { operator: { id: 'op_me', name: 'Maren Lindqvist', time_zone: 'Europe/London' } } as Me;
const GUEST: Actor = { kind: 'guest', id: 'guest_1', name: null };
const I: Actor = { kind: 'operator', id: 'op_me', name: 'Maren Lindqvist' };

const field = { value: '', version: 0, changed_by: null, changed_at: null };
const opened = {
  id: 'case_1',
  number: 1,
  name: 'Amina Haddad',
  status: 'active',
  origin: 'manual',
  last_entry: 2,
  last_activity_at: NOON,
  fields: { name: field, email: field, phone: field, internal_reference: field, notes: field, language: field },
  operators: [{ id: 'op_me', name: 'Maren Lindqvist' }],
  guest_online: false,
  guest_last_seen_at: null,
  guest_read: null,
  operator_reads: [],
  waiting_since: null,
  tags: [],
  custom: [],
  location: null,
  mine: { joined: true, read_entry: 2, unread: 0, draft: null, attention: null, snoozed_until: null },
  call: null,
} as unknown as Case;
const row = { ...opened, unread: 0, joined: true, attention: null, snoozed_until: null, operator_ids: ['op_me'], snippet: null };

class FakeSocket {
  static all: FakeSocket[] = [];
  readonly url: string;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;

  constructor(url: string | URL) {
    this.url = String(url);
    FakeSocket.all.push(this);
  }
  static get latest(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error('nobody has connected');
    return socket;
  }
  send(frame: string): void {
    this.sent.push(JSON.parse(frame));
  }
  close(): void {}
}

const none = { count: 0, more: false };
let counts: Record<string, { count: number; more: boolean }>;
let asked: string[];
let ended: string[];
let refreshed: number;
let desk: Desk;

const frame = (data: object) => FakeSocket.latest.onmessage?.({ data: JSON.stringify(data) });
const hello = (cursor: number) => frame({ kind: 'hello', cursor, online_cases: ['case_1'], online_operators: ['op_me'], looking: [{ case_id: 'case_1', operator_ids: ['op_2'] }], heartbeat_ms: 10_000 });
const event = (cursor: number, what: Event, entry: number | null, actor: Actor = GUEST) =>
  frame({ kind: 'event', cursor, case_id: 'case_1', entry, at: NOON, actor, event: what });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  asked = [];
  counts = { queue: none, active_mine: none, unread_cases_mine: none, attention: none, snoozed: none };
  ended = [];
  refreshed = 0;
  FakeSocket.all = [];
  vi.stubGlobal('localStorage', new TestStorage());
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('location', { href: 'https://desk.example/' });
  vi.stubGlobal('fetch', async (path: string) => {
    const name = path.replace('/api/v1', '').split('?')[0] ?? '';
    asked.push(name);
    if (name === '/operators') {
      return Response.json({ items: [{ id: 'op_me', name: 'Maren Lindqvist', email: '', role: 'administrator', online: true, created_at: NOON }], next: null });
    }
    if (name === '/cases/counts') return Response.json(counts);
    if (name === '/cases') return Response.json({ items: path.includes('awaiting') ? [] : [row], next: null });
    if (name.endsWith('/timeline')) return Response.json({ entries: [], has_before: false, has_after: false });
    return Response.json(opened);
  });
  desk = new Desk({ me, ended: (why) => void ended.push(why), refresh: async () => void (refreshed += 1) });
});

afterEach(() => {
  desk.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function connect(): Promise<void> {
  desk.start();
  FakeSocket.latest.onopen?.();
  hello(7);
  await settle();
}

describe('the connection', () => {
  test('begins with now, then loads the lists and the team', async () => {
    await connect();
    expect(FakeSocket.latest.url).toMatch(/\/api\/v1\/live$/);
    expect(asked.sort()).toEqual(['/cases', '/cases', '/cases/counts', '/operators']);
    expect(desk.list.rows.map((one) => one.id)).toEqual(['case_1']);
    expect(desk.team.nameOf('op_me')).toBe('Maren Lindqvist');
    expect(desk.presence.guest('case_1')).toBe(true);
  });

  test('goes on after the last thing heard, and loads nothing twice', async () => {
    await connect();
    frame({ kind: 'cursor', cursor: 12 });
    asked = [];
    FakeSocket.latest.onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakeSocket.latest.url).toContain('cursor=12');
    FakeSocket.latest.onopen?.();
    hello(12);
    await settle();
    expect(asked).toEqual([]);
  });

  test('is called lost only when it stays away', async () => {
    await connect();
    FakeSocket.latest.onclose?.({ code: 1006 });
    expect(desk.lost).toBe(false);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(desk.lost).toBe(true);
    FakeSocket.latest.onopen?.();
    expect(desk.lost).toBe(false);
  });

  test('after too long a gap, everything is loaded anew', async () => {
    await connect();
    asked = [];
    frame({ kind: 'reset', cursor: 99 });
    await settle();
    expect(asked.sort()).toEqual(['/cases', '/cases', '/cases/counts', '/operators']);
    expect(refreshed).toBe(1);
  });

  test('where no socket comes through, the lists do', async () => {
    desk.start();
    await vi.advanceTimersByTimeAsync(1_500);
    await settle();
    expect(desk.list.loaded).toBe(true);
    expect(desk.lost).toBe(true);
  });

  test('ends with the session', async () => {
    await connect();
    FakeSocket.latest.onclose?.({ code: 4401 });
    expect(ended).toEqual(['expired']);
  });
});

describe('frames', () => {
  test('who types is shown until the message comes, but not oneself', async () => {
    await connect();
    frame({ kind: 'typing', case_id: 'case_1', actor: GUEST, typing: true });
    frame({ kind: 'typing', case_id: 'case_1', actor: I, typing: true });
    expect(desk.typing.actors('case_1')).toEqual([GUEST]);
    event(8, { type: 'message.sent', text: 'Hello', client_key: 'k' }, 3);
    expect(desk.typing.actors('case_1')).toEqual([]);
    expect(desk.list.row('case_1')?.unread).toBe(1);
  });

  test('nobody types for ever when the connection is gone', async () => {
    await connect();
    frame({ kind: 'typing', case_id: 'case_1', actor: GUEST, typing: true });
    FakeSocket.latest.onclose?.({ code: 1006 });
    expect(desk.typing.actors('case_1')).toEqual([]);
  });

  test('presence changes for the one it is about', async () => {
    await connect();
    frame({ kind: 'presence', case_id: 'case_1', online: false });
    frame({ kind: 'operator_presence', operator_id: 'op_2', online: true });
    expect([desk.presence.guest('case_1'), desk.presence.operator('op_2'), desk.presence.operator('op_me')]).toEqual([false, true, true]);
  });

  test('a new colleague is asked for, a changed organization too', async () => {
    await connect();
    asked = [];
    frame({ kind: 'event', cursor: 8, case_id: null, entry: null, at: NOON, actor: I, event: { type: 'operator.created', operator: { id: 'op_2', name: 'New' } } });
    frame({ kind: 'event', cursor: 9, case_id: null, entry: null, at: NOON, actor: I, event: { type: 'organization.changed' } });
    await settle();
    expect(asked).toEqual(['/operators']);
    expect(refreshed).toBe(1);
  });
});

describe('who looks', () => {
  const looked = () => FakeSocket.latest.sent.filter((sent) => (sent as { kind: string }).kind === 'looking');

  test('is told by the greeting and by frames, oneself left out', async () => {
    await connect();
    expect(desk.looking.others('case_1', 'op_me')).toEqual(['op_2']);
    frame({ kind: 'looking', case_id: 'case_1', operator_ids: ['op_me', 'op_3'] });
    expect(desk.looking.others('case_1', 'op_me')).toEqual(['op_3']);
    frame({ kind: 'looking', case_id: 'case_1', operator_ids: [] });
    expect(desk.looking.at('case_1')).toEqual([]);
  });

  test('the reader tells what is open, once, and again after the connection was lost', async () => {
    await connect();
    expect(looked()).toEqual([]);
    desk.open('case_1');
    desk.open('case_1');
    expect(looked()).toEqual([{ kind: 'looking', case_id: 'case_1' }]);
    FakeSocket.latest.onclose?.({ code: 1006 });
    expect(desk.looking.at('case_1')).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.latest.onopen?.();
    hello(7);
    expect(looked()).toEqual([{ kind: 'looking', case_id: 'case_1' }]);
    desk.open(null);
    expect(looked().at(-1)).toEqual({ kind: 'looking', case_id: null });
  });

  test('a hidden tab looks at nothing', async () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    vi.stubGlobal('document', page);
    await connect();
    desk.open('case_1');
    page.visibilityState = 'hidden';
    page.dispatchEvent(new globalThis.Event('visibilitychange'));
    page.visibilityState = 'visible';
    page.dispatchEvent(new globalThis.Event('visibilitychange'));
    expect(looked()).toEqual(['case_1', null, 'case_1'].map((case_id) => ({ kind: 'looking', case_id })));
  });
});

describe('sight', () => {
  test('a case that goes out of it leaves the list', async () => {
    await connect();
    frame({ kind: 'case_hidden', cursor: 8, case_id: 'case_1' });
    expect(desk.list.rows).toEqual([]);
    frame({ kind: 'case_visible', cursor: 9, case_id: 'case_1' });
    await settle();
    expect(desk.list.rows.map(({ id }) => id)).toEqual(['case_1']);
  });

  test('and rights that change end the socket: everything is asked for anew', async () => {
    await connect();
    asked = [];
    FakeSocket.latest.onclose?.({ code: 4412 });
    expect(desk.list.rows).toEqual([]);
    expect(refreshed).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakeSocket.latest.url).toMatch(/\/live$/);
    FakeSocket.latest.onopen?.();
    hello(20);
    await settle();
    expect(asked.sort()).toEqual(['/cases', '/cases', '/cases/counts', '/operators']);
    expect(refreshed, 'again, for what changed meanwhile').toBe(2);
  });
});

describe('the numbers', () => {
  test('follow what happens, once for many events', async () => {
    await connect();
    await vi.advanceTimersByTimeAsync(2_000);
    asked = [];
    counts = { ...counts, unread_cases_mine: { count: 1, more: false } };
    for (let at = 8; at < 12; at++) event(at, { type: 'message.sent', text: 'Hello', client_key: `k${at}` }, at);
    await vi.advanceTimersByTimeAsync(1_000);
    await settle();
    expect(asked.filter((name) => name === '/cases/counts')).toHaveLength(1);
    expect(desk.counts.unread.count).toBe(1);
  });

  test('what is unread is right in the moment a message comes and is read', async () => {
    await connect();
    event(8, { type: 'message.sent', text: 'Hello', client_key: 'k' }, 3);
    expect(desk.counts.unread.count).toBe(1);
    event(9, { type: 'message.sent', text: 'Are you there?', client_key: 'l' }, 4);
    expect(desk.counts.unread.count).toBe(1);
    event(10, { type: 'case.read', entry: 4 }, null, I);
    expect(desk.counts.unread.count).toBe(0);
  });

  test('what comes before the reader’s eyes is never counted', async () => {
    await connect();
    desk.open('case_1');
    await settle();
    desk.opened?.sendRead(true);
    event(8, { type: 'message.sent', text: 'Hello', client_key: 'k' }, 3);
    expect(desk.counts.unread.count).toBe(0);
    // Whoever looks away meanwhile has it to read.
    desk.opened?.sendRead(false);
    expect(desk.counts.unread.count).toBe(1);
    event(9, { type: 'case.deleted' } as Event, null);
    expect(desk.counts.unread.count).toBe(0);
  });

  test('are not asked for when a colleague reads or answers', async () => {
    await connect();
    await vi.advanceTimersByTimeAsync(2_000);
    asked = [];
    const ifeoma: Actor = { kind: 'operator', id: 'op_2', name: 'Ifeoma Okafor' };
    event(8, { type: 'case.read', entry: 2 }, null, ifeoma);
    event(9, { type: 'message.sent', text: 'On it', client_key: 'k' }, 3, ifeoma);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toEqual([]);
  });
});

describe('calls', () => {
  const call = { id: 'call_1', case_id: 'case_1', started_at: NOON, started_by: { id: 'op_me', name: 'Maren Lindqvist' }, ended_at: null, revision: 1, participants: [] };

  test('are told by their frames, and end with their event', async () => {
    await connect();
    frame({ kind: 'call', case_id: 'case_1', call });
    expect(desk.calls.open.of('case_1')?.id).toBe('call_1');
    event(8, { type: 'call.ended', call_id: 'call_1', started_by: call.started_by, duration_ms: 1_000 }, 3);
    expect(desk.calls.open.of('case_1')).toBeNull();
  });

  test('that the list says are there are told by the greeting, and not asked for', async () => {
    Object.assign(row, { in_call: true });
    await connect();
    await settle();
    expect(asked.filter((path) => path.startsWith('/cases/case_'))).toEqual([]);
    frame({ kind: 'call', case_id: 'case_1', call });
    expect(desk.calls.open.of('case_1')?.id).toBe('call_1');
    Object.assign(row, { in_call: false });
  });

  test('known from the case that is opened', async () => {
    Object.assign(opened, { call });
    await connect();
    desk.open('case_1');
    await settle();
    expect(desk.calls.open.of('case_1')?.id).toBe('call_1');
    Object.assign(opened, { call: null });
  });

  test('without being in one, there is no picture in the middle', async () => {
    await connect();
    desk.open('case_1');
    await settle();
    frame({ kind: 'call', case_id: 'case_1', call });
    expect(desk.staged).toBeNull();
  });
});

describe('the open case', () => {
  test('hears its own events only', async () => {
    await connect();
    desk.open('case_1');
    await settle();
    expect(desk.opened?.status).toBe('ready');
    event(8, { type: 'message.sent', text: 'Hello', client_key: 'k' }, 3);
    frame({ kind: 'event', cursor: 9, case_id: 'case_2', entry: 4, at: NOON, actor: GUEST, event: { type: 'message.sent', text: 'Elsewhere', client_key: 'l' } });
    expect(desk.opened?.timeline.entries.map(({ entry }) => entry)).toEqual([3]);
  });

  test('opened before the greeting, it is loaded once and caught up after', async () => {
    desk.start();
    desk.open('case_1');
    FakeSocket.latest.onopen?.();
    hello(7);
    await settle();
    await settle();
    const about = asked.filter((name) => name.startsWith('/cases/case_1'));
    expect(about).toEqual(['/cases/case_1', '/cases/case_1/timeline', '/cases/case_1', '/cases/case_1/timeline']);
    expect(desk.opened?.status).toBe('ready');
  });

  test('is the same until another one is opened', async () => {
    await connect();
    desk.open('case_1');
    const first = desk.opened;
    desk.open('case_1');
    expect(desk.opened).toBe(first);
    desk.open(null);
    expect(desk.opened).toBeNull();
  });
});
