/** One participant in one call: this browser. */

import { Awake } from './awake.ts';
import { Claim } from './claim.ts';
import { Connection, type Tracks } from './connection.ts';
import type { Devices } from './devices.svelte.ts';
import { callEnvironment, type CallEnvironment } from './environment.ts';
import { Freshness } from './freshness.ts';
import { forget, keep, recall } from './kept.ts';
import { taking } from './phase.ts';
import { refusal, type Refusal } from './refusal.ts';
import { ScreenShare } from './screen.svelte.ts';
import { Sound } from './sound.ts';
import { stateOf, Telling } from './telling.ts';
import type { Tile } from './tile.svelte.ts';
import { Tiles } from './tiles.svelte.ts';
import type { Call, CallApi, CallProblem, Joined, Me, MediaState, Participant, Phase, Quality } from './types.ts';
import { Waking } from './waking.ts';

export interface CallSessionOptions {
  api: CallApi;
  devices: Devices;
  call: Call;
  me: Me;
  /** Whether the live socket is open and tells of each change; else the call asks. */
  live?: () => boolean;
  /** The call is over for everyone, or this person may not be in it any more. */
  onEnded?: (call: Call) => void;
  environment?: CallEnvironment;
}

export class CallSession {
  phase = $state<Phase>('idle');
  problem = $state<CallProblem | null>(null);
  call: Call = $state.raw() as Call;
  /** Ours, once joined. */
  participantId = $state<string | null>(null);
  /** When the media stopped, milliseconds since 1970; null while it flows. */
  reconnectingSince = $state<number | null>(null);
  /** The browser did not let sound begin; a tap must call `unlockSound()`. */
  soundBlocked = $state(false);
  readonly devices: Devices;
  readonly me: Me;

  readonly #api: CallApi;
  readonly #environment: CallEnvironment;
  readonly #onEnded: CallSessionOptions['onEnded'];
  readonly #sound: Sound;
  readonly #awake: Awake;
  readonly #tiles = new Tiles();
  readonly #screen: ScreenShare;
  readonly #telling: Telling;
  readonly #freshness: Freshness;
  readonly #waking: Waking;
  readonly #claim: Claim;
  #connection: Connection | null = null;
  #token: string | null = null;
  /** The snapshot we joined with; older ones do not know us. */
  #joinedRevision = 0;
  #speaking = $state.raw<readonly string[]>([]);
  #unwatch: (() => void) | null = null;

