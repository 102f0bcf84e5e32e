import type { LocationAnswer, LocationRequest } from '../lib/api/types.ts';

/** The team's question where the guest is, from when it comes until the guest has put its answer away. */
export class Asked {
  request = $state.raw<LocationRequest | null>(null);
  readonly answer: (answer: LocationAnswer) => Promise<void>;
  /** The guest is answering, or reads what became of it: the question stays although it is answered. */
  #held = false;

  constructor(answer: (answer: LocationAnswer) => Promise<void>) {
    this.answer = answer;
  }

  /** What the server has to ask; null when nothing, or not any more. */
  take(request: LocationRequest | null): void {
    if (!request) {
      if (!this.#held) this.request = null;
    } else if (request.id !== this.request?.id) {
      this.#held = false;
      this.request = request;
    }
  }

  /** The guest has begun to answer. */
  hold(): void {
    this.#held = true;
  }

  close(): void {
    this.#held = false;
    this.request = null;
  }
}
