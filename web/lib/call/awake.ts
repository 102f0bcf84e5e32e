/** Keeps the screen lit during a call, where the browser can. */

type Request = () => Promise<{ release(): Promise<void> }>;

export class Awake {
  readonly #request: Request | null;
  #held: { release(): Promise<void> } | null = null;
  #wanted = false;

  constructor(request: Request | null) {
    this.#request = request;
  }

  /** Asks for it; again after the page was hidden, which takes it away. */
  async keep(): Promise<void> {
    this.#wanted = true;
    try {
      const held = await this.#request?.();
      if (!held) return;
      await this.#held?.release();
      this.#held = held;
      if (!this.#wanted) this.release();
    } catch {
      // Low battery or a hidden page: the screen may sleep.
    }
  }

  release(): void {
    this.#wanted = false;
    void this.#held?.release().catch(() => {});
    this.#held = null;
  }
}
