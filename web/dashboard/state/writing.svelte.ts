/**
 * What is being written in a case: to everyone in it, or to the team alone. Each kind has a text of
 * its own, so that words for colleagues are never where a customer's answer is kept.
 */

import type { Person } from '../../lib/api/types.ts';
import type { Audience } from '../../lib/chat/outbox.svelte.ts';
import type { CaseDraft } from './draft.svelte.ts';

/** Under which name words to the team are kept; case and operator follow. */
const KEPT_PREFIX = 'deskside:internal:';
/** Colleagues that one message may mention. */
export const MENTIONS_MAX = 20;

export type WritingKind = 'message' | 'internal';

type Mentioned = Pick<Person, 'id' | 'name'>;

interface KeptNote {
  text: string;
  mentions: readonly Mentioned[];
}

function storage(): Storage | null {
  try {
    return typeof localStorage === 'undefined' ? null : localStorage;
  } catch {
    return null;
  }
}

export class Writing {
  kind = $state<WritingKind>('message');
  readonly draft: CaseDraft;
  #note = $state('');
  /** Who was chosen behind an "@"; of those whose name no longer stands in the text nothing is said. */
  #mentions = $state.raw<readonly Mentioned[]>([]);
  readonly #name: string;

  /** `scope` is case and operator: `case_…/op_…`. */
  constructor(scope: string, draft: CaseDraft) {
    this.draft = draft;
    this.#name = KEPT_PREFIX + scope;
    const kept = this.#read();
    if (!kept) return;
    this.#note = kept.text;
    this.#mentions = kept.mentions;
    // What was meant for colleagues comes back as such.
    this.kind = 'internal';
  }

  get internal(): boolean {
    return this.kind === 'internal';
  }

  get text(): string {
    return this.internal ? this.#note : this.draft.text;
  }

  /** The colleagues whose names stand in the text behind an "@". */
  get mentioned(): readonly Mentioned[] {
    if (!this.internal) return [];
    return this.#mentions.filter(({ name }) => this.#note.includes(`@${name}`)).slice(0, MENTIONS_MAX);
  }

  type(text: string): void {
    if (!this.internal) {
      this.draft.type(text);
      return;
    }
    this.#note = text;
    this.#keep();
  }

  /** Someone was chosen from the list behind an "@". */
  mention({ id, name }: Mentioned): void {
    this.#mentions = [...this.#mentions.filter((known) => known.id !== id), { id, name }];
    this.#keep();
  }

  /** Turns to the other kind. What stands here goes along where nothing stands there. */
  turn(kind: WritingKind): void {
    if (kind === this.kind) return;
    const text = this.text;
    if (kind === 'internal' ? this.#note === '' : this.draft.text === '' && this.draft.theirs === null) {
      this.type('');
      this.kind = kind;
      this.type(text);
    } else {
      this.kind = kind;
    }
  }

  /** The text was sent: it is no draft any more. Gives back what goes to whom. */
  send(): { text: string; audience: Audience } {
    if (!this.internal) return { text: this.draft.send().trim(), audience: { internal: false, mentions: [] } };
    const text = this.#note.trim();
    const mentions = this.mentioned.map(({ id }) => id);
    this.#note = '';
    this.#mentions = [];
    this.#keep();
    return { text, audience: { internal: true, mentions } };
  }

  /** The case is gone, and the text with it. */
  forget(): void {
    this.#note = '';
    this.#mentions = [];
    this.#keep();
  }

  #read(): KeptNote | null {
    try {
      const value = JSON.parse(storage()?.getItem(this.#name) ?? 'null') as Partial<KeptNote> | null;
      if (typeof value?.text !== 'string' || value.text === '') return null;
      return { text: value.text, mentions: Array.isArray(value.mentions) ? value.mentions : [] };
    } catch {
      return null;
    }
  }

  #keep(): void {
    try {
      if (this.#note === '') storage()?.removeItem(this.#name);
      else storage()?.setItem(this.#name, JSON.stringify({ text: this.#note, mentions: this.#mentions } satisfies KeptNote));
    } catch {
      // A full storage: the text still stands in the field.
    }
  }
}
