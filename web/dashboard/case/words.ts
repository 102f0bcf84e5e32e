import type { Actor, Case, Entry } from '../../lib/api/types.ts';
import { clockTime, dayKey, lengthOfTime, weekdayTime, type Reader } from '../../lib/time/format.ts';
import { i18n, t, type Key } from '../i18n.ts';

/** Stands around a name while a text is put together; no name can hold it. */
const MARK = '\u2063';

/** A name that `pieces` finds again. */
export function marked(name: string): string {
  return `${MARK}${name.replaceAll(MARK, '')}${MARK}`;
}

/** A text with marked names, cut at them. */
export function pieces(text: string): { text: string; name: boolean }[] {
  return text
    .split(MARK)
    .map((piece, index) => ({ text: piece, name: index % 2 === 1 }))
    .filter((piece) => piece.text !== '');
}

/** A time that comes: `17:00` today, else with its day. */
export function untilTime(at: number, now: number, reader: Reader): string {
  return dayKey(at, reader) === dayKey(now, reader) ? clockTime(at, reader) : weekdayTime(at, reader);
}

/** The name an actor is shown under; a guest has the case's. */
export function nameOf(actor: Actor, opened: Pick<Case, 'name'> | null): string {
  if (actor.kind === 'guest') return opened?.name ?? t('chat.guest');
  if (actor.kind === 'system') return t('event.system');
  return actor.name ?? t('conflict.someone');
}

/** What a quiet line of the timeline says, its names marked. */
export function told({ actor, event }: Entry, opened: Pick<Case, 'name'> | null): string {
  const who = marked(nameOf(actor, opened));
  switch (event.type) {
    case 'case.created':
      return actor.kind === 'operator' ? t('event.created', { name: who }) : t(`event.created_${event.origin}` satisfies Key);
    case 'case.completed':
      return t('event.completed', { name: who });
    case 'case.reopened':
      return t('event.reopened', { name: who });
    case 'operator.joined':
    case 'operator.left': {
      const joined = event.type === 'operator.joined';
      const name = marked(event.operator.name);
      if (actor.id === event.operator.id) return joined ? t('event.joined', { name }) : t('event.left', { name });
      return joined ? t('event.added', { actor: who, name }) : t('event.removed', { actor: who, name });
    }
    case 'guest.arrived':
      return t('event.arrived', { name: who });
    case 'call.started':
      return t('event.call_started', { name: who });
    case 'call.ended':
      return t('event.call_ended', { name: marked(event.started_by.name), length: lengthOfTime(event.duration_ms, i18n.locale) });
    case 'case.handed_over':
      return t('event.handed_over', { from: marked(event.from.name), to: marked(event.to.name) });
    case 'case.merged':
      return t('event.merged', { actor: who, number: String(event.number), name: marked(event.name) });
    case 'location.requested':
      return t('event.location_requested', { name: who });
    case 'location.shared':
      return t('event.location_shared', { name: who });
    case 'location.refused':
      return t('event.location_refused', { name: who });
    case 'location.failed':
      return t('event.location_failed', { name: who });
    case 'location.forgotten':
      return t('event.location_forgotten', { name: who });
    case 'message.sent':
    case 'message.internal':
      return '';
  }
}
