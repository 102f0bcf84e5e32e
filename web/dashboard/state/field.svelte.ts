/**
 * A field of the details, saved while it is typed.
 *
 * Every field carries the version its text was written over. A text that the
 * server does not have yet is kept in the browser, tried again until the
 * server answers, and never replaced by what others write: when both changed,
 * both stand in the field until someone chooses.
 */

import { Problem } from '../../lib/api/client.ts';
import type { Actor, Case, Conflict, CustomField, Field } from '../../lib/api/types.ts';
import { systemClock, type Clock } from '../../lib/live/socket.svelte.ts';
import type { FieldChange } from './case-api.ts';
import { Keeper } from './kept.ts';

/** A pause in typing this long saves. */
const PAUSE_MS = 500;
/** Who types without a pause is saved this often all the same. */
const SAVE_EVERY_MS = 3_000;
/** Waiting between attempts doubles from the first to the longest. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;

/**
 * `saved`: the server has it. `typing`, `saving`: on its way. `failed`: nobody
 * answered, tried again by itself. `refused`: the value is not right, see
 * `error`. `conflict`: someone else changed it too. `held`: nothing can be saved
 * at the moment, the text waits.
 */
export type FieldState = 'saved' | 'typing' | 'saving' | 'failed' | 'refused' | 'conflict' | 'held';

/** What the other one wrote. */
export interface Theirs {
  text: string;
  version: number;
  by: Actor | null;
  at: string | null;
}

export interface FieldOptions {
  /** The name that the server calls it by: a field's, or a custom field's id. */
  field: string;
  /** Case and operator. */
  scope: string;
  /** The operator who writes here. */
  me: string;
  save: (change: FieldChange) => Promise<Case>;
  /** The field in an answer; undefined where the case has it no more. */
  of: (fresh: Case) => Field | undefined;
  /** One of a few values has no parts to lose, so of two changes the last one stands. */
  lastWins?: boolean;
  onSaved: (fresh: Case) => void;
  /** Whether nothing can be saved at the moment; who says so wakes the field when that is over. */
  held?: () => boolean;
  onProblem?: (problem: Problem) => void;
  clock?: Clock;
}

/** One field. Public members are runes. */
export class CaseField {
  readonly name: string;
  /** What it is, when it is one of the organization's own. */
  definition = $state.raw<CustomField | null>(null);
  /** The id of its control in the document, while it is shown. */
  controlId: string | null = null;
  /** What stands in the field. */
  text = $state('');
  state = $state<FieldState>('saved');
  /** Why the server refused it. */
  error = $state.raw<Problem | null>(null);
  theirs = $state.raw<Theirs | null>(null);
  /** The field as the server last told. */
  known = $state.raw<Field>({ value: '', version: 0, changed_by: null, changed_at: null });

  readonly #options: FieldOptions;
  readonly #clock: Clock;
  readonly #keeper: Keeper;
  /** The version that `text` was written over. */
  #version = 0;
  /** What was sent without an answer: the server may have it all the same. */
  readonly #unanswered = new Set<string>();
  #timer: unknown;
  #unsavedSince: number | null = null;
  #failures = 0;
  #stopped = false;
  /** The save under way, or the last one. */
  #answer = Promise.resolve();

  constructor(options: FieldOptions) {
    this.name = options.field;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#keeper = new Keeper(options.scope, options.field);
    const kept = this.#keeper.read();
    if (!kept) return;
    this.text = kept.text;
    this.#version = kept.version;
    this.definition = kept.definition ?? null;
    this.state = 'typing';
  }

  /** Whether the server has what stands here. */
  get saved(): boolean {
    return this.state === 'saved';
  }

  /** Done when the server has answered what was sent last. */
  get answered(): Promise<void> {
    return this.#answer;
  }

