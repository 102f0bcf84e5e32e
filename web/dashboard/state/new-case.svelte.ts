import { newKey, Offline, Problem } from '../../lib/api/client.ts';
import type { Case, Language } from '../../lib/api/types.ts';
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

/** The form of a new case. What was typed stays until a case was made of it or it is put away on purpose. */
export class NewCaseForm {
  name = $state('');
  phone = $state('');
  email = $state('');
  reference = $state('');
  notes = $state('');
  language = $state<Language>('en');
  busy = $state(false);
  /** Why the last try failed. */
  error = $state.raw<unknown>(null);
  nameFault = $state<NameFault | null>(null);
  readonly characters = $derived(charactersOf(this.name));

  /** One key makes one case, however often the button is pressed or the network fails. */
  #key = newKey();
  readonly #list: Pick<CaseList, 'create'>;

  constructor(list: Pick<CaseList, 'create'>, language: Language) {
    this.#list = list;
    this.language = language;
  }

  /** Makes the case; null when it could not be made, or is being made already. */
  async submit(): Promise<Case | null> {
    if (this.busy) return null;
    this.error = null;
    this.nameFault = this.characters === 0 ? 'required' : this.characters > NAME_CHARACTERS_MAX ? 'too_long' : null;
    if (this.nameFault) return null;
    this.busy = true;
    try {
      return await this.#list.create(this.#body(), this.#key);
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

  #body(): NewCase {
    const texts = { email: this.email, phone: this.phone, internal_reference: this.reference, notes: this.notes };
    const given = Object.entries(texts).filter(([, text]) => text.trim() !== '');
    return { name: this.name, language: this.language, ...Object.fromEntries(given) };
  }
}
