/** Wall clocks of other zones: what time it is there, and when it will be a time there. */

import { dayKey } from './format.ts';

const MINUTE_MS = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function parts(at: number, timeZone: string | undefined): Record<string, number> {
  const key = timeZone ?? '';
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      ...(timeZone ? { timeZone } : {}),
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(key, format);
  }
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
}

/** By how many milliseconds a zone's clock is ahead of UTC at an instant. */
function offset(at: number, timeZone: string | undefined): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts(at, timeZone);
  const whole = Math.floor(at / 1000) * 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
}

/** What a clock in the zone shows, as a `datetime-local` field takes it: `2026-03-12T09:00`. */
export function wallTime(at: number, timeZone: string | undefined): string {
  return new Date(at + offset(at, timeZone)).toISOString().slice(0, 16);
}

/**
 * When a clock in the zone shows `2026-03-12T09:00`; NaN for what is no time. A time that is left out
 * when clocks go forward is as much later; of one that comes twice it is the first.
 */
export function instantOf(wall: string, timeZone: string | undefined): number {
  const utc = Date.parse(`${wall}Z`);
  if (Number.isNaN(utc)) return Number.NaN;
  // The offset a day before and a day after: around a change of clocks one of both is right.
  const day = 24 * 60 * MINUTE_MS;
  const before = offset(utc - day, timeZone);
  const after = offset(utc + day, timeZone);
  const first = utc - before;
  if (before === after || offset(first, timeZone) === before) return first;
  const second = utc - after;
  return offset(second, timeZone) === after ? second : first;
}

/** A time of day, some days after the day of an instant: `daysLater` 0 is the same day. */
export function timeOnDay(at: number, daysLater: number, time: string, timeZone: string | undefined): number {
  const date = new Date(`${dayKey(at, { locale: 'en-CA', timeZone })}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + daysLater);
  return instantOf(`${date.toISOString().slice(0, 10)}T${time}`, timeZone);
}

/** The day of the week, 1 for Monday to 7 for Sunday. */
export function weekdayOf(at: number, timeZone: string | undefined): number {
  return new Date(`${dayKey(at, { locale: 'en-CA', timeZone })}T00:00:00Z`).getUTCDay() || 7;
}
