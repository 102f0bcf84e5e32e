/** How loud a microphone is. */

import type { Clock } from '../live/socket.svelte.ts';

/** Often enough to look alive, seldom enough for a phone. */
const MEASURE_MS = 60;
/** Quieter than this is silence, louder than this is as loud as it gets (dB of full scale). */
const FLOOR_DB = -58;
const CEILING_DB = -14;
/** It rises at once and falls slowly, so that words and not syllables move it. */
const FALL = 0.18;
const RISE = 0.7;

/** 0 to 1 from samples of −1 to 1. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

/** The next value shown, from the last one and what is measured now. */
export function smooth(last: number, now: number): number {
  return last + (now - last) * (now > last ? RISE : FALL);
}

/** Measures one track until stopped. */
export class LevelWatch {
  readonly #clock: Clock;
  readonly #tell: (level: number) => void;
  readonly #source: MediaStreamAudioSourceNode;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  #level = 0;
  #timer: unknown;

  constructor(context: AudioContext, stream: MediaStream, clock: Clock, tell: (level: number) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#source = context.createMediaStreamSource(stream);
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
    // A page that was not touched yet may not run sound; it measures as soon as it may.
    if (context.state === 'suspended') void context.resume().catch(() => {});
    this.#measure();
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#source.disconnect();
    this.#tell(0);
  }

  #measure = (): void => {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    this.#level = smooth(this.#level, loudness(this.#samples));
    this.#tell(this.#level);
    this.#timer = this.#clock.setTimeout(this.#measure, MEASURE_MS);
  };
}
