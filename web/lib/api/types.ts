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
/** How far someone has read. */
export type ReadMark = Sent<Schemas['ReadMark']>;
export type OperatorRead = Sent<Schemas['OperatorRead']>;
export type Draft = Sent<Schemas['Draft']>;
export type Case = Sent<Schemas['Case']>;
/** A field that two people changed at once: both texts, nothing saved. */
export type Conflict = Omit<Sent<Schemas['Conflict']>, 'field'> & { field: FieldName | 'draft' };
export type GuestOperator = Sent<Schemas['GuestOperator']>;
export type GuestCase = Sent<Schemas['GuestCase']>;

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
      | 'call.ended';
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