  /** Takes what the server tells; a text under way stays as it is. */
  merge(field: Field): void {
    if (field.version < this.known.version) return;
    this.known = field;
    if (this.state === 'saved') {
      if (field.version > this.#version || this.#version === 0) this.#settle(field, field.value);
      return;
    }
    if (this.text === field.value && this.state !== 'saving') this.#settle(field, field.value);
    else if (this.state === 'conflict' && this.theirs && field.version > this.theirs.version) {
      this.theirs = { text: field.value, version: field.version, by: field.changed_by, at: field.changed_at };
    }
  }

  /** The text was changed by hand. */
  type(text: string): void {
    // What waits was written before the field was closed, and stays as it is.
    if (text === this.text || this.state === 'held') return;
    this.text = text;
    if (this.state === 'conflict') {
      this.#keep();
      return;
    }
    if (this.state !== 'saving') {
      // While an answer is missing the server may hold another text, so even the old one is saved.
      if (text === this.known.value && this.#version === this.known.version && this.#unanswered.size === 0) {
        this.#settle(this.known, text);
        return;
      }
      this.state = 'typing';
      this.error = null;
    }
    this.#keep();
    this.#unsavedSince ??= this.#clock.now();
    const patience = Math.max(0, this.#unsavedSince + SAVE_EVERY_MS - this.#clock.now());
    this.#later(Math.min(PAUSE_MS, patience));
  }

  /** The field was left: it shows what the server made of the text, or saves at once. */
  leave(): void {
    // Its case, or the field itself, has gone from under it: there is nothing to save to.
    if (this.#stopped) return;
    if (this.state === 'saved') this.text = this.known.value;
    else void this.flush();
  }

  /** Saves now what waits; done when the server has answered. */
  flush(): Promise<void> {
    if (this.state === 'typing' || this.state === 'failed') void this.#save();
    return this.#answer;
  }

  /** The connection is back, or the operator may write again. */
  wake(): void {
    this.#failures = 0;
    if (this.state === 'held' || (this.state === 'refused' && this.error?.status === 403)) this.state = 'failed';
    void this.flush();
  }

  /** Of two texts the own one, as it stands in the field now. */
  keepMine(): void {
    this.#choose(this.text);
  }

  /** Of two texts the other one's. */
  keepTheirs(): void {
    if (this.theirs) this.#choose(this.theirs.text);
  }

  /** Both texts, the other one's first. */
  keepBoth(): void {
    if (this.theirs) this.#choose(`${this.theirs.text}\n${this.text}`);
  }

  /** Gives up an own text that was refused. */
  restore(): void {
    if (this.state === 'refused' || this.state === 'typing') this.#settle(this.known, this.known.value);
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
    const theirs = this.theirs;
    if (!theirs) return;
    this.text = text;
    this.#version = Math.max(theirs.version, this.known.version);
    this.theirs = null;
    if (text === this.known.value && this.known.version >= theirs.version) {
      this.#settle(this.known, text);
      return;
    }
    this.state = 'typing';
    this.#keep();
    void this.#save();
  }

  /** The server has the text. */
  #settle(field: Field, typed: string): void {
    this.#clock.clearTimeout(this.#timer);
    this.text = typed;
    this.#version = field.version;
    this.#unsavedSince = null;
    this.#failures = 0;
    this.#unanswered.clear();
    this.error = null;
    this.theirs = null;
    this.state = 'saved';
    this.#keeper.forget();
  }

  #keep(): void {
    this.#keeper.keep({ text: this.text, version: this.#version, ...(this.definition && { definition: this.definition }) });
  }

  #later(ms: number): void {
    this.#clock.clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = this.#clock.setTimeout(() => void this.flush(), ms);
  }

  #save(): Promise<void> {
    if (this.#options.held?.()) {
      this.#clock.clearTimeout(this.#timer);
      this.state = 'held';
      return this.#answer;
    }
    this.#answer = this.#send();
    return this.#answer;
  }

  async #send(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    const text = this.text;
    this.state = 'saving';
    this.error = null;
    this.#unsavedSince = null;
    try {
      const fresh = await this.#options.save({ value: text, version: this.#version });
      this.#saved(text, fresh);
    } catch (error) {
      this.#failed(text, error);
    }
  }

  #saved(sent: string, fresh: Case): void {
    const field = this.#options.of(fresh) ?? this.known;
    if (field.version >= this.known.version) this.known = field;
    this.#unanswered.clear();
    if (this.text === sent) {
      // Someone may have gone on from there before our answer came; then that is what stands.
      this.#settle(this.known, this.known === field ? sent : this.known.value);
    } else {
      // More was typed meanwhile; it goes over what was just saved.
      this.#version = field.version;
      this.#failures = 0;
      this.state = 'typing';
      this.#keep();
      this.#unsavedSince = this.#clock.now();
      this.#later(PAUSE_MS);
    }
    this.#options.onSaved(fresh);
  }

  #failed(sent: string, error: unknown): void {
    const problem = error instanceof Problem ? error : null;
    if (problem?.code === 'field_conflict') {
      const conflict = problem.body.conflicts?.find(({ field }) => field === this.name);
      if (conflict) return this.#collided(conflict);
    }
    // What is not right stays until it is changed, and what one may not do until one may.
    if (problem && (problem.status === 422 || problem.status === 403)) {
      this.error = problem;
      this.state = 'refused';
      // Typed on while the answer was under way: that text has its own chance.
      if (this.text !== sent) {
        this.state = 'typing';
        this.#later(PAUSE_MS);
      }
      return;
    }
    if (!problem) this.#unanswered.add(sent);
    this.state = 'failed';
    const backoff = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#later(Math.max(backoff, (problem?.retryAfterS ?? 0) * 1000));
    if (problem) this.#options.onProblem?.(problem);
  }

  #collided(conflict: Conflict): void {
    const own = conflict.changed_by?.kind === 'operator' && conflict.changed_by.id === this.#options.me;
    if (this.#options.lastWins || (own && this.#unanswered.delete(conflict.theirs))) {
      // An own change whose answer was lost is nobody else's.
      this.#version = conflict.version;
      void this.#save();
      return;
    }
    if (conflict.theirs === this.text) {
      this.#settle({ value: conflict.theirs, version: conflict.version, changed_by: conflict.changed_by, changed_at: conflict.changed_at }, this.text);
      return;
    }
    const { known } = this;
    // Nobody chooses over a text that was not shown.
    this.theirs =
      known.version > conflict.version
        ? { text: known.value, version: known.version, by: known.changed_by, at: known.changed_at }
        : { text: conflict.theirs, version: conflict.version, by: conflict.changed_by, at: conflict.changed_at };
    this.state = 'conflict';
    this.#keep();
  }
}
