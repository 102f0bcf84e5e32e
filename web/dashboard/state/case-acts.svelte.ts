import { Problem } from '../../lib/api/client.ts';
import type { Case, TagRef } from '../../lib/api/types.ts';
import { isTakenBy, type CaseApi } from './case-api.ts';

/** How long a removed tag can be put back by a button. */
const UNDO_MS = 10_000;

/** What acts need of the case they are about. */
export interface ActDeps {
  me: () => string;
  /** Takes what the server answered. */
  take: (fresh: Case) => void;
  /** Shows a change that the server has agreed to, before the live event comes. */
  patch: (change: (known: Case) => Case) => void;
  refresh: () => Promise<void>;
  /** Waits until the fields are saved. */
  settle: () => Promise<void>;
  /** What is unsent can go. */
  wake: () => void;
  /** The case is not there any more. */
  gone: () => void;
}

/** What an operator does about a case. Each throws what the server has against it. */
export class CaseActs {
  /** The tag that was removed a moment ago. */
  removed = $state.raw<TagRef | null>(null);
  readonly #api: CaseApi;
  readonly #deps: ActDeps;
  #undoTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: CaseApi, deps: ActDeps) {
    this.#api = api;
    this.#deps = deps;
  }

  join(): Promise<void> {
    return this.add(this.#deps.me());
  }

  async add(operatorId: string): Promise<void> {
    this.#deps.take(await this.#api.add(operatorId));
  }

  async leave(operatorId: string): Promise<void> {
    this.#deps.take(await this.#api.leave(operatorId));
  }

  /** Takes a case that waits; when a colleague was quicker, the refusal says who. */
  async claim(): Promise<void> {
    try {
      this.#deps.take(await this.#api.claim());
    } catch (error) {
      const refreshed = this.#deps.refresh();
      // Another window of the reader's, or a try whose answer was lost: the case is the reader's, as it should be.
      if (isTakenBy(error, this.#deps.me())) await refreshed;
      else throw error;
    }
  }

  /** Everyone leaves, and the case waits for someone. */
  async queue(): Promise<void> {
    this.#deps.take(await this.#api.queue());
  }

  async handOver(to: string, note: string, stay: boolean): Promise<void> {
    await this.#api.handOver(to, note.trim(), stay);
    // Whoever is no longer on it may not see it any more; asking says so.
    await this.#deps.refresh();
  }

  async complete(): Promise<void> {
    // Afterwards nothing can be saved any more.
    await this.#deps.settle();
    this.#deps.take(await this.#api.complete());
  }

  async reopen(): Promise<void> {
    this.#deps.take(await this.#api.reopen());
    this.#deps.wake();
  }

  /** Deletes the case with everything in it, for everyone. */
  async remove(): Promise<void> {
    try {
      await this.#api.remove();
    } catch (error) {
      // Someone else was quicker, or the answer to the first try was lost.
      if (!(error instanceof Problem && error.status === 404)) throw error;
    }
    this.#deps.gone();
  }

  async tag(tag: TagRef): Promise<void> {
    await this.#api.tag(tag.id);
    if (this.removed?.id === tag.id) this.#settleRemoved();
    this.#deps.patch((known) => (known.tags.some(({ id }) => id === tag.id) ? known : { ...known, tags: [...known.tags, { id: tag.id, name: tag.name }] }));
  }

  async untag(tag: TagRef): Promise<void> {
    await this.#api.untag(tag.id);
    this.#deps.patch((known) => ({ ...known, tags: known.tags.filter(({ id }) => id !== tag.id) }));
    clearTimeout(this.#undoTimer);
    this.removed = tag;
    this.#undoTimer = setTimeout(() => this.#settleRemoved(), UNDO_MS);
  }

  /** Puts the removed tag back. */
  async undo(): Promise<void> {
    if (this.removed) await this.tag(this.removed);
  }

  /** Puts the case off for oneself. */
  async snooze(until: number): Promise<void> {
    const at = new Date(until).toISOString();
    await this.#api.snooze(at);
    this.#deps.patch((known) => ({ ...known, mine: { ...known.mine, snoozed_until: at } }));
  }

  /** Back among the cases at hand. */
  async wakeUp(): Promise<void> {
    await this.#api.wake();
    this.#deps.patch((known) => ({ ...known, mine: { ...known.mine, snoozed_until: null } }));
  }

  /** Asks the customer where they are. */
  async askLocation(): Promise<void> {
    await this.#api.askLocation();
    await this.#deps.refresh();
  }

  /** Forgets where the customer is; that they answered stays. */
  async forgetLocation(): Promise<void> {
    await this.#api.forgetLocation();
    await this.#deps.refresh();
  }

  /** What merging another case into this one asks. */
  get merging() {
    return {
      preview: (from: string) => this.#api.mergePreview(from),
      merge: async (from: string, take: readonly string[], key: string) => {
        const fresh = await this.#api.merge(from, take, key);
        this.#deps.take(fresh);
        return fresh;
      },
    };
  }

  #settleRemoved(): void {
    clearTimeout(this.#undoTimer);
    this.removed = null;
  }
}
