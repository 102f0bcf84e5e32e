/** What a refused or unanswered request means to a call. */

import { Offline, Problem } from '../api/client.ts';
import type { CallProblem } from './types.ts';

/**
 * `again`: try again by itself; `gone`: the server has forgotten the connection; `moved`: taken
 * over by another window; `ended`: the call is over, or not ours any more; else it does not go on.
 */
export type Refusal = 'again' | 'gone' | 'moved' | 'ended' | CallProblem;

/** Statuses after which there is nothing left to be in. */
const OVER = new Set([401, 403, 404]);

export function refusal(error: unknown): Refusal {
  if (error instanceof Offline) return 'again';
  // Our own browser refused a description.
  if (!(error instanceof Problem)) return 'gone';
  switch (error.code) {
    case 'call_ended':
    case 'case_completed':
    case 'case_deleted':
      return 'ended';
    case 'call_moved':
      return 'moved';
    case 'call_peer_gone':
      return 'gone';
    case 'call_full':
      return 'full';
    case 'calls_unavailable':
      return 'unavailable';
    case 'offer_invalid':
      return 'refused';
  }
  if (OVER.has(error.status)) return 'ended';
  // Too many attempts, overloaded, stopping: it passes.
  return 'again';
}
