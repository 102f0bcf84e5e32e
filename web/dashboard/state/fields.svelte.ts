/** The fields of a case's details: those that every case has, and the organization's own. */

import { SvelteMap } from 'svelte/reactivity';
import type { Case, CaseCustomField, FieldName } from '../../lib/api/types.ts';
import type { FieldChange } from './case-api.ts';
import { CaseField, type FieldOptions, type FieldState } from './field.svelte.ts';
import { keptNames } from './kept.ts';

export const FIELD_NAMES = ['name', 'email', 'phone', 'internal_reference', 'notes', 'language'] as const satisfies readonly FieldName[];

/** What the ids of custom fields begin with. */
const CUSTOM = 'fld_';

export interface FieldsOptions extends Omit<FieldOptions, 'field' | 'save' | 'of' | 'lastWins'> {
  /** Saves one field, by its name or, of a custom one, by its id. */
  save: (field: string, change: FieldChange) => Promise<Case>;
}

/** What all fields together stand at; the worst of them. */
export type FieldsState = 'saved' | 'saving' | 'failed' | 'refused' | 'conflict';

/** The fields of one case. */
export class CaseFields {
  readonly all: Readonly<Record<FieldName, CaseField>>;
  /** The organization's own fields, by id; they come with the case. */
  readonly custom = new SvelteMap<string, CaseField>();
  /** Something was saved since the case was opened. */
  touched = $state(false);
  readonly #options: FieldsOptions;

  constructor(options: FieldsOptions) {
    this.#options = options;
    const make = (name: FieldName) => this.#make(name, (fresh) => fresh.fields[name], name === 'language');
    this.all = Object.fromEntries(FIELD_NAMES.map((name) => [name, make(name)])) as Record<FieldName, CaseField>;
    // What an earlier visit could not save goes on its way, also while nobody looks at the case.
    for (const name of keptNames(options.scope)) if (name.startsWith(CUSTOM)) this.#own(name);
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
    if (this.#count('conflict') > 0) return 'conflict';
    if (this.#count('refused') > 0) return 'refused';
    if (this.#count('failed') > 0) return 'failed';
    return this.#count('typing', 'saving') > 0 ? 'saving' : 'saved';
  }

  /** Whether anything is still on its way to the server by itself. */
  get pending(): boolean {
    return this.#count('typing', 'saving', 'failed') > 0;
  }

  merge(fields: Case['fields'], custom: readonly CaseCustomField[]): void {
    for (const name of FIELD_NAMES) this.all[name].merge(fields[name]);
    for (const { field, value } of custom) this.#own(field.id).merge(value);
    // A field that was archived shows nowhere; what is unsaved in it waits in the browser.
    const there = new Set(custom.map(({ field }) => field.id));
    for (const [id, field] of this.custom) {
      if (there.has(id)) continue;
      field.stop();
      this.custom.delete(id);
    }
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
      save: (change) => save(name, change),
      onSaved: (fresh) => {
        this.touched = true;
        onSaved(fresh);
      },
    });
  }
}
