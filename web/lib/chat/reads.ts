import { systemClock, type Clock } from '../live/socket.svelte.ts';

/** Reading on is reported at most this often. */
const REPORT_MS = 400;

/** Tells the server how far someone has read: only forward, never one request per message. */
export class ReadReporter {
  #wanted = 0;
  #told: number;
  #timer: unknown;
  #busy = false;
  readonly #send: (entry: number) => Promise<void>;
  readonly #clock: Clock;

  /** `told` is what the server knows already. */
  constructor(send: (entry: number) => Promise<void>, told = 0, clock: Clock = systemClock) {
    this.#send = send;
    this.#told = told;
    this.#clock = clock;
  }

  /** Read up to here. A report that fails is made up for by the next. */
  report(entry: number): void {
    this.#wanted = Math.max(this.#wanted, entry);
    if (this.#wanted <= this.#told || this.#timer !== undefined || this.#busy) return;
    this.#timer = this.#clock.setTimeout(() => void this.#flush(), REPORT_MS);
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    this.#busy = true;
    const entry = this.#wanted;
    try {
      await this.#send(entry);
      this.#told = Math.max(this.#told, entry);
    } catch {
      // The mark is a courtesy; it goes along with the next one.
    } finally {
      this.#busy = false;
    }
    if (this.#told >= entry) this.report(this.#wanted);
  }
}
