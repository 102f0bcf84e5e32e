import type { Clock } from '../../lib/live/socket.svelte.ts';

/** A clock that moves only when told, and runs what is due in order. */
export class TestClock implements Clock {
  #now = 1_700_000_000_000;
  #next = 1;
  #due = new Map<number, { at: number; act: () => void }>();

  now = () => this.#now;

  setTimeout = (act: () => void, ms: number): number => {
    const id = this.#next++;
    this.#due.set(id, { at: this.#now + ms, act });
    return id;
  };

  clearTimeout = (timer: unknown): void => {
    this.#due.delete(timer as number);
  };

  /** How many timers wait. */
  get waiting(): number {
    return this.#due.size;
  }

  /** Lets time pass; promises get their turn between timers. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = [...this.#due].sort((a, b) => a[1].at - b[1].at)[0];
      if (!next || next[1].at > end) break;
      this.#due.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].act();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets all promises that can settle do so: their turn comes before the next turn of the event loop. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
