import { beforeEach, expect, test } from 'vitest';
import { TestClock } from '../../tests/support/clock.ts';
import { AT_KEYS_MS, Hand, WRITING_ON_MS, type Place } from './hand.ts';

let clock: TestClock;
let hand: Hand;

beforeEach(() => {
  clock = new TestClock();
  hand = new Hand(clock);
});

const press = (key: string, place: Place = 'elsewhere', ctrlKey = false) => hand.press({ key, ctrlKey, metaKey: false }, place);

test('letters go on being meant for a field that has gone, until there is a pause', async () => {
  expect(hand.writing).toBe(false);
  press('w', 'area');
  await clock.pass(WRITING_ON_MS - 1);
  expect(hand.writing).toBe(true);
  // The rest of the sentence, longer than the moment.
  for (const letter of 'orld, and more') {
    press(letter);
    expect(hand.writing).toBe(true);
    await clock.pass(WRITING_ON_MS - 1);
  }
  await clock.pass(1);
  expect(hand.writing).toBe(false);
  press('e');
  expect(hand.writing).toBe(false);
});

test.each([
  ['Escape', 'area'],
  ['Tab', 'area'],
  ['Escape', 'elsewhere'],
  ['Enter', 'line'],
] as const)('%s in a place called %s leaves it at once', (key, place) => {
  press('w', 'area');
  press(key, place);
  expect(hand.writing).toBe(false);
  press('e');
  expect(hand.writing).toBe(false);
});

test('a click leaves it at once, also for who comes to a page without a session', () => {
  press('w', 'line');
  expect(hand.atKeys).toBe(true);
  hand.point();
  expect([hand.writing, hand.atKeys]).toEqual([false, false]);
});

test('a line break, a correction and a capital letter are writing', async () => {
  press('w', 'area');
  await clock.pass(WRITING_ON_MS - 1);
  press('Enter', 'area');
  await clock.pass(WRITING_ON_MS - 1);
  press('Backspace', 'area');
  await clock.pass(WRITING_ON_MS - 1);
  press('Shift');
  expect(hand.writing).toBe(true);
  await clock.pass(1);
  expect(hand.writing).toBe(false);
});

test('what a dialog is asked for with is no writing', () => {
  press('k', 'elsewhere', true);
  expect([hand.writing, hand.atKeys]).toEqual([false, false]);
});

test('whoever only used shortcuts is at the keys for a while', async () => {
  press('j');
  await clock.pass(AT_KEYS_MS - 1);
  expect([hand.writing, hand.atKeys]).toEqual([false, true]);
  await clock.pass(1);
  expect(hand.atKeys).toBe(false);
});

test('the letter behind a dead key carries its accent, and the next one does not', () => {
  press('Dead');
  press('Shift');
  press('E');
  expect(hand.composed).toBe(true);
  press('e');
  expect(hand.composed).toBe(false);
});
