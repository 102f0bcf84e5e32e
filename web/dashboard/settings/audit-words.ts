import type { AuditEntry } from '../../lib/api/types.ts';
import type { IconName } from '../../lib/icon/names.ts';
import { t as common } from '../i18n.ts';
import { known, t } from './i18n.ts';

type Verb = AuditEntry['verb'];
type Group = 'sign_in' | 'cases' | 'team' | 'settings';

/** Everything that can be done, and in which group of the filter it stands. */
const GROUPS: Record<Verb, Group> = {
  'session.started': 'sign_in',
  'session.refused': 'sign_in',
  'session.ended': 'sign_in',
  'password.changed': 'sign_in',
  'password.reset': 'sign_in',
  'case.created': 'cases',
  'case.opened': 'cases',
  'case.claimed': 'cases',
  'case.handed_over': 'cases',
  'case.completed': 'cases',
  'case.reopened': 'cases',
  'case.merged': 'cases',
  'case.deleted': 'cases',
  'case.exported': 'cases',
  'case_list.exported': 'cases',
  'location.asked': 'cases',
  'operator.invited': 'team',
  'operator.invite_withdrawn': 'team',
  'operator.accepted': 'team',
  'operator.changed': 'team',
  'operator.deactivated': 'team',
  'organization.changed': 'settings',
  'plan.changed': 'settings',
  'custom_field.changed': 'settings',
  'quick_response.changed': 'settings',
  'audit.read': 'settings',
};

/** The verbs of each group, as the filter shows them. */
export const VERB_GROUPS = (['sign_in', 'cases', 'team', 'settings'] as const).map((group) => ({
  group,
  verbs: (Object.keys(GROUPS) as Verb[]).filter((verb) => GROUPS[verb] === group),
}));

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
export function verbName(verb: Verb): string {
  const key = `audit.verb.${verb}` as const;
  return known(key) ? t(key) : verb;
}

/** What it was done to, as it is called today; a thing that is gone has only its number or kind. */
export function objectName(entry: AuditEntry): string {
  // Whoever signed in did it to nobody else.
  if (entry.object_id !== null && entry.object_id === entry.actor.id) return '';
  if (entry.object_name) return entry.object_name;
  // An invitation has no name, only an address, and that is no matter of the log.
  return entry.object_id && entry.object_kind !== 'invite' ? t('audit.gone') : '';
}

/** Words of the house that a detail may hold; ids of things that have no name here are left out. */
const DETAILS = [
  'role',
  'active',
  'seat',
  'reassign',
  'delete',
  'export',
  'plan',
  'seats',
  'created',
  'changed',
  'deleted',
  'everywhere',
  'logo',
  'name',
  'contact_email',
  'contact_phone',
  'separate_operators',
  'location_enabled',
  'map_url',
  'brand_color',
] as const;

function detailWord(word: string): string {
  const found = DETAILS.find((known) => known === word);
  return found ? t(`audit.detail.${found}`) : '';
}

function detailValue(value: string): string {
  if (value === 'true' || value === 'false') return t(value === 'true' ? 'audit.detail.yes' : 'audit.detail.no');
  if (value === 'administrator' || value === 'operator') return common(`role.${value}`);
  if (value === 'starter' || value === 'professional' || value === 'enterprise') return t(`plan.${value}`);
  return value === 'unlimited' ? t('audit.detail.unlimited') : value;
}

/** More of it in words, where there is more: `role=operator seat=true`, what was changed, to whom a case was handed over. */
export function detailOf(entry: AuditEntry, nameOf: (operatorId: string) => string): string {
  const words = entry.detail.split(/[\s,]+/).map((word) => {
    if (word.startsWith('op_')) {
      const name = nameOf(word);
      return name && entry.verb === 'case.handed_over' ? t('audit.detail.to', { name }) : name;
    }
    const [key = '', value] = word.split('=');
    const named = detailWord(key);
    return named && value !== undefined ? `${named}: ${detailValue(value)}` : named;
  });
  return words.filter(Boolean).join(', ');
}
