import { systemClock, type Clock } from '../../lib/live/socket.svelte.ts';

/** A field may go while someone types in it. For so long after the last key, the next letters are still meant for it. */
export const WRITING_ON_MS = 1_500;
/** For so long after the last key, more keys may be on their way. */
export const AT_KEYS_MS = 5_000;

/** Keys that only change what others mean. */
const MODIFIERS = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock', 'Fn']);

/** Where a key was pressed. `line`: a field in which Enter ends the writing; `area`: one in which it goes on. */
export type Place = 'line' | 'area' | 'elsewhere';

/** Whoever sits at the keys: what they were typing into, and whether they left that on purpose. */
export class Hand {
  readonly #clock: Pick<Clock, 'now'>;
  #struck = -Infinity;
  #writing = false;
  #dead = false;
  #composed = false;

  constructor(clock: Pick<Clock, 'now'> = systemClock) {
    this.#clock = clock;
  }

  /** Hears of a key, before it does anything. */
  press({ key, ctrlKey, metaKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>, place: Place): void {
    if (MODIFIERS.has(key)) return;
    this.#composed = this.#dead;
    this.#dead = key === 'Dead';
    if (ctrlKey || metaKey) return;
    if (key === 'Escape' || key === 'Tab' || (key === 'Enter' && place === 'line')) this.leave();
    else this.type(place !== 'elsewhere');
  }

  /** A letter was typed; one that follows closely on others goes where they went. */
  type(intoField: boolean): void {
    this.#writing = intoField || this.writing;
    this.#struck = this.#clock.now();
  }

  /** Went elsewhere on purpose, by a key. */
  leave(): void {
    this.#writing = false;
  }

  /** Took the mouse, or touched the screen. */
  point(): void {
    this.#writing = false;
    this.#struck = -Infinity;
  }

  /** Whether letters are meant for a field, be it there or not. */
  get writing(): boolean {
    return this.#writing && this.#clock.now() - this.#struck < WRITING_ON_MS;
  }

  /** Whether the next key may be on its way. */
  get atKeys(): boolean {
    return this.#clock.now() - this.#struck < AT_KEYS_MS;
  }

  /** Whether the last key only carries the accent of the dead key before it. */
  get composed(): boolean {
    return this.#composed;
  }
}
