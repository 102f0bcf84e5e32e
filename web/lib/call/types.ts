/**
 * The words the parts of a call share: what the server sends and takes, and
 * what the screens read.
 */

import type { Answered, Call, Joined, Microphone, Participant, Quality, Slot, Video } from '../api/types.ts';

export type { Answered, Call, Joined, Microphone, Participant, Quality, Slot, Video };

/** What a participant says about its own devices. */
export interface MediaState {
  microphone: Microphone;
  video: Video;
}

/** The requests of a call; `callApi` in `api.ts` makes them for operators and for guests. */
export interface CallApi {
  join(callId: string, body: MediaState & { offer: string; token?: string }, signal?: AbortSignal): Promise<Joined>;
  offer(callId: string, participantId: string, body: { token: string; offer: string }, signal?: AbortSignal): Promise<Answered>;
  media(callId: string, participantId: string, body: MediaState & { token: string }): Promise<void>;
  leave(callId: string, participantId: string, token: string): Promise<void>;
  get(callId: string): Promise<Call>;
}

/** Who takes part here. */
export type Me = { kind: 'operator'; operatorId: string } | { kind: 'guest' };

/**
 * Where a participant stands.
 *
 * `joining`: asking the server; `connecting`: media not flowing yet; `reconnecting`: it flowed
 * and does not any more; `moved`: the same person joined from another window; `failed`: see
 * `problem`, `join()` tries again. `left`, `ended` and `failed` hold no devices and no connection.
 */
export type Phase = 'idle' | 'joining' | 'connecting' | 'connected' | 'reconnecting' | 'moved' | 'ended' | 'left' | 'failed';

/**
 * Why it does not go on: `offline`: nobody answers, tried again by itself; `full`: as many as
 * may are in; `unavailable`: the server's media does not run; `unsupported`: this browser makes
 * no calls; `refused`: the server did not take the offer.
 */
export type CallProblem = 'offline' | 'full' | 'unavailable' | 'unsupported' | 'refused';

export type DeviceKind = 'microphone' | 'camera' | 'speaker';

/**
 * Why there is no microphone or camera: `denied`: by the person or the browser; `system`: the
 * system does not let the browser have it; `absent`: none connected; `busy`: another program has it; `insecure`: the page did not come by
 * https; `unsupported`: the browser has no such function; `failed`: anything else.
 */
export type DeviceProblem = 'denied' | 'system' | 'absent' | 'busy' | 'insecure' | 'unsupported' | 'failed';

/** One device to choose. */
export interface DeviceChoice {
  id: string;
  /** As the browser names it; empty before permission. */
  label: string;
}
