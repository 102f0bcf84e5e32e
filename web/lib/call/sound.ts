/** Plays the others' sound, whichever part of the page is shown. */

import type { AudioOut } from './environment.ts';

export class Sound {
  readonly #create: () => AudioOut;
  readonly #onBlocked: (blocked: boolean) => void;
  readonly #outs = new Map<string, AudioOut>();
  #speakerId = '';

  /** `onBlocked` hears when the browser wants a tap before it plays, and when it plays after all. */
  constructor(create: () => AudioOut, onBlocked: (blocked: boolean) => void) {
    this.#create = create;
    this.#onBlocked = onBlocked;
  }

  /** Plays exactly these, by participant. */
  play(streams: ReadonlyMap<string, MediaStream>): void {
    for (const [id, out] of this.#outs) {
      if (streams.has(id)) continue;
      silence(out);
      this.#outs.delete(id);
    }
    for (const [id, stream] of streams) {
      let out = this.#outs.get(id);
      if (out?.srcObject === stream) continue;
      if (!out) {
        out = this.#create();
        this.#outs.set(id, out);
        this.#send(out);
      }
      out.srcObject = stream;
      void this.#start(out);
    }
  }

  speaker(id: string): void {
    if (id === this.#speakerId) return;
    this.#speakerId = id;
    for (const out of this.#outs.values()) this.#send(out);
  }

  /** Call it in a tap. */
  async unlock(): Promise<void> {
    await Promise.all([...this.#outs.values()].map((out) => this.#start(out)));
  }

  close(): void {
    for (const out of this.#outs.values()) silence(out);
    this.#outs.clear();
  }

  async #start(out: AudioOut): Promise<void> {
    try {
      await out.play();
      this.#onBlocked(false);
    } catch (error) {
      // Taken away or given another stream meanwhile is no refusal.
      if (error instanceof Error && error.name === 'NotAllowedError') this.#onBlocked(true);
    }
  }

  #send(out: AudioOut): void {
    // A speaker that is gone leaves the sound where it is.
    void out.setSinkId?.(this.#speakerId).catch(() => {});
  }
}

function silence(out: AudioOut): void {
  out.pause();
  out.srcObject = null;
  out.remove();
}
