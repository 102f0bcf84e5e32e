import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { settle } from '../tests/support/clock.ts';
import { TestStorage } from '../tests/support/storage.ts';
import type { Actor, Call, Entry, Event, GuestCase } from '../lib/api/types.ts';
import { Room } from './room.svelte.ts';

const MAREN: Actor = { kind: 'operator', id: 'op_maren', name: 'Maren Lindqvist' };
const GUEST: Actor = { kind: 'guest', id: null, name: null };
const NOON = '2026-03-12T12:00:00.000Z';

const opened: GuestCase = {
  id: 'case_1',
  name: 'Amina Haddad',
  status: 'active',
  language: 'en',
  organization: { name: 'Ashgrove Heating', contact_email: '', contact_phone: '', brand_color: '', logo: null },
  operators: [{ id: 'op_maren', name: 'Maren Lindqvist', online: false, picture: null }],
  read: null,
  operator_read: null,
  last_entry: 1,
  call: null,
  location_request: null,
};

function callOf(revision: number, id = 'call_1'): Call {
  return { id, case_id: 'case_1', started_at: NOON, started_by: { id: 'op_maren', name: 'Maren Lindqvist' }, ended_at: null, revision, participants: [] };
}

class FakeSocket {
  static latest: FakeSocket;
  static urls: string[] = [];
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  onerror: null = null;

  constructor(url: string | URL) {
    FakeSocket.latest = this;
    FakeSocket.urls.push(String(url));
  }
  send(frame: string): void {
    this.sent.push(JSON.parse(frame));
  }
  close(): void {}
}

let requests: { method: string; path: string; body: unknown }[];
let entries: Entry[];
let current: GuestCase;
let refusal: { status: number; code: string } | null;
let told: string[];
let room: Room;

function respond(path: string, init: RequestInit): Response {
  const body: unknown = init.body ? JSON.parse(String(init.body)) : null;
  requests.push({ method: init.method ?? '', path, body });
  if (refusal) {
    return new Response(JSON.stringify(refusal), { status: refusal.status, headers: { 'content-type': 'application/problem+json' } });
  }
  if (path.includes('/timeline')) return Response.json({ entries, has_before: false, has_after: false });
  if (path.endsWith('/messages')) {
    const key = new Headers(init.headers).get('idempotency-key');
    const entry = { entry: 2, at: NOON, actor: GUEST, event: { type: 'message.sent', text: (body as { text: string }).text, client_key: key } };
    return Response.json(entry, { status: 201 });
  }
  if (path.endsWith('/read')) return new Response(null, { status: 204 });
  return Response.json(current);
}

function hear(event: Event, entry: number | null = null, actor: Actor = MAREN): void {
  FakeSocket.latest.onmessage?.({ data: JSON.stringify({ kind: 'event', entry, at: NOON, actor, event }) });
}

function frame(data: object): void {
  FakeSocket.latest.onmessage?.({ data: JSON.stringify(data) });
}

beforeEach(async () => {
  requests = [];
  told = [];
  refusal = null;
  current = opened;
  FakeSocket.urls = [];
  entries = [{ entry: 1, at: NOON, actor: MAREN, event: { type: 'message.sent', text: 'Good morning', client_key: '' }, merged_from: null }];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => respond(path, init));
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('location', { href: 'https://desk.example/g/token' });
  vi.stubGlobal('localStorage', new TestStorage());
  room = new Room(opened, {
    ended: (how) => told.push(how),
    reopened: () => told.push('reopened'),
    admitted: () => told.push('admitted'),
    signedOut: () => told.push('signed out'),
  });
  await room.start();
  FakeSocket.latest.onopen?.();
  frame({ kind: 'hello', entry: 1, case: opened, heartbeat_ms: 10_000 });
});

afterEach(() => {
  room.stop();
  vi.unstubAllGlobals();
});

