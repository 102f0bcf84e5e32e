/** What is drawn of a timeline: entries in order, with days and the line "New" between them. */

import type { Actor, Entry, EntryEvent } from '../api/types.ts';
import { dayKey, type Reader } from '../time/format.ts';
import type { Pending } from './outbox.svelte.ts';

/** Messages of one sender within this time stand together. */
const TOGETHER_MS = 5 * 60_000;

/**
 * One row. Messages that stand together: `follows` one of the same sender, `last` of them carries
 * name and time below.
 */
export type Row =
  /** `from`: the number of the case that what follows came from, when it was merged. */
  | { kind: 'day'; key: string; at: number; from: number | null }
  | { kind: 'new'; key: string }
  | { kind: 'entry'; key: string; entry: Entry; at: number; own: boolean; follows: boolean; last: boolean; read: boolean }
  | { kind: 'pending'; key: string; item: Pending; follows: boolean; last: boolean };

export interface RowsInput {
  entries: readonly Entry[];
  /** Own messages on their way; they stand below everything. */
  pending: readonly Pending[];
  /** The entry below the line "New". */
  newFrom: number | null;
  othersRead: number;
  own: (actor: Actor) => boolean;
  reader: Reader;
}

/** What someone wrote: to everyone, or to the team alone. */
export type MessageEvent = Extract<EntryEvent, { type: 'message.sent' | 'message.internal' }>;

/** The message an entry is; null when it is something else. */
export function messageOf({ event }: Entry): MessageEvent | null {
  return event.type === 'message.sent' || event.type === 'message.internal' ? event : null;
}

export function buildRows({ entries, pending, newFrom, othersRead, own, reader }: RowsInput): Row[] {
  const rows: Row[] = [];
  let day = '';
  let from: number | null = null;
  let before: { actor: Actor; at: number; internal: boolean } | null = null;
  for (const entry of entries) {
    const at = Date.parse(entry.at);
    const key = dayKey(at, reader);
    const source = entry.merged_from ?? null;
    // Days only go forward: a clock that was set back does not begin one twice. What came from another
    // case has days of its own.
    if (key > day || source !== from) {
      rows.push({ kind: 'day', key: source === null && from === null ? `day:${key}` : `day:${key}:${entry.entry}`, at, from: source });
      day = key;
      from = source;
      before = null;
    }
    if (entry.entry === newFrom) {
      rows.push({ kind: 'new', key: 'new' });
      before = null;
    }
    const message = messageOf(entry);
    const internal = message?.type === 'message.internal';
    const follows: boolean =
      message !== null && before !== null && before.internal === internal && same(before.actor, entry.actor) && at - before.at < TOGETHER_MS;
    if (follows) unlast(rows);
    before = message ? { actor: entry.actor, at, internal } : null;
    const mine = own(entry.actor);
    rows.push({
      kind: 'entry',
      // The same key as while it was pending, so that its place in the document stays.
      key: mine && message?.client_key ? `own:${message.client_key}` : `entry:${entry.entry}`,
      entry,
      at,
      own: mine,
      follows,
      last: true,
      read: mine && entry.entry <= othersRead,
    });
  }
  return append(rows, pending, day, before !== null && own(before.actor) ? before.internal : null, reader);
}

/** `kind`: whether the last message above is an own one, and then whether it is internal. */
function append(rows: Row[], pending: readonly Pending[], lastDay: string, kind: boolean | null, reader: Reader): Row[] {
  const sent = new Set(rows.map((row) => row.key));
  let day = lastDay;
  let above = kind;
  for (const item of pending) {
    if (sent.has(`own:${item.key}`)) continue;
    const key = dayKey(item.at, reader);
    if (key > day) {
      rows.push({ kind: 'day', key: `day:${key}`, at: item.at, from: null });
      day = key;
      above = null;
    }
    const together = above === item.internal && item.state !== 'failed';
    if (together) unlast(rows);
    rows.push({ kind: 'pending', key: `own:${item.key}`, item, follows: together, last: true });
    above = item.state === 'failed' ? null : item.internal;
  }
  return rows;
}

/** The row so far last is followed by another of the same sender. */
function unlast(rows: Row[]): void {
  const row = rows.at(-1);
  if (row?.kind === 'entry' || row?.kind === 'pending') row.last = false;
}

function same(a: Actor, b: Actor): boolean {
  return a.kind === b.kind && a.id === b.id;
}

/** Gives rows that did not change as the same objects, so that only the others are drawn again. */
export class RowCache {
  #rows = new Map<string, Row>();

  settle(rows: Row[]): Row[] {
    const next = new Map<string, Row>();
    const settled = rows.map((row) => {
      const old = this.#rows.get(row.key);
      const kept = old && alike(old, row) ? old : row;
      next.set(row.key, kept);
      return kept;
    });
    this.#rows = next;
    return settled;
  }
}

function alike(a: Row, b: Row): boolean {
  const keys = Object.keys(a) as (keyof Row)[];
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
