import { beforeEach, expect, test } from 'vitest';
import { TestClock } from '../../tests/support/clock.ts';
import { Ahead } from '../shell/keys.svelte.ts';
import { WRITE_AHEAD_MS, WriteAhead } from './write-ahead.ts';

let clock: TestClock;
let letters: Ahead;
let writing: WriteAhead;

beforeEach(() => {
  clock = new TestClock();
  letters = new Ahead();
  writing = new WriteAhead(letters, clock);
});

test('what is typed while the case comes is for its message, once', () => {
  expect(writing.take()).toBeNull();
  writing.ask();
  writing.ask();
  for (const letter of 'We') expect(letters.keep(letter)).toBe(true);
  expect(writing.take()).toBe('We');
  expect(letters.keep('e')).toBe(false);
  expect(writing.take()).toBeNull();
  expect(clock.waiting).toBe(0);
});

test('only asked for, the message has nothing to begin with', () => {
  writing.ask();
  expect(writing.take()).toBe('');
});

test('a case that does not come is not waited for', async () => {
  writing.ask();
  letters.keep('W');
  await clock.pass(WRITE_AHEAD_MS);
  expect(letters.keep('e')).toBe(false);
  expect(writing.take()).toBeNull();
});

test('a case that was left takes no letters', () => {
  writing.ask();
  writing.drop();
  expect(letters.keep('e')).toBe(false);
  expect(clock.waiting).toBe(0);
});
