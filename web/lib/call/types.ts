/**
 * The words the parts of a call share: what the server sends and takes, and
 * what the screens read.
 */

/** A participant's microphone; `interrupted`: the system took it, for a phone call say. */
export type Microphone = 'on' | 'off' | 'absent' | 'interrupted';

/** What a participant's picture shows. */
export type Video = 'camera' | 'screen' | 'off' | 'absent' | 'interrupted';

/** How well the server reaches a participant. */
export type Quality = 'good' | 'weak' | 'poor';

/** A receive slot of one participant and who is heard or seen in it. */
export interface Slot {
  mid: string;
  kind: 'audio' | 'video';
  from: string;
  /** Video held back, because the receiver's link is too slow for any. */
  paused: boolean;
}

export interface Participant {
  id: string;
  kind: 'operator' | 'guest';
  operator_id: string | null;
  /** An operator's name; null for guests, who go by the case's. */
  name: string | null;
  joined_at: string;
  microphone: Microphone;
  video: Video;
  /** Packets came from there within two seconds; false reads "reconnecting". */
  connected: boolean;
  quality: Quality;
  /** What to send as video at most; 0 when nobody can take any. */
  send_max_kbps: number;
  slots: Slot[];
  /** Receive slots of a kind that are lacking: offer more. */
  slots_missing: number;
}

/** A call as the server tells it, whole, after each change. */
export interface Call {
  id: string;
  case_id: string;
  started_at: string;
  started_by: { id: string; name: string };
  ended_at: string | null;
  /** Grows with every change; what is older than what one has is dropped. */
  revision: number;
  participants: Participant[];
}

/** What a participant says about its own devices. */
export interface MediaState {
  microphone: Microphone;
  video: Video;
}

export interface Joined {
  participant_id: string;
  token: string;
  answer: string;
  call: Call;
}

export interface Answered {
  answer: string;
  call: Call;
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
