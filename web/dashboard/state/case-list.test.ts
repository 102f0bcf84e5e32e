import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Actor, Case, CaseRow, Event, LiveEvent } from '../../lib/api/types.ts';
import { settle } from '../../tests/support/clock.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import { MY_ACTIVE, QUEUE, viewOf, type CaseFilter } from './case-filter.ts';
import { CaseList } from './case-list.svelte.ts';

const ME = 'op_me';
const I: Actor = { kind: 'operator', id: ME, name: 'Maren Lindqvist' };
const IFEOMA: Actor = { kind: 'operator', id: 'op_ifeoma', name: 'Ifeoma Okafor' };
const GUEST: Actor = { kind: 'guest', id: null, name: null };

/** The server's cases; lists are cut out of them as it does. */
let cases: CaseRow[];
let asked: string[];
/** Answers wait for this, where a test holds them back. */
let gate: Promise<void>;
let offline: boolean;
/** Who has the case that the reader tries to take. */
let takenBy: string | null;
let list: CaseList;

const at = (minute: number) => new Date(Date.UTC(2026, 2, 12, 10, minute)).toISOString();

function make(number: number, change: Partial<CaseRow> = {}): CaseRow {
  return {
    id: `case_${String(number).padStart(4, '0')}`,
    number,
    name: `Case ${number}`,
    status: 'active',
    origin: 'manual',
    guest_online: false,
    unread: 0,
    joined: true,
    in_call: false,
    operator_ids: [ME],
    last_entry: 2,
    last_activity_at: at(number),
    waiting_since: null,
    attention: null,
    snoozed_until: null,
    tags: [],
    snippet: null,
    ...change,
  };
}

const waiting = (number: number) => make(number, { status: 'awaiting', waiting_since: at(number), joined: false, operator_ids: [] });
const colleagues = (number: number) => make(number, { joined: false, operator_ids: ['op_ifeoma'] });

function page(url: URL): { items: CaseRow[]; next: string | null } {
  const query = url.searchParams;
  const status = query.get('status');
  const operator = query.get('operator') === 'me' ? ME : query.get('operator');
  const tags = query.get('tags')?.split(',') ?? [];
  const fits = (row: CaseRow) => {
    if (query.get('view') === 'attention') return row.attention !== null;
    if (query.get('view') === 'snoozed') return row.snoozed_until !== null;
    if (status !== 'all' && row.status !== status) return false;
    if (status === 'active' && operator === ME && row.snoozed_until !== null) return false;
    return (operator === 'everyone' || row.operator_ids.includes(operator ?? '')) && tags.every((id) => row.tags.some((tag) => tag.id === id));
  };
  const limit = Number(query.get('limit'));
  const from = Number(query.get('cursor') ?? 0);
  const found = cases
    .filter(fits)
    .sort((a, b) => (status === 'awaiting' ? 1 : -1) * a.last_activity_at.localeCompare(b.last_activity_at));
  return { items: found.slice(from, from + limit), next: from + limit < found.length ? String(from + limit) : null };
}

const whole = (row: CaseRow) =>
  ({
    ...row,
    operators: row.operator_ids.map((id) => ({ id, name: id })),
    mine: { joined: row.joined, read_entry: 0, unread: row.unread, draft: null, attention: row.attention, snoozed_until: row.snoozed_until },
    call: null,
  }) as unknown as Case;

beforeEach(() => {
  asked = [];
  offline = false;
  takenBy = null;
  gate = Promise.resolve();
  vi.stubGlobal('localStorage', new TestStorage());
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const url = new URL(path.replace('/api/v1', ''), 'http://desk');
    asked.push(`${init.method} ${url.pathname}${url.search}`);
    if (offline) throw new TypeError('Failed to fetch');
    if (takenBy && url.pathname.endsWith('/claim')) return Response.json({ code: 'case_taken', taken_by: { id: takenBy, name: takenBy } }, { status: 409 });
    const answer = url.pathname === '/cases' ? page(url) : cases.find((row) => url.pathname.startsWith(`/cases/${row.id}`));
    const body = JSON.stringify(answer && 'items' in answer ? answer : answer && whole(answer));
    await gate;
    return answer ? new Response(body, { headers: { 'content-type': 'application/json' } }) : Response.json({ code: 'not_found' }, { status: 404 });
  });
});

