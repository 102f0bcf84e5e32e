/**
 * The answer begun and not sent: kept in the browser with each key, on the
 * server with each pause, so that it is there on the next device too.
 */

import { Problem } from '../../lib/api/client.ts';
import type { Draft } from '../../lib/api/types.ts';
import { systemClock, type Clock } from '../../lib/live/socket.svelte.ts';
import { Keeper } from './kept.ts';

/** A pause in typing this long saves. */
const PAUSE_MS = 800;
/** Who types without a pause is saved this often all the same. */
const SAVE_EVERY_MS = 4_000;
/** Waiting between attempts doubles from the first to the longest. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;

/** `empty`: nothing to save. The others as for a field. */
export type DraftState = 'empty' | 'typing' | 'saving' | 'saved' | 'failed' | 'conflict';

export interface DraftOptions {
  /** Case and operator. */
  scope: string;
  save: (text: string, version: number) => Promise<Draft>;
  onProblem?: (problem: Problem) => void;
  clock?: Clock;
}

/** The draft of one operator in one case. Public members are runes. */
export class CaseDraft {
  text = $state('');
  state = $state<DraftState>('empty');
  /** What another window of the same operator wrote. */
  theirs = $state.raw<{ text: string; version: number } | null>(null);

  readonly #options: DraftOptions;
  readonly #clock: Clock;
  readonly #keeper: Keeper;
  #version = 0;
  /** What the server has. */
  #known = '';
  /** What was sent without an answer: the server may have it all the same. */
  readonly #unanswered = new Set<string>();
  #timer: unknown;
  #unsavedSince: number | null = null;
  #failures = 0;
  #saving = false;
  #stopped = false;

  constructor(options: DraftOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#keeper = new Keeper(options.scope, 'draft');
    const kept = this.#keeper.read();
    if (!kept) return;
    this.text = kept.text;
    this.#version = kept.version;
    this.state = 'typing';
  }

  /** Takes what the server has; what was typed here since stays. */
  merge(draft: Draft | null): void {
    // An emptied draft is told with its version; null is what stood before the first, perhaps long ago.
    const known = draft ?? { text: '', version: 0 };
    if (this.#saving) return;
    const old = known.version < this.#version;
    if (this.state === 'typing' || this.state === 'failed') {
      if (known.text === this.text && !old) this.#settle(known);
      else void this.#save();
    } else if (this.state !== 'conflict' && !old) {
      this.text = known.text;
      this.#settle(known);
    }
  }

  /** The text was changed by hand. */
  type(text: string): void {
    if (text === this.text) return;
    this.text = text;
    this.#keep();
    if (this.state === 'conflict') return;
    if (!this.#saving) this.state = 'typing';
    this.#unsavedSince ??= this.#clock.now();
    this.#later(Math.min(PAUSE_MS, Math.max(0, this.#unsavedSince + SAVE_EVERY_MS - this.#clock.now())));
  }

  /** The text was sent: it is no draft any more. Gives it back. */
  send(): string {
    const text = this.text;
    if (this.theirs) {
      // The other window's words were not sent: they are what is left to say.
      this.keepTheirs();
      return text;
    }
    this.type('');
    void this.#save();
    return text;
  }

  /** The same words were sent from another window: here they are no draft any more either. */
  sentElsewhere(text: string): void {
    if (this.state !== 'saved' || this.text.trim() !== text) return;
    this.text = '';
    this.#settle({ text: '', version: this.#version });
  }

  /** Of two texts this window's. */
  keepMine(): void {
    this.#choose(this.text);
  }

  /** Of two texts the other window's. */
  keepTheirs(): void {
    if (this.theirs) this.#choose(this.theirs.text);
  }

  /** Both, the other window's first. */
  keepBoth(): void {
    if (this.theirs) this.#choose(`${this.theirs.text}\n${this.text}`);
  }

  /** Saves now what waits. */
  flush(): void {
    if (this.state === 'typing' || this.state === 'failed') void this.#save();
  }

  /** The connection is back. */
  wake(): void {
    this.#failures = 0;
    this.flush();
  }

  /** Whether it is still on its way to the server by itself. */
  get pending(): boolean {
    return this.#saving || this.state === 'typing' || this.state === 'failed';
  }

  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#timer);
  }

  /** The case is gone, and the text with it. */
  forget(): void {
    this.stop();
    this.#keeper.clear();
  }

  #choose(text: string): void {
    if (!this.theirs) return;
    this.#version = this.theirs.version;
    this.#known = this.theirs.text;
    this.theirs = null;
    this.text = text;
    this.#keep();
    this.state = 'typing';
    void this.#save();
  }

  #settle(draft: { text: string; version: number }): void {
    this.#version = draft.version;
    this.#known = draft.text;
    this.#failures = 0;
    this.#unanswered.clear();
    this.#unsavedSince = null;
    this.state = draft.text ? 'saved' : 'empty';
    this.#keeper.forget();
  }

  #keep(): void {
    this.#keeper.keep({ text: this.text, version: this.#version });
  }

  #later(ms: number): void {
    this.#clock.clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = this.#clock.setTimeout(() => this.flush(), ms);
  }

  async #save(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    if (this.#saving) return;
    const text = this.text;
    if (text === this.#known && this.#unanswered.size === 0) {
      this.#settle({ text, version: this.#version });
      return;
    }
    this.#saving = true;
    this.#unsavedSince = null;
    this.state = 'saving';
    try {
      const draft = await this.#options.save(text, this.#version);
      this.#saving = false;
      this.#settle(draft);
      if (this.text !== text) {
        this.state = 'typing';
        this.#keep();
        // An emptied field was sent: that cannot wait for a pause.
        if (this.text === '') void this.#save();
        else this.#later(PAUSE_MS);
      }
    } catch (error) {
      this.#saving = false;
      if (!(error instanceof Problem)) this.#unanswered.add(text);
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const problem = error instanceof Problem ? error : null;
    const conflict = problem?.code === 'field_conflict' ? problem.body.conflicts?.[0] : undefined;
    if (conflict) {
      const own = this.#unanswered.has(conflict.theirs);
      // Nothing of ours is left to say, so what another window wrote stays: it was not sent with ours.
      if (this.text === '' && !own) {
        this.text = conflict.theirs;
        this.#settle({ text: conflict.theirs, version: conflict.version });
        return;
      }
      if (own || conflict.theirs === '' || conflict.theirs === this.text) {
        this.#version = conflict.version;
        this.#known = conflict.theirs;
        this.state = 'typing';
        void this.#save();
        return;
      }
      this.theirs = { text: conflict.theirs, version: conflict.version };
      this.state = 'conflict';
      return;
    }
    this.state = 'failed';
    if (problem?.status === 422) return;
    const backoff = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#later(Math.max(backoff, (problem?.retryAfterS ?? 0) * 1000));
    if (problem) this.#options.onProblem?.(problem);
  }
}
