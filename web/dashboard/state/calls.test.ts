import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Offline, Problem } from '../../lib/api/client.ts';
import type { Call, Case, LiveEvent, Participant } from '../../lib/api/types.ts';
import { settle } from '../../tests/support/clock.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import { Calls, type CallParts } from './calls.svelte.ts';

const NOON = '2026-03-12T12:00:00.000Z';
const LATER = '2026-03-12T12:02:26.000Z';
const guest = { id: 'part_9', kind: 'guest', operator_id: null, name: null } as Participant;

function call(change: Partial<Call> = {}): Call {
  return { id: 'call_1', case_id: 'case_1', started_at: NOON, started_by: { id: 'op_me', name: 'Maren Lindqvist' }, ended_at: null, revision: 1, participants: [], ...change };
}

/** What the call's own part of the page is to the desk. */
class FakeSession {
  static all: FakeSession[] = [];
  phase = 'idle';
  call: Call;
  did: string[] = [];
  said: string[] = [];
  readonly #onEnded: (call: Call) => void;

  constructor(options: { call: Call; onEnded: (call: Call) => void }) {
    this.call = options.call;
    this.#onEnded = options.onEnded;
    FakeSession.all.push(this);
  }
  get startedAt(): number {
    return Date.parse(this.call.started_at);
  }
  async join(): Promise<void> {
    this.did.push('join');
    this.phase = 'connected';
  }
  async leave(): Promise<void> {
    this.did.push('leave');
    this.phase = 'left';
  }
  close(): void {
    this.did.push('close');
  }
  socketBack(): void {
    this.did.push('socketBack');
  }
  speaking(ids: string[]): void {
    this.said = ids;
  }
  /** The server knows this person in the call no more. */
  out(): void {
    this.phase = 'ended';
    this.#onEnded(this.call);
  }
  apply(snapshot: Call): void {
    this.call = snapshot;
    if (snapshot.ended_at === null) return;
    this.phase = 'ended';
    this.#onEnded(snapshot);
  }
}

let asked: { method: string; path: string; key: string | null }[];
let answers: Record<string, () => Response>;
let load: () => Promise<CallParts>;
let calls: Calls;

const session = () => {
  const last = FakeSession.all.at(-1);
  if (!last) throw new Error('nobody is in a call');
  return last;
};
const problem = (status: number, code: string) => () =>
  new Response(JSON.stringify({ code, status, title: code }), { status, headers: { 'content-type': 'application/problem+json' } });

beforeEach(() => {
  asked = [];
  answers = {
    'POST /cases/case_1/calls': () => Response.json(call(), { status: 201 }),
    'POST /cases/case_2/calls': () => Response.json(call({ id: 'call_2', case_id: 'case_2' }), { status: 201 }),
    'POST /cases/case_1/calls/call_1/end': () => new Response(null, { status: 204 }),
  };
  FakeSession.all = [];
  vi.stubGlobal('sessionStorage', new TestStorage());
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const name = path.replace('/api/v1', '');
    const method = init.method ?? 'GET';
    asked.push({ method, path: name, key: new Headers(init.headers).get('idempotency-key') });
    const answer = answers[`${method} ${name}`];
    if (!answer) throw new TypeError('nobody answers');
    return answer();
  });
  load = async () => ({ CallSession: FakeSession, Devices: class {}, callApi: () => ({}) }) as unknown as CallParts;
  calls = new Calls({ me: 'op_me', load: () => load(), now: () => Date.parse(LATER) });
});

