/** The guest's answer to the question where they are: first on the page, then in the browser. */

import { Offline, Problem } from '../../lib/api/client.ts';
import type { LocationAnswer, LocationFailure } from '../../lib/api/types.ts';

/** How long a device may take to find out; satellites need their time. */
const TIMEOUT_MS = 30_000;

/**
 * `question`: not answered. `browser`: the browser asks, or the device is finding out. `sending`: on
 * its way. `unsent`: nobody answered. `late`: the team does not ask any more. The others: what became of it.
 */
export type Phase = 'question' | 'browser' | 'sending' | 'unsent' | 'late' | 'shared' | 'refused' | 'failed';

type Geolocation = Pick<globalThis.Geolocation, 'getCurrentPosition'>;

/** As `GeolocationPositionError` counts them. */
const REASONS: Readonly<Record<number, LocationFailure>> = { 1: 'denied', 2: 'unavailable', 3: 'timeout' };

export class Answering {
  phase = $state<Phase>('question');
  /** Why the device could not tell, when `failed`. */
  reason = $state<LocationFailure>('unavailable');
  /** Why the answer was not taken, when the server said so. */
  problem = $state.raw<Problem | null>(null);
  readonly #request: string;
  readonly #send: (answer: LocationAnswer) => Promise<void>;
  readonly #device: Geolocation | undefined;
  /** What could not be sent yet. */
  #answer: LocationAnswer | null = null;

  constructor(request: string, send: (answer: LocationAnswer) => Promise<void>, device: Geolocation | undefined = globalThis.navigator?.geolocation) {
    this.#request = request;
    this.#send = send;
    this.#device = device;
  }

  /** The guest agrees: now the browser may ask, and not before. */
  async share(): Promise<void> {
    if (this.phase !== 'question') return;
    this.phase = 'browser';
    try {
      const { latitude, longitude, accuracy } = (await this.#locate()).coords;
      await this.#give({ request: this.#request, answer: 'shared', latitude, longitude, accuracy_m: accuracy });
    } catch (error) {
      this.reason = REASONS[(error as Partial<GeolocationPositionError>).code ?? 2] ?? 'unavailable';
      await this.#give({ request: this.#request, answer: 'failed', reason: this.reason });
    }
  }

  /** The guest does not want to: nothing is read. */
  async refuse(): Promise<void> {
    if (this.phase === 'question') await this.#give({ request: this.#request, answer: 'refused' });
  }

  /** Sends again what did not get through. */
  async again(): Promise<void> {
    if (this.phase === 'unsent' && this.#answer) await this.#give(this.#answer);
  }

  #locate(): Promise<GeolocationPosition> {
    const device = this.#device;
    if (!device) return Promise.reject({ code: 2 });
    return new Promise((found, failed) => device.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: TIMEOUT_MS, maximumAge: 0 }));
  }

  async #give(answer: LocationAnswer): Promise<void> {
    this.#answer = answer;
    this.phase = 'sending';
    this.problem = null;
    try {
      await this.#send(answer);
      this.phase = answer.answer;
    } catch (error) {
      if (error instanceof Problem && error.code === 'location_not_asked') {
        this.phase = 'late';
        return;
      }
      if (!(error instanceof Problem) && !(error instanceof Offline)) throw error;
      this.problem = error instanceof Problem ? error : null;
      this.phase = 'unsent';
    }
  }
}
