import type { Problem } from '../../lib/api/client.ts';
import type { Me } from '../../lib/api/types.ts';

/**
 * Why a case is gone. `hidden`: deleted or out of sight, which nobody may tell apart; what was typed
 * is kept. `merged`: it is a part of another one.
 */
export type Gone = { why: 'deleted' } | { why: 'hidden'; unsent: string[] } | { why: 'merged'; into: string; unsent: string[] };

/** What a refusal says about where the case is; null when it is there. `unsent`: words that the server does not have. */
export function goneBy(problem: Problem, { operator, organization }: Me, unsent: () => string[]): Gone | null {
  const { into } = problem.body;
  if (problem.code === 'case_merged' && into) return { why: 'merged', into, unsent: unsent() };
  if (problem.status !== 404) return null;
  const separated = organization.separate_operators && operator.role === 'operator';
  return separated ? { why: 'hidden', unsent: unsent() } : { why: 'deleted' };
}
