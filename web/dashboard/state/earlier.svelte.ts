import type { CaseRow, Page } from '../../lib/api/types.ts';

/** Other cases of the same customer: those with the same email address or phone number. */
export class Earlier {
  items = $state.raw<CaseRow[]>([]);
  /** Where the next page begins; null when all is here. */
  next = $state.raw<string | null>(null);
  loaded = $state(false);
  /** Why the last load failed; null when it did not. */
  error = $state.raw<unknown>(null);
  /** By what they were found; after a change of it they are asked for again. */
  #by = '';
  #turn = 0;
  readonly #load: (cursor: string | null) => Promise<Page<CaseRow>>;

  constructor(load: (cursor: string | null) => Promise<Page<CaseRow>>) {
    this.#load = load;
  }

  /** Finds them by the contact that the server has; asks only when that has changed. */
  async of(email: string, phone: string): Promise<void> {
    const by = email || phone ? `${email}\n${phone}` : '';
    if (by === this.#by && (this.loaded || by === '')) return;
    this.#by = by;
    if (by === '') {
      this.#turn += 1;
      this.items = [];
      this.next = null;
      this.loaded = false;
      return;
    }
    await this.reload();
  }

  /** The first page again. */
  async reload(): Promise<void> {
    await this.#page(null);
  }

  async more(): Promise<void> {
    if (this.next) await this.#page(this.next);
  }

  async #page(cursor: string | null): Promise<void> {
    const turn = ++this.#turn;
    try {
      const page = await this.#load(cursor);
      if (turn !== this.#turn) return;
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.next = page.next;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      if (turn === this.#turn) this.error = error;
    }
  }
}
