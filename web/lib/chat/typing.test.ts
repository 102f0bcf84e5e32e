import { beforeEach, describe, expect, test } from 'vitest';
import { TestClock } from '../../tests/support/clock.ts';
import type { Actor } from '../api/types.ts';
import { ReadReporter } from './reads.ts';
import { Typing, TypingTeller } from './typing.svelte.ts';

const MAREN: Actor = { kind: 'operator', id: 'op_maren', name: 'Maren' };
const JONAS: Actor = { kind: 'operator', id: 'op_jonas', name: 'Jonas' };

let clock: TestClock;
beforeEach(() => {
  clock = new TestClock();
});

describe('who is typing', () => {
  test('is believed for six seconds after the last word of it', async () => {
    const typing = new Typing(clock);
    typing.hear(MAREN, true);
    await clock.pass(4_000);
    typing.hear(MAREN, true);
    typing.hear(JONAS, true);
    await clock.pass(5_999);
    expect(typing.actors).toEqual([MAREN, JONAS]);
    await clock.pass(1);
    expect(typing.actors).toEqual([]);
  });

  test('ends at once when told so', () => {
    const typing = new Typing(clock);
    typing.hear(MAREN, true);
    typing.hear(JONAS, true);
    typing.hear(MAREN, false);
    expect(typing.actors).toEqual([JONAS]);
    typing.clear();
    expect(clock.waiting).toBe(0);
  });
});

describe('one’s own typing', () => {
  test('is told every three seconds while it lasts, and its end once', async () => {
    const told: boolean[] = [];
    const teller = new TypingTeller((typing) => told.push(typing), clock);
    for (let i = 0; i < 7; i++) {
      teller.typed('words');
      await clock.pass(1_000);
    }
    expect(told).toEqual([true, true, true]);
    await clock.pass(5_000);
    expect(told).toEqual([true, true, true, false]);
    teller.stop();
    expect(told).toHaveLength(4);
  });

  test('an empty field is not typing', () => {
    const told: boolean[] = [];
    const teller = new TypingTeller((typing) => told.push(typing), clock);
    teller.typed('  ');
    teller.typed('w');
    teller.typed('');
    expect(told).toEqual([true, false]);
  });
});

describe('read marks', () => {
  test('are told forward only, many at once', async () => {
    const told: number[] = [];
    const reads = new ReadReporter(async (entry) => void told.push(entry), 3, clock);
    for (const entry of [2, 3, 4, 5, 6]) reads.report(entry);
    await clock.pass(1_000);
    expect(told).toEqual([6]);
    reads.report(5);
    await clock.pass(1_000);
    expect(told).toEqual([6]);
  });

  test('that could not be told go along with the next', async () => {
    const told: number[] = [];
    let reachable = false;
    const reads = new ReadReporter(async (entry) => {
      if (!reachable) throw new Error('away');
      told.push(entry);
    }, 0, clock);
    reads.report(4);
    await clock.pass(1_000);
    reachable = true;
    reads.report(4);
    await clock.pass(1_000);
    expect(told).toEqual([4]);
  });
});
