/**
 * What the server sends and takes, by the names of the glossary.
 *
 * Every other file imports from here, so that the source of a type can change
 * without touching them.
 */

export type Language = 'en' | 'de';
export type Theme = 'system' | 'light' | 'dark';
export type Role = 'administrator' | 'operator';
export type CaseStatus = 'awaiting' | 'active' | 'completed';
export type Origin = 'manual' | 'calendar' | 'widget' | 'booking_page' | 'api' | 'zapier';
export type MeetingType = 'individual' | 'group';

/** A person as others see them. */
export interface Person {
  id: string;
  name: string;
}

/** Who did something; a guest is shown under the case's name. */
export interface Actor {
  kind: 'operator' | 'guest' | 'system';
  id: string | null;
  name: string | null;
}

export interface Organization {
  id: string;
  name: string;
  contact_email: string;
  contact_phone: string;
}

/** The part of an organization that a guest may see; empty strings are "not given". */
export type OrganizationContact = Pick<Organization, 'name' | 'contact_email' | 'contact_phone'>;

export interface Operator {
  id: string;
  name: string;
  email: string;
  role: Role;
  language: Language;
  time_zone: string;
  theme: Theme;
}

export interface Me {
  operator: Operator;
  organization: Organization;
  rights: { invite: boolean; delete: boolean; edit_organization: boolean };
  version: string;
}

export interface OperatorRow {
  id: string;
  name: string;
  email: string;
  role: Role;
  online: boolean;
  created_at: string;
}

export interface Invite {
  id: string;
  email: string;
  role: Role;
  created_at: string;
  expires_at: string;
  invited_by: Person;
  link: string;
}

/** What an invitation says before it is accepted. */
export interface InviteLookup {
  organization: string;
  invited_by: string;
  email: string;
  role: Role;
  expires_at: string;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Snippet {
  from: 'guest' | 'operator' | 'system';
  actor_id: string | null;
  text: string;
}

export interface CaseRow {
  id: string;
  number: number;
  name: string;
  status: CaseStatus;
  origin: Origin;
  guest_online: boolean;
  unread: number;
  joined: boolean;
  operator_ids: string[];
  last_entry: number;
  last_activity_at: string;
  snippet: Snippet | null;
}

/** One editable field; version 0 was never set. */
export interface Field {
  value: string;
  version: number;
  changed_by: Actor | null;
  changed_at: string | null;
}

export type FieldName = 'name' | 'email' | 'phone' | 'internal_reference' | 'notes' | 'language';

/** How far someone has read. */
export interface ReadMark {
  entry: number;
  at: string;
}

export interface OperatorRead extends ReadMark {
  operator_id: string;
}

export interface Draft {
  text: string;
  version: number;
  saved_at: string;
}

export interface Case {
  id: string;
  number: number;
  name: string;
  status: CaseStatus;
  origin: Origin;
  meeting_type: MeetingType;
  created_at: string;
  completed_at: string | null;
  last_entry: number;
  last_activity_at: string;
  fields: Record<FieldName, Field>;
  operators: Person[];
  guest_online: boolean;
  guest_last_seen_at: string | null;
  guest_read: ReadMark | null;
  operator_reads: OperatorRead[];
  mine: { joined: boolean; read_entry: number; unread: number; draft: Draft | null };
}

/** A field that two people changed at once: both texts, nothing saved. */
export interface Conflict {
  field: FieldName | 'draft';
  yours: string;
  theirs: string;
  version: number;
  changed_by: Actor | null;
  changed_at: string | null;
}

export interface GuestOperator extends Person {
  online: boolean;
}

export interface GuestCase {
  id: string;
  name: string;
  status: CaseStatus;
  language: string;
  organization: OrganizationContact;
  operators: GuestOperator[];
  read: ReadMark | null;
  operator_read: ReadMark | null;
  last_entry: number;
}

/** Events that stand in the timeline. */
export type EntryEvent =
  | { type: 'case.created'; origin: Origin }
  | { type: 'case.completed' }
  | { type: 'case.reopened' }
  | { type: 'operator.joined'; operator: Person }
  | { type: 'operator.left'; operator: Person }
  | { type: 'guest.arrived' }
  | { type: 'message.sent'; text: string; client_key?: string | null };

/** Facts without an entry: they come live only. */
export type FactEvent =
  | { type: 'case.changed'; field: FieldName; version: number; name: string | null }
  | { type: 'case.deleted' }
  | { type: 'case.read'; entry: number }
  | { type: 'operator.created'; operator: Person }
  | { type: 'organization.changed' };

export type Event = EntryEvent | FactEvent;

/** One line of the timeline. */
export interface Entry {
  entry: number;
  at: string;
  actor: Actor;
  event: EntryEvent;
}

export interface TimelinePage {
  entries: Entry[];
  has_before: boolean;
  has_after: boolean;
}

/** What came to pass, as the live socket tells it. */
export interface LiveEvent {
  case_id: string | null;
  entry: number | null;
  at: string;
  actor: Actor;
  event: Event;
}

/** Frames to operators. */
export type LiveFrame =
  | { kind: 'hello'; cursor: number; online_cases: string[]; online_operators: string[]; heartbeat_ms: number }
  | ({ kind: 'event'; cursor: number } & LiveEvent)
  | { kind: 'cursor'; cursor: number }
  | { kind: 'reset'; cursor: number }
  | { kind: 'presence'; case_id: string; online: boolean }
  | { kind: 'operator_presence'; operator_id: string; online: boolean }
  | { kind: 'typing'; case_id: string; actor: Actor; typing: boolean }
  | { kind: 'goodbye'; retry_after_ms: number };

/** Frames to a guest. */
export type GuestFrame =
  | { kind: 'hello'; entry: number; case: GuestCase; heartbeat_ms: number }
  | ({ kind: 'event' } & Omit<LiveEvent, 'case_id'>)
  | { kind: 'heartbeat'; entry: number }
  | { kind: 'operator_presence'; operator_id: string; online: boolean }
  | { kind: 'typing'; actor: Actor; typing: boolean }
  | { kind: 'reset'; entry: number }
  | { kind: 'goodbye'; retry_after_ms: number };

/** Why one field was refused. */
export interface FieldProblem {
  field: string;
  code: string;
  detail: string;
}

/** The body of `application/problem+json`. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  request_id: string;
  errors?: FieldProblem[];
  retry_after_s?: number;
  conflicts?: Conflict[];
  organization?: OrganizationContact | null;
}
