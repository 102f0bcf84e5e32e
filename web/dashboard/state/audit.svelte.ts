import { request } from '../../lib/api/client.ts';
import type { AuditCheck, AuditEntry, Page } from '../../lib/api/types.ts';

/** Entries of one part of the list. */
const PAGE = 50;

/** Which entries are wanted; empty strings are everyone and everything. */
export interface AuditFilter {
  actor: string;
  verb: string;
}

/** Who did what and when, newest first, read in parts. */
export class AuditLog {
  items = $state.raw<AuditEntry[]>([]);
  /** The list was loaded for the filter as it is. */
  loaded = $state(false);
  loading = $state(false);
  error = $state.raw<unknown>(null);
  filter = $state.raw<AuditFilter>({ actor: '', verb: '' });
  /** What the last check of the whole log said; null where none was made. */
  checked = $state.raw<AuditCheck | null>(null);
  #next = $state<string | null>(null);
  /** Counts loads, so that a slow answer for an older filter is dropped. */
  #turn = 0;

  /** There are earlier entries. */
  get more(): boolean {
    return this.#next !== null;
  }

  /** Loads the newest entries of the filter. */
  load(): Promise<void> {
    this.loaded = false;
    return this.#load(null);
  }

  /** Loads the earlier entries that follow. */
  async earlier(): Promise<void> {
    if (this.#next !== null && !this.loading) await this.#load(this.#next);
  }

  async choose(change: Partial<AuditFilter>): Promise<void> {
    this.filter = { ...this.filter, ...change };
    await this.load();
  }

  /** Recomputes every link of the log on the server. */
  async verify(): Promise<void> {
    this.checked = null;
    this.checked = await request<AuditCheck>('POST', '/audit/verify', { body: {} });
  }

  async #load(cursor: string | null): Promise<void> {
    const turn = ++this.#turn;
    this.loading = true;
    this.error = null;
    const search = new URLSearchParams({ limit: String(PAGE) });
    if (cursor) search.set('cursor', cursor);
    for (const [name, value] of Object.entries(this.filter)) if (value) search.set(name, value);
    try {
      const page = await request<Page<AuditEntry>>('GET', `/audit?${search}`);
      if (turn !== this.#turn) return;
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.#next = page.next;
      this.loaded = true;
    } catch (error) {
      if (turn === this.#turn) this.error = error;
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }
}
