import { request } from '../../lib/api/client.ts';
import type { SavedFilter } from '../../lib/api/types.ts';
import { sameFilter, type CaseFilter } from './case-filter.ts';

/** Characters of a filter's name, as the server counts them. */
export const FILTER_CHARACTERS_MAX = 40;

/** The filters that the reader has given a name. They are loaded when the filter is first opened. */
export class SavedFilters {
  items = $state.raw<SavedFilter[]>([]);
  loaded = $state(false);
  /** Why the last load failed; null when it did not. */
  error = $state.raw<unknown>(null);
  /** The one that was just removed, while it can be taken back. */
  removed = $state.raw<SavedFilter | null>(null);
  #loading: Promise<void> | null = null;

  ensure(): Promise<void> {
    if (this.loaded) return Promise.resolve();
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /** The saved one that shows the same. */
  same(filter: CaseFilter): SavedFilter | undefined {
    return this.items.find((saved) => sameFilter({ ...saved.filter, view: null }, filter));
  }

  /** The one of this name, however it is written. */
  named(name: string): SavedFilter | undefined {
    const wanted = name.trim().toLocaleLowerCase();
    return this.items.find((saved) => saved.name.toLocaleLowerCase() === wanted);
  }

  async save(name: string, { status, operator, tags }: CaseFilter): Promise<void> {
    this.#put(await request<SavedFilter>('POST', '/filters', { body: { name: name.trim(), filter: { status, operator, tags } } }));
    this.removed = null;
  }

  /** Removes one; it can be taken back until the next is removed. */
  async remove(saved: SavedFilter): Promise<void> {
    this.items = this.items.filter(({ id }) => id !== saved.id);
    this.removed = null;
    try {
      await request('DELETE', `/filters/${saved.id}`);
      this.removed = saved;
    } catch (error) {
      this.#put(saved);
      throw error;
    }
  }

  /** Takes the last removal back. */
  async undo(): Promise<void> {
    const { removed } = this;
    if (!removed) return;
    await this.save(removed.name, { ...removed.filter, view: null });
  }

  #put(saved: SavedFilter): void {
    const others = this.items.filter(({ id }) => id !== saved.id);
    this.items = [...others, saved].sort((a, b) => a.name.localeCompare(b.name));
  }

  async #load(): Promise<void> {
    try {
      const { items } = await request<{ items: SavedFilter[] }>('GET', '/filters');
      this.items = items.sort((a, b) => a.name.localeCompare(b.name));
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }
}
