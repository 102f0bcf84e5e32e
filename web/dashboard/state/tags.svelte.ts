import { request } from '../../lib/api/client.ts';
import type { LiveEvent, Tag, TagRef } from '../../lib/api/types.ts';

/** Characters of a tag's name, as the server counts them. */
export const TAG_CHARACTERS_MAX = 40;
/** Tags on one case. */
export const CASE_TAGS_MAX = 20;

/** What makes two names the same tag. */
const fold = (name: string): string => name.trim().normalize('NFC').toLocaleLowerCase();

/**
 * The organization's tags, in the order of their names. They are loaded when somebody first needs
 * them, and kept right by live events from then on.
 */
export class Tags {
  items = $state.raw<Tag[]>([]);
  /** Whether they were loaded at least once. */
  loaded = $state(false);
  /** Why the last load failed; null when it did not. */
  error = $state.raw<unknown>(null);
  readonly #byId = $derived(new Map(this.items.map((tag) => [tag.id, tag])));
  #loading: Promise<void> | null = null;
  /** Something changed while a load was on its way. */
  #again = false;

  /** Loads them unless they are here. */
  ensure(): Promise<void> {
    return this.loaded && !this.error ? Promise.resolve() : this.load();
  }

  /** Loads them anew, with how many cases carry each; asked again meanwhile, it is the same load. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
      if (!this.#again) return;
      this.#again = false;
      void this.load();
    });
    return this.#loading;
  }

  find(tagId: string): Tag | undefined {
    return this.#byId.get(tagId);
  }

  /** The tag of a name, however it is written. */
  named(name: string): Tag | undefined {
    const wanted = fold(name);
    return this.items.find((tag) => fold(tag.name) === wanted);
  }

  /** The tags whose names hold these words, those that begin with them first. */
  like(text: string): Tag[] {
    const wanted = fold(text);
    if (wanted === '') return this.items;
    const found = this.items.filter((tag) => fold(tag.name).includes(wanted));
    const begins = (tag: Tag) => (fold(tag.name).startsWith(wanted) ? 0 : 1);
    return found.sort((a, b) => begins(a) - begins(b));
  }

  /** Makes a tag; one of that name that is there already is the one. */
  async create(name: string): Promise<Tag> {
    return this.#put(await request<TagRef>('POST', '/tags', { body: { name: name.trim() } }));
  }

  async rename(tagId: string, name: string): Promise<void> {
    this.#put(await request<TagRef>('PATCH', `/tags/${tagId}`, { body: { name: name.trim() } }));
  }

  /** Deletes a tag; it is gone from every case. */
  async remove(tagId: string): Promise<void> {
    await request('DELETE', `/tags/${tagId}`);
    this.items = this.items.filter((tag) => tag.id !== tagId);
  }

  /** Takes a live event; true when tags were made, renamed or deleted, and what shows them has to follow. */
  apply({ event }: Pick<LiveEvent, 'event'>): boolean {
    if (event.type !== 'tag.changed') return false;
    if (this.#loading) this.#again = true;
    else if (this.loaded) void this.load();
    return true;
  }

  #put(ref: TagRef): Tag {
    const tag = { ...ref, cases: this.find(ref.id)?.cases ?? 0 };
    const others = this.items.filter(({ id }) => id !== tag.id);
    this.items = [...others, tag].sort((a, b) => a.name.localeCompare(b.name));
    return tag;
  }

  async #load(): Promise<void> {
    try {
      const { items } = await request<{ items: Tag[] }>('GET', '/tags');
      this.items = items.sort((a, b) => a.name.localeCompare(b.name));
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }
}