describe('starting', () => {
  test('makes the call and enters it', async () => {
    const started = calls.start('case_1', 'Amina Haddad');
    expect(calls.busy).toBe('case_1');
    await started;
    expect(calls.busy).toBeNull();
    expect(calls.mineIn('case_1')?.name).toBe('Amina Haddad');
    expect(calls.mineIn('case_2')).toBeNull();
    expect(session().did).toEqual(['join']);
    expect(calls.open.of('case_1')?.id).toBe('call_1');
  });

  test('a refusal is said where the button is', async () => {
    answers['POST /cases/case_1/calls'] = problem(503, 'calls_unavailable');
    await calls.start('case_1', 'Amina Haddad');
    expect(calls.mine).toBeNull();
    expect(calls.problem?.caseId).toBe('case_1');
    expect((calls.problem?.error as Problem).code).toBe('calls_unavailable');
    calls.settle();
    expect(calls.problem).toBeNull();
  });

  test('trying again without an answer asks for the same call', async () => {
    const answer = answers['POST /cases/case_1/calls'];
    delete answers['POST /cases/case_1/calls'];
    await calls.start('case_1', 'Amina Haddad');
    expect(calls.problem?.error).toBeInstanceOf(Offline);
    if (answer) answers['POST /cases/case_1/calls'] = answer;
    await calls.start('case_1', 'Amina Haddad');
    expect(calls.mine).not.toBeNull();
    expect(asked[0]?.key).toBeTruthy();
    expect(asked[1]?.key).toBe(asked[0]?.key);
  });

  test('without the part of the page that makes calls it is a missing connection, and the call waits to be joined', async () => {
    load = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'));
    await calls.start('case_1', 'Amina Haddad');
    expect(calls.problem?.error).toBeInstanceOf(Offline);
    expect(calls.open.of('case_1')).not.toBeNull();
  });

  test('another one meanwhile is not forgotten', async () => {
    const first = calls.start('case_1', 'Amina Haddad');
    await calls.start('case_2', 'Yusuf Demir');
    await first;
    await vi.waitFor(() => expect(calls.wish).toMatchObject({ caseId: 'case_2', call: null }));
  });

  test('a call that cannot be joined says so', async () => {
    load = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'));
    await calls.join(call(), 'Amina Haddad');
    expect(calls.problem).toMatchObject({ caseId: 'case_1', joining: true });
    await calls.start('case_2', 'Yusuf Demir');
    expect(calls.problem).toMatchObject({ caseId: 'case_2', joining: false });
  });

  test('joining an open call starts none', async () => {
    calls.hear(call({ participants: [guest] }));
    await calls.join(call(), 'Amina Haddad');
    expect(asked).toEqual([]);
    expect(session().did).toEqual(['join']);
  });
});

describe('one call at a time', () => {
  beforeEach(() => calls.start('case_1', 'Amina Haddad'));

  test('a second one asks first', async () => {
    await calls.start('case_2', 'Yusuf Demir');
    expect(calls.wish).toMatchObject({ caseId: 'case_2', call: null });
    expect(calls.mineIn('case_1')).not.toBeNull();
    expect(FakeSession.all).toHaveLength(1);
  });

  test('yes leaves the first and enters the second', async () => {
    await calls.start('case_2', 'Yusuf Demir');
    await calls.change();
    expect(FakeSession.all.map(({ did }) => did)).toEqual([['join', 'leave'], ['join']]);
    expect(calls.mineIn('case_2')?.name).toBe('Yusuf Demir');
    expect(calls.wish).toBeNull();
  });

  test('yes does not wait for a server that is away', async () => {
    await calls.start('case_2', 'Yusuf Demir');
    session().leave = () => new Promise(() => {});
    await calls.change();
    expect(calls.mineIn('case_2')).not.toBeNull();
  });

  test('one that goes on in another window is no reason to ask', async () => {
    session().phase = 'moved';
    await calls.start('case_2', 'Yusuf Demir');
    expect(calls.wish).toBeNull();
    expect(FakeSession.all.map(({ did }) => did)).toEqual([['join', 'close'], ['join']]);
  });

  test('the same case only takes its picture out of the small window', async () => {
    calls.small = true;
    await calls.start('case_1', 'Amina Haddad');
    expect(calls.small).toBe(false);
    expect(FakeSession.all).toHaveLength(1);
  });
});

