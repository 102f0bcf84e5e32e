import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Actor, Case, Entry, Event, Field, Me } from '../../lib/api/types.ts';
import { settle } from '../../tests/support/clock.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import type { CaseDeps } from './case-deps.ts';
import { CaseView } from './case.svelte.ts';

const MAREN: Actor = { kind: 'operator', id: 'op_maren', name: 'Maren Lindqvist' };
const IFEOMA: Actor = { kind: 'operator', id: 'op_ifeoma', name: 'Ifeoma Okafor' };
const GUEST: Actor = { kind: 'guest', id: null, name: null };
const NOON = '2026-03-12T12:00:00.000Z';
const LATER = '2026-03-12T12:05:00.000Z';

const unset: Field = { value: '', version: 0, changed_by: null, changed_at: null };
const named: Field = { value: 'Amina Haddad', version: 1, changed_by: MAREN, changed_at: NOON };

const amina: Case = {
  id: 'case_1',
  number: 7,
  name: 'Amina Haddad',
  status: 'active',
  origin: 'manual',
  meeting_type: 'individual',
  created_at: NOON,
  completed_at: null,
  last_entry: 2,
  last_activity_at: NOON,
  fields: { name: named, email: unset, phone: { ...unset, formatted: '', doubtful: false }, internal_reference: unset, notes: unset, language: { ...named, value: 'en' } },
  operators: [{ id: 'op_maren', name: 'Maren Lindqvist' }],
  guest_online: false,
  guest_last_seen_at: null,
  guest_read: null,
  operator_reads: [],
  mine: { joined: true, read_entry: 1, unread: 1, draft: null, attention: null, snoozed_until: null },
  call: null,
  tags: [],
  waiting_since: null,
  custom: [],
  location: null,
};

let current: Case;
let entries: Entry[];
let requests: { method: string; path: string; body: unknown }[];
/** Refusals by a part of the path; a status of 0 is no answer. */
let refusals: Record<string, { status: number; code?: string; taken_by?: Actor }>;
let told: object[];
let me: string;
let separated: boolean;
let view: CaseView;

const deps: CaseDeps = {
  get me() {
    return {
      operator: { id: me, name: 'Maren Lindqvist', time_zone: 'Europe/Berlin', role: 'operator' },
      organization: { separate_operators: separated },
      rights: { seat: true },
    } as Me;
  },
  send: (frame) => told.push(frame),
  team: { operators: [] },
};

function respond(path: string, init: RequestInit): Response {
  const body: unknown = init.body ? JSON.parse(String(init.body)) : null;
  const method = init.method ?? '';
  requests.push({ method, path, body });
  const refusal = Object.entries(refusals).find(([part]) => `${method} ${path}`.includes(part))?.[1];
  if (refusal?.status === 0) throw new TypeError('Failed to fetch');
  if (refusal) {
    return new Response(JSON.stringify({ ...refusal, status: undefined }), { status: refusal.status, headers: { 'content-type': 'application/problem+json' } });
  }
  if (path.includes('/timeline')) return Response.json({ entries, has_before: false, has_after: false });
  if (path.endsWith('/messages')) {
    const key = new Headers(init.headers).get('idempotency-key');
    return Response.json({ entry: 3, at: LATER, actor: MAREN, event: { type: 'message.sent', text: (body as { text: string }).text, client_key: key } });
  }
  if (path.endsWith('/draft')) return Response.json({ ...(body as object), version: 1, saved_at: NOON });
  if (path.endsWith('/read') || method === 'DELETE') return new Response(null, { status: 204 });
  if (path.endsWith('/complete')) current = { ...current, status: 'completed', completed_at: LATER };
  if (path.endsWith('/reopen')) current = { ...current, status: 'active', completed_at: null };
  return Response.json(current);
}

const asked = (part: string) => requests.filter(({ method, path }) => `${method} ${path}`.includes(part));

function hear(event: Event, entry: number | null = null, actor: Actor = IFEOMA): void {
  view.apply({ entry, at: LATER, actor, event });
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  current = amina;
  requests = [];
  refusals = {};
  told = [];
  me = 'op_maren';
  separated = false;
  entries = [
    { entry: 1, at: NOON, actor: MAREN, event: { type: 'case.created', origin: 'manual' }, merged_from: null },
    { entry: 2, at: NOON, actor: GUEST, event: { type: 'message.sent', text: 'Hello', client_key: '' }, merged_from: null },
  ];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => respond(path, init));
  vi.stubGlobal('localStorage', new TestStorage());
  view = new CaseView('case_1', deps);
  await view.load();
});

