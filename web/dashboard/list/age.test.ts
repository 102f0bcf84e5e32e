import { expect, test } from 'vitest';
import { shortAge, shortMoment, spokenAge } from './age.ts';

const english = { locale: 'en-GB', timeZone: 'Europe/London' };
const german = { locale: 'de-DE', timeZone: 'Europe/Berlin' };
const now = Date.parse('2026-03-12T12:00:00Z');

test.each([
  ['2026-03-12T11:59:30Z', /^now$/, /^jetzt$/],
  ['2026-03-12T11:48:00Z', /^12m$/, /^12\sMin\.$/u],
  ['2026-03-12T09:00:00Z', /^3h$/, /^3\sStd\.$/u],
  ['2026-03-11T09:00:00Z', /^Wed$/, /^Mi\.?$/],
  ['2026-03-06T09:00:00Z', /^Fri$/, /^Fr\.?$/],
  ['2026-02-01T09:00:00Z', /^1 Feb$/, /^1\. Feb\.?$/],
  ['2025-02-01T09:00:00Z', /^1 Feb 25$/, /^1\. Feb\.? 25$/],
])('%s', (time, inEnglish, inGerman) => {
  expect(shortAge(Date.parse(time), now, english)).toMatch(inEnglish);
  expect(shortAge(Date.parse(time), now, german)).toMatch(inGerman);
});

test('days belong to the reader’s zone', () => {
  const late = Date.parse('2026-03-04T23:30:00Z');
  expect(shortAge(late, now, english)).toBe('4 Mar');
  expect(shortAge(late, now, { ...english, timeZone: 'Asia/Tokyo' })).toBe('5 Mar');
});

test('the few letters have words for ears', () => {
  expect(spokenAge(Date.parse('2026-03-12T11:48:00Z'), now, english)).toMatch(/^12 min ago$/);
  expect(spokenAge(Date.parse('2026-03-12T11:48:00Z'), now, german)).toMatch(/^vor 12\sMin\.$/u);
  expect(spokenAge(Date.parse('2026-02-01T09:00:00Z'), now, english).replace(',', '')).toBe('Sunday 1 February');
});

test.each([
  [Date.UTC(2026, 2, 12, 14), '14:00'],
  [Date.UTC(2026, 2, 13, 8), 'Fri 08:00'],
  [Date.UTC(2026, 2, 24, 8), '24 Mar, 08:00'],
])('a moment to come: %d is %s', (at, words) => expect(shortMoment(at, now, english)).toBe(words));
