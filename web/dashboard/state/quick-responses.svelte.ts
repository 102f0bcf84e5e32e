import { request } from '../../lib/api/client.ts';
import type { LiveEvent, QuickResponse } from '../../lib/api/types.ts';

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The prepared texts of the organization and one's own, loaded when they are first wanted. */
export class QuickResponses {
  items = $state.raw<QuickResponse[]>([]);
  loaded = $state(false);
  /** Why the last load failed; null when it did not. */
  error = $state.raw<unknown>(null);
  #loading: Promise<void> | null = null;
  /** Something changed while a load was under way. */
  #again = false;

  /** Loads them unless they are here. */
  ensure(): Promise<void> {
    return this.loaded && !this.error ? Promise.resolve() : this.load();
  }

  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
      if (!this.#again) return;
      this.#again = false;
      void this.load();
    });
    return this.#loading;
  }

  /** Those that someone means who types this: by the beginning of the shortcut first, then by words of the title. */
  find(text: string): QuickResponse[] {
    const wanted = fold(text.trim());
    const rank = ({ shortcut, title }: QuickResponse): number => {
      if (fold(shortcut).startsWith(wanted)) return 0;
      return fold(title).includes(wanted) ? 1 : 2;
    };
    return this.items
      .map((response) => ({ response, rank: rank(response) }))
      .filter((found) => found.rank < 2)
      .sort((a, b) => a.rank - b.rank || a.response.shortcut.localeCompare(b.response.shortcut))
      .map(({ response }) => response);
  }

  /** Takes a live event: someone changed them. */
  apply({ event }: Pick<LiveEvent, 'event'>): void {
    if (event.type !== 'quick_responses.changed') return;
    if (this.#loading) this.#again = true;
    else if (this.loaded) void this.load();
  }

  async #load(): Promise<void> {
    try {
      const { items } = await request<{ items: QuickResponse[] }>('GET', '/quick-responses');
      this.items = items;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }
}
