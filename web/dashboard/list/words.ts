import type { Actor, CaseRow, CaseStatus, Origin } from '../../lib/api/types.ts';
import { t, type Key } from '../i18n.ts';
import { MY_ACTIVE, sameFilter, type CaseFilter } from '../state/case-filter.ts';

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

type NameOf = (operatorId: string) => string;

export const statusWord = (status: CaseStatus): string => t(STATUS[status]);

/** What a filter shows, as its button says it. */
export function filterName({ status, operator }: CaseFilter, nameOf: NameOf): string {
  if (status === 'awaiting') return t('filter.awaiting');
  if (operator === 'me') return t(MINE[status]);
  if (operator === 'all') return t(EVERY[status]);
  return t(THEIRS[status], { name: nameOf(operator) || t('filter.colleague') });
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
  if (filter.status === 'awaiting') return { title: t('empty.awaiting'), text: t('empty.awaiting_text'), next: 'back' };
  if (!sameFilter(filter, MY_ACTIVE)) {
    return { title: t('empty.other'), text: t('empty.other_text', { filter: filterName(filter, nameOf) }), next: 'back' };
  }
  return queued
    ? { title: t('empty.mine'), text: t('empty.mine_queue'), next: 'create' }
    : { title: t('empty.calm'), text: t('empty.calm_text'), next: 'create' };
}
