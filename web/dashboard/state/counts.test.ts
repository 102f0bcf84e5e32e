import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CaseCounts } from '../../lib/api/types.ts';
import { settle, TestClock } from '../../tests/support/clock.ts';
import { Counts } from './counts.svelte.ts';

const none = { count: 0, more: false };
const counted = (unread: number): CaseCounts => ({ queue: none, active_mine: none, unread_cases_mine: { count: unread, more: false }, attention: none, snoozed: none });

/** Questions that wait for the test to answer them, the oldest first. */
let open: { give: (unread: number) => void; fail: () => void }[];
let counts: Counts;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  open = [];
  vi.stubGlobal(
    'fetch',
    () => new Promise<Response>((resolve, reject) => open.push({ give: (unread) => resolve(Response.json(counted(unread))), fail: () => reject(new TypeError('Failed to fetch')) })),
  );
  counts = new Counts();
});

afterEach(() => {
  counts.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('many wishes at once are one question, and the next comes no sooner than may be', async () => {
  for (let i = 0; i < 5; i++) counts.soon();
  await vi.advanceTimersByTimeAsync(200);
  expect(open).toHaveLength(1);
  open[0]?.give(1);
  await settle();
  expect(counts.unread.count).toBe(1);
  counts.soon();
  await vi.advanceTimersByTimeAsync(1_500);
  expect(open).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(open).toHaveLength(2);
});

test('an answer that another one has overtaken is dropped', async () => {
  const first = counts.load();
  const second = counts.load();
  open[1]?.give(2);
  open[0]?.give(7);
  await Promise.all([first, second]);
  expect(counts.unread.count).toBe(2);
});

test('a failed question leaves the numbers and is asked again', async () => {
  const first = counts.load();
  open[0]?.give(3);
  await first;
  const second = counts.load();
  open[1]?.fail();
  await second;
  expect(counts.unread.count).toBe(3);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(open).toHaveLength(3);
});

test('nothing is asked after the desk was left', async () => {
  counts.soon();
  counts.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(open).toEqual([]);
});

describe('between two answers', () => {
  let clock: TestClock;
  let reading: boolean;

  beforeEach(async () => {
    clock = new TestClock();
    reading = false;
    counts = new Counts(() => reading, clock);
    const first = counts.load();
    open[0]?.give(3);
    await first;
  });

  test('the number follows the rows at once, and the server puts it right', async () => {
    counts.change(1);
    expect(counts.unread.count).toBe(4);
    counts.change(-1);
    counts.change(-1);
    expect(counts.unread.count).toBe(2);
    await clock.pass(2_000);
    open[1]?.give(7);
    await settle();
    expect(counts.unread.count).toBe(7);
  });

  test('what is being read does not count, and goes on not to when it has been', async () => {
    reading = true;
    counts.change(1);
    expect(counts.unread.count).toBe(3);
    // The server answers before it has heard of the reading.
    await clock.pass(2_000);
    open[1]?.give(4);
    await settle();
    expect(counts.unread.count).toBe(3);
    reading = false;
    counts.change(-1);
    expect(counts.unread.count).toBe(3);
  });

  test('an answer from before a change does not undo it, and is asked for again', async () => {
    counts.soon();
    await clock.pass(2_000);
    counts.change(-1);
    open[1]?.give(3);
    await settle();
    expect(counts.unread.count).toBe(2);
    await clock.pass(2_000);
    open[2]?.give(2);
    await settle();
    expect(counts.unread.count).toBe(2);
    expect(open).toHaveLength(3);
  });
});
