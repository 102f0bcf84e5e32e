import { request } from '../../lib/api/client.ts';
import type { CaseCounts } from '../../lib/api/types.ts';
import { systemClock, type Clock } from '../../lib/live/socket.svelte.ts';

/** Events often come in pairs; one question is enough for them. */
const SOON_MS = 200;
/** However much happens, the server is asked no more often than this. */
const APART_MS = 2_000;
/** How long after a failed question it is asked again. */
const RETRY_MS = 5_000;

/**
 * How many cases wait, are unread, need attention or sleep. The server counts, because no page holds
 * all cases; title, tab icon, rail and filter all say what stands here.
 */
export class Counts {
  /** As last told; null before the first answer. */
  value = $state.raw<CaseCounts | null>(null);
  readonly #clock: Clock;
  #timer: unknown;
  /** When the question that waits is asked. */
  #dueAt = Infinity;
  #askedAt = -Infinity;
  #turn = 0;
  #stopped = false;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** The own cases with something unread in them. */
  get unread(): number {
    return this.value?.unread_cases_mine.count ?? 0;
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
    try {
      const value = await request<CaseCounts>('GET', '/cases/counts');
      if (turn === this.#turn && !this.#stopped) this.value = value;
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
