/** Making one case of two: finding the other one, seeing what becomes of both, and doing it once. */

import { newKey, Problem } from '../../lib/api/client.ts';
import type { Case, CaseRow, MergeField, MergePreview } from '../../lib/api/types.ts';
import { CaseSearch } from './search.svelte.ts';

/** What merging asks of the server. */
export interface MergeDeps {
  /** The case that stays. */
  into: string;
  /** Other cases of the same customer: the likeliest ones, before anything is typed. */
  likely: () => readonly CaseRow[];
  preview: (from: string) => Promise<MergePreview>;
  merge: (from: string, take: readonly string[], key: string) => Promise<Case>;
}

export class Merge {
  readonly search = new CaseSearch();
  /** The case that goes into this one. */
  from = $state.raw<CaseRow | null>(null);
  preview = $state.raw<MergePreview | null>(null);
  /** Keys of the fields where the other case's text is to stay. */
  take = $state.raw<readonly string[]>([]);
  busy = $state(false);
  /** Why the preview could not be had, or the cases could not become one. */
  error = $state.raw<unknown>(null);
  readonly #deps: MergeDeps;
  /** One key makes one case, however often the button is pressed or the network fails. */
  #key = newKey();
  #turn = 0;

  constructor(deps: MergeDeps) {
    this.#deps = deps;
  }

  /** Whether what is offered has not been searched for. */
  get suggests(): boolean {
    return this.search.text.trim() === '';
  }

  /** What was found, without the case itself; the likeliest ones while nothing is searched for. */
  get found(): CaseRow[] {
    if (this.suggests) return [...this.#deps.likely()];
    return this.search.items.map((item) => item.case).filter(({ id }) => id !== this.#deps.into);
  }

  /** Where both say something, and not the same. Notes are no choice: both stay. */
  get choices(): MergeField[] {
    return this.preview?.fields.filter(({ key, into, from, differs }) => differs && key !== 'notes' && into !== '' && from !== '') ?? [];
  }

  /** Both have notes. */
  get notes(): boolean {
    return this.preview?.fields.some(({ key, into, from }) => key === 'notes' && into !== '' && from !== '') ?? false;
  }

  /** What this case gets because it has nothing there. */
  get filled(): MergeField[] {
    return this.preview?.fields.filter(({ into, from }) => into === '' && from !== '') ?? [];
  }

  async choose(row: CaseRow): Promise<void> {
    const turn = ++this.#turn;
    this.from = row;
    this.preview = null;
    this.take = [];
    this.error = null;
    this.#key = newKey();
    try {
      const preview = await this.#deps.preview(row.id);
      if (turn === this.#turn) this.preview = preview;
    } catch (error) {
      if (turn === this.#turn) this.error = error;
    }
  }

  /** Back to the search, where what was typed still stands. */
  back(): void {
    this.#turn += 1;
    this.from = null;
    this.preview = null;
    this.error = null;
  }

  /** Of a field that differs, the other case's text or this one's. */
  pick(key: string, theirs: boolean): void {
    this.take = theirs ? [...this.take.filter((known) => known !== key), key] : this.take.filter((known) => known !== key);
  }

  /** Does it; the case as it is then, null when it could not be done. */
  async run(): Promise<Case | null> {
    const { from } = this;
    if (!from || this.busy) return null;
    this.busy = true;
    this.error = null;
    try {
      return await this.#deps.merge(from.id, this.take, this.#key);
    } catch (error) {
      // Only a clear refusal says that nothing was done; after silence the same key asks for the same.
      if (error instanceof Problem && error.status < 500) this.#key = newKey();
      this.error = error;
      return null;
    } finally {
      this.busy = false;
    }
  }

  stop(): void {
    this.#turn += 1;
    this.search.clear();
  }
}
