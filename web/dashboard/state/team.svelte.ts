import { request } from '../../lib/api/client.ts';
import type { LiveEvent, OperatorRow, Page, Person, Role } from '../../lib/api/types.ts';

/** Operators of one page; a team rarely needs a second one. */
const PAGE = 100;

/** What an operator may do besides working on cases; administrators may do all of it. */
export type OperatorRights = OperatorRow['rights'];

/** What an administrator changes of a colleague; what is left out stays. */
export interface OperatorChange {
  role?: Role;
  seat?: boolean;
  active?: boolean;
  rights?: Partial<OperatorRights>;
}

/** Everybody on the team, the reader among them, in the order of coming. */
export class Team {
  /** All there are, also those who were deactivated: their names still stand in cases. */
  operators = $state.raw<OperatorRow[]>([]);
  /** Whether the team was loaded at least once. */
  loaded = $state(false);
  /** Why the last load failed; null when it did not. */
  error = $state.raw<unknown>(null);
  /** Those who work here now. */
  readonly active = $derived(this.operators.filter((operator) => operator.active));
  /** Those who may be asked to work on a case. */
  readonly seated = $derived(this.active.filter((operator) => operator.seat));
  readonly #byId = $derived(new Map(this.operators.map((operator) => [operator.id, operator])));
  #loading: Promise<void> | null = null;
  /** Something changed while a load was under way: what it brings may be old already. */
  #again = false;

  /** Loads the whole team; asked again meanwhile, it is the same load. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
      if (!this.#again) return;
      this.#again = false;
      void this.load();
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

  /** Changes a colleague's role, seat, rights, or whether they may sign in at all. */
  async change(operatorId: string, change: OperatorChange): Promise<void> {
    const row = await request<OperatorRow>('PATCH', `/operators/${operatorId}`, { body: change });
    this.operators = this.operators.map((operator) => (operator.id === row.id ? row : operator));
    if (this.#loading) this.#again = true;
  }

  /** Takes a live event: a new or a changed colleague is asked for, a changed name is taken over. */
  apply({ event, actor }: Pick<LiveEvent, 'event' | 'actor'>): void {
    if (event.type === 'operator.created' || event.type === 'operator.changed') {
      if (this.#loading) this.#again = true;
      else void this.load();
    }
    if ('operator' in event) this.met(event.operator);
    if (actor.kind === 'operator' && actor.id && actor.name) this.met({ id: actor.id, name: actor.name });
  }

  /** An operator was named somewhere; the newest name is the right one. */
  met(person: Pick<Person, 'id' | 'name'>): void {
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
