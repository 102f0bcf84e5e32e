import type { Actor } from '../api/types.ts';

/** An announcement for screen readers stays this long; who reads on by hand finds the message itself. */
const HEARD_MS = 5_000;

/** The newest message of someone else, for screen readers. */
export class Heard {
  message = $state.raw<{ actor: Actor; text: string } | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(actor: Actor, text: string): void {
    clearTimeout(this.#timer);
    this.message = { actor, text };
    this.#timer = setTimeout(() => (this.message = null), HEARD_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