afterEach(() => {
  view.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('an open case', () => {
  test('knows its fields, its conversation and what is new', () => {
    expect(view.status).toBe('ready');
    expect(view.fields.all.name.text).toBe('Amina Haddad');
    expect(view.timeline.newest).toBe(2);
    expect(view.timeline.newFrom).toBe(2);
  });

  test('is asked for once, however often it is loaded at once', async () => {
    requests = [];
    await Promise.all([view.load(), view.load()]);
    expect(asked('GET /api/v1/cases/case_1')).toHaveLength(2);
  });

  test('tells that it was read, and again after it could not', async () => {
    refusals = { '/read': { status: 0 } };
    view.sendRead(true);
    await vi.advanceTimersByTimeAsync(1_000);
    refusals = {};
    await view.reload();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked('/read').map(({ body }) => body)).toEqual([{ entry: 2 }, { entry: 2 }]);
  });

  test('catches up by itself after a page that failed, and shows nothing above the gap', async () => {
    const words = (entry: number): Entry => ({ entry, at: LATER, actor: GUEST, event: { type: 'message.sent', text: `${entry}`, client_key: '' }, merged_from: null });
    refusals = { '/timeline': { status: 503, code: 'overloaded' } };
    await view.reload();
    hear(words(4).event, 4, GUEST);
    view.sendRead(true);
    expect(view.timeline.newest).toBe(2);
    refusals = {};
    entries = [...entries, words(3), words(4)];
    await vi.advanceTimersByTimeAsync(1_000);
    await settle();
    expect(view.timeline.entries.map(({ entry }) => entry)).toEqual([1, 2, 3, 4]);
    expect(asked('/read').map(({ body }) => body)).not.toContainEqual({ entry: 4 });
  });

  test('sends a message once and takes its answer into the conversation', async () => {
    view.say('Good morning');
    await settle();
    expect(asked('/messages').map(({ body }) => body)).toEqual([{ text: 'Good morning' }]);
    expect(view.timeline.newest).toBe(3);
    expect(view.outbox.items).toEqual([]);
  });

  test('tells that someone types here, but not oneself in another tab', () => {
    view.typing(GUEST, true);
    view.typing(MAREN, true);
    expect(view.typingActors).toEqual([GUEST]);
    hear({ type: 'message.sent', text: 'Hi', client_key: '' }, 3, GUEST);
    expect(view.typingActors).toEqual([]);
    expect(view.heard.message).toEqual({ actor: GUEST, text: 'Hi' });
  });

  test('marks what the guest has read', () => {
    hear({ type: 'case.read', entry: 2 }, null, GUEST);
    expect(view.timeline.othersRead).toBe(2);
    expect(view.case?.guest_read).toEqual({ entry: 2, at: LATER });
    hear({ type: 'case.read', entry: 9 }, null, IFEOMA);
    expect(view.timeline.othersRead).toBe(2);
  });

  test('keeps one entry for the start of a call and one for its end', () => {
    hear({ type: 'call.started', call_id: 'call_1' }, 3, MAREN);
    hear({ type: 'call.ended', call_id: 'call_1', started_by: { id: 'op_maren', name: 'Maren Lindqvist' }, duration_ms: 146_000 }, 4, MAREN);
    hear({ type: 'call.started', call_id: 'call_1' }, 3, MAREN);
    expect(view.timeline.entries.slice(-2).map(({ event }) => event.type)).toEqual(['call.started', 'call.ended']);
    expect(view.timeline.entries).toHaveLength(4);
    // They are nothing to read.
    expect(view.heard.message).toBeNull();
  });

  test('follows who is on it', () => {
    hear({ type: 'operator.joined', operator: { id: 'op_ifeoma', name: 'Ifeoma Okafor' }, claimed: false }, 3);
    expect(view.case?.operators.map(({ id }) => id)).toEqual(['op_maren', 'op_ifeoma']);
    hear({ type: 'operator.left', operator: { id: 'op_maren', name: 'Maren Lindqvist' }, queued: false }, 4);
    expect(view.case?.mine.joined).toBe(false);
    hear({ type: 'operator.left', operator: { id: 'op_ifeoma', name: 'Ifeoma Okafor' }, queued: true }, 5);
    expect(view.case?.status).toBe('awaiting');
    hear({ type: 'operator.joined', operator: { id: 'op_ifeoma', name: 'Ifeoma Okafor' }, claimed: true }, 6);
    expect(view.case?.status).toBe('active');
  });

  test('says when the guest was last here', () => {
    view.presence(true);
    expect(view.guestOnline).toBe(true);
    view.presence(false);
    expect(view.guestOnline).toBe(false);
    expect(view.case?.guest_last_seen_at).not.toBeNull();
  });

  test('is here as the socket tells, whatever a late answer says', async () => {
    const presence = { known: true, guest: () => false };
    const socketed = new CaseView('case_1', { ...deps, presence });
    current = { ...amina, guest_online: true };
    await socketed.load();
    expect(socketed.guestOnline).toBe(false);
    presence.known = false;
    expect(socketed.guestOnline).toBe(true);
    socketed.stop();
  });

  test('takes a new name from the event, other fields from the server', async () => {
    requests = [];
    hear({ type: 'case.changed', field: 'name', version: 2, name: 'Amina and Rami Haddad' });
    expect(view.case?.name).toBe('Amina and Rami Haddad');
    expect(view.fields.all.name.text).toBe('Amina and Rami Haddad');
    expect(requests).toEqual([]);

    current = { ...current, fields: { ...current.fields, notes: { value: 'Call back', version: 1, changed_by: IFEOMA, changed_at: LATER } } };
    hear({ type: 'case.changed', field: 'notes', version: 1, name: null });
    await settle();
    expect(view.fields.all.notes.text).toBe('Call back');
  });

  test('does not let an older answer undo what live events said', async () => {
    hear({ type: 'case.completed' }, 3);
    await view.refresh();
    expect(view.completed).toBe(true);
    current = { ...current, status: 'completed', last_entry: 3 };
    await view.refresh();
    expect(view.case?.last_entry).toBe(3);
    expect(view.completed).toBe(true);
  });

  test('is completed and opened again', async () => {
    await view.acts.complete();
    expect(view.completed).toBe(true);
    await view.acts.reopen();
    expect(view.completed).toBe(false);
  });

  test('is taken also where the reader has it from another window, and not where a colleague has it', async () => {
    current = { ...amina, status: 'awaiting', operators: [], mine: { ...amina.mine, joined: false } };
    await view.refresh();
    expect(view.case?.status).toBe('awaiting');
    refusals = { '/claim': { status: 409, code: 'case_taken', taken_by: IFEOMA } };
    await expect(view.acts.claim()).rejects.toMatchObject({ code: 'case_taken' });
    refusals = { '/claim': { status: 409, code: 'case_taken', taken_by: MAREN } };
    current = amina;
    await view.acts.claim();
    expect(view.case?.status).toBe('active');
  });

  test('a message for a case that was completed meanwhile waits until it is open again', async () => {
    refusals = { '/messages': { status: 409, code: 'case_completed' } };
    current = { ...current, status: 'completed' };
    view.say('Late words');
    await settle();
    expect(view.completed).toBe(true);
    expect(view.outbox.items).toMatchObject([{ text: 'Late words', state: 'waiting' }]);
    refusals = {};
    await view.acts.reopen();
    await settle();
    expect(view.outbox.items).toEqual([]);
  });

  test('a detail that is being typed when the case is completed says at once that it waits, until it is open again', async () => {
    const { notes } = view.fields.all;
    notes.type('Calls before noon');
    current = { ...current, status: 'completed', completed_at: LATER, last_entry: 3 };
    hear({ type: 'case.completed' }, 3);
    expect(notes.state).toBe('held');
    expect(view.fields.state).toBe('held');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked('PATCH')).toEqual([]);

    current = { ...current, status: 'active', completed_at: null, last_entry: 4 };
    hear({ type: 'case.reopened' }, 4);
    await settle();
    expect(asked('PATCH')).toMatchObject([{ body: { notes: { value: 'Calls before noon' } } }]);
  });

  test('that was deleted leaves nothing behind', async () => {
    refusals = { '/messages': { status: 0 } };
    view.say('Words');
    view.fields.all.notes.type('Notes');
    view.draft.type('Draft');
    await settle();
    expect(localStorage.length).toBeGreaterThan(0);
    hear({ type: 'case.deleted', operator_ids: ['op_maren'], queued: false });
    expect(view.status).toBe('gone');
    expect(localStorage).toHaveLength(0);
  });

  test('deleting what someone else has deleted is no error', async () => {
    refusals = { 'DELETE /api/v1/cases': { status: 404, code: 'not_found' } };
    await view.acts.remove();
    expect(view.status).toBe('gone');
  });

  test('what one sends from another window is no draft here any more', async () => {
    view.draft.type('Good morning');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(view.draft.state).toBe('saved');
    hear({ type: 'message.sent', text: 'Good morning', client_key: 'k' }, 3, MAREN);
    expect(view.draft.text).toBe('');
  });
});

