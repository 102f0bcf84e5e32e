import { request } from '../../lib/api/client.ts';
import type { LiveEvent, OperatorRow, Page, Person } from '../../lib/api/types.ts';

/** Operators of one page; a team rarely needs a second one. */
const PAGE = 100;

/** The colleagues, the reader among them, in the order of coming. */
export class Team {
  operators = $state.raw<OperatorRow[]>([]);
  /** Whether the team was loaded at least once. */
  loaded = $state(false);
  /** Why the last load failed; null when it did not. */
  error = $state.raw<unknown>(null);
  readonly #byId = $derived(new Map(this.operators.map((operator) => [operator.id, operator])));
  #loading: Promise<void> | null = null;

  /** Loads the whole team; asked again meanwhile, it is the same load. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  find(operatorId: string): OperatorRow | undefined {
    return this.#byId.get(operatorId);
  }

  /** The name of an operator, also of one who was met in an event before the team was loaded. */
  nameOf(operatorId: string): string {
    return this.find(operatorId)?.name ?? '';
  }

  /** Takes a live event: a new colleague is asked for, a changed name is taken over. */
  apply({ event, actor }: Pick<LiveEvent, 'event' | 'actor'>): void {
    if (event.type === 'operator.created') void this.load();
    if ('operator' in event) this.met(event.operator);
    if (actor.kind === 'operator' && actor.id && actor.name) this.met({ id: actor.id, name: actor.name });
  }

  /** An operator was named somewhere; the newest name is the right one. */
  met(person: Person): void {
    const known = this.find(person.id);
    if (!known || known.name === person.name) return;
    this.operators = this.operators.map((operator) => (operator.id === person.id ? { ...operator, name: person.name } : operator));
  }

  async #load(): Promise<void> {
    try {
      const found: OperatorRow[] = [];
      let cursor: string | null = null;
      do {
        const after: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
        const page: Page<OperatorRow> = await request('GET', `/operators?limit=${PAGE}${after}`);
        found.push(...page.items);
        cursor = page.next;
      } while (cursor);
      this.operators = found;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }
}