  constructor(options: CallSessionOptions) {
    this.devices = options.devices;
    this.me = options.me;
    this.call = options.call;
    this.#api = options.api;
    this.#onEnded = options.onEnded;
    this.#environment = options.environment ?? callEnvironment();
    this.#sound = new Sound(this.#environment.audio, (blocked) => {
      this.soundBlocked = blocked;
    });
    this.#awake = new Awake(this.#environment.keepAwake);
    const { captureScreen: capture, stream, clock } = this.#environment;
    this.#screen = new ScreenShare({ capture, stream, changed: () => this.#sync() });
    this.#telling = new Telling({
      clock,
      state: () => this.#state(),
      send: (state) => this.#ours && this.#api.media(this.call.id, this.#ours.participantId, { token: this.#ours.token, ...state }),
      refused: (why) => this.#refused(why),
    });
    const { live = () => true } = options;
    this.#freshness = new Freshness({
      clock,
      // A socket that is dead and does not know it yet says nothing either.
      due: () => this.phase !== 'joining' && (!live() || this.#mine?.connected === false),
      ask: () => this.#refresh(),
      stale: () => this.#connection?.heard(true),
    });
    this.#waking = new Waking({ page: this.#environment.page, network: () => this.#connection?.hurry(), seen: () => this.#seen() });
    this.#claim = new Claim(this.#environment.claim);
    this.#arrange();
  }

  /** Whether this tab was in the call before it was loaded again, and no copy of it is: then join without asking. */
  async resumable(): Promise<boolean> {
    const kept = this.call.ended_at === null ? recall(this.#environment.storage, this.call.id) : null;
    return kept !== null && (await this.#claim.claim(kept.participantId));
  }

  /** The others, in the order they joined; before joining everyone, without media. */
  get others(): Tile[] {
    return this.#tiles.list;
  }
  /** Ourselves: picture (camera, or the screen that is shared), what the others are told, whether we speak. */
  get self(): MediaState & { stream: MediaStream | null; speaking: boolean } {
    return {
      stream: this.#screen.stream ?? this.devices.preview,
      ...this.#state(),
      speaking: this.participantId !== null && this.#speaking.includes(this.participantId),
    };
  }
  /** How well the server reaches us. */
  get quality(): Quality {
    return this.#mine?.quality ?? 'good';
  }
  /** For `aria-pressed`: what is heard, and what is or will be seen after the screen. */
  get microphoneOn(): boolean {
    return this.devices.microphoneOn && this.devices.microphone !== null;
  }
  get cameraOn(): boolean {
    return this.devices.cameraOn && this.devices.camera !== null;
  }
  /** We are sharing a screen. */
  get sharing(): boolean {
    return this.#screen.track !== null;
  }
  get canShareScreen(): boolean {
    return this.#screen.possible;
  }
  /** Milliseconds since 1970 at which the call began. */
  get startedAt(): number {
    return Date.parse(this.call.started_at);
  }
  /** Something of ours was taken by the system: show a button for `resume()`. */
  get interrupted(): boolean {
    const { microphone, video } = this.#state();
    return this.#active && (microphone === 'interrupted' || video === 'interrupted');
  }

  /** Enters the call, and again after `left`, `moved` or `failed`. Devices not asked for yet are asked for meanwhile. Never throws. */
  async join(): Promise<void> {
    const { createPeer } = this.#environment;
    if (this.#active || this.phase === 'joining' || this.phase === 'ended') return;
    if (!createPeer) {
      this.#finish('failed', 'unsupported');
      return;
    }
    this.problem = null;
    this.phase = 'joining';
    const kept = recall(this.#environment.storage, this.call.id);
    if (kept) {
      if (this.devices.permission === 'unknown') this.devices.wish(kept);
      if (await this.#claim.claim(kept.participantId)) {
        this.#token = kept.token;
        this.participantId = kept.participantId;
      }
      if (!this.#joining) {
        // Left, closed or over meanwhile.
        this.#claim.drop();
        return;
      }
    }
    this.#unwatch = this.devices.watch(() => this.#sync());
    this.#waking.start();
    this.#freshness.start();
    void this.devices.request();
    this.#connection = new Connection({
      api: this.#api,
      callId: this.call.id,
      environment: { ...this.#environment, createPeer },
      participant: () => this.#ours,
      state: () => this.#state(),
      tracks: () => this.#tracks(),
      joined: (joined, told) => this.#joined(joined, told),
      answered: (call) => this.apply(call),
      flowing: (flowing) => this.#flowing(flowing),
      refused: (why) => this.#refused(why),
    });
    await this.#connection.start();
  }

  /** Leaves by the button. */
  async leave(): Promise<void> {
    const { participantId } = this;
    const token = this.#token;
    this.#finish('left');
    if (!participantId || !token) return;
    try {
      await this.#api.leave(this.call.id, participantId, token);
    } catch {
      // The server notices the silence.
    }
  }

  /** Takes the call back from the other window. */
  async useHere(): Promise<void> {
    this.#forget();
    await this.join();
  }

  /** The page goes, the participant stays: closes everything without leaving (a reload joins again). */
  close(): void {
    if (this.#active) this.#close();
    this.phase = this.phase === 'ended' ? 'ended' : 'idle';
  }

  /** A snapshot from the live socket or an answer. Older ones are dropped. */
  apply(call: Call): void {
    if (call.id !== this.call.id || call.revision < this.call.revision) return;
    this.call = call;
    this.#freshness.heard();
    if (call.ended_at !== null) {
      if (this.phase !== 'ended') this.#finish('ended');
      return;
    }
    this.#arrange();
    if (!this.#active || this.phase === 'joining') return;
    const mine = this.#mine;
    if (!mine) {
      // Reaped, or taken over by another window: the server says which.
      if (call.revision > this.#joinedRevision) this.#connection?.check();
      return;
    }
    this.#connection?.heard(mine.connected);
    this.#limit(mine);
    if (mine.slots_missing > 0) this.#connection?.more(mine.slots_missing);
  }

  /** Who speaks now, from the live socket. */
  speaking(ids: readonly string[]): void {
    this.#speaking = ids;
    this.#tiles.speaking(ids);
  }

  /** The live socket is open again: what it missed is fetched. */
  socketBack(): void {
    if (this.phase === 'ended') return;
    void this.#freshness.ask();
    // The server is there again, so is its media: wait no longer.
    if (this.phase === 'reconnecting' || this.phase === 'joining') this.#connection?.hurry();
  }

  /** Tries at once instead of waiting longer. */
  retryNow(): void {
    if (this.phase === 'failed') void this.join();
    else this.#connection?.hurry();
  }

  async toggleMicrophone(): Promise<void> {
    if (taking(this)) await this.devices.setMicrophone(!this.microphoneOn);
  }

  async toggleCamera(): Promise<void> {
    if (taking(this)) await this.devices.setCamera(!this.cameraOn);
  }

  async flip(): Promise<void> {
    await this.devices.flip();
  }

  /** Shows a screen instead of the camera; nothing when the person changes their mind. */
  async shareScreen(): Promise<void> {
    await this.#screen.start(() => this.#active);
  }

  /** Back to the camera, or to no picture if that is off. */
  stopScreen(): void {
    this.#screen.stop();
  }

  /** After an interruption; call it in a tap. */
  async resume(): Promise<void> {
    await Promise.all([this.unlockSound(), this.devices.resume()]);
  }

  /** Call it in a tap. */
  async unlockSound(): Promise<void> {
    await this.#sound.unlock();
  }

  get #active(): boolean {
    return this.#connection !== null;
  }
  get #joining(): boolean {
    return this.phase === 'joining';
  }

  /** As whom we speak to the server, while in the call. */
  get #ours(): { participantId: string; token: string } | null {
    return this.#active && this.participantId && this.#token ? { participantId: this.participantId, token: this.#token } : null;
  }

  get #mine(): Participant | undefined {
    return this.call.participants.find(({ id }) => id === this.participantId);
  }

  #state(): MediaState {
    return stateOf(this.devices, this.sharing);
  }

  #tracks(): Tracks {
    return { audio: this.devices.microphone, video: this.#screen.track ?? this.devices.camera, shown: this.sharing ? 'screen' : 'camera' };
  }

  /** Sends what the devices give now, and says so. */
  #sync(): void {
    const { audio, video } = this.#tracks();
    if (video && !video.contentHint) video.contentHint = 'motion';
    void this.#connection?.peer?.send(audio, video);
    if (this.#mine) this.#limit(this.#mine);
    this.#sound.speaker(this.devices.speakerId);
    this.#keep();
    void this.#telling.tell();
  }

  #limit(mine: Participant): void {
    this.#connection?.peer?.limit(mine.send_max_kbps, this.#tracks().shown);
  }

  #joined(joined: Joined, told: MediaState): void {
    this.participantId = joined.participant_id;
    void this.#claim.claim(joined.participant_id);
    this.#token = joined.token;
    this.#joinedRevision = joined.call.revision;
    this.#telling.knows(told);
    this.problem = null;
    if (this.phase === 'joining') this.phase = 'connecting';
    this.apply(joined.call);
    this.#sync();
  }

  #flowing(flowing: boolean): void {
    if (!flowing) {
      if (this.phase !== 'connected') return;
      this.phase = 'reconnecting';
      this.reconnectingSince = this.#environment.clock.now();
      this.speaking([]);
      return;
    }
    this.phase = 'connected';
    this.problem = null;
    this.reconnectingSince = null;
    void this.#awake.keep();
    this.#freshness.settled();
  }

  #refused(why: Exclude<Refusal, 'gone'>): void {
    // Who was in already waits for the server's media to come back.
    if (why === 'again' || (why === 'unavailable' && this.#joinedRevision > 0)) {
      if (this.phase !== 'connected') this.problem = 'offline';
    } else if (why === 'ended' || why === 'moved') {
      this.#finish(why);
    } else {
      this.#finish('failed', why);
    }
  }

  async #refresh(): Promise<void> {
    try {
      this.apply(await this.#api.get(this.call.id));
    } catch (error) {
      if (refusal(error) === 'ended' && this.phase !== 'ended') this.#finish('ended');
    }
  }

  /** Brings tiles, pictures and sound to what the snapshot says. */
  #arrange(): void {
    const others = this.call.participants.filter(({ id }) => id !== this.participantId);
    this.#tiles.arrange(others, this.#mine?.slots ?? [], this.#connection?.peer ?? null);
    if (this.#active) this.#sound.play(this.#tiles.sounds());
  }

  #keep(): void {
    const { microphoneOn, cameraOn } = this.devices;
    if (this.#ours) keep(this.#environment.storage, this.call.id, { ...this.#ours, microphoneOn, cameraOn });
  }

  #forget(): void {
    forget(this.#environment.storage, this.call.id);
    this.#token = null;
    this.participantId = null;
  }

  /** Ends our part for good, or until `join()`. */
  #finish(phase: 'left' | 'ended' | 'moved' | 'failed', problem: CallProblem | null = null): void {
    this.#close(phase === 'left');
    if (phase !== 'failed') this.#forget();
    this.phase = phase;
    this.problem = problem;
    this.#arrange();
    if (phase === 'ended') this.#onEnded?.(this.call);
  }

  #close(forGood = false): void {
    this.#freshness.stop();
    this.#telling.stop();
    this.#unwatch?.();
    this.#unwatch = null;
    this.#waking.stop();
    this.#connection?.stop(forGood);
    this.#connection = null;
    this.#claim.drop();
    this.#joinedRevision = 0;
    this.reconnectingSince = null;
    this.#screen.drop();
    this.#sound.close();
    this.soundBlocked = false;
    this.#awake.release();
    this.devices.stop();
    this.speaking([]);
    this.#tiles.empty();
  }

  /** The page is looked at again. */
  #seen(): void {
    this.#connection?.hurry();
    if (this.phase === 'connected') void this.#awake.keep();
  }
}
