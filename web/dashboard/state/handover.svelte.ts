/** Characters (code points) of the note, as the server counts them. */
export const NOTE_CHARACTERS_MAX = 2_000;

/** Handing a case over: to whom, with which words, and whether one stays on it. */
export class HandOver {
  to = $state<string | null>(null);
  note = $state('');
  stay = $state(false);
  /** Nobody was chosen when it was to be done. */
  missing = $state(false);
  readonly over = $derived(Math.max(0, [...this.note.trim()].length - NOTE_CHARACTERS_MAX));

  /** Whether it can be done as it stands. */
  check(): boolean {
    this.missing = this.to === null;
    return !this.missing && this.over === 0;
  }
}
