import { request } from '../../lib/api/client.ts';
import type { CaseCounts } from '../../lib/api/types.ts';
import { systemClock, type Clock } from '../../lib/live/socket.svelte.ts';

/** Events often come in pairs; one question is enough for them. */
const SOON_MS = 200;
/** However much happens, the server is asked no more often than this. */
const APART_MS = 2_000;
/** How long after a failed question it is asked again. */
const RETRY_MS = 5_000;

/** How many of the reader's cases have something unread in them, as far as they are counted. */
type Unread = CaseCounts['unread_cases_mine'];
const NONE: Unread = { count: 0, more: false };

/**
 * How many cases wait, are unread, need attention or sleep. The server counts, because no page holds
 * all cases; title, tab icon, rail and filter all say what stands here. What is unread is the one number
 * that is looked at while it changes: it follows the rows at once, and the server's answer puts it right.
 */
export class Counts {
  /** As last told; null before the first answer. */
  value = $state.raw<CaseCounts | null>(null);
  /** What is unread: as last told, and what the rows have become since. */
  #unread = $state.raw<Unread>(NONE);
  readonly #reading: () => boolean;
  readonly #clock: Clock;
  #timer: unknown;
  /** When the question that waits is asked. */
  #dueAt = Infinity;
  #askedAt = -Infinity;
  #turn = 0;
  /** The rows changed while a question was on its way: its answer may know of that, or not. */
  #overtaken = false;
  #stopped = false;

  /** `reading` says whether one of the cases that count is just being read: the server is told in a moment. */
  constructor(reading: () => boolean = () => false, clock: Clock = systemClock) {
    this.#reading = reading;
    this.#clock = clock;
  }

  /** The own cases with something unread in them, but for the one that is being read. */
  get unread(): Unread {
    const { count, more } = this.#unread;
    return count > 0 && !more && this.#reading() ? { count: count - 1, more } : this.#unread;
  }

  /** So many more of the own cases, or fewer, have something unread now. */
  change(by: number): void {
    this.#overtaken = true;
    const { count, more } = this.#unread;
    // Nobody knows how many there are beyond what is counted.
    if (!more) this.#unread = { count: Math.max(0, count + by), more };
    this.soon();
  }

  /** Something happened that may change a number. */
  soon(): void {
    const now = this.#clock.now();
    this.#at(Math.max(now + SOON_MS, this.#askedAt + APART_MS));
  }

  /** Asks now. An answer that another one has overtaken is dropped. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    this.#clear();
    this.#askedAt = this.#clock.now();
    this.#overtaken = false;
    try {
      const value = await request<CaseCounts>('GET', '/cases/counts');
      if (turn !== this.#turn || this.#stopped) return;
      const first = this.value === null;
      this.value = value;
      if (first || !this.#overtaken) this.#unread = value.unread_cases_mine;
      if (this.#overtaken) this.soon();
    } catch {
      // The numbers stay as they were; nobody is told, because nothing was asked for.
      if (turn === this.#turn && !this.#stopped) this.#at(this.#clock.now() + RETRY_MS);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#turn += 1;
    this.#clear();
  }

  #at(due: number): void {
    if (this.#stopped || this.#dueAt <= due) return;
    this.#clear();
    this.#dueAt = due;
    this.#timer = this.#clock.setTimeout(() => void this.load(), Math.max(0, due - this.#clock.now()));
  }

  #clear(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#dueAt = Infinity;
  }
}
