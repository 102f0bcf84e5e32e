import { SvelteSet } from 'svelte/reactivity';

/** Who is here right now: guests by their case, operators by their id. Only the live socket knows. */
export class Presence {
  /** Whether the socket has told since the start; before that, answers are a guess. */
  known = $state(false);
  readonly #cases = new SvelteSet<string>();
  readonly #operators = new SvelteSet<string>();

  /** The whole, as a greeting tells it. */
  reset(cases: readonly string[], operators: readonly string[]): void {
    replace(this.#cases, cases);
    replace(this.#operators, operators);
    this.known = true;
  }

  guest(caseId: string): boolean {
    return this.#cases.has(caseId);
  }

  operator(operatorId: string): boolean {
    return this.#operators.has(operatorId);
  }

  setGuest(caseId: string, online: boolean): void {
    set(this.#cases, caseId, online);
  }

  setOperator(operatorId: string, online: boolean): void {
    set(this.#operators, operatorId, online);
  }
}

function set(ids: SvelteSet<string>, id: string, here: boolean): void {
  if (here) ids.add(id);
  else ids.delete(id);
}

/** Only what differs is touched, so that what reads a single id is not woken for nothing. */
function replace(ids: SvelteSet<string>, wanted: readonly string[]): void {
  const keep = new Set(wanted);
  for (const id of [...ids]) if (!keep.has(id)) ids.delete(id);
  for (const id of keep) ids.add(id);
}
