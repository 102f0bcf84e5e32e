/**
 * Messages the server has not acknowledged yet.
 *
 * Each is kept in the browser under its own key from the moment it is sent,
 * so a reload loses none and two tabs never overwrite each other. They leave
 * one after the other; the idempotency key is made when the message is, so
 * however often one is sent, the server keeps one.
 */

import { newKey, Offline, Problem } from '../api/client.ts';
import type { Entry } from '../api/types.ts';
import { systemClock, type Clock } from '../live/socket.svelte.ts';

/** Every kept message stands under this prefix, its scope and its key. */
const PREFIX = 'deskside:outbox';
/** Waiting between attempts doubles from the first to the longest. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** Refusals that pass by themselves; every other one is for the writer to decide. */
const PASSING = new Set(['too_many_attempts', 'overloaded', 'not_saved', 'not_signed_in']);

/** `sending`: on its way. `waiting`: for its turn or for the connection. `failed`: refused, see `problem`. */
export type PendingState = 'sending' | 'waiting' | 'failed';

/** Why a message was refused, as far as it is kept. */
export interface Refusal {
  status: number;
  code: string;
  detail: string;
}

/** For whom a message is: everyone in the case, or the team alone, and of it some above all. */
export interface Audience {
  internal: boolean;
  /** Ids of the colleagues an internal message mentions. */
  mentions: readonly string[];
}

/** A message as it is sent. */
export interface Outgoing extends Audience {
  key: string;
  text: string;
}

const EVERYONE: Audience = { internal: false, mentions: [] };

export interface Pending extends Outgoing {
  /** When it was written, milliseconds; the order of sending. */
  at: number;
  state: PendingState;
  problem: Refusal | null;
}

type Kept = Pick<Pending, 'text' | 'internal' | 'mentions' | 'at' | 'problem'>;

export interface OutboxOptions {
  /** Case and sender, so that nobody sends another's words: `case_…/op_…`. */
  scope: string;
  send: (message: Outgoing) => Promise<Entry>;
  /** The acknowledged message, for the timeline. */
  onSent?: (entry: Entry) => void;
  /** More codes of refusals that pass by themselves here. */
  passing?: readonly string[];
  /**
   * Whether nothing can be sent at the moment. After a refusal that passes here nothing is tried
   * again while this holds; who says so wakes the outbox when it is over.
   */
  held?: () => boolean;
  /** A refusal, for what concerns more than this message (signed out, completed, deleted). */
  onProblem?: (problem: Problem) => void;
  storage?: Storage | null;
  clock?: Clock;
  random?: () => number;
  /** Runs `act` while no other tab runs one of the same name. */
  exclusively?: (name: string, act: () => Promise<void>) => Promise<void>;
  /** Where changes by other tabs and the return of the network are heard; null listens to nothing. */
  target?: EventTarget | null;
}

function browserStorage(): Storage | null {
  try {
    return typeof localStorage === 'undefined' ? null : localStorage;
  } catch {
    return null;
  }
}

/** The browser's locks keep tabs apart; without them (plain http) the server's idempotency does. */
function browserLock(name: string, act: () => Promise<void>): Promise<void> {
  return typeof navigator !== 'undefined' && navigator.locks ? navigator.locks.request(name, act) : act();
}

/** The unsent messages of one sender in one case. `items` is a rune. */
export class Outbox {
  items = $state.raw<Pending[]>([]);

