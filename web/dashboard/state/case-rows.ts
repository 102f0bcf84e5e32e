/** Rows of the case list, and what an event makes of one. Pure: nothing here loads or waits. */

import type { Case, CaseRow, CaseStatus, LiveEvent, Snippet, TagRef } from '../../lib/api/types.ts';

/** Longer last words are cut where the server cuts them, so that a row reads the same live and loaded. */
const SNIPPET_CHARACTERS_MAX = 120;
/** More bytes than this for each character one sees, and plain code points count instead. */
const CHARACTER_BYTES_MAX = 8;
const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A row, and what it takes to count right when another tab reads. */
export interface Known {
  readonly row: CaseRow;
  /** The newest entry when the row came from the server: its count of unread holds up to here. */
  readonly since: number;
  /** The customer's messages that came live after that. */
  readonly heard: readonly number[];
}

export const known = (row: CaseRow): Known => ({ row, since: row.last_entry, heard: [] });

/** A whole case as a row; the last words are not part of a case, so the row keeps those it had. */
export function rowOf(whole: Case, snippet: Snippet | null): CaseRow {
  const { id, number, name, status, origin, guest_online, last_entry, last_activity_at, waiting_since, mine, operators, tags, call } = whole;
  const { unread, joined, attention, snoozed_until } = mine;
  const operator_ids = operators.map((operator) => operator.id);
  const when = { last_entry, last_activity_at, waiting_since };
  return { id, number, name, status, origin, guest_online, unread, joined, attention, snoozed_until, in_call: call !== null, operator_ids, tags, ...when, snippet };
}

/** The last words of a case as a message leaves them; null for what is no message. */
export function wordsOf({ actor, event }: Pick<LiveEvent, 'actor' | 'event'>): Snippet | null {
  if (event.type !== 'message.sent') return null;
  return { from: actor.kind, actor_id: actor.id, text: cut(event.text.replace(/\s+/gu, ' ').trim()) };
}

/** As the server cuts: by the characters one sees, unless those are very long. */
function cut(line: string): string {
  if (line.length <= SNIPPET_CHARACTERS_MAX) return line;
  let text = '';
  let count = 0;
  for (const { segment } of characters.segment(line)) {
    if (count++ === SNIPPET_CHARACTERS_MAX) break;
    text += segment;
  }
  if (new TextEncoder().encode(text).length > SNIPPET_CHARACTERS_MAX * CHARACTER_BYTES_MAX) {
    text = [...text].slice(0, SNIPPET_CHARACTERS_MAX).join('');
  }
  return text.length < line.length ? `${text}…` : text;
}

/** Whether a row is one of the reader's cases with something unread, as the server counts them. */
export const isUnreadMine = ({ joined, status, unread, snoozed_until }: CaseRow): boolean => joined && status === 'active' && unread > 0 && snoozed_until === null;

/** What a row becomes: changed, gone (`null`), or only the server knows its count (`ask`). */
export interface Outcome {
  known: Known | null;
  ask: boolean;
}

/** Whether a case is no more after this: deleted, or merged into another. */
export const isGone = (event: LiveEvent['event']): boolean => event.type === 'case.deleted' || (event.type === 'case.merged' && Boolean(event.into));

/** Applies an event to a row. An entry that the row has seen already changes nothing. */
export function changed(before: Known, live: LiveEvent, me: string): Outcome {
  const { row } = before;
  const { event, entry, actor } = live;
  const same: Outcome = { known: before, ask: false };
  if (isGone(event)) return { known: null, ask: false };
  // What came along with another case is not said anew; the case's own answer counts it.
  if (entry !== null && live.merged_from) return { known: { ...before, row: { ...row, last_entry: Math.max(row.last_entry, entry) } }, ask: false };
  if (entry !== null) return entry > row.last_entry ? moved(before, live, entry, me) : same;
  switch (event.type) {
    case 'case.changed':
      if (event.field !== 'name' || event.name === null || event.name === row.name) return same;
      return { known: { ...before, row: { ...row, name: event.name } }, ask: false };
    case 'case.read':
      return actor.kind === 'operator' && actor.id === me ? read(before, event.entry) : same;
    case 'case.attention':
      return event.operator_id === me ? { known: { ...before, row: { ...row, attention: event.reason } }, ask: false } : same;
    case 'case.snoozed':
      return event.operator_id === me ? { known: { ...before, row: { ...row, snoozed_until: event.until } }, ask: false } : same;
    case 'case.woke':
      return event.operator_id === me ? { known: { ...before, row: { ...row, snoozed_until: null, attention: 'woke' } }, ask: false } : same;
    case 'case.tagged':
      return retagged(before, [...row.tags.filter(({ id }) => id !== event.tag.id), event.tag]);
    case 'case.untagged':
      return retagged(before, row.tags.filter(({ id }) => id !== event.tag.id));
    default:
      return same;
  }
}