afterEach(() => {
  list.stop();
  vi.unstubAllGlobals();
});

async function open(...rows: CaseRow[]): Promise<void> {
  cases = rows;
  list = new CaseList({ me: ME });
  await list.load();
  asked = [];
}

const unread = () => list.rows.reduce((sum, row) => sum + row.unread, 0);
const filter = (change: Partial<CaseFilter>): CaseFilter => ({ ...MY_ACTIVE, ...change });
const names = (rows: CaseRow[]) => rows.map((row) => row.number);
const tell = (number: number, event: Event, entry: number | null = 3, actor: Actor = GUEST, minute = 59) =>
  list.apply({ case_id: make(number).id, entry, at: at(minute), actor, event, merged_from: null } satisfies LiveEvent);
const said = (text: string): Event => ({ type: 'message.sent', text, client_key: 'k' });
const joined = (id: string): Event => ({ type: 'operator.joined', operator: { id, name: id }, claimed: false });

describe('order and membership', () => {
  test('the newest activity comes first, the longest wait comes first', async () => {
    await open(make(1), make(3), make(2), waiting(5), waiting(4));
    expect(names(list.rows)).toEqual([3, 2, 1]);
    expect(names(list.queue)).toEqual([4, 5]);
  });

  test('a message moves its case to the top and counts as unread', async () => {
    await open(make(1), make(2), make(3));
    tell(1, said('Hello'));
    expect(names(list.rows)).toEqual([1, 3, 2]);
    expect(unread()).toBe(1);
    expect(asked).toEqual([]);
  });

  test('a completed case leaves the list, and comes back when it is opened again', async () => {
    await open(make(1), make(2));
    tell(1, { type: 'case.completed' }, 3, I);
    expect(names(list.rows)).toEqual([2]);
    tell(1, { type: 'case.reopened' }, 4, I);
    expect(names(list.rows)).toEqual([1, 2]);
  });

  test('taking a case moves it from the queue into the list', async () => {
    await open(make(1), waiting(2));
    cases[1] = { ...make(2), last_entry: 3, last_activity_at: at(59) };
    await list.claim(make(2).id);
    expect(asked[0]).toBe(`POST /cases/${make(2).id}/claim`);
    expect(names(list.queue)).toEqual([]);
    expect(names(list.rows)).toEqual([2, 1]);
  });

  test('a case that the reader has from another window is taken', async () => {
    await open(make(1), waiting(2));
    cases[1] = { ...make(2), last_entry: 3, last_activity_at: at(59) };
    takenBy = ME;
    await list.claim(make(2).id);
    await settle();
    expect(names(list.queue)).toEqual([]);
    expect(names(list.rows)).toEqual([2, 1]);
    takenBy = 'op_ifeoma';
    await expect(list.claim(make(1).id)).rejects.toMatchObject({ code: 'case_taken' });
  });

  test('a case a colleague takes leaves the queue', async () => {
    await open(waiting(1), waiting(2));
    tell(1, joined('op_ifeoma'), 3, IFEOMA);
    expect(names(list.queue)).toEqual([2]);
    expect(names(list.rows)).toEqual([]);
  });

  test('the last to leave puts it into the queue, behind those who wait longer', async () => {
    await open(make(1), waiting(2));
    tell(1, { type: 'operator.left', operator: { id: ME, name: 'Maren' }, queued: true }, 3, I);
    expect(names(list.rows)).toEqual([]);
    expect(names(list.queue)).toEqual([2, 1]);
  });

  test('a deleted case is gone, and no late answer brings it back', async () => {
    await open(make(1), make(2));
    tell(1, { type: 'case.deleted', operator_ids: [ME], queued: false }, null, IFEOMA);
    expect(names(list.rows)).toEqual([2]);
    list.take(whole(make(1)));
    await list.load();
    expect(names(list.rows)).toEqual([2]);
  });

  test('a new name is shown at once', async () => {
    await open(make(1));
    tell(1, { type: 'case.changed', field: 'name', version: 2, name: 'Amina Haddad' }, null, IFEOMA);
    expect(list.rows[0]?.name).toBe('Amina Haddad');
  });
});

