import type { CaseRow, CaseStatus } from '../../lib/api/types.ts';

/** Which cases a list shows: those of a status, of one operator or of everyone. */
export interface CaseFilter {
  status: CaseStatus | 'all';
  /** `me`, `all`, or a colleague's id. */
  operator: string;
}

/** What everyone begins with: the work at hand. */
export const MY_ACTIVE: CaseFilter = { status: 'active', operator: 'me' };
/** The queue: what nobody has taken yet. */
export const QUEUE: CaseFilter = { status: 'awaiting', operator: 'all' };

const STATUSES: readonly CaseFilter['status'][] = ['active', 'awaiting', 'completed', 'all'];

export function sameFilter(a: CaseFilter, b: CaseFilter): boolean {
  return a.status === b.status && a.operator === b.operator;
}

/** A filter that can show something: an awaiting case has no operator, so it belongs to everyone. */
export function sensible(filter: CaseFilter): CaseFilter {
  return filter.status === 'awaiting' ? QUEUE : filter;
}

/** Whether a case belongs to what the filter shows. */
export function matches(row: Pick<CaseRow, 'status' | 'operator_ids'>, filter: CaseFilter, me: string): boolean {
  if (filter.status !== 'all' && row.status !== filter.status) return false;
  if (filter.operator === 'all') return true;
  return row.operator_ids.includes(filter.operator === 'me' ? me : filter.operator);
}

/** A place in a list's order; times of the server compare as text. */
export type Place = Pick<CaseRow, 'id' | 'last_activity_at'>;

/** The order of a list: the newest activity first, those that wait the longest first. */
export function orderOf(filter: CaseFilter): (a: Place, b: Place) => number {
  const oldest = (a: Place, b: Place) => compare(a.last_activity_at, b.last_activity_at) || compare(a.id, b.id);
  return filter.status === 'awaiting' ? oldest : (a, b) => oldest(b, a);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** As the API asks for it. */
export function queryOf({ status, operator }: CaseFilter): string {
  return `status=${status}&operator=${encodeURIComponent(operator)}`;
}

const nameOf = (me: string) => `deskside:filter:${me}`;

/** The filter someone used last in this browser. */
export function recallFilter(me: string): CaseFilter {
  try {
    const value = JSON.parse(localStorage.getItem(nameOf(me)) ?? 'null') as Partial<CaseFilter> | null;
    const status = STATUSES.find((known) => known === value?.status);
    if (status && typeof value?.operator === 'string') return sensible({ status, operator: value.operator });
  } catch {
    // What cannot be read was never chosen.
  }
  return MY_ACTIVE;
}

export function rememberFilter(me: string, filter: CaseFilter): void {
  try {
    localStorage.setItem(nameOf(me), JSON.stringify(filter));
  } catch {
    // A browser that keeps nothing shows the filter until the page is closed.
  }
}
