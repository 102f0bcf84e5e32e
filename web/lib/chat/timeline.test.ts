import { flushSync } from 'svelte';
import { beforeEach, expect, test } from 'vitest';
import { TestClock } from '../../tests/support/clock.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import { Offline } from '../api/client.ts';
import type { Actor, Entry, EntryEvent } from '../api/types.ts';
import { Outbox } from './outbox.svelte.ts';
import { ROWS_MAX, Timeline, type Row, type TimelineOptions, type TimelineQuery } from './timeline.svelte.ts';

const GUEST: Actor = { kind: 'guest', id: null, name: null };
const MAREN: Actor = { kind: 'operator', id: 'op_maren', name: 'Maren Lindqvist' };
const JONAS: Actor = { kind: 'operator', id: 'op_jonas', name: 'Jonas Weber' };
const NOON = Date.parse('2026-03-12T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let entries: Entry[];
let queries: TimelineQuery[];
let reachable: boolean;

function said(number: number, actor: Actor = MAREN, at = NOON + number * MINUTE, key = ''): Entry {
  return { entry: number, at: new Date(at).toISOString(), actor, event: { type: 'message.sent', text: `words ${number}`, client_key: key }, merged_from: null };
}

function happened(number: number, event: EntryEvent, actor: Actor = MAREN): Entry {
  return { entry: number, at: new Date(NOON + number * MINUTE).toISOString(), actor, event, merged_from: null };
}

function timeline(options: Partial<TimelineOptions> = {}): Timeline {
  return new Timeline({
    load: async (query) => {
      queries.push(query);
      if (!reachable) throw new Offline();
      const { before = Infinity, after = 0, limit } = query;
      const found = entries.filter(({ entry }) => entry < before && entry > after);
      const page = query.after === undefined ? found.slice(-limit) : found.slice(0, limit);
      return {
        entries: page,
        has_before: page.length > 0 && entries.indexOf(page[0] as Entry) > 0,
        has_after: page.length > 0 && page.at(-1) !== entries.at(-1),
      };
    },
    own: (actor) => actor.kind === 'guest',
    reader: () => ({ locale: 'en-GB', timeZone: 'Europe/London' }),
    ...options,
  });
}

const numbers = (rows: Row[]): number[] => rows.flatMap((row) => (row.kind === 'entry' ? [row.entry.entry] : []));
const kinds = (rows: Row[]): string[] => rows.map((row) => row.kind);

beforeEach(() => {
  entries = [];
  queries = [];
  reachable = true;
});

test('opens with the newest page and goes up to the first entry', async () => {
  entries = Array.from({ length: 2_000 }, (_, i) => said(i + 1, i % 2 ? GUEST : MAREN));
  const chat = timeline();
  await chat.open();
  expect(numbers(chat.rows).at(-1)).toBe(2_000);
  expect(chat.atStart).toBe(false);
  for (let i = 0; i < 100 && !chat.atStart; i++) {
    await chat.up();
    expect(chat.rows.length).toBeLessThanOrEqual(ROWS_MAX);
  }
  expect(numbers(chat.rows)[0]).toBe(1);
  expect(chat.atEnd).toBe(false);
  expect(chat.entries).toHaveLength(2_000);
  for (let i = 0; i < 100 && !chat.atEnd; i++) {
    const before = numbers(chat.rows);
    chat.down();
    const after = numbers(chat.rows);
    expect(after.some((entry) => before.includes(entry))).toBe(true);
    expect(chat.rows.length).toBeLessThanOrEqual(ROWS_MAX);
  }
  expect(numbers(chat.rows).at(-1)).toBe(2_000);
});

test('draws every entry once on the way up, in order', async () => {
  entries = Array.from({ length: 700 }, (_, i) => said(i + 1));
  const chat = timeline();
  await chat.open();
  const seen = new Set(numbers(chat.rows));
  while (!chat.atStart) {
    await chat.up();
    const drawn = numbers(chat.rows);
    expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
    for (const entry of drawn) seen.add(entry);
  }
  expect(seen.size).toBe(700);
});

test('stays within the limit when every entry is of another day', async () => {
  entries = Array.from({ length: 600 }, (_, i) => said(i + 1, MAREN, NOON + i * DAY));
  const chat = timeline();
  await chat.open();
  while (!chat.atStart) {
    await chat.up();
    expect(chat.rows.length).toBeLessThanOrEqual(ROWS_MAX);
  }
  expect(numbers(chat.rows)[0]).toBe(1);
});

test('stays within the limit while messages keep coming', async () => {
  entries = [said(1)];
  const chat = timeline();
  await chat.open();
  for (let i = 2; i <= 500; i++) chat.apply(said(i));
  expect(chat.rows.length).toBeLessThanOrEqual(ROWS_MAX);
  expect(numbers(chat.rows).at(-1)).toBe(500);
});

test('ignores what it knows and puts what comes late in its place', async () => {
  entries = [said(1), said(4)];
  const chat = timeline();
  await chat.open();
  expect(chat.apply(said(4))).toBe(false);
  expect(chat.apply(said(6))).toBe(true);
  expect(chat.apply(said(5))).toBe(true);
  expect(numbers(chat.rows)).toEqual([1, 4, 5, 6]);
});

test('gaps between a guest’s entry numbers are nothing to wait for', async () => {
  entries = [said(1), said(3), said(7)];
  const chat = timeline();
  await chat.open();
  expect(chat.complete).toBe(7);
  expect(queries).toHaveLength(1);
});

test('catches up after a long gap without losing what came live meanwhile', async () => {
  entries = Array.from({ length: 10 }, (_, i) => said(i + 1));
  const chat = timeline();
  await chat.open();
  entries = Array.from({ length: 500 }, (_, i) => said(i + 1));
  const catching = chat.catchUp();
  entries.push(said(501));
  chat.apply(said(501));
  expect(chat.complete).toBe(10);
  await catching;
  expect(chat.complete).toBe(501);
  expect(chat.entries.map(({ entry }) => entry)).toEqual(entries.map(({ entry }) => entry));
});

test('goes on from the old place when catching up is cut off', async () => {
  entries = [said(1)];
  const chat = timeline();
  await chat.open();
  reachable = false;
  const catching = chat.catchUp();
  chat.apply(said(9));
  await catching;
  expect(chat.error).toBeInstanceOf(Offline);
  expect(chat.complete).toBe(1);
  reachable = true;
  entries = Array.from({ length: 9 }, (_, i) => said(i + 1));
  await chat.catchUp();
  expect(numbers(chat.rows)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('the answer to an own message does not hide what others wrote before it', async () => {
  entries = [said(1), said(2, GUEST)];
  const chat = timeline();
  await chat.open();
  // Back after a cut: entry 3 is Maren's and not here yet.
  chat.apply(said(4, GUEST));
  expect(chat.complete).toBe(2);
  chat.apply(said(3));
  chat.apply(said(4, GUEST));
  chat.apply(said(5));
  expect(chat.complete).toBe(5);
  expect(numbers(chat.rows)).toEqual([1, 2, 3, 4, 5]);
});

test('tries again by itself until nothing is missing, and shows nothing above a gap meanwhile', async () => {
  const clock = new TestClock();
  entries = [said(1)];
  const chat = timeline({ clock, random: () => 1 });
  await chat.open();
  reachable = false;
  entries = Array.from({ length: 9 }, (_, i) => said(i + 1));
  await chat.catchUp();
  chat.apply(said(9));
  expect(chat.apply(said(9))).toBe(false);
  expect(numbers(chat.rows)).toEqual([1]);
  expect([chat.behind, chat.seen]).toEqual([true, 1]);
  queries = [];
  await clock.pass(6_900);
  // After one, two and four seconds.
  expect(queries).toHaveLength(2);
  reachable = true;
  await clock.pass(100);
  expect(numbers(chat.rows)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([chat.behind, chat.seen, chat.complete]).toEqual([false, 9, 9]);
  expect(clock.waiting).toBe(0);
});

test('what was sent by oneself is shown even while something is missing before it', async () => {
  const clock = new TestClock();
  entries = [said(1)];
  const chat = timeline({ clock });
  await chat.open();
  reachable = false;
  await chat.catchUp();
  chat.apply(said(4, GUEST));
  expect(numbers(chat.rows)).toEqual([1, 4]);
  expect(chat.seen).toBe(1);
  chat.stop();
  expect(clock.waiting).toBe(0);
});

test('a gap that opens while another is closed is closed too', async () => {
  entries = [said(1)];
  let during = () => {};
  const chat = timeline({
    load: async ({ after = 0 }) => {
      const page = { entries: entries.filter(({ entry }) => entry > after), has_before: false, has_after: false };
      await Promise.resolve();
      during();
      return page;
    },
  });
  await chat.open();
  entries = [said(1), said(2)];
  during = () => {
    during = () => {};
    entries = [said(1), said(2), said(3)];
    void chat.catchUp();
  };
  await chat.catchUp();
  expect(numbers(chat.rows)).toEqual([1, 2, 3]);
});

test('opening anew leaves no gap to what was loaded before', async () => {
  entries = [said(1), said(2)];
  const chat = timeline();
  await chat.open();
  entries = Array.from({ length: 120 }, (_, i) => said(i + 1));
  await chat.open();
  while (!chat.atStart) await chat.up();
  expect(chat.entries.map(({ entry }) => entry)).toEqual(entries.map(({ entry }) => entry));
});

test('live entries do not hide a gap that could not be closed', async () => {
  entries = [said(1)];
  const chat = timeline();
  await chat.open();
  reachable = false;
  await chat.catchUp();
  chat.apply(said(9));
  expect(chat.complete).toBe(1);
});

test('begins a day where the reader’s day begins', async () => {
  entries = [said(1, MAREN, Date.parse('2026-03-11T22:30:00Z')), said(2, MAREN, Date.parse('2026-03-11T23:30:00Z')), said(3, MAREN, NOON)];
  const london = timeline();
  await london.open();
  expect(kinds(london.rows)).toEqual(['day', 'entry', 'entry', 'day', 'entry']);
  const berlin = timeline({ reader: () => ({ locale: 'de', timeZone: 'Europe/Berlin' }) });
  await berlin.open();
  expect(kinds(berlin.rows)).toEqual(['day', 'entry', 'day', 'entry', 'entry']);
});

test('a clock that went back does not begin a day twice', async () => {
  entries = [said(1, MAREN, NOON - DAY), said(2, MAREN, NOON), said(3, MAREN, NOON - DAY), said(4, MAREN, NOON)];
  const chat = timeline();
  await chat.open();
  const keys = chat.rows.map((row) => row.key);
  expect(new Set(keys).size).toBe(keys.length);
});

test('messages of one sender stand together, names and times below the last', async () => {
  entries = [said(1, MAREN), said(2, MAREN), said(3, JONAS), happened(4, { type: 'case.reopened' }), said(5, JONAS), said(6, JONAS, NOON + 60 * MINUTE)];
  const chat = timeline();
  await chat.open();
  const together = chat.rows.flatMap((row) => (row.kind === 'entry' ? [[row.entry.entry, row.follows, row.last]] : []));
  expect(together).toEqual([
    [1, false, false],
    [2, true, true],
    [3, false, true],
    [4, false, true],
    [5, false, true],
    [6, false, true],
  ]);
});

test('the line "New" stands above the first unread message of someone else', async () => {
  entries = [said(1), said(2, GUEST), happened(3, { type: 'operator.joined', operator: { id: 'op_jonas', name: 'Jonas' }, claimed: false }), said(4), said(5)];
  const chat = timeline();
  await chat.open(2, 5);
  expect(kinds(chat.rows)).toEqual(['day', 'entry', 'entry', 'entry', 'new', 'entry', 'entry']);
  chat.apply(said(6, GUEST));
  expect(kinds(chat.rows)).not.toContain('new');
});

test('loads as far as the first unread message', async () => {
  entries = Array.from({ length: 400 }, (_, i) => said(i + 1));
  const chat = timeline();
  await chat.open(270, 400);
  expect(chat.newFrom).toBe(271);
  expect(kinds(chat.rows)).toContain('new');
});

test('the line "New" moves up to what older pages bring', async () => {
  entries = Array.from({ length: 400 }, (_, i) => said(i + 1));
  const chat = timeline();
  await chat.open(120, 400);
  expect(chat.newFrom).toBe(201);
  while (!chat.atStart) await chat.up();
  expect(chat.newFrom).toBe(121);
});

test('nothing is new to someone who was never here', async () => {
  entries = [said(1), said(2)];
  const chat = timeline();
  await chat.open(0, 2);
  expect(chat.newFrom).toBeNull();
});

test('counts what comes while nobody looks, and the line moves to the first of it', async () => {
  entries = [said(1)];
  const chat = timeline();
  await chat.open(1, 1);
  chat.setReading(true);
  chat.apply(said(2));
  expect([chat.unseen, chat.newFrom]).toEqual([0, null]);
  chat.setReading(false);
  chat.apply(said(3));
  chat.apply(said(4));
  expect([chat.unseen, chat.newFrom]).toEqual([2, 3]);
  chat.setReading(true);
  expect([chat.unseen, chat.newFrom]).toEqual([0, 3]);
  chat.setReading(false);
  chat.apply(said(5));
  expect([chat.unseen, chat.newFrom]).toEqual([1, 5]);
});

test('own messages are read as far as the other side has read', async () => {
  entries = [said(1, GUEST), said(2, MAREN), said(3, GUEST)];
  const chat = timeline();
  await chat.open();
  chat.markOthersRead(2);
  chat.markOthersRead(1);
  expect(chat.rows.flatMap((row) => (row.kind === 'entry' ? [row.read] : []))).toEqual([true, false, false]);
});

test('rows that did not change are the same objects', async () => {
  entries = [said(1, MAREN), said(2, GUEST)];
  const chat = timeline();
  await chat.open();
  const before = chat.rows;
  chat.apply(said(3, MAREN));
  expect(chat.rows.slice(0, 3)).toEqual(before);
  expect(chat.rows[1]).toBe(before[1]);
});

test('own unsent messages stand at the end and keep their place when they arrive', async () => {
  let answer: (entry: Entry) => void = () => {};
  const outbox = new Outbox({
    scope: 'case_1/guest',
    send: () => new Promise<Entry>((resolve) => (answer = resolve)),
    onSent: (entry) => chat.apply(entry),
    storage: new TestStorage(),
    clock: new TestClock(),
    target: null,
    exclusively: (_, act) => act(),
  });
  entries = [said(1)];
  const chat: Timeline = timeline({ outbox });
  await chat.open();
  outbox.start();
  const { key } = outbox.add('mine');
  expect(chat.rows.at(-1)).toMatchObject({ kind: 'pending', key: `own:${key}`, item: { text: 'mine' } });
  chat.apply(said(2, MAREN));
  answer(said(3, GUEST, NOON, key));
  await new Promise((resolve) => setImmediate(resolve));
  flushSync();
  expect(chat.rows.map((row) => row.key).slice(-2)).toEqual(['entry:2', `own:${key}`]);
  expect(chat.rows.at(-1)?.kind).toBe('entry');
  expect(outbox.items).toEqual([]);
});

test('an event that comes before the answer leaves one message, not two', async () => {
  const outbox = new Outbox({
    scope: 'case_1/guest',
    send: () => new Promise<Entry>(() => {}),
    storage: new TestStorage(),
    clock: new TestClock(),
    target: null,
    exclusively: (_, act) => act(),
  });
  const chat = timeline({ outbox });
  await chat.open();
  outbox.start();
  const { key } = outbox.add('mine');
  chat.apply(said(1, GUEST, NOON, key));
  expect(kinds(chat.rows)).toEqual(['day', 'entry']);
});

test('a page that cannot be loaded says so and can be asked for again', async () => {
  entries = Array.from({ length: 120 }, (_, i) => said(i + 1));
  const chat = timeline();
  await chat.open();
  reachable = false;
  await chat.up();
  expect(chat.error).toBeInstanceOf(Offline);
  reachable = true;
  await chat.up();
  expect(chat.error).toBeNull();
  expect(numbers(chat.rows)[0]).toBe(21);
});

test('goes to any entry, however far back, and draws what stands around it', async () => {
  entries = Array.from({ length: 900 }, (_, i) => said(i + 1));
  const chat = timeline();
  await chat.open();
  expect(await chat.goTo(120)).toBe(true);
  flushSync();
  const drawn = numbers(chat.rows);
  expect(drawn).toContain(120);
  expect(drawn).not.toContain(900);
  expect(chat.rows.length).toBeLessThanOrEqual(ROWS_MAX);
  expect(await chat.goTo(5_000)).toBe(false);
  reachable = false;
  expect(await chat.goTo(3)).toBe(false);
});

test('words to the team do not stand together with words to the customer', async () => {
  const secret: Entry = { ...said(2), event: { type: 'message.internal', text: 'Only us', mentions: [], client_key: null } };
  entries = [said(1), secret, said(3)];
  const chat = timeline();
  await chat.open();
  expect(chat.rows.flatMap((row) => (row.kind === 'entry' ? [row.follows] : []))).toEqual([false, false, false]);
});

test('what came from a merged case has days of its own, which say from where', async () => {
  const old = { ...said(3, MAREN, NOON - 3 * DAY), merged_from: 15 };
  entries = [said(1), happened(2, { type: 'case.merged', number: 15, name: 'A. Haddad', entries: 1, into: 'case_1', operator_ids: [], queued: false } as unknown as EntryEvent), old, said(4)];
  const chat = timeline();
  await chat.open();
  expect(chat.rows.flatMap((row) => (row.kind === 'day' ? [row.from] : []))).toEqual([null, 15, null]);
  expect(new Set(chat.rows.map(({ key }) => key)).size).toBe(chat.rows.length);
});
