/**
 * Times as their reader reads them: by `Intl`, in the reader's locale and zone.
 *
 * Formatters are kept, because making one costs more than a hundred uses.
 */

/** Whose eyes a time is for. */
export interface Reader {
  locale: string;
  /** IANA name; without it the browser's own zone. */
  timeZone?: string | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Past this age a relative time says a date instead of a number of days. */
const RELATIVE_DAYS_MAX = 6;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(reader: Reader, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = `${reader.locale}|${reader.timeZone ?? ''}|${JSON.stringify(options)}`;
  let found = formats.get(id);
  if (!found) {
    found = new Intl.DateTimeFormat(reader.locale, reader.timeZone ? { ...options, timeZone: reader.timeZone } : options);
    formats.set(id, found);
  }
  return found;
}

const words = new Map<string, Intl.RelativeTimeFormat>();

function relativeWords(locale: string, style: Intl.RelativeTimeFormatStyle): Intl.RelativeTimeFormat {
  const id = `${locale}|${style}`;
  let found = words.get(id);
  if (!found) {
    found = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style });
    words.set(id, found);
  }
  return found;
}

/** The calendar day of an instant in the reader's zone, as `2026-03-12`. */
export function dayKey(at: number, reader: Reader): string {
  const parts = format({ locale: 'en-CA', timeZone: reader.timeZone }, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(at);
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** Whole calendar days from one instant to another, in the reader's zone. */
export function daysBetween(from: number, to: number, reader: Reader): number {
  const day = (at: number) => Date.parse(`${dayKey(at, reader)}T00:00:00Z`);
  return Math.round((day(to) - day(from)) / DAY_MS);
}

/** `10:52`, or `10:52 AM` where people write it so. */
export function clockTime(at: number, reader: Reader): string {
  return format(reader, { hour: '2-digit', minute: '2-digit' }).format(at);
}

/** The word of a day separator: today, yesterday, a weekday of this week, else the date. */
export function dayName(at: number, now: number, reader: Reader): string {
  const days = daysBetween(at, now, reader);
  if (days === 0 || days === 1) return capital(relativeWords(reader.locale, 'long').format(-days, 'day'), reader.locale);
  if (days > 1 && days <= RELATIVE_DAYS_MAX) return format(reader, { weekday: 'long' }).format(at);
  return dateName(at, now, reader);
}

/** `Thursday 12 March`, with the year when it is another one. */
export function dateName(at: number, now: number, reader: Reader): string {
  const sameYear = dayKey(at, reader).slice(0, 4) === dayKey(now, reader).slice(0, 4);
  return format(reader, { weekday: 'long', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }).format(at);
}

/** A time within the next days: `Mon, 16 Mar, 08:00`. */
export function weekdayTime(at: number, reader: Reader): string {
  return format(reader, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(at);
}

/** Date and clock time in full, for a tooltip or a screen reader. */
export function fullTime(at: number, reader: Reader): string {
  return format(reader, { dateStyle: 'full', timeStyle: 'short' }).format(at);
}

/** A date without clock time, as `12 Mar 2026`. */
export function shortDate(at: number, reader: Reader): string {
  return format(reader, { dateStyle: 'medium' }).format(at);
}

/**
 * How long ago, short: `now`, `5 min ago`, `3 hr ago`, `yesterday`, then a
 * date. Give it a `now` that runs (see `Ticker`) and it stays right.
 */
export function relativeTime(at: number, now: number, reader: Reader): string {
  const age = Math.max(0, now - at);
  // Not narrow: there "m" would stand for minutes, and in German that is a metre.
  const say = relativeWords(reader.locale, 'short');
  if (age < MINUTE_MS) return say.format(0, 'second');
  if (age < HOUR_MS) return say.format(-Math.floor(age / MINUTE_MS), 'minute');
  const days = daysBetween(at, now, reader);
  if (days === 0 || age < 6 * HOUR_MS) return say.format(-Math.floor(age / HOUR_MS), 'hour');
  if (days <= RELATIVE_DAYS_MAX) return say.format(-days, 'day');
  const sameYear = dayKey(at, reader).slice(0, 4) === dayKey(now, reader).slice(0, 4);
  return format(reader, { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: '2-digit' }) }).format(at);
}

/** A running time as `2:26`, from an hour on as `1:02:26`. */
export function stopwatch(ms: number, locale: string): string {
  const { hours, minutes, seconds } = parts(ms);
  const two = numbers(locale, { minimumIntegerDigits: 2 });
  const first = numbers(locale, { useGrouping: false });
  return hours > 0
    ? `${first.format(hours)}:${two.format(minutes)}:${two.format(seconds)}`
    : `${first.format(minutes)}:${two.format(seconds)}`;
}

/** How long something took, in the two largest units that count: `26 sec`, `2 min 26 sec`, `1 hr 2 min`. */
export function lengthOfTime(ms: number, locale: string): string {
  const { hours, minutes, seconds } = parts(ms);
  const unit = (value: number, name: string) => numbers(locale, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);
  const said: string[] = [];
  if (hours > 0) said.push(unit(hours, 'hour'));
  if (minutes > 0) said.push(unit(minutes, 'minute'));
  if (hours === 0 && (seconds > 0 || minutes === 0)) said.push(unit(seconds, 'second'));
  return said.join(' ');
}

/** Whole hours, minutes and seconds; less than nothing is nothing, because clocks differ. */
function parts(ms: number): { hours: number; minutes: number; seconds: number } {
  const whole = Math.max(0, Math.floor(ms / 1000));
  return { hours: Math.floor(whole / 3600), minutes: Math.floor(whole / 60) % 60, seconds: whole % 60 };
}

const numberFormats = new Map<string, Intl.NumberFormat>();

function numbers(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const id = `${locale}|${JSON.stringify(options)}`;
  let found = numberFormats.get(id);
  if (!found) {
    found = new Intl.NumberFormat(locale, options);
    numberFormats.set(id, found);
  }
  return found;
}

function capital(text: string, locale: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}