describe('cases not seen yet', () => {
  test('one that a colleague adds the reader to is asked for', async () => {
    await open(make(1));
    cases.push({ ...make(9), last_entry: 3, last_activity_at: at(59) });
    tell(9, joined(ME), 3, IFEOMA);
    await vi.waitFor(() => expect(names(list.rows)).toEqual([9, 1]));
    expect(asked).toEqual([`GET /cases/${make(9).id}`]);
  });

  test('a message elsewhere asks for nothing while all of the own cases are here', async () => {
    await open(make(1));
    tell(9, said('Not yours'), 7, GUEST);
    await settle();
    expect(asked).toEqual([]);
  });

  test('a message in a case beyond the loaded part brings it to the top, with its words', async () => {
    await open(...Array.from({ length: 60 }, (_, number) => make(number, { last_activity_at: new Date(number * 1000).toISOString() })));
    expect(list.rows).toHaveLength(50);
    cases[0] = { ...make(0), last_entry: 3, last_activity_at: at(59), unread: 1 };
    tell(0, said('I am back'), 3);
    await vi.waitFor(() => expect(list.rows[0]).toMatchObject({ number: 0, unread: 1, snippet: { text: 'I am back' } }));
  });

  test('very many at once are one load', async () => {
    await open(make(1));
    for (let number = 100; number < 140; number++) {
      cases.push(waiting(number));
      tell(number, { type: 'case.created', origin: 'api' }, 1, { kind: 'system', id: null, name: null });
    }
    await vi.waitFor(() => expect(list.queue).toHaveLength(40));
    expect(asked.filter((path) => path.startsWith('GET /cases/case_')).length).toBeLessThanOrEqual(1);
  });

  test('what could not be asked for is asked for when the server is back', async () => {
    await open(make(1));
    offline = true;
    tell(9, joined(ME), 3, IFEOMA);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    await settle();
    offline = false;
    cases.push({ ...make(9), last_entry: 3 });
    list.wake();
    await vi.waitFor(() => expect(names(list.rows)).toContain(9));
  });
});

