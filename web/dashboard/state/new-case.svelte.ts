import { newKey, Offline, Problem, request } from '../../lib/api/client.ts';
import type { Case, Language, TagRef } from '../../lib/api/types.ts';
import type { CaseList, NewCase } from './case-list.svelte.ts';

/** Grapheme clusters of a case's name, as the server counts them: what a reader calls characters. */
export const NAME_CHARACTERS_MAX = 50;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many characters a reader counts; what stands around a name is cut off before it is saved. */
export function charactersOf(text: string): number {
  let count = 0;
  for (const _ of graphemes.segment(text.trim())) count += 1;
  return count;
}

/** What is wrong with the name before anybody is asked. */
export type NameFault = 'required' | 'too_long';

/** What was typed into the form of a new case, and under which key the case was asked for. */
export interface NewCaseValues {
  name: string;
  phone: string;
  email: string;
  reference: string;
  notes: string;
  language: Language;
  tags: readonly TagRef[];
  /** The tag that is being typed. */
  tag: string;
  key: string;
}

/** The form of a new case. What was typed stays until a case was made of it or it is put away on purpose. */
export class NewCaseForm {
  name = $state('');
  phone = $state('');
  email = $state('');
  reference = $state('');
  notes = $state('');
  language = $state<Language>('en');
  tags = $state.raw<readonly TagRef[]>([]);
  tag = $state('');
  busy = $state(false);
  /** Why the last try failed. */
  error = $state.raw<unknown>(null);
  nameFault = $state<NameFault | null>(null);
  /** The case is there; only some of its tags could not be put on it. */
  made = $state.raw<Case | null>(null);
  readonly characters = $derived(charactersOf(this.name));

  /** One key makes one case, however often the button is pressed or the network fails. */
  #key = $state.raw('');
  readonly #own: Language;
  readonly #list: Pick<CaseList, 'create' | 'take'>;

  /** `language` is the operator's own; `begun` gives what was typed before, and what is left out of it is empty. */
  constructor(list: Pick<CaseList, 'create' | 'take'>, language: Language, begun: (blank: NewCaseValues) => NewCaseValues = (blank) => blank) {
    this.#list = list;
    this.#own = language;
    const { key, ...values } = begun({ name: '', phone: '', email: '', reference: '', notes: '', language, tags: [], tag: '', key: newKey() });
    Object.assign(this, values);
    this.#key = key;
  }

  /** What is to be kept; null while nothing was typed. */
  get values(): NewCaseValues | null {
    const { name, phone, email, reference, notes, language, tags, tag } = this;
    const typed = [name, phone, email, reference, notes, tag].some((text) => text !== '') || tags.length > 0 || language !== this.#own;
    return typed ? { name, phone, email, reference, notes, language, tags, tag, key: this.#key } : null;
  }

  /** Makes the case; null when it could not be made, or is being made already. */
  async submit(): Promise<Case | null> {
    if (this.busy) return null;
    this.error = null;
    this.nameFault = this.characters === 0 ? 'required' : this.characters > NAME_CHARACTERS_MAX ? 'too_long' : null;
    if (this.nameFault) return null;
    this.busy = true;
    try {
      this.made ??= await this.#list.create(this.#body(), this.#key);
      return await this.#tag(this.made);
    } catch (error) {
      // Only a clear refusal says that there is no case yet; after silence the same key asks for the same one.
      if (error instanceof Problem && error.status < 500) this.#key = newKey();
      else if (!(error instanceof Problem) && !(error instanceof Offline)) throw error;
      this.error = error;
      return null;
    } finally {
      this.busy = false;
    }
  }

  /** Puts the tags on the new case, one after the other; those that are on it already are left out at the next try. */
  async #tag(made: Case): Promise<Case> {
    for (const tag of [...this.tags]) {
      made = await request<Case>('PUT', `/cases/${made.id}/tags/${tag.id}`);
      this.tags = this.tags.filter(({ id }) => id !== tag.id);
      this.made = made;
    }
    this.#list.take(made);
    return made;
  }

  #body(): NewCase {
    const texts = { email: this.email, phone: this.phone, internal_reference: this.reference, notes: this.notes };
    const given = Object.entries(texts).filter(([, text]) => text.trim() !== '');
    return { name: this.name, language: this.language, ...Object.fromEntries(given) };
  }
}
