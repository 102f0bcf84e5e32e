import { request } from '../../lib/api/client.ts';
import type { SearchItem, SearchPage } from '../../lib/api/types.ts';
import { systemClock, type Clock } from '../../lib/live/socket.svelte.ts';

/** A pause in typing this long, and the server is asked. */
const PAUSE_MS = 150;
/** Results of one page. */
const PAGE = 20;
/** Characters that a search may have. */
export const QUERY_CHARACTERS_MAX = 200;
/** Shorter words are looked for only where names, numbers and references begin. */
export const WHOLE_CHARACTERS_MIN = 3;

const neat = (text: string): string => text.replace(/\s+/gu, ' ').trim();

/** One search field: what is typed, and what was found for it. */
export class CaseSearch {
  /** What stands in the field. */
  text = $state('');
  items = $state.raw<SearchItem[]>([]);
  /** What the items were found for; empty when nothing was answered yet. */
  answered = $state('');
  /** Where the next page begins; null when all is here. */
  next = $state.raw<string | null>(null);
  /** Why the last question failed; null when it did not. */
  error = $state.raw<unknown>(null);
  /** Older texts are still being read into the server's index: something may be missing. */
  partial = $state(false);
  /** The next page is on its way. */
  loadingMore = $state(false);
  /** The chosen result, −1 for none. */
  chosen = $state(-1);
  /** The words to look for. */
  readonly query = $derived(neat(this.text));
  /** What is shown does not belong to what is typed yet. */
  readonly waiting = $derived(this.query !== '' && this.query !== this.answered && this.error === null);
  /** So few characters that only beginnings are looked at. */
  readonly short = $derived(this.query !== '' && [...this.query.replace(/^#/, '')].length < WHOLE_CHARACTERS_MIN);
  /** The server has answered, and there is nothing. */
  readonly nothing = $derived(this.query !== '' && this.query === this.answered && this.items.length === 0);

  readonly #clock: Clock;
  #timer: unknown;
  #asking: AbortController | null = null;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** The field changed. Answers to what stood there before are dropped, wherever they are. */
  type(text: string): void {
    const before = this.query;
    this.text = text;
    if (this.query === before && this.error === null) return;
    this.#stop();
    if (this.query === '') {
      this.#empty();
      return;
    }
    this.#timer = this.#clock.setTimeout(() => void this.#ask(), PAUSE_MS);
  }

  /** Asks at once: Enter does not wait, and neither does another try. */
  now(): Promise<void> {
    if (this.query === '' || (this.query === this.answered && this.error === null)) return Promise.resolve();
    this.#stop();
    return this.#ask();
  }

  /** Asks for the page after what is here. */
  more = async (): Promise<void> => {
    const { answered, next } = this;
    if (next === null || this.loadingMore || this.query !== answered) return;
    const asking = new AbortController();
    this.#asking = asking;
    this.loadingMore = true;
    try {
      const page = await this.#page(answered, asking.signal, next);
      if (this.#asking !== asking) return;
      const known = new Set(this.items.map((item) => item.case.id));
      this.items = [...this.items, ...page.items.filter((item) => !known.has(item.case.id))];
      this.next = page.next;
      this.error = null;
    } catch (error) {
      if (this.#asking === asking) this.error = error;
    } finally {
      if (this.#asking === asking) this.loadingMore = false;
    }
  };

  /** Moves the choice; it stays within what is here. */
  step(by: number): void {
    const last = this.items.length - 1;
    this.chosen = Math.max(Math.min(0, last), Math.min(last, this.chosen + by));
    if (this.chosen >= last - 3) void this.more();
  }

  /** A case is gone, or out of sight: it is found no more. */
  forget(caseId: string): void {
    const at = this.items.findIndex((item) => item.case.id === caseId);
    if (at < 0) return;
    this.items = this.items.filter((item) => item.case.id !== caseId);
    if (this.chosen > at || this.chosen >= this.items.length) this.chosen -= 1;
  }

  clear(): void {
    this.#stop();
    this.text = '';
    this.#empty();
  }

  async #ask(): Promise<void> {
    const { query } = this;
    const asking = new AbortController();
    this.#asking = asking;
    this.error = null;
    try {
      const page = await this.#page(query, asking.signal, null);
      if (this.#asking !== asking) return;
      this.items = page.items;
      this.next = page.next;
      this.partial = !page.complete;
      this.answered = query;
      this.chosen = page.items.length > 0 ? 0 : -1;
    } catch (error) {
      if (this.#asking === asking) this.error = error;
    }
  }

  #page(query: string, signal: AbortSignal, cursor: string | null): Promise<SearchPage> {
    const from = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    return request('GET', `/search?q=${encodeURIComponent(query)}&limit=${PAGE}${from}`, { signal });
  }

  #stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
    this.loadingMore = false;
    this.error = null;
  }

  #empty(): void {
    this.items = [];
    this.answered = '';
    this.next = null;
    this.partial = false;
    this.chosen = -1;
  }
}
