import { describe, expect, test } from 'vitest';
import { instantOf, timeOnDay, wallTime, weekdayOf } from './zoned.ts';

const BERLIN = 'Europe/Berlin';
const at = (text: string) => Date.parse(text);

describe('a wall clock', () => {
  test.each([
    ['2026-01-15T09:00', BERLIN, '2026-01-15T08:00:00Z'],
    ['2026-07-15T09:00', BERLIN, '2026-07-15T07:00:00Z'],
    ['2026-07-15T09:00', 'America/New_York', '2026-07-15T13:00:00Z'],
    ['2026-07-15T09:00', 'Asia/Kathmandu', '2026-07-15T03:15:00Z'],
    // Clocks go forward at 02:00: 02:30 does not exist, an hour later it is.
    ['2026-03-29T02:30', BERLIN, '2026-03-29T01:30:00Z'],
    ['2026-03-29T03:30', BERLIN, '2026-03-29T01:30:00Z'],
    // Clocks go back at 03:00: of 02:30 the first.
    ['2026-10-25T02:30', BERLIN, '2026-10-25T00:30:00Z'],
    ['2026-10-25T03:30', BERLIN, '2026-10-25T02:30:00Z'],
  ])('shows %s in %s at %s', (wall, zone, instant) => {
    expect(new Date(instantOf(wall, zone)).toISOString()).toBe(new Date(instant).toISOString());
  });

  test('is read back as it was set', () => {
    for (const wall of ['2026-01-15T09:00', '2026-07-15T23:59', '2026-12-31T00:00']) {
      expect(wallTime(instantOf(wall, BERLIN), BERLIN)).toBe(wall);
    }
    expect(instantOf('soon', BERLIN)).toBeNaN();
  });
});

test('a time of another day keeps to the clock there, also over a change of clocks', () => {
  const evening = at('2026-03-28T22:00:00Z');
  expect(new Date(timeOnDay(evening, 1, '08:00', BERLIN)).toISOString()).toBe('2026-03-29T06:00:00.000Z');
  expect(new Date(timeOnDay(evening, 0, '08:00', BERLIN)).toISOString()).toBe('2026-03-28T07:00:00.000Z');
  // There it is Sunday already.
  expect(weekdayOf(at('2026-03-28T23:30:00Z'), BERLIN)).toBe(7);
  expect(weekdayOf(at('2026-03-28T23:30:00Z'), 'UTC')).toBe(6);
});
