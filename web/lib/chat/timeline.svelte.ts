/**
 * A case's timeline as one reader sees it: pages from the server, live
 * events, and own messages that are still on their way, in one order.
 *
 * All loaded entries stay in memory; `rows` is the part that is drawn, never
 * more than ROWS_MAX. The reader moves it with `up`, `down` and `toEnd`.
 */

import { Problem } from '../api/client.ts';
import type { Actor, Entry, TimelinePage } from '../api/types.ts';
import { systemClock, type Clock } from '../live/socket.svelte.ts';
import { dayKey, type Reader } from '../time/format.ts';
import type { Outbox } from './outbox.svelte.ts';
import { buildRows, messageOf, RowCache, type Row } from './timeline-rows.ts';

export type { Row } from './timeline-rows.ts';

/** Rows in the document at once; enough for three screens in each direction. */
export const ROWS_MAX = 200;
/** Entries of one page, and by how many the drawn part moves. */
const PAGE = 50;
/** The largest page the server gives; used to reach the first unread entry. */
const PAGE_MAX = 200;
/** Waiting before catching up is tried again doubles from the first to the longest. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 10_000;
export interface TimelineQuery {
  before?: number;
  after?: number;
  limit: number;
}

export interface TimelineOptions {
  load: (query: TimelineQuery) => Promise<TimelinePage>;
  /** Whether this is the reader. */
  own: (actor: Actor) => boolean;
  /** In whose zone the days begin. */
  reader: () => Reader;
  outbox?: Outbox;
  /** Whether an entry of someone else makes the reader look; messages do, unless told otherwise. */
  counts?: (entry: Entry) => boolean;
  clock?: Clock;
  random?: () => number;
}

/** What the loading of older or newer entries stands at. */
export type Loading = 'first' | 'before' | 'after' | null;

/** One case's timeline. All public fields are runes. */
export class Timeline {
  /** Every loaded entry, in order. */
  entries = $state.raw<Entry[]>([]);
  /** Whether the server has entries older than the first loaded one. */
  hasBefore = $state(false);
  loading = $state<Loading>(null);
  /** Why the last load failed; cleared by the next one. */
  error = $state.raw<unknown>(null);
  /** The entry below the line "New", if there is one. */
  newFrom = $state<number | null>(null);
  /** Messages that came while the reader was not at the end. */
  unseen = $state(0);
  /** How far any other side has read. */
  othersRead = $state(0);
  /** First and last drawn entry; a null end follows the newest. */
  #first = $state(0);
  #last = $state<number | null>(null);
  #reading = $state(false);

  readonly #options: TimelineOptions;
  /** Everything up to this entry is here; catching up goes on after it. */
  #complete = 0;
  #catchingUp: Promise<void> | null = null;
  /** How far the reader had read on opening, while the line "New" still tells of that. */
  #readBefore: number | null = null;
  /** Entries before the live ones are missing until catching up has reached its end. */
  #behind = $state(false);
  /** What others did meanwhile; it is shown when nothing is missing before it. */
  #held: Entry[] = [];
  /** Something is missing that a page already asked for may not have. */
  #again = false;
  #failures = 0;
  #stopped = false;
  #timer: unknown;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #rowCache = new RowCache();

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  /** Whether the drawn part reaches to the newest entry. */
  get atEnd(): boolean {
    return this.#last === null;
  }

  /** Whether the drawn part begins with the very first entry. */
  get atStart(): boolean {
    return !this.hasBefore && (this.entries[0]?.entry ?? 0) >= this.#first;
  }

  /** The entry to go on after: all before it is known. */
  get complete(): number {
    return this.#complete;
  }

  /** The newest loaded entry's number, 0 when there is none. */
  get newest(): number {
    return this.entries.at(-1)?.entry ?? 0;
  }

  /** Whether entries are missing, because catching up has not got through yet. */
  get behind(): boolean {
    return this.#behind;
  }

  /** The newest entry that stands below all that came before it: whoever sees it has seen everything. */
  get seen(): number {
    return this.#behind ? this.#complete : this.newest;
  }

