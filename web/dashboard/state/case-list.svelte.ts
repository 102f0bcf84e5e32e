import { Problem, request } from '../../lib/api/client.ts';
import type { Case, CaseRow, LiveEvent, Page, Snippet, TagRef } from '../../lib/api/types.ts';
import { isTakenBy } from './case-api.ts';
import { matches, QUEUE, recallFilter, rememberFilter, sameFilter, sensible, type CaseFilter } from './case-filter.ts';
import { CaseListing } from './case-listing.svelte.ts';
import { changed, followTags, isGone, isUnreadMine, known, rowOf, wordsOf, type Known } from './case-rows.ts';

/** Rows of one page. */
const PAGE = 50;
/** The largest page the server gives. */
const PAGE_MAX = 100;
/** More unknown cases than this at once, and a list is cheaper than asking for each. */
const ASK_MAX = 10;
/** How long after a failed load the server is asked again. */
const RETRY_MS = 5_000;

export interface CaseListOptions {
  /** The operator who looks. */
  me: string;
  /** What to show at first; without it, what was shown last in this browser. */
  filter?: CaseFilter | null;
  /** Hears by how many the reader's cases with something unread have become more, or fewer. */
  unread?: (by: number) => void;
}

/** What the form of a new case asks for. */
export interface NewCase {
  name: string;
  email?: string;
  phone?: string;
  internal_reference?: string;
  notes?: string;
  language?: string;
}

/**
 * The operator's cases: one list by filter and the queue, both cut out of all
 * rows known so far. Live events change the rows; what belongs where follows.
 */
export class CaseList {
  /** Why the last load failed; null when it did not. */
  error = $state.raw<unknown>(null);
  /** Why the next page did not come. */
  moreError = $state.raw<unknown>(null);

