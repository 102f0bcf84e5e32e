/** One participant in one call: this browser. */

import type { Devices } from './devices.svelte.ts';
import type { Tile } from './tile.svelte.ts';
import type { Call, CallApi, CallProblem, Me, Microphone, Phase, Quality, Video } from './types.ts';

export interface CallSessionOptions {
  api: CallApi;
  devices: Devices;
  call: Call;
  me: Me;
  /** The call is over for everyone, or this person may not be in it any more. */
  onEnded?: (call: Call) => void;
}

export class CallSession {
  phase = $state<Phase>('idle');
  problem = $state<CallProblem | null>(null);
  call: Call = $state.raw() as Call;
  /** Ours, once joined. */
  participantId = $state<string | null>(null);
  /** The others, in the order they joined. */
  others = $state.raw<Tile[]>([]);
  /** When the media stopped, in milliseconds of the clock; null while it flows. */
  reconnectingSince = $state<number | null>(null);
  /** The browser did not let sound begin; a tap must call `unlockSound()`. */
  soundBlocked = $state(false);
  /** We are sharing a screen. */
  sharing = $state(false);
  readonly devices: Devices;

  constructor(options: CallSessionOptions) {
    this.devices = options.devices;
    this.call = options.call;
  }

  /** Whether this tab was in that call before it was loaded again: then join without asking. */
  static resumable(_call: Pick<Call, 'id' | 'ended_at'>): boolean { return false; }

  /** Ourselves: picture (camera, or the screen that is shared), what the others are told, whether we speak. */
  get self(): { video: MediaStream | null; microphone: Microphone; camera: Video; speaking: boolean } {
    return { video: null, microphone: 'off', camera: 'off', speaking: false };
  }
  /** How well the server reaches us. */
  get quality(): Quality { return 'good'; }
  /** For `aria-pressed`. */
  get microphoneOn(): boolean { return false; }
  get cameraOn(): boolean { return false; }
  get canShareScreen(): boolean { return false; }
  /** Milliseconds since 1970 at which the call began. */
  get startedAt(): number { return Date.parse(this.call.started_at); }
  /** Something of ours was taken by the system: show a button for `resume()`. */
  get interrupted(): boolean { return false; }

  /** Enters the call, and again after `left`, `moved` or `failed`. Devices not asked for yet are asked for meanwhile. Never throws. */
  async join(): Promise<void> {}
  /** Leaves by the button. */
  async leave(): Promise<void> {}
  /** Takes the call back from the other window. */
  async useHere(): Promise<void> {}
  /** The page goes, the participant stays: closes everything without leaving (a reload joins again). */
  close(): void {}
  /** A snapshot from the live socket or an answer. Older ones are dropped. */
  apply(_call: Call): void {}
  /** Who speaks now, from the live socket. */
  speaking(_ids: string[]): void {}
  /** The live socket is open again: what it missed is fetched. */
  socketBack(): void {}
  /** Tries at once instead of waiting longer. */
  retryNow(): void {}
  async toggleMicrophone(): Promise<void> {}
  async toggleCamera(): Promise<void> {}
  async flip(): Promise<void> {}
  async shareScreen(): Promise<void> {}
  async stopScreen(): Promise<void> {}
  /** After an interruption; call it in a tap. */
  async resume(): Promise<void> {}
  /** Call it in a tap. */
  async unlockSound(): Promise<void> {}
}