describe('a case that cannot be opened', () => {
  test('because it is gone, says so', async () => {
    refusals = { 'GET /api/v1/cases/case_1': { status: 404, code: 'not_found' } };
    const gone = new CaseView('case_1', deps);
    await gone.load();
    expect(gone.status).toBe('gone');
  });

  test('because nobody answers, tries again by itself', async () => {
    refusals = { 'GET /api/v1/cases/case_2': { status: 0 } };
    const slow = new CaseView('case_2', deps);
    await slow.load();
    expect(slow.status).toBe('failed');
    refusals = {};
    await vi.advanceTimersByTimeAsync(3_000);
    await settle();
    expect(slow.status).toBe('ready');
    slow.stop();
  });
});

describe('a case that is left', () => {
  test('with unsent words, once completed, is not asked again until it is open', async () => {
    refusals = { '/messages': { status: 409, code: 'case_completed' }, 'PATCH ': { status: 409, code: 'case_completed' } };
    current = { ...current, status: 'completed', completed_at: LATER };
    view.say('Late words');
    view.fields.all.notes.type('Late notes');
    view.close();
    await vi.advanceTimersByTimeAsync(5_000);
    await settle();
    requests = [];
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(requests).toEqual([]);
    expect(localStorage).toHaveLength(2);

    refusals = {};
    current = { ...amina, last_entry: 3, fields: { ...amina.fields, notes: { value: 'Late notes', version: 1, changed_by: MAREN, changed_at: LATER } } };
    CaseView.hear({ case_id: 'case_1', entry: 3, at: LATER, actor: IFEOMA, event: { type: 'case.reopened' } });
    await vi.advanceTimersByTimeAsync(1_000);
    await settle();
    expect(asked('/messages').map(({ body }) => body)).toEqual([{ text: 'Late words' }]);
    expect(asked('PATCH ')).toHaveLength(1);
    expect(localStorage).toHaveLength(0);
  });

  test('and was opened again unheard, is found open after a gap', async () => {
    refusals = { '/messages': { status: 409, code: 'case_completed' } };
    current = { ...current, status: 'completed', completed_at: LATER };
    view.say('Late words');
    await settle();
    view.close();
    refusals = {};
    current = amina;
    CaseView.refreshLeft();
    await settle();
    expect(asked('/messages').at(-1)?.body).toEqual({ text: 'Late words' });
    expect(localStorage).toHaveLength(0);
  });

  test('still sends what it could not', async () => {
    refusals = { '/messages': { status: 0 }, 'PATCH ': { status: 0 } };
    view.say('On my way');
    view.fields.all.notes.type('Call back');
    view.close();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(localStorage.length).toBeGreaterThan(0);

    refusals = {};
    current = { ...current, fields: { ...current.fields, notes: { value: 'Call back', version: 1, changed_by: MAREN, changed_at: LATER } } };
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked('/messages').at(-1)?.body).toEqual({ text: 'On my way' });
    expect(asked('PATCH ').at(-1)?.body).toEqual({ notes: { value: 'Call back', version: 0 } });
    expect(localStorage).toHaveLength(0);
  });

  test('does not send one operator’s words as another’s', async () => {
    refusals = { '/messages': { status: 0 } };
    view.say('From Maren');
    view.close();
    await settle();
    refusals = {};
    requests = [];
    me = 'op_ifeoma';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked('/messages')).toEqual([]);

    me = 'op_maren';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked('/messages')).toHaveLength(1);
  });

  test('and what an earlier visit left unsent goes out without opening it', async () => {
    refusals = { '/messages': { status: 0 } };
    view.say('Before the reload');
    await settle();
    view.stop();
    refusals = {};
    CaseView.resume(deps, null);
    await settle();
    expect(asked('/messages').at(-1)?.body).toEqual({ text: 'Before the reload' });
    expect(localStorage).toHaveLength(0);
  });
});

