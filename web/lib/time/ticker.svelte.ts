import { createSubscriber } from 'svelte/reactivity';

/** How often relative times are looked at again. */
const TICK_MS = 15_000;
/** How often a running time is. */
const SECOND_MS = 1_000;

/** A `now` that runs while someone reads it in a component or effect, and sleeps otherwise. */
export class Ticker {
  #now = Date.now();
  readonly #everyMs: number;
  readonly #subscribe = createSubscriber((update) => {
    const tick = () => {
      this.#now = Date.now();
      update();
    };
    const timer = setInterval(tick, this.#everyMs);
    // Timers of a hidden page are slowed down, so it looks again when it is shown.
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  });

  constructor(everyMs = TICK_MS) {
    this.#everyMs = everyMs;
  }

  get now(): number {
    this.#subscribe();
    // Without a reader no timer keeps it fresh.
    if (Date.now() - this.#now > this.#everyMs) this.#now = Date.now();
    return this.#now;
  }
}

/** The one clock of a page. */
export const ticker = new Ticker();
/** For what counts the seconds, such as a call. */
export const seconds = new Ticker(SECOND_MS);
