/** The fields of a case's details: those that every case has, and the organization's own. */

import { SvelteMap } from 'svelte/reactivity';
import { Problem } from '../../lib/api/client.ts';
import type { Case, CaseCustomField, CustomField, FieldName } from '../../lib/api/types.ts';
import type { FieldChange } from './case-api.ts';
import { CaseField, type FieldOptions, type FieldState } from './field.svelte.ts';
import { Keeper, keptNames } from './kept.ts';

export const FIELD_NAMES = ['name', 'email', 'phone', 'internal_reference', 'notes', 'language'] as const satisfies readonly FieldName[];

/** What the ids of custom fields begin with. */
const CUSTOM = 'fld_';

export interface FieldsOptions extends Omit<FieldOptions, 'field' | 'save' | 'of' | 'lastWins'> {
  /** Saves one field, by its name or, of a custom one, by its id. */
  save: (field: string, change: FieldChange) => Promise<Case>;
}

/**
 * What all fields together stand at. What nobody answered comes first, as it says most of the others too;
 * what is to be put right by hand (`refused`) stands at its own place, and here only when nothing else is to be told.
 */
export type FieldsState = 'saved' | 'saving' | 'failed' | 'refused' | 'conflict' | 'held';

/** What was typed into a field that went before it was saved. */
export interface RemovedText {
  id: string;
  /** What the field was; null when nobody here has seen it. */
  definition: CustomField | null;
  text: string;
  /** It went before the reader's eyes, and not during an earlier visit. */
  live: boolean;
}

/** The fields of one case. */
export class CaseFields {
  readonly all: Readonly<Record<FieldName, CaseField>>;
  /** The organization's own fields, by id; they come with the case. */
  readonly custom = new SvelteMap<string, CaseField>();
  /** What was typed into own fields that are gone, by their ids; kept until someone has seen it. */
  readonly removed = new SvelteMap<string, RemovedText>();
  /** Something was saved since the case was opened. */
  touched = $state(false);
  readonly #options: FieldsOptions;

  constructor(options: FieldsOptions) {
    this.#options = options;
    const make = (name: FieldName) => this.#make(name, (fresh) => fresh.fields[name], name === 'language');
    this.all = Object.fromEntries(FIELD_NAMES.map((name) => [name, make(name)])) as Record<FieldName, CaseField>;
    // What an earlier visit could not save goes on its way, also while nobody looks at the case.
    for (const name of keptNames(options.scope)) if (name.startsWith(CUSTOM)) this.#takeUp(name);
  }

  get #every(): CaseField[] {
    return [...Object.values(this.all), ...this.custom.values()];
  }

  #count(...states: FieldState[]): number {
    return this.#every.filter((field) => states.includes(field.state)).length;
  }

  /** How many fields wait for a choice between two texts. */
  get conflicts(): number {
    return this.#count('conflict');
  }

  get state(): FieldsState {
    if (this.#count('failed') > 0) return 'failed';
    if (this.#count('conflict') > 0) return 'conflict';
    if (this.#count('typing', 'saving') > 0) return 'saving';
    if (this.#count('held') > 0) return 'held';
    return this.refused.length > 0 || this.removed.size > 0 ? 'refused' : 'saved';
  }

  /** The fields whose values are not right. */
  get refused(): CaseField[] {
    return this.#every.filter((field) => field.state === 'refused');
  }

  /** Something stands here that only a person can settle. */
  get unsettled(): boolean {
    return this.#count('refused', 'conflict') > 0;
  }

  /** Whether anything is still on its way to the server by itself. */
  get pending(): boolean {
    return this.#count('typing', 'saving', 'failed', 'held') > 0;
  }

  merge(fields: Case['fields'], custom: readonly CaseCustomField[]): void {
    for (const name of FIELD_NAMES) this.all[name].merge(fields[name]);
    for (const { field: definition, value } of custom) {
      const back = this.removed.get(definition.id);
      const field = this.#own(definition.id);
      field.definition = definition;
      field.merge(value);
      // An archived field that is shown again takes up what was typed into it.
      if (!back) continue;
      this.removed.delete(definition.id);
      field.type(back.text);
      void field.flush();
    }
    const there = new Set(custom.map(({ field }) => field.id));
    for (const id of [...this.custom.keys()]) if (!there.has(id)) this.#gone(id);
  }

  /** What was typed into a field that is gone was seen, and is not needed any more. */
  dismiss(id: string): void {
    if (this.removed.delete(id)) this.#keeper(id).clear();
  }

  /** Saves now what waits; done when the server has answered for each. */
  async flush(): Promise<void> {
    await Promise.all(this.#every.map((field) => field.flush()));
  }

  wake(): void {
    for (const field of this.#every) field.wake();
  }

  stop(): void {
    for (const field of this.#every) field.stop();
  }

  forget(): void {
    for (const field of this.#every) field.forget();
    for (const id of [...this.removed.keys()]) this.dismiss(id);
  }

  #keeper(id: string): Keeper {
    return new Keeper(this.#options.scope, id);
  }

  /** What an earlier visit left of a field. */
  #takeUp(id: string): void {
    const kept = this.#keeper(id).read();
    if (kept?.removed) this.removed.set(id, { id, definition: kept.definition ?? null, text: kept.text, live: false });
    else this.#own(id);
  }

  /** A field was deleted or archived. What is unsaved in it is never sent again, and shown until it is dismissed. */
  #gone(id: string): void {
    const field = this.custom.get(id);
    if (!field) return;
    this.custom.delete(id);
    field.stop();
    if (field.saved) return;
    if (field.text === '') {
      // Nothing that anyone would miss.
      field.forget();
      return;
    }
    const { definition, text } = field;
    this.removed.set(id, { id, definition, text, live: true });
    const keeper = this.#keeper(id);
    const version = keeper.read()?.version ?? field.known.version;
    keeper.keep({ text, version, ...(definition && { definition }), removed: true });
    // An answer under way may still say that the field went only afterwards.
    void field.answered.then(() => {
      if (field.saved) this.dismiss(id);
    });
  }

  #own(id: string): CaseField {
    let field = this.custom.get(id);
    if (!field) {
      field = this.#make(id, (fresh) => fresh.custom.find((custom) => custom.field.id === id)?.value);
      this.custom.set(id, field);
    }
    return field;
  }

  #make(name: string, of: FieldOptions['of'], lastWins = false): CaseField {
    const { save, onSaved, ...options } = this.#options;
    return new CaseField({
      ...options,
      field: name,
      of,
      lastWins,
      save: async (change) => {
        try {
          return await save(name, change);
        } catch (error) {
          if (name.startsWith(CUSTOM) && error instanceof Problem && error.code === 'unknown_field') this.#gone(name);
          throw error;
        }
      },
      onSaved: (fresh) => {
        this.touched = true;
        onSaved(fresh);
      },
    });
  }
}
