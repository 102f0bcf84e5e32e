import { request } from '../../lib/api/client.ts';
import type { CaseRow, Page } from '../../lib/api/types.ts';
import { MY_ACTIVE, orderOf, queryOf, type CaseFilter, type Place } from './case-filter.ts';

/** One list of cases as far as it is loaded: its filter, its end, and the way on. The rows are the case list's. */
export class CaseListing {
  filter = $state.raw<CaseFilter>(MY_ACTIVE);
  /** Where the next page begins; null when all is loaded. */
  next = $state.raw<string | null>(null);
  /** Whether this filter's first page is here. */
  loaded = $state(false);
  /** Whether the page after what is loaded is on its way; each list waits for its own. */
  loading = $state(false);
  /** The last loaded place while there is more: what comes after it is not shown, because there may be gaps. */
  #end = $state.raw<Place | null>(null);

  constructor(filter: CaseFilter) {
    this.filter = filter;
  }

  /** Shows something else; nothing of it is loaded yet. */
  use(filter: CaseFilter): void {
    this.filter = filter;
    this.next = null;
    this.#end = null;
    this.loaded = false;
  }

  /** Asks for the first page. Nothing changes before `took`. */
  first(limit: number): Promise<Page<CaseRow>> {
    return request('GET', `/cases?${queryOf(this.filter)}&limit=${limit}`);
  }

  /** Asks for the page after what is loaded. */
  following(limit: number): Promise<Page<CaseRow>> {
    return request('GET', `/cases?${queryOf(this.filter)}&limit=${limit}&cursor=${encodeURIComponent(this.next ?? '')}`);
  }

  /** A page came. */
  took(page: Page<CaseRow>): void {
    const last = page.items.at(-1);
    this.next = page.next;
    this.#end = page.next && last ? { id: last.id, last_activity_at: last.last_activity_at, waiting_since: last.waiting_since } : null;
    this.loaded = true;
  }

  /** The loaded part of these rows, in order. */
  arrange(rows: CaseRow[]): CaseRow[] {
    const order = orderOf(this.filter);
    const end = this.#end;
    return (end ? rows.filter((row) => order(row, end) <= 0) : rows).sort(order);
  }
}
