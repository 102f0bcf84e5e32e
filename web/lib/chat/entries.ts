import type { EntryEvent, Event } from '../api/types.ts';

const ENTRIES: ReadonlySet<string> = new Set<EntryEvent['type']>([
  'case.created',
  'case.completed',
  'case.reopened',
  'case.handed_over',
  'case.merged',
  'operator.joined',
  'operator.left',
  'guest.arrived',
  'message.sent',
  'message.internal',
  'call.started',
  'call.ended',
  'location.requested',
  'location.shared',
  'location.refused',
  'location.failed',
  'location.forgotten',
]);

/** Whether an event stands in the timeline; the others are facts that are told and not kept there. */
export function isEntry(event: Event): event is EntryEvent {
  return ENTRIES.has(event.type);
}
