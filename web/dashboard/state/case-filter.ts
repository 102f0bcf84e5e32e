import type { CaseRow, CaseStatus } from '../../lib/api/types.ts';

/** Cases that call for the reader, and those the reader put off: each across all operators and states. */
export type CaseViewName = 'attention' | 'snoozed';

/** Which cases a list shows: those of a status, of one operator or of everyone, that carry certain tags. */
export interface CaseFilter {
  status: CaseStatus | 'all';
  /** `me`, `everyone`, or a colleague's id. */
  operator: string;
  /** Ids; a case must carry all of them. */
  tags: readonly string[];
  /** Shows these instead, whatever the status and the operator. */
  view: CaseViewName | null;
}

/** What everyone begins with: the work at hand. */
export const MY_ACTIVE: CaseFilter = { status: 'active', operator: 'me', tags: [], view: null };
/** The queue: what nobody has taken yet. */
export const QUEUE: CaseFilter = { status: 'awaiting', operator: 'everyone', tags: [], view: null };

const STATUSES: readonly CaseFilter['status'][] = ['active', 'awaiting', 'completed', 'all'];
const VIEWS: readonly CaseViewName[] = ['attention', 'snoozed'];
const OPERATOR = /^(me|everyone|op_[0-9a-z]+)$/;
const TAG = /^tag_[0-9a-z]+$/;

export function sameFilter(a: CaseFilter, b: CaseFilter): boolean {
  return queryOf(a) === queryOf(b);
}

/** A filter that can show something: an awaiting case has no operator, so it belongs to everyone. */
export function sensible(filter: CaseFilter): CaseFilter {
  if (filter.view) return viewOf(filter.view);
  const tags = [...new Set(filter.tags)].sort();
  return { ...(filter.status === 'awaiting' ? QUEUE : filter), tags };
}

export const viewOf = (view: CaseViewName): CaseFilter => ({ ...MY_ACTIVE, view });

/** Whether a row sleeps for the reader. */
const asleep = ({ snoozed_until }: Pick<CaseRow, 'snoozed_until'>): boolean => snoozed_until !== null && Date.parse(snoozed_until) > Date.now();

type Matched = Pick<CaseRow, 'status' | 'operator_ids' | 'tags' | 'attention' | 'snoozed_until'>;

/** Whether a case belongs to what the filter shows. */
export function matches(row: Matched, filter: CaseFilter, me: string): boolean {
  if (filter.view === 'attention') return row.attention !== null;
  if (filter.view === 'snoozed') return asleep(row);
  if (filter.status !== 'all' && row.status !== filter.status) return false;
  if (filter.operator === 'me' && filter.status === 'active' && asleep(row)) return false;
  if (filter.operator !== 'everyone' && !row.operator_ids.includes(filter.operator === 'me' ? me : filter.operator)) return false;
  return filter.tags.every((id) => row.tags.some((tag) => tag.id === id));
}

/** A place in a list's order; times of the server compare as text. */
export type Place = Pick<CaseRow, 'id' | 'last_activity_at' | 'waiting_since'>;

/** The order of a list: the newest activity first, those that wait the longest first. */
export function orderOf(filter: CaseFilter): (a: Place, b: Place) => number {
  if (filter.status === 'awaiting' && !filter.view) return (a, b) => compare(a.waiting_since ?? '', b.waiting_since ?? '') || compare(a.id, b.id);
  return (a, b) => compare(b.last_activity_at, a.last_activity_at) || compare(b.id, a.id);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** As the API asks for it, and as it stands in the address; always in this order. */
export function queryOf({ status, operator, tags, view }: CaseFilter): string {
  if (view) return `view=${view}`;
  const tagged = tags.length > 0 ? `&tags=${tags.join(',')}` : '';
  return `status=${status}&operator=${encodeURIComponent(operator)}${tagged}`;
}

/** The query of an address that shows a filter; what everyone begins with needs none. */
export const searchOf = (filter: CaseFilter): string => (sameFilter(filter, MY_ACTIVE) ? '' : `?${queryOf(filter)}`);

/** What the query of an address asks for; null when it asks for nothing. What makes no sense in it is left out. */
export function filterOf(search: string): CaseFilter | null {
  const query = new URLSearchParams(search);
  if (!['status', 'operator', 'tags', 'view'].some((name) => query.has(name))) return null;
  const view = VIEWS.find((known) => known === query.get('view'));
  if (view) return viewOf(view);
  const operator = query.get('operator') ?? '';
  return sensible({
    status: STATUSES.find((known) => known === query.get('status')) ?? 'active',
    operator: OPERATOR.test(operator) ? operator : 'me',
    tags: (query.get('tags') ?? '').split(',').filter((id) => TAG.test(id)),
    view: null,
  });
}

const nameOf = (me: string) => `deskside:filter:${me}`;

/** The filter someone used last in this browser. */
export function recallFilter(me: string): CaseFilter {
  try {
    return filterOf(localStorage.getItem(nameOf(me)) ?? '') ?? MY_ACTIVE;
  } catch {
    // What cannot be read was never chosen.
    return MY_ACTIVE;
  }
}

export function rememberFilter(me: string, filter: CaseFilter): void {
  try {
    localStorage.setItem(nameOf(me), queryOf(filter));
  } catch {
    // A browser that keeps nothing shows the filter until the page is closed.
  }
}
