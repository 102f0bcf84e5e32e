/** The network changed, or the page is looked at again: what is known of both may be old. */

import type { CallEnvironment } from './environment.ts';

export interface WakingOptions {
  page: CallEnvironment['page'];
  network: () => void;
  seen: () => void;
}

export class Waking {
  readonly #options: WakingOptions;

  constructor(options: WakingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#listen('addEventListener');
  }

  stop(): void {
    this.#listen('removeEventListener');
  }

  #listen(change: 'addEventListener' | 'removeEventListener'): void {
    const { page } = this.#options;
    page?.window[change]('online', this.#onNetwork);
    page?.connection?.[change]('change', this.#onNetwork);
    page?.document[change]('visibilitychange', this.#onVisible);
  }

  #onNetwork = (): void => this.#options.network();

  #onVisible = (): void => {
    if (this.#options.page?.document.visibilityState === 'visible') this.#options.seen();
  };
}
