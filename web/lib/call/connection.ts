/**
 * Keeps one participant's media connected: makes the connection, watches it,
 * and climbs the ladder when it dies. One offer is under way at a time, and
 * always from here: the server only answers.
 */

import type { CallEnvironment } from './environment.ts';
import { Ladder, type Action } from './ladder.ts';
import { Peer, type Shown } from './peer.ts';
import { refusal, type Refusal } from './refusal.ts';
import type { Call, CallApi, Joined, MediaState } from './types.ts';

/** How often packets are counted. */
const SAMPLE_MS = 250;
/** An offer without an answer for this long is given up; a network that just changed swallows requests. */
const ATTEMPT_MS = 8_000;
/** Pause before slots are asked for again. */
const MORE_AGAIN_MS = 3_000;

export interface Tracks {
  audio: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
  shown: Shown;
}

/** Whom a connection serves. */
export interface ConnectionHost {
  readonly api: CallApi;
  readonly callId: string;
  readonly environment: CallEnvironment & { createPeer: () => RTCPeerConnection };
  /** The participant to go on as; null to become a new one. */
  participant(): { participantId: string; token: string } | null;
  state(): MediaState;
  tracks(): Tracks;
  joined(joined: Joined, told: MediaState): void;
  answered(call: Call): void;
  flowing(flowing: boolean): void;
  refused(why: Exclude<Refusal, 'gone'>): void;
}

type Attempt = 'join' | 'restart' | 'more';

export class Connection {
  readonly #host: ConnectionHost;
  readonly #ladder: Ladder;
  #peer: Peer | null = null;
  #busy: Attempt | null = null;
  #abort: AbortController | null = null;
  #stopped = false;
  #flowing = false;
  #timer: unknown;
  /** Slots were made that no offer has told of yet, and when to tell at the soonest. */
  #untold = false;
  #untoldAt = 0;

  constructor(host: ConnectionHost) {
    this.#host = host;
    this.#ladder = new Ladder(host.environment.random);
  }

  /** The connection as it is; another object after joining again. */
  get peer(): Peer | null {
    return this.#peer;
  }

  /** Joins and keeps joined. Ends when the first attempt has. */
  async start(): Promise<void> {
    const first = this.#attempt('join');
    this.#again();
    await first;
  }

  /** Ends it. Who leaves for good lets a request to join come through, for there is somebody to take out again then. */
  stop(forGood = false): void {
    this.#stopped = true;
    if (!forGood || this.#busy !== 'join') this.#abort?.abort();
    this.#host.environment.clock.clearTimeout(this.#timer);
    this.#peer?.close();
    this.#peer = null;
  }

  /** The network changed or the page woke up. */
  hurry(): void {
    this.#ladder.hurry(this.#now());
  }

  /** Whether the server hears us, as far as it says. */
  heard(heard: boolean): void {
    this.#ladder.heard(this.#now(), heard);
  }

  /** Asks the server whether it still knows us, by an offer that restarts ICE. */
  check(): void {
    void this.#attempt('restart');
  }

  /** The server lacks slots to forward into. */
  more(pairs: number): void {
    if (this.#untold || !this.#peer?.more(pairs)) return;
    this.#untold = true;
    void this.#attempt('more');
  }

  #now(): number {
    return this.#host.environment.clock.now();
  }

  #again(): void {
    if (this.#stopped) return;
    this.#timer = this.#host.environment.clock.setTimeout(() => void this.#look(), SAMPLE_MS);
  }

  async #look(): Promise<void> {
    const peer = this.#peer;
    let action: Action = 'none';
    try {
      const sample = (await peer?.sample(this.#now())) ?? null;
      // Replaced meanwhile: what was counted says nothing about the new one.
      if (peer === this.#peer) {
        if (peer?.dead) this.#ladder.gone(this.#now());
        action = this.#ladder.sample(this.#now(), sample);
      }
    } catch {
      // A connection that cannot even be asked is closed.
      this.#ladder.gone(this.#now());
    }
    if (this.#stopped) return;
    this.#tellFlow();
    if (action === 'restart') void this.#attempt('restart');
    else if (action === 'rejoin') void this.#attempt('join');
    else if (this.#untold && this.#flowing && this.#now() >= this.#untoldAt) void this.#attempt('more');
    this.#again();
  }

  #tellFlow(): void {
    if (this.#ladder.flowing === this.#flowing) return;
    this.#flowing = this.#ladder.flowing;
    this.#host.flowing(this.#flowing);
  }

  /** Joining goes before every other offer; what it overtakes counts no more. */
  async #attempt(kind: Attempt): Promise<void> {
    if (this.#stopped || this.#busy === 'join' || (this.#busy && kind !== 'join')) return;
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#busy = kind;
    const limit = this.#host.environment.clock.setTimeout(() => abort.abort(), ATTEMPT_MS);
    try {
      await (kind === 'join' ? this.#join(abort.signal) : this.#offer(kind === 'restart', abort.signal));
    } catch (error) {
      if (!this.#stopped && this.#abort === abort) this.#failed(kind, abort.signal.aborted ? 'again' : refusal(error));
    } finally {
      this.#host.environment.clock.clearTimeout(limit);
      if (this.#abort === abort) this.#busy = null;
    }
  }

  async #join(signal: AbortSignal): Promise<void> {
    const { api, callId, environment } = this.#host;
    const { audio, video } = this.#host.tracks();
    const told = this.#host.state();
    const peer = new Peer({ create: environment.createPeer, stream: environment.stream, videoCodecs: environment.videoCodecs }, audio, video);
    try {
      const offer = await peer.offer(false);
      const token = this.#host.participant()?.token;
      const joined = await orAborted(api.join(callId, { offer, ...told, ...(token && { token }) }, signal), signal);
      if (this.#stopped) {
        // It was left meanwhile, without knowing as whom.
        await api.leave(callId, joined.participant_id, joined.token);
        return;
      }
      await peer.answer(joined.answer);
      signal.throwIfAborted();
      // The last picture stays on the screen until the new one is there.
      this.#peer?.close();
      this.#peer = peer;
      this.#untold = false;
      this.#ladder.begin(this.#now());
      this.#tellFlow();
      this.#host.joined(joined, told);
    } finally {
      if (peer !== this.#peer) peer.close();
    }
  }

  async #offer(restart: boolean, signal: AbortSignal): Promise<void> {
    const { api, callId } = this.#host;
    const peer = this.#peer;
    const who = this.#host.participant();
    if (!peer || !who) return;
    const offer = await peer.offer(restart);
    const { answer, call } = await orAborted(api.offer(callId, who.participantId, { token: who.token, offer }, signal), signal);
    await peer.answer(answer);
    signal.throwIfAborted();
    this.#untold = false;
    this.#host.answered(call);
  }

  #failed(kind: Attempt, why: Refusal): void {
    const now = this.#now();
    if (kind === 'join') this.#ladder.failed(now);
    else if (why === 'gone') this.#ladder.gone(now);
    if (kind === 'more') this.#untoldAt = now + MORE_AGAIN_MS;
    this.#tellFlow();
    if (why !== 'gone') this.#host.refused(why);
  }
}

/** The promise, or the abort if that comes first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
