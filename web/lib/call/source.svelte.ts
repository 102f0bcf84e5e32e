/** One microphone or camera of this device: whether it is wanted, what we have, what is wrong. */

import type { Clock } from '../live/socket.svelte.ts';
import type { DeviceProblem } from './types.ts';

/** Shorter than this a system's mute is a hiccup (a lens that turns) and nobody needs to hear of it. */
const INTERRUPTED_MS = 1_000;

export interface SourceOptions {
  clock: Clock;
  /** Something of it changed. */
  changed: () => void;
  /** The device went away or was taken back; not told when we let it go. */
  lost: () => void;
}

export class Source {
  /** Wanted on; kept while the device is lost. */
  on = $state(true);
  /** The chosen device, '' for the system's choice. */
  id = $state('');
  track = $state.raw<MediaStreamTrack | null>(null);
  problem = $state<DeviceProblem | null>(null);
  /** The system took it for a while: muted, though not by us. */
  interrupted = $state(false);

  readonly #options: SourceOptions;
  #timer: unknown;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /** Wanted, and neither here nor known to be out of reach. */
  get missing(): boolean {
    return this.on && this.track === null;
  }

  /** The device that is really in use, else the chosen one. */
  get using(): string {
    return this.track?.getSettings().deviceId ?? this.id;
  }

  /** Takes a live track; the one before is let go. */
  take(track: MediaStreamTrack): void {
    this.#release();
    this.track = track;
    this.problem = null;
    track.addEventListener('mute', this.#onMute);
    track.addEventListener('unmute', this.#onUnmute);
    track.addEventListener('ended', this.#onEnded);
    this.#options.changed();
  }

  /** Lets the device go: its light goes out. */
  drop(problem: DeviceProblem | null = null): void {
    this.#release();
    this.problem = problem;
    this.#options.changed();
  }

  #release(): void {
    const { track } = this;
    this.track = null;
    this.interrupted = false;
    this.#options.clock.clearTimeout(this.#timer);
    if (!track) return;
    track.removeEventListener('mute', this.#onMute);
    track.removeEventListener('unmute', this.#onUnmute);
    track.removeEventListener('ended', this.#onEnded);
    track.stop();
  }

  #onMute = (): void => {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = this.#options.clock.setTimeout(() => {
      this.interrupted = true;
      this.#options.changed();
    }, INTERRUPTED_MS);
  };

  #onUnmute = (): void => {
    this.#options.clock.clearTimeout(this.#timer);
    if (!this.interrupted) return;
    this.interrupted = false;
    this.#options.changed();
  };

  #onEnded = (): void => {
    this.drop();
    this.#options.lost();
  };
}