describe('loading', () => {
  test('pages follow each other, without gaps and without doubles', async () => {
    await open(...Array.from({ length: 120 }, (_, number) => make(number, { last_activity_at: new Date(number * 1000).toISOString() })));
    expect(list.rows).toHaveLength(50);
    expect(list.hasMore).toBe(true);
    await list.more();
    await list.more();
    expect(names(list.rows)).toEqual(Array.from({ length: 120 }, (_, index) => 119 - index));
    expect(list.hasMore).toBe(false);
  });

  test('a known case below the loaded part is not shown where there may be gaps', async () => {
    await open(...Array.from({ length: 60 }, (_, number) => make(number, { last_activity_at: new Date(number * 1000).toISOString() })));
    list.take(whole(make(0, { last_activity_at: new Date(0).toISOString() })));
    expect(list.rows).toHaveLength(50);
  });

  test('an event during a load is not undone by its older answer', async () => {
    await open(make(1), make(2));
    let free = () => {};
    gate = new Promise((resolve) => (free = resolve));
    const load = list.load();
    await settle();
    tell(1, said('While you were loading'), 3);
    free();
    await load;
    expect(names(list.rows)).toEqual([1, 2]);
    expect(unread()).toBe(1);
  });

  test('an event that the answer holds already counts once', async () => {
    await open(make(1));
    cases[0] = make(1, { unread: 1, last_entry: 3 });
    const load = list.load();
    tell(1, said('Hello'), 3);
    await load;
    expect(unread()).toBe(1);
  });

  test('a failed load leaves the rows and says why', async () => {
    await open(make(1));
    offline = true;
    await list.load();
    expect(names(list.rows)).toEqual([1]);
    expect(list.error).toMatchObject({ name: 'Offline' });
    offline = false;
    list.wake();
    await vi.waitFor(() => expect(list.error).toBeNull());
  });

  test('a failed load is tried again by itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      offline = true;
      await open(make(1));
      expect(list.loaded).toBe(false);
      offline = false;
      await vi.advanceTimersByTimeAsync(5_000);
      await settle();
      expect(names(list.rows)).toEqual([1]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the next page', () => {
  test('of the queue does not wait for that of the list', async () => {
    await open(...Array.from({ length: 60 }, (_, i) => make(i + 1)), ...Array.from({ length: 60 }, (_, i) => waiting(i + 101)));
    let release = () => {};
    gate = new Promise((resolve) => (release = resolve));
    const main = list.more();
    expect([list.loadingMore, list.queueLoadingMore]).toEqual([true, false]);
    const queue = list.moreQueue();
    expect(list.queueLoadingMore).toBe(true);
    release();
    await Promise.all([main, queue]);
    expect([list.loadingMore, list.queueLoadingMore]).toEqual([false, false]);
    expect(list.rows).toHaveLength(60);
    expect(list.queue).toHaveLength(60);
  });
});

describe('the filter', () => {
  test('shows other cases and is remembered', async () => {
    await open(make(1), colleagues(2), make(3, { status: 'completed' }));
    await list.choose(filter({ status: 'all', operator: 'op_ifeoma' }));
    expect(names(list.rows)).toEqual([2]);
    await list.choose(filter({ status: 'completed', operator: 'everyone' }));
    expect(names(list.rows)).toEqual([3]);
    expect(new CaseList({ me: ME }).filter).toEqual(filter({ status: 'completed', operator: 'everyone' }));
    expect(new CaseList({ me: 'op_other' }).filter).toEqual(MY_ACTIVE);
    expect(new CaseList({ me: ME, filter: QUEUE }).filter).toEqual(QUEUE);
  });

  test('waiting cases belong to everyone', async () => {
    await open(waiting(1));
    await list.choose(filter({ status: 'awaiting' }));
    expect(list.filter).toEqual(QUEUE);
    expect(names(list.rows)).toEqual([1]);
  });

  test('nothing of the old choice is shown under the new one', async () => {
    await open(make(1), make(2, { status: 'completed' }));
    const chosen = list.choose(filter({ status: 'completed' }));
    expect(list.rows).toEqual([]);
    expect(list.loaded).toBe(false);
    await chosen;
    expect(names(list.rows)).toEqual([2]);
  });

  test('the answer to an older choice is dropped', async () => {
    await open(make(1), make(2, { status: 'completed' }), make(3, { status: 'completed', operator_ids: ['op_ifeoma'], joined: false }));
    const first = list.choose(filter({ status: 'completed', operator: 'everyone' }));
    const second = list.choose(filter({ status: 'completed' }));
    await Promise.all([first, second]);
    expect(names(list.rows)).toEqual([2]);
  });

  test('by tags shows the cases that carry all of them, and follows live', async () => {
    const grant = { id: 'tag_grant', name: 'Grant' };
    const heat = { id: 'tag_heat', name: 'Heat pump' };
    await open(make(1, { tags: [grant, heat] }), make(2, { tags: [grant] }), make(3));
    await list.choose(filter({ tags: [heat.id, grant.id] }));
    expect(asked.at(0)).toContain('tags=tag_grant,tag_heat');
    expect(names(list.rows)).toEqual([1]);
    cases[1] = make(2, { tags: [grant, heat] });
    tell(2, { type: 'case.tagged', tag: heat }, null, IFEOMA);
    await vi.waitFor(() => expect(names(list.rows)).toEqual([2, 1]));
    tell(1, { type: 'case.untagged', tag: grant }, null, IFEOMA);
    expect(names(list.rows)).toEqual([2]);
  });

  test('renamed and deleted tags are followed', async () => {
    await open(make(1, { tags: [{ id: 'tag_a', name: 'A' }, { id: 'tag_b', name: 'B' }] }));
    list.followTags((id) => (id === 'tag_a' ? { id, name: 'Grant' } : undefined));
    expect(list.rows[0]?.tags).toEqual([{ id: 'tag_a', name: 'Grant' }]);
  });
});

describe('what is put off', () => {
  const NEVER = '2999-01-01T00:00:00.000Z';

  test('leaves the own active cases, stands among the snoozed, and comes back', async () => {
    await open(make(1), make(2));
    tell(1, { type: 'case.snoozed', operator_id: ME, until: NEVER }, null, I);
    expect(names(list.rows)).toEqual([2]);
    cases[0] = make(1, { snoozed_until: NEVER });
    await list.choose(viewOf('snoozed'));
    expect(names(list.rows)).toEqual([1]);
    await list.choose(MY_ACTIVE);
    cases[0] = make(1, { attention: 'woke' });
    tell(1, { type: 'case.woke', operator_id: ME }, null, { kind: 'system', id: null, name: null });
    await vi.waitFor(() => expect(list.row(make(1).id)).toMatchObject({ snoozed_until: null, attention: 'woke' }));
    expect(names(list.rows)).toEqual([2, 1]);
  });

  test('by a colleague stays where it is for the reader', async () => {
    await open(make(1));
    tell(1, { type: 'case.snoozed', operator_id: 'op_ifeoma', until: NEVER }, null, IFEOMA);
    expect(names(list.rows)).toEqual([1]);
  });
});

describe('what calls for the reader', () => {
  test('stands in its own view until it is read to the end', async () => {
    await open(colleagues(1));
    await list.choose(viewOf('attention'));
    expect(names(list.rows)).toEqual([]);
    cases[0] = { ...colleagues(1), attention: 'mention' };
    tell(1, { type: 'case.attention', operator_id: ME, reason: 'mention' }, null, IFEOMA);
    await vi.waitFor(() => expect(names(list.rows)).toEqual([1]));
    tell(1, { type: 'case.read', entry: 2 }, null, I);
    expect(names(list.rows)).toEqual([]);
  });

  test('calls for nobody else', async () => {
    await open(make(1));
    await list.choose(viewOf('attention'));
    asked = [];
    tell(9, { type: 'case.attention', operator_id: 'op_ifeoma', reason: 'added' }, null, IFEOMA);
    await settle();
    expect(asked).toEqual([]);
  });
});

describe('sight', () => {
  test('of a case that is lost takes its row, also out of an answer on its way', async () => {
    await open(make(1), make(2));
    let free = () => {};
    gate = new Promise((resolve) => (free = resolve));
    const load = list.load();
    await settle();
    list.hide(make(1).id);
    expect(names(list.rows)).toEqual([2]);
    free();
    await load;
    expect(names(list.rows)).toEqual([2]);
  });

  test('of a case that is gained asks for it', async () => {
    await open(make(1));
    cases.push(make(5));
    list.show(make(5).id);
    await vi.waitFor(() => expect(names(list.rows)).toEqual([5, 1]));
  });

  test('that changed altogether forgets everything at once', async () => {
    await open(make(1), waiting(2));
    list.reset();
    expect([list.rows, list.queue, list.loaded]).toEqual([[], [], false]);
    await list.load();
    expect(names(list.rows)).toEqual([1]);
  });
});

test('reading in another tab takes the count away', async () => {
  await open(make(1, { unread: 2 }));
  tell(1, said('third'), 3);
  tell(1, { type: 'case.read', entry: 3 }, null, I);
  expect(unread()).toBe(0);
});

test('what only the server can count is asked for', async () => {
  await open(make(1, { unread: 2, last_entry: 9 }));
  cases[0] = make(1, { unread: 1, last_entry: 9 });
  tell(1, { type: 'case.read', entry: 8 }, null, I);
  await vi.waitFor(() => expect(unread()).toBe(1));
});

test('walking from case to case', async () => {
  await open(make(1), make(2), make(3));
  expect(list.beside(null, 1)?.number).toBe(3);
  expect(list.beside(null, -1)?.number).toBe(1);
  expect(list.beside(make(2).id, 1)?.number).toBe(1);
  expect(list.beside(make(1).id, 1)).toBeUndefined();
});
