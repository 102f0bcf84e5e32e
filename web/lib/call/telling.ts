/** Tells the server what our microphone and picture are: the latest only, until it is acknowledged. */

import type { Clock } from '../live/socket.svelte.ts';
import type { Devices } from './devices.svelte.ts';
import { refusal, type Refusal } from './refusal.ts';
import type { MediaState } from './types.ts';

/** Pause before a state that was not acknowledged is told again. */
const AGAIN_MS = 3_000;

export interface TellingOptions {
  clock: Clock;
  state: () => MediaState;
  /** Null while there is nobody to speak for. */
  send: (state: MediaState) => Promise<void> | null;
  refused: (why: Exclude<Refusal, 'gone'>) => void;
}

/** What the others are told of our devices. */
export function stateOf(devices: Devices, sharing: boolean): MediaState {
  let microphone: MediaState['microphone'] = 'off';
  if (devices.microphone && devices.microphoneOn) microphone = devices.microphoneInterrupted ? 'interrupted' : 'on';
  else if (!devices.microphone && devices.microphoneProblem) microphone = 'absent';
  let video: MediaState['video'] = 'off';
  if (sharing) video = 'screen';
  else if (devices.camera) video = devices.cameraInterrupted ? 'interrupted' : 'camera';
  else if (devices.cameraOn && devices.cameraProblem) video = 'absent';
  return { microphone, video };
}

export class Telling {
  readonly #options: TellingOptions;
  #told: MediaState | null = null;
  #busy = false;
  #timer: unknown;

  constructor(options: TellingOptions) {
    this.#options = options;
  }

  /** What the server knows from an offer. */
  knows(told: MediaState): void {
    this.#told = told;
  }

  stop(): void {
    this.#told = null;
    this.#options.clock.clearTimeout(this.#timer);
  }

  async tell(): Promise<void> {
    const { clock, state, send, refused } = this.#options;
    clock.clearTimeout(this.#timer);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (;;) {
        const now = state();
        if (!this.#told || (now.microphone === this.#told.microphone && now.video === this.#told.video)) break;
        const sent = send(now);
        if (!sent) break;
        await sent;
        // Joined anew meanwhile: that offer has told it all.
        if (this.#told) this.#told = now;
      }
    } catch (error) {
      const why = refusal(error);
      if (why === 'moved' || why === 'ended') refused(why);
      else if (this.#told) this.#timer = clock.setTimeout(() => void this.tell(), AGAIN_MS);
    } finally {
      this.#busy = false;
    }
  }
}
