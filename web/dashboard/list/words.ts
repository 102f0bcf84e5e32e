import type { Actor, AttentionReason, Bounded, CaseRow, CaseStatus, HitPlace, Origin } from '../../lib/api/types.ts';
import { i18n, t, type Key } from '../i18n.ts';
import { MY_ACTIVE, sameFilter, type CaseFilter } from '../state/case-filter.ts';
import type { CaseList } from '../state/case-list.svelte.ts';

const STATUS = {
  awaiting: 'status.awaiting',
  active: 'status.active',
  completed: 'status.completed',
} as const satisfies Record<CaseStatus, Key>;

const ORIGIN = {
  manual: 'row.origin_manual',
  calendar: 'row.origin_calendar',
  widget: 'row.origin_widget',
  booking_page: 'row.origin_booking_page',
  api: 'row.origin_api',
  zapier: 'row.origin_zapier',
} as const satisfies Record<Origin, Key>;

const MINE = { active: 'filter.my_active', completed: 'filter.my_completed', all: 'filter.my_all' } as const;
const EVERY = { active: 'filter.every_active', completed: 'filter.every_completed', all: 'filter.every_all' } as const;
const THEIRS = { active: 'filter.their_active', completed: 'filter.their_completed', all: 'filter.their_all' } as const;

const ATTENTION = {
  mention: 'row.attention_mention',
  handover: 'row.attention_handover',
  added: 'row.attention_added',
  woke: 'row.attention_woke',
} as const satisfies Record<AttentionReason, Key>;

const PLACE = {
  name: 'search.in_name',
  number: 'search.in_number',
  internal_reference: 'search.in_reference',
  email: 'search.in_email',
  phone: 'search.in_phone',
  notes: 'search.in_notes',
  custom_field: 'search.in_field',
  message: 'search.in_message',
  internal_message: 'search.in_internal',
} as const satisfies Record<HitPlace, Key>;

type NameOf = (operatorId: string) => string;

/** Why a case calls for the reader. */
export const attentionWords = (reason: AttentionReason): string => t(ATTENTION[reason]);

/** Where something was found; a custom field by its own label. */
export const placeWords = (where: HitPlace, label: string | null | undefined): string => label ?? t(PLACE[where]);

/** A number as far as it was counted. */
export const bounded = ({ count, more }: Bounded): string => `${new Intl.NumberFormat(i18n.locale).format(count)}${more ? '+' : ''}`;

/** How many cases a list shows, as far as they are loaded. */
export const shownCount = (list: Pick<CaseList, 'rows' | 'queue' | 'hasMore' | 'queueHasMore' | 'filter'>): string => {
  const awaiting = list.filter.status === 'awaiting' && !list.filter.view;
  const count = awaiting ? list.queue.length : list.rows.length;
  const more = awaiting ? list.queueHasMore : list.hasMore;
  return more ? t('list.count_more', { count }) : t('list.count', { count });
};

export const statusWord = (status: CaseStatus): string => t(STATUS[status]);

/** What a filter shows, as its button says it. */
export function filterName({ status, operator, view }: CaseFilter, nameOf: NameOf): string {
  if (view) return t(view === 'attention' ? 'filter.attention' : 'filter.snoozed');
  if (status === 'awaiting') return t('filter.awaiting');
  if (operator === 'me') return t(MINE[status]);
  if (operator === 'everyone') return t(EVERY[status]);
  return t(THEIRS[status], { name: nameOf(operator) || t('filter.colleague') });
}

/** What a saved filter shows, in a few words beside its name. */
export function filterParts({ status, operator, tags }: CaseFilter, nameOf: NameOf): string {
  const who = operator === 'me' ? t('filter.me') : operator === 'everyone' ? t('filter.everyone') : nameOf(operator) || t('filter.colleague');
  const parts = [...(status === 'awaiting' ? [] : [who]), status === 'all' ? t('status.all') : statusWord(status)];
  if (tags.length > 0) parts.push(t('tags.count', { count: tags.length }));
  return parts.join(', ');
}

/** The last words of a case and whose they are; before anyone said something, where it came from. */
export function lastWords({ snippet, origin }: Pick<CaseRow, 'snippet' | 'origin'>, me: string, nameOf: NameOf): string {
  if (!snippet) return t(ORIGIN[origin]);
  if (snippet.from !== 'operator') return snippet.text;
  if (snippet.actor_id === me) return t('row.you', { text: snippet.text });
  const name = snippet.actor_id ? nameOf(snippet.actor_id) : '';
  return name ? t('row.someone', { name, text: snippet.text }) : snippet.text;
}

/** Who is typing, by name while it is one; a guest goes by the case's name. */
export function typingWords(actors: readonly Actor[], caseName: string): string {
  const [first, second] = actors;
  if (!first) return '';
  if (second) return t('row.typing_many', { count: actors.length });
  return t('row.typing', { name: first.name ?? caseName });
}

export interface Emptiness {
  title: string;
  text: string;
  /** What the button does, if there is one. */
  next: 'create' | 'back' | null;
}

/** What an empty list says, and what to do next. */
export function emptiness(filter: CaseFilter, queued: boolean, nameOf: NameOf): Emptiness {
  if (filter.view === 'attention') return { title: t('empty.attention'), text: t('empty.attention_text'), next: 'back' };
  if (filter.view === 'snoozed') return { title: t('empty.snoozed'), text: t('empty.snoozed_text'), next: 'back' };
  if (filter.status === 'awaiting' && filter.tags.length === 0) return { title: t('empty.awaiting'), text: t('empty.awaiting_text'), next: 'back' };
  if (!sameFilter(filter, MY_ACTIVE)) {
    return { title: t('empty.other'), text: t('empty.other_text', { filter: filterName(filter, nameOf) }), next: 'back' };
  }
  return queued
    ? { title: t('empty.mine'), text: t('empty.mine_queue'), next: 'create' }
    : { title: t('empty.calm'), text: t('empty.calm_text'), next: 'create' };
}
