/** A screen that is shared instead of the camera. */

export interface ScreenOptions {
  /** Null where the browser cannot (phones). */
  capture: (() => Promise<MediaStream>) | null;
  stream: (track: MediaStreamTrack) => MediaStream;
  /** Begun or ended, also by the browser's own bar. */
  changed: () => void;
}

export class ScreenShare {
  track = $state.raw<MediaStreamTrack | null>(null);
  /** The same for a `<video>`. */
  stream = $state.raw<MediaStream | null>(null);
  readonly #options: ScreenOptions;

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  get possible(): boolean {
    return this.#options.capture !== null;
  }

  /** Asks which screen; `wanted` says afterwards whether it still is. Nothing when the person changes their mind. */
  async start(wanted: () => boolean): Promise<void> {
    let track: MediaStreamTrack | undefined;
    try {
      [track] = (await this.#options.capture?.())?.getVideoTracks() ?? [];
    } catch {
      // The browser's own question was answered with no.
    }
    if (!track) return;
    if (!wanted()) {
      track.stop();
      return;
    }
    this.drop();
    // Letters matter more than motion.
    track.contentHint = 'detail';
    const taken = track;
    track.addEventListener('ended', () => {
      if (this.track === taken) this.stop();
    });
    this.track = track;
    this.stream = this.#options.stream(track);
    this.#options.changed();
  }

  stop(): void {
    if (!this.track) return;
    this.drop();
    this.#options.changed();
  }

  /** Lets go without a word. */
  drop(): void {
    this.track?.stop();
    this.track = null;
    this.stream = null;
  }
}