describe('a room', () => {
  test('loads first and listens from there on', () => {
    expect(requests[0]?.path).toBe('/api/v1/guest/cases/case_1/timeline?limit=50');
    expect(FakeSocket.urls).toEqual(['wss://desk.example/api/v1/guest/cases/case_1/live?after=1']);
  });

  test('sends what is said, once, and keeps nothing back', async () => {
    room.say('Hello');
    await settle();
    expect(requests.filter(({ path }) => path.endsWith('/messages')).map(({ body }) => body)).toEqual([{ text: 'Hello' }]);
    expect(room.timeline.entries.map(({ entry }) => entry)).toEqual([1, 2]);
    expect(room.outbox.items).toEqual([]);
    expect(localStorage).toHaveLength(0);
  });

  test('takes a new name', () => {
    hear({ type: 'case.changed', field: 'name', version: 2, name: 'Amina and Rami Haddad' });
    expect(room.case.name).toBe('Amina and Rami Haddad');
  });

  test('knows who is here', () => {
    frame({ kind: 'operator_presence', operator_id: 'op_maren', online: true });
    expect(room.case.operators[0]?.online).toBe(true);
  });

  test('asks again when an operator joins or leaves', async () => {
    current = { ...opened, operators: [] };
    hear({ type: 'operator.left', operator: { id: 'op_maren', name: 'Maren Lindqvist' }, queued: true }, 2);
    await settle();
    expect(room.case.operators).toEqual([]);
    expect(room.timeline.newest).toBe(2);
  });

  test('a message ends the typing of whoever sent it, and is told to listeners', () => {
    frame({ kind: 'typing', actor: MAREN, typing: true });
    expect(room.typing.actors).toEqual([MAREN]);
    hear({ type: 'message.sent', text: 'Coming', client_key: '' }, 2);
    expect(room.typing.actors).toEqual([]);
    expect(room.heard.message).toEqual({ actor: MAREN, text: 'Coming' });
  });

  test('own messages from another tab are not told to listeners', () => {
    hear({ type: 'message.sent', text: 'Mine', client_key: 'k' }, 2, GUEST);
    expect(room.heard.message).toBeNull();
    expect(room.timeline.newest).toBe(2);
  });

  test('an operator’s reading marks own messages', () => {
    hear({ type: 'case.read', entry: 7 }, null, MAREN);
    expect(room.timeline.othersRead).toBe(7);
    hear({ type: 'case.read', entry: 9 }, null, GUEST);
    expect(room.timeline.othersRead).toBe(7);
  });

  test('reads when someone looks, and says so once', async () => {
    vi.useFakeTimers();
    room.reading(true);
    room.reading(true);
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    expect(requests.filter(({ path }) => path.endsWith('/read')).map(({ body }) => body)).toEqual([{ entry: 1 }]);
  });

  test('waits out a completed case and sends what it kept when it is opened again', async () => {
    refusal = { status: 409, code: 'case_completed' };
    room.say('Late words');
    await settle();
    expect(told).toEqual(['completed']);
    expect(room.outbox.items).toMatchObject([{ text: 'Late words', state: 'waiting' }]);

    refusal = null;
    hear({ type: 'case.reopened' }, 2);
    await settle();
    expect(told).toEqual(['completed', 'reopened']);
    expect(room.outbox.items).toEqual([]);
  });

  test('learns from the next greeting that a case was opened again while it was away', () => {
    hear({ type: 'case.completed' }, 2);
    frame({ kind: 'hello', entry: 2, case: { ...opened, status: 'active' }, heartbeat_ms: 10_000 });
    expect(told).toEqual(['completed', 'reopened']);
  });

  test('loads what it missed of a completed case only when it is opened again', async () => {
    refusal = { status: 409, code: 'case_completed' };
    frame({ kind: 'hello', entry: 3, case: { ...opened, name: '', operators: [], status: 'completed' }, heartbeat_ms: 10_000 });
    await settle();
    expect(told).toEqual(['completed']);
    expect(room.case.name).toBe('Amina Haddad');

    refusal = null;
    entries = [2, 3, 4].map((entry) => ({ entry, at: NOON, actor: MAREN, event: { type: 'message.sent', text: `${entry}`, client_key: '' }, merged_from: null }));
    hear({ type: 'case.reopened' }, 5);
    await settle();
    expect(told).toEqual(['completed', 'reopened']);
    expect(room.timeline.entries.map(({ entry }) => entry)).toEqual([1, 2, 3, 4, 5]);
  });

  test('entered while the case is completed, waits without a word of it and lets the guest in when it is open again', async () => {
    room.stop();
    requests = [];
    FakeSocket.urls = [];
    const closed: GuestCase = { ...opened, name: '', operators: [], status: 'completed', last_entry: 7 };
    room = new Room(closed, {
      ended: (how) => told.push(how),
      reopened: () => told.push('reopened'),
      admitted: () => told.push('admitted'),
      signedOut: () => told.push('signed out'),
    });
    await room.start();
    FakeSocket.latest.onopen?.();
    frame({ kind: 'hello', entry: 7, case: closed, heartbeat_ms: 10_000 });
    expect(requests).toEqual([]);
    expect(FakeSocket.urls).toEqual(['wss://desk.example/api/v1/guest/cases/case_1/live?after=7']);
    expect(told).toEqual(['completed']);

    hear({ type: 'case.reopened' }, 8);
    expect(told).toEqual(['completed', 'admitted']);
    entries = [...entries, { entry: 8, at: NOON, actor: MAREN, event: { type: 'case.reopened' }, merged_from: null }];
    await room.resume({ ...opened, last_entry: 8 });
    expect(room.case.name).toBe('Amina Haddad');
    expect(room.timeline.entries.map(({ entry }) => entry)).toEqual([1, 8]);
    expect(FakeSocket.urls.at(-1)).toBe('wss://desk.example/api/v1/guest/cases/case_1/live?after=8');
  });

  test('forgets everything of a deleted case', async () => {
    refusal = { status: 410, code: 'case_deleted' };
    room.say('Words');
    await settle();
    expect(told).toEqual(['deleted']);
    expect(room.outbox.items).toEqual([]);
    expect(localStorage).toHaveLength(0);
  });

  test('rings when someone calls, also when the page learns of it late', async () => {
    frame({ kind: 'call', call: callOf(1) });
    expect(room.calling.view).toBe('ringing');
    expect(room.calling.caller).toBe('Maren Lindqvist');
    room.calling.decline();
    frame({ kind: 'hello', entry: 1, case: { ...opened, call: callOf(2, 'call_2') }, heartbeat_ms: 10_000 });
    expect(room.calling.view).toBe('ringing');
    expect(room.calling.call?.id).toBe('call_2');
  });

  test('a call stands in the conversation when it began and when it ended', () => {
    hear({ type: 'call.started', call_id: 'call_1' }, 2);
    hear({ type: 'call.ended', call_id: 'call_1', started_by: { id: 'op_maren', name: 'Maren Lindqvist' }, duration_ms: 1_440_000 }, 3);
    expect(room.timeline.entries.map(({ event }) => event.type)).toEqual(['message.sent', 'call.started', 'call.ended']);
  });

  test('nothing rings on in a case that is completed, and the next call does', () => {
    frame({ kind: 'call', call: callOf(1) });
    hear({ type: 'case.completed' }, 2);
    expect(room.calling.view).toBe('none');
    frame({ kind: 'call', call: callOf(2) });
    expect(room.calling.view).toBe('none');
    frame({ kind: 'hello', entry: 3, case: { ...opened, call: callOf(3, 'call_2') }, heartbeat_ms: 10_000 });
    expect(room.calling.view).toBe('ringing');
  });

  test('nothing rings on in a case that is deleted', () => {
    frame({ kind: 'call', call: callOf(1) });
    hear({ type: 'case.deleted', operator_ids: [], queued: false }, null);
    expect(told).toEqual(['deleted']);
    expect(room.calling.view).toBe('none');
  });

  test('a session that ended opens a new one', () => {
    FakeSocket.latest.onclose?.({ code: 4401 });
    expect(told).toEqual(['signed out']);
  });

  test('a reset loads what is missing', async () => {
    entries = [...entries, { entry: 5, at: NOON, actor: MAREN, event: { type: 'message.sent', text: 'Missed', client_key: '' }, merged_from: null }];
    frame({ kind: 'reset', entry: 5 });
    await settle();
    expect(room.timeline.newest).toBe(5);
    expect(room.timeline.complete).toBe(5);
  });

  test('what a reset could not load is asked for again while the socket stays open', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const missed: Entry = { entry: 5, at: NOON, actor: MAREN, event: { type: 'message.sent', text: 'Missed', client_key: '' }, merged_from: null };
    refusal = { status: 503, code: 'overloaded' };
    frame({ kind: 'reset', entry: 5 });
    await settle();
    hear({ type: 'message.sent', text: 'Live', client_key: '' }, 6);
    room.reading(true);
    expect(room.timeline.entries.map(({ entry }) => entry)).toEqual([1]);
    refusal = null;
    entries = [...entries, missed];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(room.timeline.entries.map(({ entry }) => entry)).toEqual([1, 5, 6]);
    vi.useRealTimers();
  });
});
