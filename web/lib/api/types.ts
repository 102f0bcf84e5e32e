/**
 * What the server sends and takes, by the names of the glossary.
 *
 * The shapes come from `schema.ts`, which is generated from the server's own
 * description (`npm run types`); every other file imports from here.
 */

import type { components } from './schema.ts';

type Schemas = components['schemas'];

/**
 * What comes from the server is complete: a member without a value is null and
 * there. The description cannot tell that from a member that may be left out.
 */
type Sent<T> = T extends (infer Item)[]
  ? Sent<Item>[]
  : T extends object
    ? { [Name in keyof T]-?: Sent<Exclude<T[Name], undefined>> }
    : T;

export type Language = Schemas['Language'];
export type Theme = Schemas['Theme'];
export type Role = Schemas['Role'];
export type CaseStatus = Schemas['Status'];
export type Origin = Schemas['Origin'];
export type MeetingType = Schemas['MeetingType'];
export type FieldName = Schemas['FieldName'];

/** A person as others see them. */
export type Person = Sent<Schemas['OperatorRef']>;
/** Who did something; a guest is shown under the case's name. */
export type Actor = Sent<Schemas['Actor']>;
export type Organization = Sent<Schemas['Organization']> & OrganizationMore;
/** The part of an organization that a guest may see; empty strings are "not given". */
export type OrganizationContact = Sent<Schemas['PublicOrganization']> & { brand_color: string; logo: string | null };
export type Operator = Sent<Schemas['Operator']> & { seat: boolean; active: boolean; picture: string | null };
export type Me = Omit<Sent<Schemas['Me']>, 'operator' | 'organization' | 'rights'> & {
  operator: Operator;
  organization: Organization;
  rights: Sent<Schemas['Me']>['rights'] & { reassign: boolean; export: boolean; seat: boolean; custom_fields: boolean; location: boolean };
};
export type OperatorRow = Sent<Schemas['OperatorRow']> & {
  active: boolean;
  seat: boolean;
  rights: { reassign: boolean; delete: boolean; export: boolean };
  picture: string | null;
};
export type Invite = Sent<Schemas['Invite']>;
/** What an invitation says before it is accepted. */
export type InviteLookup = Sent<Schemas['InviteOffer']>;

/** A part of a list, and where it goes on. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

export type Snippet = Sent<Schemas['Snippet']>;
export type CaseRow = Sent<Schemas['CaseRow']> & RowMore;
/** One editable field; version 0 was never set. */
export type Field = Sent<Schemas['Field']> & { doubtful?: boolean };
/** How far someone has read. */
export type ReadMark = Sent<Schemas['ReadMark']>;
export type OperatorRead = Sent<Schemas['OperatorRead']>;
export type Draft = Sent<Schemas['Draft']>;
export type Case = Omit<Sent<Schemas['Case']>, 'mine'> & CaseMore;
/** A field that two people changed at once: both texts, nothing saved. `field` is a name, `draft`, or a custom field's id. */
export type Conflict = Omit<Sent<Schemas['Conflict']>, 'field'> & { field: string };
export type GuestOperator = Sent<Schemas['GuestOperator']> & { picture: string | null };
export type GuestCase = Omit<Sent<Schemas['GuestCase']>, 'organization' | 'operators'> & {
  organization: OrganizationContact;
  operators: GuestOperator[];
  location_request: LocationRequest | null;
};

/** How someone's microphone stands. */
export type Microphone = Schemas['Microphone'];
/** What someone's picture is. */
export type Video = Schemas['Video'];
/** How well packets get through to a participant and back. */
export type Quality = Schemas['Quality'];
/** What comes in one receiving place of a participant. */
export type Slot = Sent<Schemas['Slot']>;
/** One browser of one person in a call. */
export type Participant = Sent<Schemas['Participant']>;
/** A live session of a case; an older `revision` is no news. */
export type Call = Sent<Schemas['Call']>;
/** What joining takes; `token` is that of the participant to go on as. */
export type NewParticipant = Schemas['NewParticipant'];
export type NewOffer = Schemas['NewOffer'];
export type NewMedia = Schemas['NewMedia'];
export type Joined = Sent<Schemas['Joined']>;
export type Answered = Sent<Schemas['Answered']>;

