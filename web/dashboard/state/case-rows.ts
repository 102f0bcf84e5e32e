/** Rows of the case list, and what an event makes of one. Pure: nothing here loads or waits. */

import type { Case, CaseRow, CaseStatus, LiveEvent, Snippet } from '../../lib/api/types.ts';

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
  const { id, number, name, status, origin, guest_online, last_entry, last_activity_at, mine, operators, call } = whole;
  const operator_ids = operators.map((operator) => operator.id);
  return { id, number, name, status, origin, guest_online, unread: mine.unread, joined: mine.joined, in_call: call !== null, operator_ids, last_entry, last_activity_at, snippet };
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

/** What a row becomes: changed, gone (`null`), or only the server knows its count (`ask`). */
export interface Outcome {
  known: Known | null;
  ask: boolean;
}

/** Applies an event to a row. An entry that the row has seen already changes nothing. */
export function changed(before: Known, live: LiveEvent, me: string): Outcome {
  const { row } = before;
  const { event, entry, actor } = live;
  const same: Outcome = { known: before, ask: false };
  if (entry !== null) return entry > row.last_entry ? moved(before, live, entry, me) : same;
  switch (event.type) {
    case 'case.deleted':
      return { known: null, ask: false };
    case 'case.changed':
      if (event.field !== 'name' || event.name === null || event.name === row.name) return same;
      return { known: { ...before, row: { ...row, name: event.name } }, ask: false };
    case 'case.read':
      return actor.kind === 'operator' && actor.id === me ? read(before, event.entry) : same;
    default:
      return same;
  }
}

/** The reader has read up to an entry, in this tab or another. */
export function read(before: Known, entry: number): Outcome {
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
      if (row.status === 'awaiting') row.status = 'active';
      if (event.operator.id === me) {
        row.joined = true;
        ask = true;
      }
      break;
    case 'operator.left':
      row.operator_ids = row.operator_ids.filter((id) => id !== event.operator.id);
      if (row.status === 'active') row.status = statusOf(row);
      if (event.operator.id === me) {
        row.joined = false;
        row.unread = 0;
      }
      break;
    case 'call.started':
      row.in_call = true;
      break;
    case 'call.ended':
      row.in_call = false;
      break;
    case 'case.completed':
      row.status = 'completed';
      break;
    case 'case.reopened':
      row.status = statusOf(row);
      break;
    default:
      break;
  }
  return { known: { ...before, row, heard }, ask };
}

/** An open case is active while someone is on it. */
const statusOf = (row: CaseRow): CaseStatus => (row.operator_ids.length > 0 ? 'active' : 'awaiting');