  readonly #me: string;
  readonly #tellUnread: (by: number) => void;
  readonly #main: CaseListing;
  readonly #queue = new CaseListing(QUEUE);
  /** All rows; `#changes` counts what happens to them. */
  readonly #known = new Map<string, Known>();
  #changes = $state(0);
  /** Deleted cases: an answer on its way must not bring one back. */
  readonly #gone = new Set<string>();
  /** Cases that went out of sight while an answer was on its way. */
  readonly #hidden = new Set<string>();
  /** Cases only the server can tell about, and their last words where an event held them. */
  readonly #asked = new Map<string, Snippet | null>();
  #asking = false;
  /** Events wait while an answer is on its way, so that an older answer does not undo them. */
  #loads = 0;
  #held: LiveEvent[] = [];
  /** Counts loads of everything: the answer to an older one is dropped. */
  #turn = 0;
  #stopped = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor({ me, filter, unread }: CaseListOptions) {
    this.#me = me;
    this.#tellUnread = unread ?? (() => undefined);
    this.#main = new CaseListing(filter ?? recallFilter(me));
  }

  /** The rows of the chosen filter, in their order. */
  readonly rows: CaseRow[] = $derived.by(() => this.#cut(this.#main));
  /** The cases that wait, the longest wait first. */
  readonly queue: CaseRow[] = $derived.by(() => this.#cut(this.#queue));

  get filter(): CaseFilter {
    return this.#main.filter;
  }

  /** Whether the rows of the filter are here. */
  get loaded(): boolean {
    return this.#main.loaded;
  }

  get hasMore(): boolean {
    return this.#main.next !== null;
  }

  /** Whether the next page of the list is on its way. */
  get loadingMore(): boolean {
    return this.#main.loading;
  }

  /** Whether more of the queue is on its way. */
  get queueLoadingMore(): boolean {
    return this.#queue.loading;
  }

  /** Whether the queue is longer than what is loaded of it. */
  get queueHasMore(): boolean {
    return this.#queue.next !== null;
  }

  /** A row, if it is known. */
  row(caseId: string): CaseRow | undefined {
    void this.#changes;
    return this.#known.get(caseId)?.row;
  }

  /** Shows other cases, now and at the next visit. */
  async choose(wish: CaseFilter): Promise<void> {
    const filter = sensible(wish);
    if (sameFilter(filter, this.filter)) return;
    rememberFilter(this.#me, filter);
    this.#main.use(filter);
    await this.load();
  }

  /** Loads the lists anew; what stands there stays until the answer is here. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    this.error = null;
    await this.#holding(async () => {
      const size = Math.min(PAGE_MAX, Math.max(PAGE, this.rows.length));
      try {
        const [main, queue] = await Promise.all([this.#main.first(size), this.#queue.first(PAGE)]);
        if (turn !== this.#turn) return;
        this.#known.clear();
        this.#asked.clear();
        this.#main.took(main);
        this.#queue.took(queue);
        for (const page of [main, queue]) this.#keep(page);
        this.moreError = null;
      } catch (error) {
        if (turn !== this.#turn) return;
        this.error = error;
        this.#later();
      }
    });
  }

  /** Loads the next page of the list. */
  more = (): Promise<void> => this.#more(this.#main);

  /** Loads more of the queue. */
  moreQueue = (): Promise<void> => this.#more(this.#queue);

  /** Takes a live event. */
  apply(live: LiveEvent): void {
    if (live.case_id === null) return;
    if (this.#loads > 0) this.#held.push(live);
    else this.#apply(live, live.case_id);
  }

  /** Takes a case as the server just answered it. */
  take(whole: Case): void {
    if (this.#gone.has(whole.id)) return;
    const before = this.#known.get(whole.id);
    if (before && before.row.last_entry > whole.last_entry) return;
    this.#set(whole.id, known(rowOf(whole, before?.row.snippet ?? this.#asked.get(whole.id) ?? null)));
  }

  /** Creates a case. The key makes it one, however often it is tried. */
  async create(fresh: NewCase, key: string): Promise<Case> {
    const created = await request<Case>('POST', '/cases', { body: fresh, key });
    this.take(created);
    return created;
  }

  /** The reader takes a case that waits; of many who try, one does. One that the reader has already is taken. */
  async claim(caseId: string): Promise<void> {
    try {
      this.take(await request<Case>('POST', `/cases/${caseId}/claim`, { body: {} }));
    } catch (error) {
      if (!isTakenBy(error, this.#me)) throw error;
      this.ask(caseId);
    }
  }

  /** A case as it stands with the server, which may be other than here. */
  ask(caseId: string): void {
    this.#ask(caseId, null);
  }

  /** A case is out of the reader's sight; it may come back. */
  hide(caseId: string): void {
    // An answer on its way may still hold it.
    if (this.#loads > 0) this.#hidden.add(caseId);
    this.#drop(caseId);
  }

  /** A case came into sight. */
  show(caseId: string): void {
    this.#hidden.delete(caseId);
    this.ask(caseId);
  }

  /** Forgets every row: what the reader may see has changed. */
  reset(): void {
    this.#turn += 1;
    this.#known.clear();
    this.#asked.clear();
    this.#main.use(this.#main.filter);
    this.#queue.use(QUEUE);
    this.#changes += 1;
  }

  /** Tags were renamed or deleted. */
  followTags(find: (tagId: string) => TagRef | undefined): void {
    for (const [id, before] of this.#known) {
      const row = followTags(before.row, find);
      if (row !== before.row) this.#set(id, { ...before, row });
    }
  }

  /** The case before or after one in the list; from nowhere, the first or the last. */
  beside(caseId: string | null, step: 1 | -1): CaseRow | undefined {
    const at = this.rows.findIndex((row) => row.id === caseId);
    if (at < 0) return step > 0 ? this.rows[0] : this.rows.at(-1);
    return this.rows[at + step];
  }

  /** The server can be asked again: what could not be loaded is. */
  wake(): void {
    if (this.error || !this.loaded) void this.load();
    else if (this.#asked.size > 0 && !this.#asking) void this.#askServer();
  }

  stop(): void {
    this.#stopped = true;
    this.#turn += 1;
    clearTimeout(this.#retry);
  }

  #cut(listing: CaseListing): CaseRow[] {
    void this.#changes;
    if (!listing.loaded) return [];
    const rows: CaseRow[] = [];
    for (const { row } of this.#known.values()) if (matches(row, listing.filter, this.#me)) rows.push(row);
    return listing.arrange(rows);
  }

  async #more(listing: CaseListing): Promise<void> {
    if (listing.next === null || listing.loading) return;
    const turn = this.#turn;
    listing.loading = true;
    this.moreError = null;
    await this.#holding(async () => {
      try {
        const page = await listing.following(PAGE);
        if (turn !== this.#turn) return;
        listing.took(page);
        this.#keep(page);
      } catch (error) {
        if (turn === this.#turn) this.moreError = error;
      } finally {
        listing.loading = false;
      }
    });
  }

  #keep(page: Page<CaseRow> | undefined): void {
    for (const row of page?.items ?? []) {
      const before = this.#known.get(row.id);
      if (this.#gone.has(row.id) || (before && before.row.last_entry > row.last_entry)) continue;
      this.#known.set(row.id, known(row));
    }
    this.#changes += 1;
  }

  #set(caseId: string, after: Known): void {
    const before = this.#known.get(caseId);
    this.#known.set(caseId, after);
    this.#changes += 1;
    // What a row was that nobody here knew, only the server can tell.
    if (before) this.#counted(before.row, after.row);
  }

  #drop(caseId: string): void {
    this.#asked.delete(caseId);
    const before = this.#known.get(caseId);
    if (!before) return;
    this.#known.delete(caseId);
    this.#changes += 1;
    this.#counted(before.row, null);
  }

  #counted(before: CaseRow, after: CaseRow | null): void {
    const by = Number(after !== null && isUnreadMine(after)) - Number(isUnreadMine(before));
    if (by !== 0) this.#tellUnread(by);
  }

  #apply(live: LiveEvent, caseId: string): void {
    if (isGone(live.event)) {
      this.#gone.add(caseId);
      this.#drop(caseId);
      return;
    }
    const before = this.#known.get(caseId);
    if (!before) {
      if (this.#mayBelong(live)) this.#ask(caseId, wordsOf(live));
      return;
    }
    const { known: after, ask } = changed(before, live, this.#me);
    if (after && after !== before) this.#set(caseId, after);
    if (ask) this.#ask(caseId, after?.row.snippet ?? null);
  }

  /** Whether what happened in a case nobody here knows can bring it into one of the lists. */
  #mayBelong({ entry, event }: LiveEvent): boolean {
    const mine = 'operator_id' in event && event.operator_id === this.#me;
    if (event.type === 'case.attention' || event.type === 'case.snoozed' || event.type === 'case.woke') return mine;
    if (event.type === 'case.tagged') return this.filter.tags.includes(event.tag.id);
    if (entry === null || event.type === 'guest.arrived') return false;
    // A message moves a case up; it can only come into view from a part that is not loaded yet.
    if (event.type === 'message.sent') return this.hasMore || this.queueHasMore;
    return true;
  }

  /** Asks again by itself: nobody should have to press a button for a server that was busy. */
  #later(): void {
    clearTimeout(this.#retry);
    if (!this.#stopped) this.#retry = setTimeout(() => this.wake(), RETRY_MS);
  }

  #ask(caseId: string, words: Snippet | null): void {
    this.#asked.set(caseId, words ?? this.#asked.get(caseId) ?? null);
    if (!this.#asking && this.#loads === 0) void this.#askServer();
  }

  async #askServer(): Promise<void> {
    this.#asking = true;
    try {
      while (this.#asked.size > 0 && !this.#stopped) {
        if (this.#asked.size > ASK_MAX) {
          await this.load();
          if (this.error) return;
          continue;
        }
        const [caseId] = this.#asked.keys();
        if (caseId === undefined) return;
        if (!(await this.#askFor(caseId))) {
          this.#later();
          return;
        }
      }
    } finally {
      this.#asking = false;
    }
  }

  /** Asks for one case; false when nobody answers, so that asking waits. */
  async #askFor(caseId: string): Promise<boolean> {
    return this.#holding(async () => {
      try {
        this.take(await request<Case>('GET', `/cases/${caseId}`));
        this.#asked.delete(caseId);
        return true;
      } catch (error) {
        if (!(error instanceof Problem)) return false;
        this.#asked.delete(caseId);
        return true;
      }
    });
  }

  /** Runs a load, and lets the events that came meanwhile follow its answer. */
  async #holding<T>(load: () => Promise<T>): Promise<T> {
    this.#loads += 1;
    try {
      return await load();
    } finally {
      this.#loads -= 1;
      if (this.#loads === 0) {
        const held = this.#held;
        this.#held = [];
        for (const live of held) if (live.case_id !== null) this.#apply(live, live.case_id);
        for (const id of this.#hidden) this.#drop(id);
        this.#hidden.clear();
        if (this.#asked.size > 0 && !this.#asking) void this.#askServer();
      }
    }
  }
}