  readonly #options: OutboxOptions;
  readonly #prefix: string;
  readonly #storage: Storage | null;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #target: EventTarget | null;
  #draining = false;
  #again = false;
  /** The server has said that nothing can be sent here. */
  #turnedAway = false;
  #stopped = false;
  #failures = 0;
  #timer: unknown;
  /** Messages the storage would not take; they live as long as the page does. */
  readonly #unkept = new Set<string>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#prefix = `${PREFIX}:${options.scope}:`;
    this.#storage = options.storage === undefined ? browserStorage() : options.storage;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#target = options.target === undefined ? (typeof window === 'undefined' ? null : window) : options.target;
  }

  /** Takes up what an earlier visit could not send. */
  start(): void {
    this.#stopped = false;
    this.#target?.addEventListener('storage', this.#onStorage);
    this.#target?.addEventListener('online', this.#onOnline);
    this.#adopt();
    this.wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#target?.removeEventListener('storage', this.#onStorage);
    this.#target?.removeEventListener('online', this.#onOnline);
    this.#clock.clearTimeout(this.#timer);
  }

  /** Takes a message; it is kept before anything else happens. */
  add(text: string, { internal, mentions } = EVERYONE): Pending {
    // Two messages of one millisecond still have an order.
    const last = this.items.at(-1)?.at ?? 0;
    const item: Pending = { key: newKey(), text, internal, mentions, at: Math.max(this.#clock.now(), last + 1), state: 'waiting', problem: null };
    this.#keep(item);
    this.items = [...this.items, item];
    this.wake();
    return item;
  }

  /** Sends a refused message again, after those that are still in line. */
  retry(key: string): void {
    const item = this.items.find((pending) => pending.key === key);
    if (!item || item.state !== 'failed') return;
    const last = this.items.at(-1)?.at ?? 0;
    const again: Pending = { ...item, at: Math.max(this.#clock.now(), last + 1), state: 'waiting', problem: null };
    this.#keep(again);
    this.items = [...this.items.filter((pending) => pending !== item), again];
    this.wake();
  }

  /** Gives up a refused message; gives its text back for whoever wants to change it. */
  discard(key: string): string | null {
    const item = this.items.find((pending) => pending.key === key);
    if (!item || item.state !== 'failed') return null;
    this.acknowledge(key);
    return item.text;
  }

  /** The server has this one: by its answer, or by the live event that came first. */
  acknowledge(key: string): void {
    this.#forget(key);
    if (this.items.some((item) => item.key === key)) this.items = this.items.filter((item) => item.key !== key);
  }

  /** Forgets all of it: the case is gone. */
  clear(): void {
    for (const item of this.items) this.#forget(item.key);
    this.items = [];
  }

  /** Tries at once, because the connection is back. */
  wake(): void {
    this.#clock.clearTimeout(this.#timer);
    if (this.#stopped || this.#held()) return;
    if (this.#draining) {
      this.#again = true;
      return;
    }
    if (!this.items.some((item) => item.state === 'waiting')) return;
    this.#draining = true;
    const lock = this.#options.exclusively ?? browserLock;
    void this.#inTurn(lock);
  }

  /** Sends while no other tab does; a lock that the browser refuses is asked for again later. */
  async #inTurn(lock: (name: string, act: () => Promise<void>) => Promise<void>): Promise<void> {
    try {
      await lock(this.#prefix, () => this.#drain());
    } catch (error) {
      console.error(error);
      this.#later();
    }
    this.#draining = false;
    if (this.#again) {
      this.#again = false;
      this.wake();
    }
  }

  /** Sends in order until the line is empty or nobody answers. */
  async #drain(): Promise<void> {
    // While we stood in line for the lock, another tab may have sent some.
    this.#adopt();
    for (;;) {
      const item = this.items.find((pending) => pending.state === 'waiting');
      if (!item || this.#stopped || this.#held()) return;
      this.#replace(item.key, { state: 'sending' });
      try {
        const { key, text, internal, mentions } = item;
        const entry = await this.#options.send({ key, text, internal, mentions });
        this.#failures = 0;
        // The timeline first: the message must not be gone for a moment.
        this.#options.onSent?.(entry);
        this.acknowledge(item.key);
      } catch (error) {
        if (!this.#refused(item.key, error)) return;
      }
    }
  }

  /**
   * Whether there is no use in trying. Only the server's own word begins this: it may have a message
   * whose answer was lost, and tells so even where it takes no new one.
   */
  #held(): boolean {
    if (!this.#options.held?.()) this.#turnedAway = false;
    return this.#turnedAway;
  }

  /** Whether the line goes on after this failure. */
  #refused(key: string, error: unknown): boolean {
    if (error instanceof Problem && !PASSING.has(error.code) && !this.#options.passing?.includes(error.code)) {
      const problem = { status: error.status, code: error.code, detail: error.detail };
      this.#replace(key, { state: 'failed', problem });
      const item = this.items.find((pending) => pending.key === key);
      if (item) this.#keep(item);
      this.#options.onProblem?.(error);
      return true;
    }
    this.#replace(key, { state: 'waiting' });
    this.#turnedAway = error instanceof Problem && !PASSING.has(error.code);
    this.#later(error instanceof Problem && error.retryAfterS !== null ? error.retryAfterS * 1000 : 0);
    if (error instanceof Problem) this.#options.onProblem?.(error);
    else if (!(error instanceof Offline)) console.error(error);
    return false;
  }

  /** Tries again after a pause that grows with each failure, and is never shorter than asked for. */
  #later(asked = 0): void {
    const backoff = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.#failures) * (0.5 + 0.5 * this.#random());
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#clock.clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = this.#clock.setTimeout(() => this.wake(), Math.max(backoff, asked));
  }

  #replace(key: string, change: Partial<Pending>): void {
    this.items = this.items.map((item) => (item.key === key ? { ...item, ...change } : item));
  }

  #keep(item: Pending): void {
    const { text, internal, mentions, at, problem } = item;
    const kept: Kept = { text, internal, mentions, at, problem };
    try {
      if (!this.#storage) throw new Error('no storage');
      this.#storage.setItem(this.#prefix + item.key, JSON.stringify(kept));
      this.#unkept.delete(item.key);
    } catch {
      this.#unkept.add(item.key);
    }
  }

  #forget(key: string): void {
    this.#unkept.delete(key);
    try {
      this.#storage?.removeItem(this.#prefix + key);
    } catch {
      // A storage that cannot be written holds nothing of ours.
    }
  }

  /** Brings the list in line with what is kept; other tabs add, send and discard too. */
  #adopt(): void {
    const kept = this.#kept();
    if (!kept) return;
    const here = new Map(this.items.map((item) => [item.key, item]));
    const next: Pending[] = [];
    for (const [key, message] of kept) {
      const known = here.get(key);
      const state = known?.state === 'sending' ? 'sending' : message.problem ? 'failed' : 'waiting';
      next.push({ key, ...message, state });
    }
    this.items = next.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  }

  /** What stands in the storage for this scope; null when there is no storage to trust. */
  #kept(): Map<string, Kept> | null {
    if (!this.#storage) return null;
    const found = new Map<string, Kept>();
    try {
      for (let i = 0; i < this.#storage.length; i++) {
        const name = this.#storage.key(i);
        if (!name?.startsWith(this.#prefix)) continue;
        const value = JSON.parse(this.#storage.getItem(name) ?? 'null') as Partial<Kept> | null;
        if (typeof value?.text !== 'string' || typeof value.at !== 'number') continue;
        const { text, at, internal = false, mentions = [], problem = null } = value;
        found.set(name.slice(this.#prefix.length), { text, at, internal, mentions, problem });
      }
    } catch {
      return null;
    }
    // A message that could not be kept must not vanish from the screen.
    for (const item of this.items) if (!found.has(item.key) && this.#unkept.has(item.key)) found.set(item.key, item);
    return found;
  }

  #onStorage = (event: Event): void => {
    const name = (event as StorageEvent).key;
    if (name !== null && !name.startsWith(this.#prefix)) return;
    this.#adopt();
    this.wake();
  };

  #onOnline = (): void => {
    this.#failures = 0;
    this.wake();
  };
}
