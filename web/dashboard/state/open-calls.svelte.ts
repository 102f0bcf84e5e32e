import { SvelteMap } from 'svelte/reactivity';
import type { Call, Participant } from '../../lib/api/types.ts';

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

/** Who came and who went between two snapshots. */
export interface CallNews {
  came: Someone[];
  went: Someone[];
}

type Someone = Pick<Participant, 'kind' | 'name'>;

/** News of the others; whoever comes back by another window has neither come nor gone. */
export function newsOf(before: Call, after: Call, me: string): CallNews {
  return { came: missing(after, before, me), went: missing(before, after, me) };
}

/** Who is in one snapshot and not in the other. */
function missing(from: Call, other: Call, me: string): Someone[] {
  const there = new Set(other.participants.map(personOf));
  return from.participants
    .filter((one) => one.operator_id !== me && !there.has(personOf(one)))
    .map(({ kind, name }) => ({ kind, name }));
}

/** One tile per person: an operator goes by the id, a guest by that of the participant. */
const personOf = ({ id, operator_id }: Participant) => operator_id ?? id;
