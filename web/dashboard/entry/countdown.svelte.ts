/** How often the rest is looked at; the clock decides, so that a sleeping tab does not lag behind. */
const LOOK_MS = 250;

/** Seconds that have to pass before another attempt. */
export class Countdown {
  left = $state(0);
  /** How long it was from the start. */
  total = $state(0);
  #until = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  start(seconds: number): void {
    this.total = seconds;
    this.#until = Date.now() + seconds * 1_000;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.left = 0;
  }

  #look(): void {
    this.left = Math.max(0, Math.ceil((this.#until - Date.now()) / 1_000));
    if (this.left === 0) clearInterval(this.#timer);
  }
}

/** `14:05`, the way clocks count down. */
export function minutesAndSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