describe('what an open case is told', () => {
  const VIP = { id: 'tag_1', name: 'VIP' };

  test('tags come and go, and a removed one can be put back', async () => {
    hear({ type: 'case.tagged', tag: VIP });
    hear({ type: 'case.tagged', tag: VIP });
    expect(view.case?.tags).toEqual([VIP]);
    current = { ...current, tags: [] };
    await view.acts.untag(VIP);
    expect(view.case?.tags).toEqual([]);
    expect(view.acts.removed).toEqual(VIP);
    await view.acts.undo();
    expect(view.case?.tags).toEqual([VIP]);
    expect(view.acts.removed).toBeNull();
    expect(asked('/tags/tag_1').map(({ method }) => method)).toEqual(['DELETE', 'PUT']);
  });

  test('snoozing and attention concern only the operator they name', () => {
    hear({ type: 'case.snoozed', operator_id: 'op_ifeoma', until: LATER });
    hear({ type: 'case.attention', operator_id: 'op_ifeoma', reason: 'mention' });
    expect(view.case?.mine).toMatchObject({ snoozed_until: null, attention: null });
    hear({ type: 'case.snoozed', operator_id: 'op_maren', until: LATER });
    expect(view.case?.mine.snoozed_until).toBe(LATER);
    hear({ type: 'case.woke', operator_id: 'op_maren' });
    expect(view.case?.mine).toMatchObject({ snoozed_until: null, attention: 'woke' });
    hear({ type: 'case.read', entry: 2 }, null, MAREN);
    expect(view.case?.mine.attention).toBeNull();
  });

  test('an internal message is heard, and is news', () => {
    hear({ type: 'message.internal', text: 'Only us', mentions: [], client_key: null }, 3);
    expect(view.heard.message?.text).toBe('Only us');
    expect(view.timeline.unseen).toBe(1);
  });

  test('what only the case itself says is asked for', async () => {
    requests = [];
    current = { ...current, last_entry: 3 };
    hear({ type: 'location.shared' }, 3, GUEST);
    await settle();
    expect(asked('GET /api/v1/cases/case_1')).toHaveLength(1);
    expect(view.timeline.newest).toBe(3);
  });

  test('an internal message says so to the server, with whom it mentions', async () => {
    view.say('Look, @Ifeoma', { internal: true, mentions: ['op_ifeoma'] });
    await settle();
    expect(asked('/messages').map(({ body }) => body)).toEqual([{ text: 'Look, @Ifeoma', internal: true, mentions: ['op_ifeoma'] }]);
  });
});

