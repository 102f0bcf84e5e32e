import { dateName, dayKey, daysBetween, relativeTime, type Reader } from '../../lib/time/format.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** So long a row counts hours, also over midnight. */
const HOURS_MAX = 6;
/** Past this many days a weekday could be mistaken for another week's. */
const WEEKDAYS_MAX = 6;

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat>(id: string, make: () => T): T {
  let found = formats.get(id) as T | undefined;
  if (!found) {
    found = make();
    formats.set(id, found);
  }
  return found;
}

/** Where one letter is no sign of both a minute and an hour, both have their short word. */
const SHORT_WORDS: readonly string[] = ['de'];

function amount(count: number, unit: 'minute' | 'hour', locale: string): string {
  const unitDisplay = SHORT_WORDS.includes(new Intl.Locale(locale).language) ? 'short' : 'narrow';
  return kept(`${locale}|${unit}`, () => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay })).format(count);
}

/** How old something is, in the few letters a row has room for: `now`, `12m`, `3h`, `Wed`, `1 Feb`; in German `12 Min.`, `3 Std.`. */
export function shortAge(at: number, now: number, reader: Reader): string {
  const age = Math.max(0, now - at);
  const { locale, timeZone } = reader;
  if (age < MINUTE_MS) return relativeTime(at, now, reader);
  if (age < HOUR_MS) return amount(Math.floor(age / MINUTE_MS), 'minute', locale);
  const days = daysBetween(at, now, reader);
  if (days === 0 || age < HOURS_MAX * HOUR_MS) return amount(Math.floor(age / HOUR_MS), 'hour', locale);
  if (days <= WEEKDAYS_MAX) {
    return kept(`${locale}|${timeZone}|day`, () => new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone })).format(at);
  }
  const year = dayKey(at, reader).slice(0, 4) === dayKey(now, reader).slice(0, 4) ? undefined : '2-digit';
  return kept(`${locale}|${timeZone}|date|${year}`, () => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year, timeZone })).format(at);
}

/** A moment to come, as short as it can be said: `14:00`, `Tue 14:00`, `3 Apr 14:00`. */
export function shortMoment(at: number, now: number, reader: Reader): string {
  const { locale, timeZone } = reader;
  const days = daysBetween(now, at, reader);
  const day = days === 0 ? {} : days > 0 && days <= WEEKDAYS_MAX ? ({ weekday: 'short' } as const) : ({ day: 'numeric', month: 'short' } as const);
  const id = `${locale}|${timeZone}|moment|${Object.keys(day).join()}`;
  return kept(id, () => new Intl.DateTimeFormat(locale, { ...day, hour: '2-digit', minute: '2-digit', timeZone })).format(at);
}

/** The same as `shortAge` for ears, in whole words. */
export function spokenAge(at: number, now: number, reader: Reader): string {
  return daysBetween(at, now, reader) > WEEKDAYS_MAX ? dateName(at, now, reader) : relativeTime(at, now, reader);
}
