/** A soft ring while a call waits to be joined. */

import type { Clock } from '../live/socket.svelte.ts';
import { systemClock } from '../live/socket.svelte.ts';
import { note } from './tone.ts';

/** Two notes, then a pause long enough to speak in. */
const NOTES_HZ = [659.25, 880] as const;
const NOTE_S = 0.4;
const EVERY_MS = 3_000;
const LOUD = 0.12;
/** Nobody is there any more: stop by itself. */
const RINGS_MAX = 20;
/** Phones also tremble: on, off, on (ms). */
const TREMBLE_MS = [180, 120, 180];

export interface RingEnvironment {
  clock: Clock;
  audioContext: (() => AudioContext) | null;
  vibrate: ((pattern: number[]) => boolean) | null;
}

function ringEnvironment(): RingEnvironment {
  return {
    clock: systemClock,
    audioContext: typeof AudioContext === 'undefined' ? null : () => new AudioContext(),
    // Before the page was touched browsers refuse, and say so in their log each time.
    vibrate: typeof navigator.vibrate === 'function' ? (pattern) => navigator.userActivation?.hasBeenActive !== false && navigator.vibrate(pattern) : null,
  };
}

/** Rings until stopped; silent where the page was not touched yet and so may make no sounds. Never throws. */
export class Ring {
  readonly #environment: RingEnvironment;
  #context: AudioContext | null = null;
  #rings = 0;
  #timer: unknown;
  #ringing = false;

  constructor(environment: RingEnvironment = ringEnvironment()) {
    this.#environment = environment;
  }

  get ringing(): boolean {
    return this.#ringing;
  }

  start(): void {
    if (this.#ringing) return;
    this.#ringing = true;
    this.#rings = 0;
    this.#ring();
  }

  stop(): void {
    if (!this.#ringing) return;
    this.#ringing = false;
    this.#environment.clock.clearTimeout(this.#timer);
    this.#tremble([]);
    void this.#context?.close().catch(() => {});
    this.#context = null;
  }

  #ring(): void {
    this.#tremble(TREMBLE_MS);
    this.#sound();
    this.#rings += 1;
    if (this.#rings < RINGS_MAX) this.#timer = this.#environment.clock.setTimeout(() => this.#ring(), EVERY_MS);
    else this.#timer = this.#environment.clock.setTimeout(() => this.stop(), EVERY_MS);
  }

  #sound(): void {
    try {
      this.#context ??= this.#environment.audioContext?.() ?? null;
      const context = this.#context;
      if (!context) return;
      // Without a gesture this waits for one; what comes too late is not rung.
      if (context.state === 'suspended') void context.resume().catch(() => {});
      if (context.state !== 'running') return;
      NOTES_HZ.forEach((hz, index) => note(context, context.destination, hz, context.currentTime + index * NOTE_S, NOTE_S * 2, LOUD));
    } catch {
      // Silent, then; the words on the screen are there.
    }
  }

  #tremble(pattern: number[]): void {
    try {
      this.#environment.vibrate?.(pattern);
    } catch {
      // No motor, or not allowed.
    }
  }
}
