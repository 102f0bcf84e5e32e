import { systemClock, type Clock } from '../../lib/live/socket.svelte.ts';
import type { Ahead } from '../shell/keys.svelte.ts';

/** A case that has not come by then is not waited for any longer. */
export const WRITE_AHEAD_MS = 5_000;

/** Someone wants to write in a case that is still on its way: what they type until it is there is for its message. */
export class WriteAhead {
  readonly #letters: Pick<Ahead, 'expect' | 'take'>;
  readonly #clock: Clock;
  #came: (() => void) | null = null;
  #timer: unknown;

  constructor(letters: Pick<Ahead, 'expect' | 'take'>, clock: Clock = systemClock) {
    this.#letters = letters;
    this.#clock = clock;
  }

  ask(): void {
    if (this.#came) return;
    this.#came = this.#letters.expect();
    this.#timer = this.#clock.setTimeout(() => this.drop(), WRITE_AHEAD_MS);
  }

  /** The case is there: what was typed meanwhile; null when nobody asked. */
  take(): string | null {
    if (!this.#came) return null;
    const typed = this.#letters.take();
    this.drop();
    return typed;
  }

  /** Nobody waits any more. */
  drop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#came?.();
    this.#came = null;
  }
}
