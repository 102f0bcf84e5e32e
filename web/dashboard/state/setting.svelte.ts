import { Offline, Problem } from '../../lib/api/client.ts';

/** A pause in typing this long saves. */
const SAVE_AFTER_MS = 500;
/** Waiting between attempts doubles from the first to the longest. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** How long "Saved" stands. */
const SAVED_MS = 4_000;

/** `waiting`: not saved, trying again. `refused`: the server does not take it, the field says why. */
export type SettingState = 'idle' | 'saving' | 'saved' | 'waiting' | 'refused';

/**
 * One setting that saves itself: one request at a time, again until the server
 * has it or refuses it. What someone typed stays when it is refused, to be put
 * right; a choice goes back to what the server holds.
 */
export class Setting<Value = string> {
  state = $state<SettingState>('idle');
  /** Why the last attempt failed. */
  error = $state.raw<unknown>(null);
  value = $state.raw<Value>() as Value;

  readonly #send: (value: Value) => Promise<unknown>;
  /** What the server holds, as far as we know. */
  #held: Value;
  /** The last change was a choice. */
  #chosen = false;
  /** Changed since it was last sent. */
  #changed = false;
  #sending = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(value: Value, send: (value: Value) => Promise<unknown>) {
    this.value = value;
    this.#held = value;
    this.#send = send;
  }

  /** Someone types: saved after a pause. */
  type(value: Value): void {
    this.#change(value);
    this.#chosen = false;
    this.#plan(SAVE_AFTER_MS);
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
    this.state = 'idle';
  }

  /** Saves without waiting for a pause: the field is left, or the page. */
  flush(): void {
    if (this.#changed) void this.#save();
  }

  /** The page is left: what was typed is sent, and not tried again. */
  stop(): void {
    this.flush();
    clearTimeout(this.#timer);
  }

  #change(value: Value): void {
    this.value = value;
    this.#changed = true;
    this.#failures = 0;
  }

  #plan(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(), ms);
  }

  async #save(): Promise<void> {
    if (this.#sending) return;
    clearTimeout(this.#timer);
    this.#changed = false;
    this.#sending = true;
    this.state = 'saving';
    const sent = this.value;
    try {
      await this.#send(sent);
      this.#held = sent;
      this.#failures = 0;
      this.error = null;
      this.state = 'saved';
    } catch (error) {
      this.error = error;
      this.#failed(error);
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
