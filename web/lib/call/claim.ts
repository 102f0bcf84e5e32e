/**
 * Who goes on as a participant: one tab at a time. A tab that is duplicated has a copy of what its
 * original kept, and must not speak in its name; a reload lets go of what it had claimed.
 */

type Take = (name: string) => Promise<(() => void) | null>;

export class Claim {
  readonly #take: Take | null;
  #id: string | null = null;
  #release: (() => void) | null = null;

  /** Without `take` the browser has no such thing, and every claim is granted. */
  constructor(take: Take | null) {
    this.#take = take;
  }

  /** Claims a participant, and lets go of the one before; false when another tab has it. */
  async claim(id: string): Promise<boolean> {
    if (this.#id === id || !this.#take) return true;
    this.drop();
    this.#id = id;
    const release = await this.#take(`deskside:participant:${id}`);
    if (this.#id !== id || this.#release) {
      // Given up meanwhile, or claimed twice.
      release?.();
      return this.#id === id;
    }
    if (release) this.#release = release;
    else this.#id = null;
    return release !== null;
  }

  drop(): void {
    this.#release?.();
    this.#release = null;
    this.#id = null;
  }
}
