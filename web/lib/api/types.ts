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
export type Organization = Sent<Schemas['Organization']>;
/** The part of an organization that a guest may see; empty strings are "not given". */
export type OrganizationContact = Sent<Schemas['PublicOrganization']>;
export type Operator = Sent<Schemas['Operator']>;
export type Me = Sent<Schemas['Me']>;
export type OperatorRow = Sent<Schemas['OperatorRow']>;
export type Invite = Sent<Schemas['Invite']>;
/** What an invitation says before it is accepted. */
export type InviteLookup = Sent<Schemas['InviteOffer']>;

/** A part of a list, and where it goes on. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

export type Snippet = Sent<Schemas['Snippet']>;
export type CaseRow = Sent<Schemas['CaseRow']>;
/** One editable field; version 0 was never set. */
export type Field = Sent<Schemas['Field']>;
/** A phone number; `doubtful` when it is in no numbering plan. */
export type PhoneField = Sent<Schemas['PhoneField']>;
/** How far someone has read. */
export type ReadMark = Sent<Schemas['ReadMark']>;
export type OperatorRead = Sent<Schemas['OperatorRead']>;
export type Draft = Sent<Schemas['Draft']>;
export type Case = Sent<Schemas['Case']>;
/** A field that two people changed at once: both texts, nothing saved. `field` is a name, `draft`, or a custom field's id. */
export type Conflict = Omit<Sent<Schemas['Conflict']>, 'field'> & { field: string };
export type GuestOperator = Sent<Schemas['GuestOperator']>;
export type GuestCase = Sent<Schemas['GuestCase']>;

/** Why a case calls for an operator. */
export type AttentionReason = Schemas['AttentionReason'];
export type TagRef = Sent<Schemas['TagRef']>;
/** A tag, and how many of the reader's active cases carry it. */
export type Tag = Sent<Schemas['Tag']>;
/** A filter of the case list that an operator gave a name. */
export type SavedFilter = Omit<Sent<Schemas['SavedFilter']>, 'filter'> & { filter: { status: CaseStatus | 'all'; operator: string; tags: string[] } };
/** A number that is counted up to a bound only; `more` says that there are more. */
export type Bounded = Sent<Schemas['Count']>;
export type CaseCounts = Sent<Schemas['CaseCounts']>;
/** Where in a case something was found. */
export type HitPlace = Schemas['Place'];
/** A case that was found, and where in it. Marks are places in the text's UTF-16 units. */
export type SearchItem = Omit<Sent<Schemas['SearchItem']>, 'hit'> & { hit: Omit<Sent<Schemas['Hit']>, 'snippet'> & { snippet: { text: string; marks: [number, number][] } } };
export type SearchPage = Omit<Sent<Schemas['SearchPage']>, 'items'> & { items: SearchItem[] };
export type FieldKind = Schemas['FieldKind'];
export type FieldIcon = Schemas['FieldIcon'];
export type FieldOption = Sent<Schemas['FieldOption']>;
/** A field that the organization gave its cases; only administrators are told in how many it is used. */
export type CustomField = Sent<Schemas['CustomField']>;
/** A custom field and what stands in it in one case. */
export type CaseCustomField = Sent<Schemas['CaseCustomField']>;
/** Where the customer is, or how far the question got. */
export type CaseLocation = Sent<Schemas['Location']>;
/** The question for the location, on the guest's page. */
export type LocationRequest = Sent<Schemas['LocationRequest']>;
/** What a guest answers to it. */
export type LocationAnswer = Schemas['LocationAnswer'];
export type LocationFailure = Schemas['Reason'];
export type QuickResponse = Sent<Schemas['QuickResponse']>;
/** One line of the audit log: ids and words, never content. */
export type AuditEntry = Omit<Sent<Schemas['AuditEntry']>, 'verb' | 'object_kind'> & { verb: string; object_kind: string };
/** Whether the audit log is whole. */
export type AuditCheck = Sent<Schemas['AuditVerdict']>;
/** One field of two cases that are about to become one. */
export type MergeField = Sent<Schemas['MergeField']>;
/** What merging would make of two cases. */
export type MergePreview = Sent<Schemas['MergePreview']>;

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
export type Event = Sent<Schemas['Event']>;
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
      | 'location.failed'
      | 'location.forgotten';
  }
>;
/** Facts without an entry: they come live only. */
export type FactEvent = Exclude<Event, EntryEvent>;

/** One line of the timeline. */
export type Entry = Omit<Sent<Schemas['Entry']>, 'event'> & { event: EntryEvent };
export type TimelinePage = Omit<Sent<Schemas['Timeline']>, 'entries'> & { entries: Entry[] };

/** Frames to operators. */
export type LiveFrame = Sent<Schemas['OperatorFrame']>;
/** What came to pass, as the operators' live socket tells it. */
export type LiveEvent = Omit<Extract<LiveFrame, { kind: 'event' }>, 'kind' | 'cursor'>;
/** Frames to a guest. */
export type GuestFrame = Sent<Schemas['GuestFrame']>;

/** Why one field was refused. */
export type FieldProblem = Omit<Schemas['FieldError'], 'detail'> & { detail?: string };
/** The body of `application/problem+json`; what a kind of problem does not have is left out. */
export type ProblemBody = Omit<Schemas['Problem'], 'errors' | 'conflicts' | 'organization'> & {
  errors?: FieldProblem[];
  conflicts?: Conflict[];
  organization?: OrganizationContact | null;
};

