import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { Problem } from '../../lib/api/client.ts';
import type { CaseRow, Person } from '../../lib/api/types.ts';
import { systemClock, type Clock } from '../../lib/live/socket.svelte.ts';
import type { CaseList } from './case-list.svelte.ts';

/** So long it says in the queue who was quicker, unless the reader puts it away. */
const TOLD_MS = 20_000;

/** A case that someone else took in the same moment. */
export interface Lost {
  row: CaseRow;
  by: Person | null;
}

/** The reader takes cases out of the queue, and is told when a colleague was quicker. */
export class Claims {
  /** Cases being taken right now. */
  readonly busy = new SvelteSet<string>();
  /** Why taking failed otherwise, by case. */
  readonly errors = new SvelteMap<string, unknown>();
  readonly #lost = new SvelteMap<string, Lost>();
  readonly #timers = new Map<string, unknown>();
  readonly #list: Pick<CaseList, 'claim' | 'ask'>;
  readonly #clock: Clock;

  constructor(list: Pick<CaseList, 'claim' | 'ask'>, clock: Clock = systemClock) {
    this.#list = list;
    this.#clock = clock;
  }

  /** Cases that colleagues were quicker to take, while that is still news. */
  get lost(): Lost[] {
    return [...this.#lost.values()];
  }

  /** Takes a case; false when it could not be, which then stands in its place. */
  async take(row: CaseRow): Promise<boolean> {
    if (this.busy.has(row.id)) return false;
    this.busy.add(row.id);
    this.errors.delete(row.id);
    try {
      await this.#list.claim(row.id);
      return true;
    } catch (error) {
      if (error instanceof Problem && error.code === 'case_taken') this.#beaten({ row, by: error.body.taken_by ?? null });
      else if (error instanceof Problem && error.status === 404) this.#list.ask(row.id);
      else this.errors.set(row.id, error);
      return false;
    } finally {
      this.busy.delete(row.id);
    }
  }

  /** The reader has seen who was quicker. */
  dismiss(caseId: string): void {
    this.#lost.delete(caseId);
    this.#clock.clearTimeout(this.#timers.get(caseId));
    this.#timers.delete(caseId);
  }

  stop(): void {
    for (const caseId of [...this.#timers.keys()]) this.dismiss(caseId);
  }

  #beaten(lost: Lost): void {
    const { id } = lost.row;
    this.dismiss(id);
    this.#lost.set(id, lost);
    this.#timers.set(id, this.#clock.setTimeout(() => this.dismiss(id), TOLD_MS));
    this.#list.ask(id);
  }
}
