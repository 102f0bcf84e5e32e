import type { Call, Participant } from '../../lib/api/types.ts';

/** Someone in a call who can be seen and heard. */
export function testParticipant(given: Partial<Participant> & Pick<Participant, 'id' | 'kind'>): Participant {
  return {
    operator_id: null,
    name: null,
    joined_at: '2026-03-12T12:00:00.000Z',
    microphone: 'on',
    video: 'camera',
    connected: true,
    quality: 'good',
    send_max_kbps: 800,
    slots: [],
    slots_missing: 0,
    ...given,
  };
}

/** An open call with nobody in it. */
export function testCall(given: Partial<Call> = {}): Call {
  return {
    id: 'call_1',
    case_id: 'case_1',
    started_at: '2026-03-12T12:00:00.000Z',
    started_by: { id: 'op_maren', name: 'Maren Lindqvist' },
    ended_at: null,
    revision: 1,
    participants: [],
    ...given,
  };
}