/** A row with other tags, in the order of their names as the server gives them. */
function retagged(before: Known, tags: readonly TagRef[]): Outcome {
  const sorted = [...tags].sort((a, b) => a.name.localeCompare(b.name));
  return { known: { ...before, row: { ...before.row, tags: sorted } }, ask: false };
}

/** Tags were renamed or deleted: a row follows, or stays itself when it carries none of them. */
export function followTags(row: CaseRow, find: (tagId: string) => TagRef | undefined): CaseRow {
  if (row.tags.length === 0) return row;
  const tags = row.tags.flatMap(({ id }) => {
    const tag = find(id);
    return tag ? [{ id, name: tag.name }] : [];
  });
  const same = tags.length === row.tags.length && tags.every(({ name }, at) => name === row.tags[at]?.name);
  return same ? row : { ...row, tags };
}

/** The reader has read up to an entry, in this tab or another. */
export function read(known: Known, entry: number): Outcome {
  // Whoever has read to the end has seen what called for them.
  const calmed = entry >= known.row.last_entry && known.row.attention !== null;
  const before = calmed ? { ...known, row: { ...known.row, attention: null } } : known;
  const { row, since, heard } = before;
  if (row.unread === 0) return { known: before, ask: false };
  const later = heard.filter((number) => number > entry);
  if (entry < since) {
    // How many of the messages from before the load are read is not known here.
    return { known: before, ask: true };
  }
  return { known: { row: { ...row, unread: later.length }, since, heard: later }, ask: false };
}

function moved(before: Known, live: LiveEvent, entry: number, me: string): Outcome {
  const { event, actor, at } = live;
  let { heard } = before;
  let ask = false;
  const row: CaseRow = { ...before.row, last_entry: entry };
  // The guest's coming leaves the case where it stands in the list.
  if (event.type !== 'guest.arrived') row.last_activity_at = at;
  switch (event.type) {
    case 'message.sent':
      row.snippet = wordsOf(live);
      if (actor.kind === 'guest') {
        heard = [...heard, entry];
        if (row.joined) row.unread += 1;
      }
      break;
    case 'operator.joined':
      row.operator_ids = row.operator_ids.includes(event.operator.id) ? row.operator_ids : [...row.operator_ids, event.operator.id];
      if (row.status === 'awaiting') wait(row, 'active', at);
      if (event.operator.id === me) {
        row.joined = true;
        ask = true;
      }
      break;
    case 'operator.left':
      row.operator_ids = row.operator_ids.filter((id) => id !== event.operator.id);
      if (row.status === 'active') wait(row, statusOf(row), at);
      if (event.operator.id === me) {
        row.joined = false;
        row.unread = 0;
        row.snoozed_until = null;
      }
      break;
    case 'call.started':
      row.in_call = true;
      break;
    case 'call.ended':
      row.in_call = false;
      break;
    case 'case.completed':
      wait(row, 'completed', at);
      break;
    case 'case.reopened':
      wait(row, statusOf(row), at);
      break;
    case 'case.merged':
      // What came along (tags, operators, what is unread) only the server knows.
      ask = true;
      break;
    default:
      break;
  }
  return { known: { ...before, row, heard }, ask };
}

/** Gives a row a status; one that waits does so since then. */
function wait(row: CaseRow, status: CaseStatus, at: string): void {
  row.status = status;
  row.waiting_since = status === 'awaiting' ? at : null;
}

/** An open case is active while someone is on it. */
const statusOf = (row: CaseRow): CaseStatus => (row.operator_ids.length > 0 ? 'active' : 'awaiting');