/** Everything that can happen, told apart by `type`. */
export type Event = Sent<Schemas['Event']> | MoreEvents;
/** Events that stand in the timeline. */
export type EntryEvent = Extract<
  Event,
  {
    type:
      | 'case.created'
      | 'case.completed'
      | 'case.reopened'
      | 'operator.joined'
      | 'operator.left'
      | 'guest.arrived'
      | 'message.sent'
      | 'call.started'
      | 'call.ended'
      | 'message.internal'
      | 'case.handed_over'
      | 'case.merged'
      | 'location.requested'
      | 'location.shared'
      | 'location.refused'
      | 'location.failed';
  }
>;
/** Facts without an entry: they come live only. */
export type FactEvent = Exclude<Event, EntryEvent>;

/** One line of the timeline. */
export type Entry = Omit<Sent<Schemas['Entry']>, 'event'> & { event: EntryEvent; merged_from?: number | null };
export type TimelinePage = Omit<Sent<Schemas['Timeline']>, 'entries'> & { entries: Entry[] };

/** Frames to operators. */
export type LiveFrame = Told | MoreFrames;
type Told = Exclude<Sent<Schemas['OperatorFrame']>, { kind: 'hello' | 'event' }>;
/** What came to pass, as the operators' live socket tells it. */
export type LiveEvent = Omit<Extract<LiveFrame, { kind: 'event' }>, 'kind' | 'cursor' | 'event'> & { event: Event; merged_from?: number | null };
/** Frames to a guest. */
export type GuestFrame = Exclude<Sent<Schemas['GuestFrame']>, { kind: 'hello' }> | (Omit<Extract<Sent<Schemas['GuestFrame']>, { kind: 'hello' }>, 'case'> & { case: GuestCase });

/** Why one field was refused. */
export type FieldProblem = Omit<Schemas['FieldError'], 'detail'> & { detail?: string };
/** The body of `application/problem+json`; what a kind of problem does not have is left out. */
export type ProblemBody = Omit<Schemas['Problem'], 'errors' | 'conflicts' | 'organization'> & {
  /** With `case_merged`: the case it is a part of now. */
  into?: string;
  /** With `fields_required`: the fields without which a case cannot be completed. */
  fields?: { id: string; label: string }[];
  errors?: FieldProblem[];
  conflicts?: Conflict[];
  organization?: OrganizationContact | null;
  /** With `field_in_use`: in how many cases, and some of the values that would be lost. */
  cases?: number;
  examples?: string[];
  /** Who was quicker to take a case. */
  taken_by?: Person | null;
};

