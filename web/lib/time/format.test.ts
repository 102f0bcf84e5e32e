import { describe, expect, test } from 'vitest';
import { clockTime, dayKey, dayName, daysBetween, lengthOfTime, relativeTime, stopwatch } from './format.ts';

const london = { locale: 'en-GB', timeZone: 'Europe/London' };
const berlin = { locale: 'de-DE', timeZone: 'Europe/Berlin' };
const newYork = { locale: 'en-US', timeZone: 'America/New_York' };
const at = (text: string) => Date.parse(text);
const now = at('2026-03-12T12:00:00Z');

describe('days', () => {
  test('belong to the reader’s zone', () => {
    const late = at('2026-03-11T23:30:00Z');
    expect(dayKey(late, london)).toBe('2026-03-11');
    expect(dayKey(late, berlin)).toBe('2026-03-12');
  });

  test('are counted right over a change of clocks', () => {
    expect(daysBetween(at('2026-03-28T22:00:00Z'), at('2026-03-29T22:30:00Z'), london)).toBe(1);
    expect(daysBetween(at('2026-10-24T22:30:00Z'), at('2026-10-25T23:30:00Z'), london)).toBe(2 - 1);
  });

  test.each([
    ['2026-03-12T00:10:00Z', 'Today', 'Heute'],
    ['2026-03-11T10:00:00Z', 'Yesterday', 'Gestern'],
    ['2026-03-09T10:00:00Z', 'Monday', 'Montag'],
    ['2026-02-01T10:00:00Z', 'Sunday 1 February', 'Sonntag, 1. Februar'],
    ['2025-12-24T10:00:00Z', 'Wednesday 24 December 2025', 'Mittwoch, 24. Dezember 2025'],
    ['2026-03-13T10:00:00Z', 'Friday 13 March', 'Freitag, 13. März'],
  ])('%s is %s', (time, english, german) => {
    expect(dayName(at(time), now, london).replace(',', '')).toBe(english);
    expect(dayName(at(time), now, berlin)).toBe(german);
  });
});

test('clock times are written as the reader does', () => {
  const time = at('2026-03-12T14:05:00Z');
  expect(clockTime(time, london)).toBe('14:05');
  expect(clockTime(time, berlin)).toBe('15:05');
  expect(clockTime(time, newYork).replace(/\s/u, ' ')).toBe('10:05 AM');
});

describe('relative times', () => {
  // How short the words are differs between versions of the browser's own tables.
  test.each([
    ['2026-03-12T11:59:30Z', /^now$/],
    ['2026-03-12T12:00:40Z', /^now$/],
    ['2026-03-12T11:55:00Z', /^5\s?m(in)? ago$/],
    ['2026-03-12T09:00:00Z', /^3\s?hr?s? ago$/],
    ['2026-03-11T09:00:00Z', /^yesterday$/],
    ['2026-03-08T09:00:00Z', /^4\s?d(ays)? ago$/],
    ['2026-02-01T09:00:00Z', /^1 Feb$/],
    ['2025-02-01T09:00:00Z', /^1 Feb 25$/],
  ])('%s reads %s', (time, words) => {
    expect(relativeTime(at(time), now, london)).toMatch(words);
  });

  test('no minute is a metre', () => {
    expect(relativeTime(at('2026-03-12T11:04:00Z'), now, berlin)).toMatch(/^vor 56\sMin\.$/u);
    expect(relativeTime(at('2026-03-12T09:00:00Z'), now, berlin)).toMatch(/^vor 3\sStd\.$/u);
  });

  test('hours go on past midnight while they are few', () => {
    expect(relativeTime(at('2026-03-12T22:30:00Z'), at('2026-03-13T01:00:00Z'), london)).toMatch(/^2\s?hr?s? ago$/);
  });
});

describe('lengths', () => {
  const MINUTE = 60_000;

  test('run as on a watch', () => {
    expect(stopwatch(0, 'en')).toBe('0:00');
    expect(stopwatch(12 * MINUTE + 48_900, 'en')).toBe('12:48');
    expect(stopwatch(62 * MINUTE + 5_000, 'de')).toBe('1:02:05');
  });

  test('a clock that is behind shows nothing below zero', () => {
    expect(stopwatch(-4_000, 'en')).toBe('0:00');
  });

  test('are said in the units that count', () => {
    expect(lengthOfTime(26_400, 'en-GB')).toBe('26 secs');
    expect(lengthOfTime(2 * MINUTE + 26_000, 'en-US')).toBe('2 min 26 sec');
    expect(lengthOfTime(24 * MINUTE, 'de')).toBe('24 Min.');
    expect(lengthOfTime(62 * MINUTE + 5_000, 'en-US')).toBe('1 hr 2 min');
    expect(lengthOfTime(0, 'en-US')).toBe('0 sec');
  });
});
