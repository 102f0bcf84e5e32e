import type { AuditEntry } from '../../lib/api/types.ts';
import type { IconName } from '../../lib/icon/names.ts';
import { known, t, type Key } from './i18n.ts';

/** Everything that can be done, in the groups that the filter shows. */
export const VERB_GROUPS = {
  sign_in: ['session.started', 'session.refused', 'session.ended', 'password.changed', 'password.reset'],
  cases: [
    'case.created',
    'case.opened',
    'case.claimed',
    'case.handed_over',
    'case.completed',
    'case.reopened',
    'case.merged',
    'case.deleted',
    'case.exported',
    'case_list.exported',
    'location.asked',
  ],
  team: ['operator.invited', 'operator.invite_withdrawn', 'operator.accepted', 'operator.changed', 'operator.deactivated'],
  settings: ['organization.changed', 'plan.changed', 'custom_field.changed', 'quick_response.changed', 'audit.read'],
} as const satisfies Record<string, readonly AuditEntry['verb'][]>;

const ICONS: Record<string, IconName> = {
  session: 'shield',
  password: 'lock',
  operator: 'people',
  organization: 'gear',
  plan: 'card',
  custom_field: 'list',
  quick_response: 'bolt',
  case: 'chat',
  case_list: 'list',
  location: 'pin',
  audit: 'eye',
};

/** The picture of a verb. */
export function iconOf(verb: string): IconName {
  if (verb === 'case.deleted') return 'trash';
  if (verb === 'case.opened') return 'eye';
  if (verb === 'case.completed') return 'check';
  if (verb === 'operator.invited') return 'mail';
  if (verb === 'operator.accepted') return 'person-plus';
  return ICONS[verb.split('.')[0] ?? ''] ?? 'list';
}

/** Whether an entry deserves a second look. */
export function isWarning(verb: string): boolean {
  return verb === 'session.refused' || verb === 'case.deleted';
}

/** What was done, in words; the server's own word for one that this page does not know yet. */
export function verbName(verb: string): string {
  const key = `audit.verb.${verb}`;
  return known(key) ? t(key as 'audit.verb.case.opened') : verb;
}

/** What it was done to, as it is called today; a thing that is gone has only its number or kind. */
export function objectName(entry: AuditEntry): string {
  // Whoever signed in did it to nobody else.
  if (entry.object_id !== null && entry.object_id === entry.actor.id) return '';
  if (entry.object_name) return entry.object_name;
  const key: Key | string = `audit.gone.${entry.object_kind}`;
  return entry.object_id && known(key) ? t(key as 'audit.gone.case') : '';
}

/** More of it in words, where there is more. */
export function detailOf(entry: AuditEntry): string {
  if (!entry.detail) return '';
  const words = entry.detail.split(/[\s,]+/).map((word) => {
    const key = `audit.detail.${word}`;
    return known(key) ? t(key as 'audit.detail.role') : word;
  });
  return words.join(', ');
}