describe('a case that is not here any more', () => {
  test('is deleted for whoever sees everything, and nothing of it is kept', async () => {
    view.draft.type('Half a sentence');
    refusals = { 'GET /api/v1/cases/case_1': { status: 404, code: 'not_found' } };
    await view.refresh();
    expect(view.gone).toEqual({ why: 'deleted' });
    expect(localStorage).toHaveLength(0);
  });

  test('is only out of sight for a separated operator, and what was typed is kept', async () => {
    separated = true;
    view.draft.type('Half a sentence');
    refusals = { 'GET /api/v1/cases/case_1': { status: 404, code: 'not_found' } };
    await view.refresh();
    expect(view.gone).toEqual({ why: 'hidden', unsent: ['Half a sentence'] });
    expect(localStorage.length).toBeGreaterThan(0);
    refusals = {};
    const again = new CaseView('case_1', deps);
    expect(again.draft.text).toBe('Half a sentence');
    again.stop();
  });

  test('says where it went when it was merged', async () => {
    view.stop();
    vi.stubGlobal('fetch', async () =>
      new Response(JSON.stringify({ code: 'case_merged', into: 'case_9' }), { status: 410, headers: { 'content-type': 'application/problem+json' } }),
    );
    view = new CaseView('case_1', deps);
    await view.load();
    expect(view.gone).toEqual({ why: 'merged', into: 'case_9', unsent: [] });
  });
});
