import { SvelteMap } from 'svelte/reactivity';
import type { Call } from '../../lib/api/types.ts';

/**
 * The calls of all cases, as the live socket and answers tell them. A snapshot
 * is whole and numbered, so the newest one stands; an ended call stays known,
 * so that an older answer does not open it again.
 */
export class OpenCalls {
  readonly #known = new SvelteMap<string, Call>();

  /** The call that is open in a case, as far as is known. */
  of(caseId: string): Call | null {
    const call = this.#known.get(caseId);
    return call && call.ended_at === null ? call : null;
  }

  /** Takes a snapshot; false when what is known is newer. */
  hear(call: Call): boolean {
    const known = this.#known.get(call.case_id);
    if (known && known.id === call.id && (known.revision >= call.revision || known.ended_at !== null)) return false;
    // Calls of a case follow each other: an earlier one cannot come back.
    if (known && known.id !== call.id && Date.parse(known.started_at) > Date.parse(call.started_at)) return false;
    this.#known.set(call.case_id, call);
    return true;
  }

  /** The timeline says that a call is over; gives it as it was, if it was known and open. */
  ended(caseId: string, callId: string, at: string): Call | null {
    const known = this.#known.get(caseId);
    if (known?.id !== callId || known.ended_at !== null) return null;
    const over: Call = { ...known, ended_at: at, revision: known.revision + 1 };
    this.#known.set(caseId, over);
    return over;
  }

  /** What a case's answer says: its open call, or that none is. */
  answered(caseId: string, call: Call | null): void {
    if (call) this.hear(call);
    else if (this.of(caseId)) this.#known.delete(caseId);
  }

  /** A deleted case has no call. */
  forget(caseId: string): void {
    this.#known.delete(caseId);
  }
}

/** The guest is in the call and nobody of the team is: someone should join. */
export function guestWaits(call: Pick<Call, 'participants'>): boolean {
  return call.participants.some(({ kind }) => kind === 'guest') && !call.participants.some(({ kind }) => kind === 'operator');
}

/** Who came and who went between two snapshots, without oneself. */
export interface CallNews {
  came: { kind: 'operator' | 'guest'; name: string | null }[];
  went: { kind: 'operator' | 'guest'; name: string | null }[];
}

export function newsOf(before: Call, after: Call, ownId: string | null): CallNews {
  const others = (call: Call) => call.participants.filter(({ id }) => id !== ownId);
  const missing = (from: Call, of: Call) => {
    const there = new Set(of.participants.map(({ id }) => id));
    return others(from)
      .filter(({ id }) => !there.has(id))
      .map(({ kind, name }) => ({ kind, name }));
  };
  return { came: missing(after, before), went: missing(before, after) };
}
