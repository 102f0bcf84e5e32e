/** Characters (code points) of the note, as the server counts them. */
export const NOTE_CHARACTERS_MAX = 2_000;

/** What is filled in for handing a case over; `to` is empty while nobody is chosen. */
export interface HandOverValues {
  to: string;
  note: string;
  stay: boolean;
}

export const NO_HAND_OVER: HandOverValues = { to: '', note: '', stay: false };

/** Handing a case over: to whom, with which words, and whether one stays on it. */
export class HandOver {
  to = $state<string | null>(null);
  note = $state('');
  stay = $state(false);
  /** Nobody was chosen when it was to be done. */
  missing = $state(false);
  readonly over = $derived(Math.max(0, [...this.note.trim()].length - NOTE_CHARACTERS_MAX));

  constructor({ to, note, stay }: HandOverValues = NO_HAND_OVER) {
    this.to = to || null;
    this.note = note;
    this.stay = stay;
  }

  get values(): HandOverValues {
    return { to: this.to ?? '', note: this.note, stay: this.stay };
  }

  /** Whether it can be done as it stands. */
  check(): boolean {
    this.missing = this.to === null;
    return !this.missing && this.over === 0;
  }
}
