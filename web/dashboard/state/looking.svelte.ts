import { SvelteMap } from 'svelte/reactivity';

/** Which operators have which case before their eyes right now. Only the live socket knows. */
export class Looking {
  readonly #cases = new SvelteMap<string, readonly string[]>();

  /** The whole, as a greeting tells it. */
  reset(cases: readonly { case_id: string; operator_ids: readonly string[] }[]): void {
    const told = new Set(cases.map(({ case_id }) => case_id));
    for (const id of [...this.#cases.keys()]) if (!told.has(id)) this.#cases.delete(id);
    for (const { case_id, operator_ids } of cases) this.set(case_id, operator_ids);
  }

  /** Everyone who looks at a case, after a change. */
  set(caseId: string, operatorIds: readonly string[]): void {
    if (operatorIds.length === 0) this.#cases.delete(caseId);
    else if (!same(this.#cases.get(caseId), operatorIds)) this.#cases.set(caseId, operatorIds);
  }

  /** Who looks at a case, the reader among them if they do. */
  at(caseId: string): readonly string[] {
    return this.#cases.get(caseId) ?? [];
  }

  /** Who else looks at a case. */
  others(caseId: string, me: string): string[] {
    return this.at(caseId).filter((id) => id !== me);
  }

  /** A case is gone, or out of sight. */
  forget(caseId: string): void {
    this.#cases.delete(caseId);
  }

  /** Without a connection nobody is heard to leave. */
  clear(): void {
    this.#cases.clear();
  }
}

const same = (a: readonly string[] | undefined, b: readonly string[]): boolean => a?.length === b.length && a.every((id, at) => id === b[at]);