  /** What is drawn, oldest first. */
  readonly rows: Row[] = $derived.by(() => this.#build());

  /** First load: the newest page, made longer to reach the first unread entry. */
  async open(read = 0, last = 0): Promise<void> {
    const wanted = Math.min(PAGE_MAX, Math.max(PAGE, last - read + PAGE / 2));
    const page = await this.#load('first', { limit: read > 0 ? wanted : PAGE });
    if (!page) return;
    // What came before this page is loaded from there on, so that nothing is missing in between.
    const first = page.has_before ? (page.entries[0]?.entry ?? 0) : 0;
    if (first > 0) this.entries = this.entries.filter(({ entry }) => entry >= first);
    this.#complete = this.newest;
    // Someone who has never read anything is new here, and so is all of it: no line.
    this.#readBefore = read > 0 ? read : null;
    this.#drawLine();
    this.#first = 0;
    this.#last = null;
    this.#shrink('top');
  }

  /** Draws older entries, from memory or from the server. */
  async up(): Promise<void> {
    if (this.loading) return;
    if (this.#index(this.#first) === 0 && this.hasBefore) {
      await this.#load('before', { before: this.entries[0]?.entry ?? 1, limit: PAGE });
      if (this.error) return;
    }
    const at = this.#index(this.#first);
    if (at === 0) return;
    this.#first = this.entries[Math.max(0, at - PAGE)]?.entry ?? 0;
    this.#shrink('bottom');
  }

  /** Draws newer entries. */
  down(): void {
    if (this.#last === null) return;
    const to = this.#index(this.#last) + PAGE;
    this.#last = to >= this.entries.length - 1 ? null : (this.entries[to]?.entry ?? null);
    this.#shrink('top');
  }

  /** Goes to the newest entry at once. */
  toEnd(): void {
    this.#last = null;
    this.#first = this.entries[Math.max(0, this.entries.length - PAGE)]?.entry ?? 0;
    this.#shrink('top');
  }

  /** Draws an entry and what stands around it, however far back; false when it could not be loaded. */
  async goTo(entry: number): Promise<boolean> {
    while (this.hasBefore && (this.entries[0]?.entry ?? 0) > entry) {
      // A page that is under way is waited for by asking for it again.
      if (!(await this.#load('before', { before: this.entries[0]?.entry ?? 1, limit: PAGE_MAX }))) return false;
    }
    const at = this.#index(entry);
    if (this.entries[at]?.entry !== entry) return false;
    this.#first = this.entries[Math.max(0, at - PAGE)]?.entry ?? 0;
    const to = at + PAGE;
    this.#last = to >= this.entries.length - 1 ? null : (this.entries[to]?.entry ?? null);
    return true;
  }

  /** Whether someone looks at the end of the conversation right now. */
  setReading(reading: boolean): void {
    this.#reading = reading;
    if (reading) this.unseen = 0;
  }

  get reading(): boolean {
    return this.#reading;
  }

  /**
   * Takes a live or acknowledged entry; false when it was known. While something is missing before
   * it, what others did waits; the reader's own words stay where they stood on their way.
   */
  apply(entry: Entry): boolean {
    if (this.#behind && !this.#options.own(entry.actor)) {
      if ([...this.entries, ...this.#held].some((known) => known.entry === entry.entry)) return false;
      this.#held.push(entry);
      return true;
    }
    // The answer to an own message may come before the live events of what others wrote earlier,
    // so only what others do says that all before it is here.
    if (!this.#options.own(entry.actor)) this.#complete = Math.max(this.#complete, entry.entry);
    if (!this.#insert([entry])) return false;
    this.#notice(entry);
    return true;
  }

  /**
   * Loads all that came after what is known: after a gap too long for the live socket. Done when it
   * has or has failed; then it is tried again by itself.
   */
  catchUp(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    this.#stopped = false;
    this.#behind = true;
    this.#again = true;
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = null;
    });
    return this.#catchingUp;
  }

  /** Nobody looks any more: nothing is tried again. */
  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#timer);
  }

  /** Someone on the other side has read up to here. */
  markOthersRead(entry: number): void {
    if (entry > this.othersRead) this.othersRead = entry;
  }

  async #catchUp(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      let page: TimelinePage | null;
      do {
        page = await this.#load('after', { after: this.#complete, limit: PAGE_MAX });
        if (!page) {
          this.#later();
          return;
        }
        this.#failures = 0;
        this.#complete = Math.max(this.#complete, page.entries.at(-1)?.entry ?? 0);
      } while (page.has_after && page.entries.length > 0);
    }
    this.#behind = false;
    const held = this.#held;
    this.#held = [];
    for (const entry of held) this.apply(entry);
    const told = this.entries.findLast((entry) => !this.#options.own(entry.actor));
    this.#complete = Math.max(this.#complete, told?.entry ?? 0);
  }

  /** Catches up after a pause; a refusal that does not pass by itself is for whoever owns this to answer. */
  #later(): void {
    const { error } = this;
    if (this.#stopped || (error instanceof Problem && error.status < 500 && error.retryAfterS === null)) return;
    const asked = error instanceof Problem ? (error.retryAfterS ?? 0) * 1_000 : 0;
    const backoff = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.#failures) * (0.5 + 0.5 * this.#random());
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => void this.catchUp(), Math.max(backoff, asked));
  }

  async #load(what: Loading, query: TimelineQuery): Promise<TimelinePage | null> {
    this.loading = what;
    this.error = null;
    try {
      const page = await this.#options.load(query);
      const known = new Set(this.entries.map((entry) => entry.entry));
      const fresh = page.entries.filter((entry) => !known.has(entry.entry));
      this.#insert(fresh);
      if (what === 'before') this.#drawLine();
      if (what !== 'after') this.hasBefore = page.has_before;
      else for (const entry of fresh) this.#notice(entry);
      return page;
    } catch (error) {
      this.error = error;
      return null;
    } finally {
      this.loading = null;
    }
  }

  /** Puts new entries in their places; false when all were known. */
  #insert(entries: Entry[]): boolean {
    const known = new Set(this.entries.map((entry) => entry.entry));
    const fresh = entries.filter((entry) => !known.has(entry.entry));
    for (const entry of entries) {
      const key = messageOf(entry)?.client_key;
      if (key) this.#options.outbox?.acknowledge(key);
    }
    if (fresh.length === 0) return false;
    this.entries = [...this.entries, ...fresh].sort((a, b) => a.entry - b.entry);
    if (this.#last === null) this.#shrink('top');
    return true;
  }

  /** Moves the line "New" and the count for an entry the reader does not see yet. */
  #notice(entry: Entry): void {
    if (this.#options.own(entry.actor)) {
      // Whoever answers has read.
      if (messageOf(entry)) this.#readBefore = this.newFrom = null;
      return;
    }
    if (!this.#counts(entry) || this.#reading) return;
    if (this.unseen === 0) {
      this.newFrom = entry.entry;
      this.#readBefore = null;
    }
    this.unseen += 1;
  }

  /** Puts the line "New" above the first loaded entry that was unread on opening; older pages move it up. */
  #drawLine(): void {
    const read = this.#readBefore;
    if (read === null) return;
    this.newFrom = this.entries.find((entry) => entry.entry > read && this.#counts(entry))?.entry ?? null;
  }

  #counts(entry: Entry): boolean {
    if (this.#options.own(entry.actor)) return false;
    return this.#options.counts ? this.#options.counts(entry) : entry.event.type === 'message.sent';
  }

  /** The place of the first entry with this number or a later one. */
  #index(entry: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle]?.entry ?? 0) < entry) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Takes entries out of the drawn part until it fits, at the end the reader moves away from. */
  #shrink(side: 'top' | 'bottom'): void {
    let from = this.#index(this.#first);
    let to = this.#last === null ? this.entries.length : this.#index(this.#last) + 1;
    const own = this.#options.outbox?.items.length ?? 0;
    // Room for own messages on their way (some, even when there are none yet) and the line "New".
    const room = ROWS_MAX - 1 - Math.min(PAGE, own + PAGE / 5);
    const days: string[] = this.entries.slice(from, to).map((entry) => dayKey(Date.parse(entry.at), this.#options.reader()));
    let count = 0;
    if (side === 'top') {
      for (let i = days.length - 1; i >= 0; i--) {
        count += 1 + (days[i] === days[i + 1] ? 0 : 1);
        if (count > room) {
          from += i + 1;
          break;
        }
      }
      this.#first = from === 0 ? 0 : (this.entries[from]?.entry ?? 0);
    } else {
      for (let i = 0; i < days.length; i++) {
        count += 1 + (days[i] === days[i - 1] ? 0 : 1);
        if (count > room) {
          to -= days.length - i;
          break;
        }
      }
      this.#last = to >= this.entries.length ? null : (this.entries[to - 1]?.entry ?? null);
    }
  }

  #build(): Row[] {
    const { own, reader, outbox } = this.#options;
    const from = this.#index(this.#first);
    const to = this.#last === null ? this.entries.length : this.#index(this.#last) + 1;
    const rows = buildRows({
      entries: this.entries.slice(from, to),
      pending: this.#last === null ? (outbox?.items ?? []) : [],
      newFrom: this.newFrom,
      othersRead: this.othersRead,
      own,
      reader: reader(),
    });
    return this.#rowCache.settle(rows.slice(-ROWS_MAX));
  }
}