describe('in a call', () => {
  beforeEach(async () => {
    await calls.start('case_1', 'Amina Haddad');
    calls.hear(call({ revision: 2 }));
  });

  test('snapshots and voices reach it, those of other calls do not', () => {
    calls.hear(call({ revision: 3, participants: [guest] }));
    calls.hear(call({ id: 'call_7', case_id: 'case_7', revision: 9 }));
    expect(session().call.revision).toBe(3);
    calls.speaking('call_1', ['part_9']);
    calls.speaking('call_7', ['part_1']);
    expect(session().said).toEqual(['part_9']);
  });

  test('who comes and goes is told', () => {
    calls.hear(call({ revision: 3, participants: [guest] }));
    expect(calls.news?.came).toEqual([{ kind: 'guest', name: null }]);
    expect(calls.met).toBe(true);
    calls.hear(call({ revision: 4 }));
    expect(calls.news?.went).toEqual([{ kind: 'guest', name: null }]);
  });

  test('the case’s new name is the call’s', () => {
    calls.apply('case_1', { at: NOON, event: { type: 'case.changed', field: 'name', name: 'Amina H.', version: 2 } });
    expect(calls.mine?.name).toBe('Amina H.');
  });

  test('leaving leaves it open for the others', async () => {
    await calls.leave();
    expect(calls.mine).toBeNull();
    expect(session().did).toContain('leave');
    expect(calls.open.of('case_1')).not.toBeNull();
    expect(calls.over).toBeNull();
  });

  test('ended by someone else, it says how long it was', () => {
    calls.hear(call({ revision: 9, ended_at: LATER }));
    expect(calls.mine).toBeNull();
    expect(calls.over).toEqual({ caseId: 'case_1', why: 'ended', lastedMs: 146_000 });
    expect(calls.open.of('case_1')).toBeNull();
  });

  test('the timeline alone ends it too, once', () => {
    const event = { type: 'call.ended', call_id: 'call_1', started_by: { id: 'op_me', name: '' }, duration_ms: 146_000 } as const;
    calls.apply('case_1', { at: LATER, event });
    expect(calls.over?.why).toBe('ended');
    calls.settle();
    calls.apply('case_1', { at: LATER, event });
    expect(calls.over).toBeNull();
  });

  test('put out of a call that goes on, one is told just that', () => {
    session().out();
    expect(calls.mine).toBeNull();
    expect(calls.over?.why).toBe('out');
    expect(calls.open.of('case_1')).not.toBeNull();
  });

  test('put out because the call is over, one is told that as soon as it is known', () => {
    session().out();
    const event = { type: 'call.ended', call_id: 'call_1', started_by: { id: 'op_me', name: '' }, duration_ms: 146_000 } as const;
    calls.apply('case_1', { at: LATER, event });
    expect(calls.over).toEqual({ caseId: 'case_1', why: 'ended', lastedMs: 146_000 });
  });

  test('a deleted case lets camera and microphone go at once', () => {
    calls.apply('case_1', { at: LATER, event: { type: 'case.deleted' } as LiveEvent['event'] });
    expect(session().phase).toBe('ended');
    expect(calls.mine).toBeNull();
    expect(calls.open.of('case_1')).toBeNull();
  });

  test('who ends it for everyone needs no word about it', async () => {
    await calls.end();
    expect(asked.at(-1)).toMatchObject({ method: 'POST', path: '/cases/case_1/calls/call_1/end' });
    expect(calls.mine).toBeNull();
    expect(calls.over).toBeNull();
    expect(session().phase).toBe('ended');
    expect(calls.open.of('case_1')).toBeNull();
  });

  test('an end that the server refuses changes nothing', async () => {
    answers['POST /cases/case_1/calls/call_1/end'] = problem(503, 'overloaded');
    await expect(calls.end()).rejects.toBeInstanceOf(Problem);
    expect(calls.mine).not.toBeNull();
    expect(session().phase).toBe('connected');
  });

  test('a greeting of the socket fetches what was missed', () => {
    calls.connected();
    expect(session().did).toContain('socketBack');
  });

  test('signing out closes it', () => {
    calls.stop();
    expect(calls.mine).toBeNull();
    expect(session().did).toContain('close');
  });
});

describe('after a reload', () => {
  const found = (change: Partial<Call> | null) => () =>
    Response.json({ id: 'case_1', name: 'Amina Haddad', call: change && call(change) } as Case);
  const next = () => new Calls({ me: 'op_me', load: () => load(), now: () => Date.parse(LATER) });

  beforeEach(async () => {
    await calls.start('case_1', 'Amina Haddad');
    calls.small = true;
    answers['GET /cases/case_1'] = found({});
  });

  test('the call goes on as it was', async () => {
    calls.leaving();
    const again = next();
    await again.resume();
    expect(again.mineIn('case_1')?.name).toBe('Amina Haddad');
    expect(again.small).toBe(true);
    expect(session().did).toEqual(['join']);
  });

  test('a copy of the tab does not take the place of its original', async () => {
    await next().resume();
    calls.leaving();
    calls.returned();
    await next().resume();
    expect(FakeSession.all).toHaveLength(1);
  });

  test('whoever left, or sees it in another window, is not taken back', async () => {
    session().phase = 'moved';
    calls.leaving();
    await next().resume();
    await calls.leave();
    expect(session().did).toEqual(['join', 'close']);
    calls.leaving();
    await next().resume();
    expect(FakeSession.all).toHaveLength(1);
  });

  test('a call that ended meanwhile is said to have ended', async () => {
    calls.leaving();
    answers['GET /cases/case_1'] = found(null);
    const again = next();
    await again.resume();
    expect(again.mine).toBeNull();
    expect(again.over).toEqual({ caseId: 'case_1', why: 'ended', lastedMs: null });
  });

  test('while nobody answers it is tried again with the next greeting', async () => {
    calls.leaving();
    delete answers['GET /cases/case_1'];
    const again = next();
    await again.resume();
    expect(again.mine).toBeNull();
    expect(again.problem).toBeNull();
    answers['GET /cases/case_1'] = found({});
    again.connected();
    await settle();
    await vi.waitFor(() => expect(again.mine).not.toBeNull());
  });
});

test('a call that the list knows no longer is over, and no other is asked for', () => {
  calls.hear(call());
  calls.learn([
    { id: 'case_1', in_call: false },
    { id: 'case_2', in_call: true },
  ]);
  expect(calls.open.of('case_1')).toBeNull();
  expect(asked).toEqual([]);
});
