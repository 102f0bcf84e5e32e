import { Offline, Problem } from '../../lib/api/client.ts';
import type { KeptForm } from './kept-forms.svelte.ts';

/** A pause in typing this long saves. */
const SAVE_AFTER_MS = 500;
/** Waiting between attempts doubles from the first to the longest. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** How long "Saved" stands. */
const SAVED_MS = 4_000;

/** `waiting`: not saved, trying again. `refused`: the server does not take it, the field says why. */
export type SettingState = 'idle' | 'saving' | 'saved' | 'waiting' | 'refused';

/** What someone typed that the server does not have, and what the server held when they began. */
export interface KeptSetting<Value> {
  value: Value;
  held: Value;
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * One setting that saves itself: one request at a time, again until the server
 * has it or refuses it. What someone typed stays when it is refused, to be put
 * right; a choice goes back to what the server holds. Where what is typed is
 * kept, it outlives the page, and goes on its way when the setting is shown again.
 */
export class Setting<Value = string> {
  state = $state<SettingState>('idle');
  /** Why the last attempt failed. */
  error = $state.raw<unknown>(null);
  value = $state.raw<Value>() as Value;
  /** While what was typed here was kept, someone else saved this; null when nobody did. */
  overtaken = $state.raw<Value | null>(null);

  readonly #kept: KeptForm<KeptSetting<Value>> | undefined;
  readonly #send: (value: Value) => Promise<unknown>;
  /** What the server holds, as far as we know. */
  #held: Value;
  /** What the server held when the typing began that is kept. */
  #base: Value | undefined;
  /** The page was left. */
  #stopped = false;
  /** The last change was a choice. */
  #chosen = false;
  /** Changed since it was last sent. */
  #changed = false;
  #sending = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(value: Value, send: (value: Value) => Promise<unknown>, kept?: KeptForm<KeptSetting<Value>>) {
    this.value = value;
    this.#held = value;
    this.#send = send;
    this.#kept = kept;
    const was = kept?.read();
    if (was?.value !== undefined && typeof was.value === typeof value) this.#takeUp(was.value, was.held);
  }

  /** Someone types: saved after a pause. */
  type(value: Value): void {
    this.#change(value);
    this.#chosen = false;
    this.#keep();
    this.#plan(SAVE_AFTER_MS);
  }

  /** Someone types what cannot be saved yet. */
  hold(value: Value): void {
    this.value = value;
    this.#keep();
  }

  /** Someone chose: saved at once. */
  choose(value: Value): void {
    this.#change(value);
    this.#chosen = true;
    this.flush();
  }

  /** What the server holds now; what is being changed here stays. */
  take(value: Value): void {
    this.#held = value;
    if (this.state === 'refused' && this.#chosen) this.value = value;
    else if (!this.#changed && !this.#sending && this.state !== 'refused') this.value = value;
  }

  /** Gives up what was changed here for what the server holds. */
  reset(value: Value): void {
    clearTimeout(this.#timer);
    this.#changed = false;
    this.#held = value;
    this.value = value;
    this.error = null;
    this.overtaken = null;
    this.state = 'idle';
    this.#forget();
  }

  /** Saves without waiting for a pause: the field is left, or the page. */
  flush(): void {
    if (this.#changed) void this.#save();
  }

  /** The page is left: what was typed is sent; where nobody takes it, it comes back with the page. */
  stop(): void {
    this.flush();
    this.#stopped = true;
    this.#kept?.leave();
    clearTimeout(this.#timer);
  }

  /** What an earlier visit could not save. */
  #takeUp(value: Value, held: Value | undefined): void {
    if (same(value, this.#held)) {
      this.#forget();
      return;
    }
    this.value = value;
    this.#base = held;
    if (same(held, this.#held)) {
      this.#changed = true;
      this.#plan(0);
    } else {
      this.overtaken = this.#held;
      this.state = 'refused';
    }
    this.#keep();
  }

  #keep(): void {
    this.#base ??= this.#held;
    this.#kept?.keep({ value: this.value, held: this.#base });
  }

  #forget(): void {
    this.#base = undefined;
    this.#kept?.keep(null);
  }

  #change(value: Value): void {
    this.value = value;
    if (this.overtaken !== null) this.#base = undefined;
    this.overtaken = null;
    this.#changed = true;
    this.#failures = 0;
  }

  #plan(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(), ms);
  }

  /** The page was left, and whoever typed here is signed out, or went on with these words on another visit. */
  get #over(): boolean {
    return this.#stopped && this.#kept !== undefined && !(this.#kept.live && this.#keeps(this.value));
  }

  /** Whether it is this that is kept. */
  #keeps(value: Value): boolean {
    return same(this.#kept?.read()?.value, value);
  }

  async #save(): Promise<void> {
    if (this.#sending || this.#over) return;
    clearTimeout(this.#timer);
    this.#changed = false;
    this.#sending = true;
    this.state = 'saving';
    const sent = this.value;
    try {
      await this.#send(sent);
      this.#held = sent;
      if (!same(sent, this.value)) this.#base = sent;
      else if (!this.#stopped || this.#keeps(sent)) this.#forget();
      this.#failures = 0;
      this.error = null;
      this.state = 'saved';
    } catch (error) {
      this.error = error;
      this.#failed(error);
      // Also of a field that was left before the answer: who signs in again is led back to it.
      if (error instanceof Problem && error.code === 'not_signed_in' && !this.#chosen) this.#keep();
    }
    this.#sending = false;
    if (this.#changed) {
      if ((this.state as SettingState) !== 'waiting') this.#plan(0);
    } else if (this.state === 'saved') {
      this.#timer = setTimeout(() => (this.state = 'idle'), SAVED_MS);
    }
  }

  #failed(error: unknown): void {
    const passing = error instanceof Offline || (error instanceof Problem && (error.status >= 500 || error.status === 429));
    if (!passing) {
      this.state = 'refused';
      if (this.#chosen && !this.#changed) this.value = this.#held;
      return;
    }
    this.#changed = true;
    this.state = 'waiting';
    if (this.#stopped && !this.#kept?.live) return;
    const wait = Math.min(RETRY_FIRST_MS * 2 ** this.#failures, RETRY_MAX_MS);
    this.#failures += 1;
    this.#plan(wait);
  }
}

/** What a page says of all its settings: the worst news first. */
export function overall(settings: readonly { state: SettingState }[]): SettingState {
  const order: SettingState[] = ['refused', 'waiting', 'saving', 'saved'];
  return order.find((state) => settings.some((setting) => setting.state === state)) ?? 'idle';
}
