/** Putting a case off until a time, when the operator at this desk sees it again. */

import { instantOf, timeOnDay, wallTime, weekdayOf } from '../../lib/time/zoned.ts';

const HOUR_MS = 60 * 60_000;
/** "Later today" is this far off, on the hour. */
const LATER_MS = 3 * HOUR_MS;
/** "Later today" after this hour would be tomorrow for most. */
const EVENING = 18;
/** When a day's work begins. */
const MORNING = '08:00';
/** The farthest a case can be put off; the server takes no more. */
const DAYS_MAX = 365;

export type SnoozeChoice = 'later' | 'tomorrow' | 'week';

/** The times that make sense now, in the operator's zone. */
export function snoozeTimes(now: number, timeZone: string | undefined): { choice: SnoozeChoice; at: number }[] {
  const times: { choice: SnoozeChoice; at: number }[] = [];
  const later = Math.ceil((now + LATER_MS) / HOUR_MS) * HOUR_MS;
  if (later <= timeOnDay(now, 0, `${EVENING}:00`, timeZone)) times.push({ choice: 'later', at: later });
  times.push({ choice: 'tomorrow', at: timeOnDay(now, 1, MORNING, timeZone) });
  // On a Sunday the next week begins tomorrow, so it is the one after.
  const toMonday = 8 - weekdayOf(now, timeZone);
  times.push({ choice: 'week', at: timeOnDay(now, toMonday === 1 ? 8 : toMonday, MORNING, timeZone) });
  return times;
}

/** A time of one's own, as a `datetime-local` field has it. */
export class OwnTime {
  wall = $state('');
  readonly #zone: string | undefined;
  readonly #now: () => number;

  /** `wall` is what was chosen before; tomorrow morning when nothing was, or when it is over. */
  constructor(timeZone: string | undefined, now: () => number = Date.now, wall = '') {
    this.#zone = timeZone;
    this.#now = now;
    this.wall = wall;
    if (this.fault) this.wall = this.first;
  }

  /** With what the field begins. */
  get first(): string {
    return wallTime(timeOnDay(this.#now(), 1, '09:00', this.#zone), this.#zone);
  }

  /** The earliest and the latest that the field offers. */
  get min(): string {
    return wallTime(this.#now(), this.#zone);
  }

  get max(): string {
    return wallTime(this.#now() + DAYS_MAX * 24 * HOUR_MS, this.#zone);
  }

  /** When it is; null while the field holds no time. */
  get at(): number | null {
    const at = instantOf(this.wall, this.#zone);
    return Number.isNaN(at) ? null : at;
  }

  /** Why it cannot be; null when it can. */
  get fault(): 'missing' | 'past' | 'far' | null {
    if (this.at === null) return 'missing';
    if (this.at <= this.#now()) return 'past';
    return this.at > this.#now() + DAYS_MAX * 24 * HOUR_MS ? 'far' : null;
  }
}