/** Why a case calls for an operator. */
export type AttentionReason = 'mention' | 'handover' | 'added' | 'woke';
export interface TagRef {
  id: string;
  name: string;
}
export type FieldKind = 'text' | 'long_text' | 'number' | 'date' | 'choice' | 'choices' | 'checkbox' | 'link';
export interface FieldOption {
  id: string;
  label: string;
  retired: boolean;
}
/** A field that the organization gave its cases. */
export interface CustomField {
  id: string;
  label: string;
  kind: FieldKind;
  icon: string;
  help: string;
  required: boolean;
  default_value: string;
  options: FieldOption[];
  position: number;
  archived: boolean;
  /** In how many cases it is filled in; only administrators are told. */
  used?: number | null;
}
/** A custom field and what stands in it in one case. */
export interface CaseCustomField {
  field: CustomField;
  value: Field;
}
export type LocationState = 'none' | 'asked' | 'shared' | 'refused' | 'failed';
export type LocationFailure = 'denied' | 'timeout' | 'unavailable';
/** Where the customer is, or how far the question got. */
export interface CaseLocation {
  state: LocationState;
  latitude: number | null;
  longitude: number | null;
  accuracy_m: number | null;
  at: string | null;
  reason: LocationFailure | null;
}
/** The question for the location, on the guest's page. */
export interface LocationRequest {
  id: string;
  at: string;
  operator: Person;
}
export interface QuickResponse {
  id: string;
  scope: 'global' | 'private';
  shortcut: string;
  title: string;
  text: string;
  version: number;
  changed_at: string;
}
/** One line of the audit log: ids and words, never content. */
export interface AuditEntry {
  n: number;
  at: string;
  actor: Actor;
  verb: string;
  object_kind: string;
  object_id: string | null;
  /** What it is called today; null when it is gone. */
  object_name: string | null;
  detail: string;
}
/** Whether the audit log is whole. */
export interface AuditCheck {
  ok: boolean;
  entries: number;
  /** The first entry that was changed or is missing. */
  broken_at: number | null;
}
/** One field of two cases that are about to become one. */
export interface MergeField {
  key: string;
  label: string | null;
  into: string;
  from: string;
  differs: boolean;
}
/** What merging would make of two cases. */
export interface MergePreview {
  into: CaseRow;
  from: CaseRow;
  fields: MergeField[];
  entries: number;
  guests_told: boolean;
}
interface OrganizationMore {
  plan: 'starter' | 'professional' | 'enterprise';
  seats: number | null;
  seats_used: number;
  separate_operators: boolean;
  location_enabled: boolean;
  map_url: string;
  brand_color: string;
  logo: string | null;
}
interface CaseMore {
  tags: TagRef[];
  waiting_since: string | null;
  custom: CaseCustomField[];
  location: CaseLocation | null;
  mine: Sent<Schemas['Case']>['mine'] & { attention: AttentionReason | null; snoozed_until: string | null };
}
type MoreEvents =
  | { type: 'message.internal'; text: string; mentions: Person[]; client_key: string | null }
  | { type: 'case.handed_over'; from: Person; to: Person; note: string }
  | { type: 'case.merged'; number: number; name: string; entries: number; into?: string | null }
  | { type: 'location.requested' }
  | { type: 'location.shared' }
  | { type: 'location.refused' }
  | { type: 'location.failed'; reason: LocationFailure }
  | { type: 'case.attention'; operator_id: string; reason: AttentionReason | null }
  | { type: 'case.snoozed'; operator_id: string; until: string | null }
  | { type: 'case.woke'; operator_id: string }
  | { type: 'case.tagged'; tag: TagRef }
  | { type: 'case.untagged'; tag: TagRef }
  | { type: 'tag.changed' }
  | { type: 'case.field_changed'; field_id: string; version: number }
  | { type: 'custom_fields.changed' }
  | { type: 'quick_responses.changed' }
  | { type: 'operator.changed'; operator: Person };

/** A tag, and how many of the reader's active cases carry it. */
export interface Tag extends TagRef {
  cases: number;
}
/** A filter of the case list that an operator gave a name. */
export interface SavedFilter {
  id: string;
  name: string;
  filter: { status: CaseStatus | 'all'; operator: string; tags: string[] };
}
/** A number that is counted up to a bound only; `more` says that there are more. */
export interface Bounded {
  count: number;
  more: boolean;
}
export interface CaseCounts {
  queue: Bounded;
  active_mine: Bounded;
  unread_cases_mine: Bounded;
  attention: Bounded;
  snoozed: Bounded;
}
export type HitPlace = 'name' | 'number' | 'internal_reference' | 'email' | 'phone' | 'notes' | 'custom_field' | 'message' | 'internal_message';
/** A case that was found, and where in it. Marks are places in the text's UTF-16 units. */
export interface SearchItem {
  case: CaseRow;
  hit: { where: HitPlace; label?: string | null; entry?: number | null; at: string; snippet: { text: string; marks: [number, number][] } };
}
/** A page of what was found; not `complete` while the server still reads older texts into its index. */
export interface SearchPage extends Page<SearchItem> {
  complete: boolean;
}
interface RowMore {
  tags: TagRef[];
  attention: AttentionReason | null;
  snoozed_until: string | null;
  waiting_since: string | null;
}
type MoreFrames =
  | (Extract<Sent<Schemas['OperatorFrame']>, { kind: 'hello' }> & { looking: { case_id: string; operator_ids: string[] }[] })
  | (Omit<Extract<Sent<Schemas['OperatorFrame']>, { kind: 'event' }>, 'event'> & { event: Event })
  | { kind: 'looking'; case_id: string; operator_ids: string[] }
  | { kind: 'case_visible'; cursor: number | null; case_id: string }
  | { kind: 'case_hidden'; cursor: number | null; case_id: string };
