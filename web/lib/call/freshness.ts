/**
 * Keeps what is known of the call right where the live socket does not: then it is asked for. Lost
 * with the socket are the words of the server only; the media go on, and so does the call.
 */

import type { Clock } from '../live/socket.svelte.ts';

/** How often is asked. */
const ASK_MS = 1_500;
/** A word that is older, and that nobody repeats, counts for nothing. */
const STALE_MS = 4_000;
/** After media flows it is asked once, in case the socket could not tell whose slots are whose. */
const SETTLED_MS = 1_000;

export interface FreshnessOptions {
  clock: Clock;
  /** Whether asking may tell something that nobody else tells. */
  due: () => boolean;
  ask: () => Promise<void>;
  /** Nothing new was heard for long, though it was due. */
  stale: () => void;
}

export class Freshness {
  readonly #options: FreshnessOptions;
  #heardAt = 0;
  #asking = false;
  #timer: unknown;
  #settled: unknown;

  constructor(options: FreshnessOptions) {
    this.#options = options;
  }

  start(): void {
    this.heard();
    this.#again();
  }

  stop(): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    clock.clearTimeout(this.#settled);
  }

  /** The server said how the call is. */
  heard(): void {
    this.#heardAt = this.#options.clock.now();
  }

  /** Media flows. */
  settled(): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#settled);
    this.#settled = clock.setTimeout(() => void this.ask(), SETTLED_MS);
  }

  /** Asks now, if no question is open. */
  async ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      await this.#options.ask();
    } finally {
      this.#asking = false;
    }
  }

  #again(): void {
    this.#timer = this.#options.clock.setTimeout(() => this.#look(), ASK_MS);
  }

  #look(): void {
    const { clock, due, stale } = this.#options;
    this.#again();
    if (!due()) return;
    if (clock.now() - this.#heardAt >= STALE_MS) stale();
    void this.ask();
  }
}
