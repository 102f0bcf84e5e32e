/** What live events make of a case that is open. */

import type { Actor, Case, LiveEvent, Person } from '../../lib/api/types.ts';

/** Events that change more than they say: what is new stands in the case itself. */
const TELLING: ReadonlySet<string> = new Set<LiveEvent['event']['type']>([
  'case.reopened',
  'case.merged',
  'location.requested',
  'location.shared',
  'location.refused',
  'location.failed',
  'location.forgotten',
]);

export function isTelling(event: LiveEvent['event']): boolean {
  return TELLING.has(event.type);
}

/** The case as it is after an event. `me`: the operator at this desk. */
export function follow(case_: Case, { entry, at, actor, event }: Pick<LiveEvent, 'entry' | 'at' | 'actor' | 'event'>, me: string): Case {
  const known = entry === null ? case_ : { ...case_, last_entry: Math.max(case_.last_entry, entry), last_activity_at: at };
  switch (event.type) {
    case 'case.completed':
      return { ...known, status: 'completed', completed_at: at };
    case 'case.reopened':
      return { ...known, status: 'active', completed_at: null };
    case 'operator.joined':
      return joined(known, event.operator, me);
    case 'operator.left':
      return left(known, event.operator.id, me, at);
    case 'case.read':
      return read(known, actor, event.entry, at, me);
    case 'case.tagged':
      if (known.tags.some(({ id }) => id === event.tag.id)) return known;
      return { ...known, tags: [...known.tags, event.tag] };
    case 'case.untagged':
      return { ...known, tags: known.tags.filter(({ id }) => id !== event.tag.id) };
    case 'case.attention':
      return event.operator_id === me ? mine(known, { attention: event.reason }) : known;
    case 'case.snoozed':
      return event.operator_id === me ? mine(known, { snoozed_until: event.until }) : known;
    case 'case.woke':
      return event.operator_id === me ? mine(known, { snoozed_until: null, attention: 'woke' }) : known;
    default:
      return known;
  }
}

function mine(known: Case, change: Partial<Case['mine']>): Case {
  return { ...known, mine: { ...known.mine, ...change } };
}

function joined(known: Case, operator: Person, me: string): Case {
  if (known.operators.some(({ id }) => id === operator.id)) return known;
  return {
    ...mine(known, { joined: known.mine.joined || operator.id === me }),
    operators: [...known.operators, operator],
    status: known.status === 'awaiting' ? 'active' : known.status,
    waiting_since: null,
  };
}

/** A case that nobody is on any more waits from then on. */
function left(known: Case, operatorId: string, me: string, at: string): Case {
  const operators = known.operators.filter(({ id }) => id !== operatorId);
  const waits = operators.length === 0 && known.status === 'active';
  return {
    ...mine(known, { joined: known.mine.joined && operatorId !== me }),
    operators,
    ...(waits ? { status: 'awaiting' as const, waiting_since: at } : {}),
  };
}

/** How far someone has read; whoever is at the end is called for by nothing any more. */
function read(known: Case, actor: Actor, entry: number, at: string, me: string): Case {
  if (actor.kind === 'guest') return entry > (known.guest_read?.entry ?? 0) ? { ...known, guest_read: { entry, at } } : known;
  if (actor.kind !== 'operator' || actor.id !== me) return known;
  const reached = Math.max(known.mine.read_entry, entry);
  return mine(known, { read_entry: reached, attention: reached >= known.last_entry ? null : known.mine.attention });
}
