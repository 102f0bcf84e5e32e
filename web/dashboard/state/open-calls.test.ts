import { describe, expect, test } from 'vitest';
import type { Call, Participant } from '../../lib/api/types.ts';
import { guestWaits, newsOf, OpenCalls } from './open-calls.svelte.ts';

const NOON = '2026-03-12T12:00:00.000Z';

function participant(change: Partial<Participant>): Participant {
  return {
    id: 'part_1',
    kind: 'operator',
    operator_id: 'op_me',
    name: 'Maren Lindqvist',
    joined_at: NOON,
    microphone: 'on',
    video: 'camera',
    connected: true,
    quality: 'good',
    send_max_kbps: 1200,
    slots: [],
    slots_missing: 0,
    ...change,
  };
}
const maren = participant({});
const tomasz = participant({ id: 'part_2', operator_id: 'op_tomasz', name: 'Tomasz Wilk' });
const guest = participant({ id: 'part_3', kind: 'guest', operator_id: null, name: null });

function call(change: Partial<Call> = {}): Call {
  return { id: 'call_1', case_id: 'case_1', started_at: NOON, started_by: { id: 'op_me', name: 'Maren Lindqvist' }, ended_at: null, revision: 1, participants: [], ...change };
}

describe('what is known of open calls', () => {
  test('the newest snapshot stands, whatever comes late', () => {
    const calls = new OpenCalls();
    expect(calls.hear(call({ revision: 5, participants: [maren] }))).toBe(true);
    expect(calls.hear(call({ revision: 4 }))).toBe(false);
    expect(calls.of('case_1')?.participants).toEqual([maren]);
    expect(calls.of('case_2')).toBeNull();
  });

  test('an ended call is not open, and no later answer opens it again', () => {
    const calls = new OpenCalls();
    calls.hear(call({ revision: 5 }));
    expect(calls.ended('case_1', 'call_1', NOON)?.ended_at).toBe(NOON);
    expect(calls.of('case_1')).toBeNull();
    expect(calls.hear(call({ revision: 9 }))).toBe(false);
    calls.answered('case_1', call({ revision: 9 }));
    expect(calls.of('case_1')).toBeNull();
    expect(calls.ended('case_1', 'call_1', NOON)).toBeNull();
  });

  test('the next call of the case takes the place of the last, and never the other way round', () => {
    const calls = new OpenCalls();
    const next = call({ id: 'call_2', started_at: '2026-03-12T12:30:00.000Z', revision: 1 });
    calls.hear(call({ revision: 50 }));
    expect(calls.hear(next)).toBe(true);
    expect(calls.hear(call({ revision: 60 }))).toBe(false);
    expect(calls.of('case_1')?.id).toBe('call_2');
  });

  test('a case that is answered without a call has none', () => {
    const calls = new OpenCalls();
    calls.hear(call());
    calls.answered('case_1', null);
    expect(calls.of('case_1')).toBeNull();
  });
});

describe('a guest in a call', () => {
  test('waits while nobody of the team is in it', () => {
    expect(guestWaits(call({ participants: [guest] }))).toBe(true);
    expect(guestWaits(call({ participants: [guest, tomasz] }))).toBe(false);
    expect(guestWaits(call())).toBe(false);
  });
});

describe('news', () => {
  test('tell who came and went, but not of oneself', () => {
    const news = newsOf(call({ participants: [tomasz] }), call({ participants: [maren, guest] }), 'op_me');
    expect(news.came).toEqual([{ kind: 'guest', name: null }]);
    expect(news.went).toEqual([{ kind: 'operator', name: 'Tomasz Wilk' }]);
  });

  test('who comes back as another participant has neither come nor gone', () => {
    const again = participant({ id: 'part_9', operator_id: 'op_tomasz', name: 'Tomasz Wilk' });
    expect(newsOf(call({ participants: [tomasz] }), call({ participants: [again] }), 'op_me')).toEqual({ came: [], went: [] });
  });
});
