import type { Actor } from '../api/types.ts';
import { systemClock, type Clock } from '../live/socket.svelte.ts';

/** While someone types, this is told again so often. */
const REPEAT_MS = 3_000;
/** Without a key for this long, someone has stopped. */
const PAUSE_MS = 5_000;
/** Without hearing it again for this long, we believe that they have. */
const FORGET_MS = 6_000;

/** Who else is typing here. `actors` is a rune. */
export class Typing {
  actors = $state.raw<Actor[]>([]);
  readonly #timers = new Map<string, unknown>();
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** A typing frame came. */
  hear(actor: Actor, typing: boolean): void {
    const id = `${actor.kind}:${actor.id}`;
    this.#clock.clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    if (!typing) {
      this.actors = this.actors.filter((other) => `${other.kind}:${other.id}` !== id);
      return;
    }
    if (!this.actors.some((other) => `${other.kind}:${other.id}` === id)) this.actors = [...this.actors, actor];
    this.#timers.set(id, this.#clock.setTimeout(() => this.hear(actor, false), FORGET_MS));
  }

  clear(): void {
    for (const timer of this.#timers.values()) this.#clock.clearTimeout(timer);
    this.#timers.clear();
    this.actors = [];
  }
}

/** Tells the others that the reader is typing, now and then while it lasts. */
export class TypingTeller {
  #toldAt: number | null = null;
  #timer: unknown;
  readonly #tell: (typing: boolean) => void;
  readonly #clock: Clock;

  constructor(tell: (typing: boolean) => void, clock: Clock = systemClock) {
    this.#tell = tell;
    this.#clock = clock;
  }

  /** A key was pressed; an empty text means that nothing is being written. */
  typed(text: string): void {
    if (!text.trim()) {
      this.stop();
      return;
    }
    const now = this.#clock.now();
    if (this.#toldAt === null || now - this.#toldAt >= REPEAT_MS) {
      this.#toldAt = now;
      this.#tell(true);
    }
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.stop(), PAUSE_MS);
  }

  /** The message was sent, or the field was left. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    if (this.#toldAt === null) return;
    this.#toldAt = null;
    this.#tell(false);
  }
}
