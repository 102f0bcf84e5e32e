import { createSubscriber } from 'svelte/reactivity';

/** How often relative times are looked at again. */
const TICK_MS = 15_000;

/** A `now` that runs while someone reads it in a component or effect, and sleeps otherwise. */
export class Ticker {
  #now = Date.now();
  readonly #subscribe = createSubscriber((update) => {
    const tick = () => {
      this.#now = Date.now();
      update();
    };
    const timer = setInterval(tick, TICK_MS);
    // Timers of a hidden page are slowed down, so it looks again when it is shown.
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  });

  get now(): number {
    this.#subscribe();
    // Without a reader no timer keeps it fresh.
    if (Date.now() - this.#now > TICK_MS) this.#now = Date.now();
    return this.#now;
  }
}

/** The one clock of a page. */
export const ticker = new Ticker();
