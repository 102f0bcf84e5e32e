import { request } from '../../lib/api/client.ts';
import type { CustomField, FieldKind, FieldOption } from '../../lib/api/types.ts';
import { Act } from './act.svelte.ts';
import type { EventFrame } from './desk.svelte.ts';
import type { KeptForms } from './kept-forms.svelte.ts';
import { Setting, type KeptSetting } from './setting.svelte.ts';

/** What a field can hold. */
export const FIELD_KINDS = ['text', 'long_text', 'number', 'date', 'choice', 'choices', 'checkbox', 'link'] as const satisfies readonly FieldKind[];
/** What can stand before a field; the server takes these and no others. */
export const FIELD_ICONS = ['tag', 'star', 'box', 'card', 'calendar', 'globe', 'person', 'home', 'wrench', 'shield', 'clip', 'pin'] as const;
export type FieldIcon = (typeof FIELD_ICONS)[number];

/** Whether a kind is chosen from a list. */
export const hasOptions = (kind: FieldKind): boolean => kind === 'choice' || kind === 'choices';

/** A change of a field; what is left out stays. An option without an id is a new one. */
export interface FieldChange {
  label?: string;
  kind?: FieldKind;
  icon?: string;
  help?: string;
  required?: boolean;
  default_value?: string;
  options?: (Omit<FieldOption, 'id'> & { id?: string })[];
  position?: number;
  archived?: boolean;
}

/** The custom fields as administrators define them, archived ones too. */
export class FieldDefinitions {
  items = $state.raw<CustomField[]>([]);
  loaded = $state(false);
  error = $state.raw<unknown>(null);
  /** Those that stand in every case, in their order. */
  readonly current = $derived(this.items.filter((field) => !field.archived));
  readonly archived = $derived(this.items.filter((field) => field.archived));

  async load(): Promise<void> {
    try {
      const { items } = await request<{ items: CustomField[] }>('GET', '/custom-fields');
      this.#take(items);
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  /** Follows what other administrators do; null says that something was missed. */
  hear(frame: EventFrame | null): void {
    if (frame === null || frame.event.type === 'custom_fields.changed') void this.load();
  }

  find(id: string): CustomField | undefined {
    return this.items.find((field) => field.id === id);
  }

  /** Creates one at the end; the same `key` again is the same field. */
  async create(label: string, kind: FieldKind, options: string[], key: string): Promise<CustomField> {
    const body = { label, kind, icon: 'tag', ...(hasOptions(kind) ? { options: options.map((option) => ({ label: option, retired: false })) } : {}) };
    const field = await request<CustomField>('POST', '/custom-fields', { body, key });
    this.#put(field);
    return field;
  }

  async change(id: string, change: FieldChange): Promise<CustomField> {
    const field = await request<CustomField>('PATCH', `/custom-fields/${id}`, { body: change });
    this.#put(field);
    return field;
  }

  /** Moves one to another place among those in use: shown at once, put back when the server does not take it. */
  async move(id: string, to: number): Promise<void> {
    const moved = this.find(id);
    const goal = this.current[to];
    if (!moved || !goal || goal === moved) return;
    const before = this.items;
    // The server counts archived ones too.
    const place = before.indexOf(goal);
    this.items = before.toSpliced(before.indexOf(moved), 1).toSpliced(place, 0, moved).map((field, position) => ({ ...field, position }));
    try {
      await request('PATCH', `/custom-fields/${id}`, { body: { position: place } });
    } catch (error) {
      this.items = before;
      throw error;
    }
  }

  /** Deletes one for good; with `values` also what cases hold in it. */
  async remove(id: string, values: boolean): Promise<void> {
    await request('DELETE', `/custom-fields/${id}${values ? '?values=delete' : ''}`);
    this.items = this.items.filter((field) => field.id !== id);
  }

  #put(field: CustomField): void {
    this.#take([...this.items.filter((one) => one.id !== field.id), field]);
  }

  #take(items: CustomField[]): void {
    this.items = items.toSorted((a, b) => a.position - b.position);
  }
}

/** One custom field while it is edited: every property saves itself. */
export class FieldEditor {
  readonly id: string;
  readonly label: Setting;
  readonly icon: Setting<FieldIcon>;
  readonly help: Setting;
  readonly required: Setting<boolean>;
  readonly start: Setting;
  /** Changing the kind; the server refuses it where a value has no place in the new one. */
  readonly retyping = new Act();
  /** The kind that was asked for last: the one that misses its choices, or the one that was refused. */
  wanted = $state<FieldKind | null>(null);
  /** Adding, renaming, moving and retiring options, one at a time. */
  readonly listing = new Act();
  readonly #definitions: FieldDefinitions;
  /** Changes of the options come one after the other, each on what the one before left. */
  #turn: Promise<unknown> = Promise.resolve();

  /** `forms` keeps what is typed and not saved. */
  constructor(definitions: FieldDefinitions, field: CustomField, forms?: KeptForms) {
    this.#definitions = definitions;
    this.id = field.id;
    const setting = <Value>(value: Value, change: (value: Value) => FieldChange, name?: string) =>
      new Setting(value, (next: Value) => definitions.change(field.id, change(next)), name === undefined ? undefined : forms?.form<KeptSetting<Value>>(`field/${field.id}/${name}`));
    this.label = setting(field.label, (label) => ({ label }), 'label');
    this.icon = setting(field.icon, (icon) => ({ icon }));
    this.help = setting(field.help, (help) => ({ help }), 'help');
    this.required = setting(field.required, (required) => ({ required }));
    this.start = setting(field.default_value, (default_value) => ({ default_value }), 'start');
  }

  get field(): CustomField | undefined {
    return this.#definitions.find(this.id);
  }

  get settings(): readonly Pick<Setting, 'state'>[] {
    return [this.label, this.icon, this.help, this.required, this.start, stateOf(this.retyping), stateOf(this.listing)];
  }

  /** What the server holds now; what is being changed here stays. */
  take(field: CustomField): void {
    this.label.take(field.label);
    this.icon.take(field.icon);
    this.help.take(field.help);
    this.required.take(field.required);
    this.start.take(field.default_value);
  }

  /** Whether the kind that was asked for waits for its first choices. */
  get asksForOptions(): boolean {
    return this.wanted !== null && hasOptions(this.wanted) && !hasOptions(this.field?.kind ?? this.wanted) && !this.retyping.error;
  }

  /** Another kind; one that is chosen from a list needs its choices first. */
  async retype(kind: FieldKind, options: string[] = []): Promise<void> {
    const now = this.field?.kind;
    this.retyping.error = null;
    this.wanted = kind === now ? null : kind;
    if (!now || kind === now || (hasOptions(kind) && !hasOptions(now) && options.length === 0)) return;
    const change = options.length > 0 ? { kind, options: options.map((label) => ({ label, retired: false })) } : { kind };
    if (await this.retyping.run(() => this.#definitions.change(this.id, change))) this.wanted = null;
  }

  addOption(label: string): Promise<boolean> {
    return this.#setOptions((options) => [...options, { label, retired: false }]);
  }

  renameOption(id: string, label: string): Promise<boolean> {
    return this.#setOptions((options) => options.map((option) => (option.id === id ? { ...option, label } : option)));
  }

  /** Retired: what cases hold stays, but nobody can choose it any more. */
  retireOption(id: string, retired: boolean): Promise<boolean> {
    return this.#setOptions((options) => options.map((option) => (option.id === id ? { ...option, retired } : option)));
  }

  /** Takes an option away; one that cases hold can only be retired, and the server says so. */
  removeOption(id: string): Promise<boolean> {
    return this.#setOptions((options) => options.filter((option) => option.id !== id));
  }

  moveOption(id: string, to: number): Promise<boolean> {
    return this.#setOptions((options) => {
      const from = options.findIndex((option) => option.id === id);
      const moved = options[from];
      return moved ? options.toSpliced(from, 1).toSpliced(to, 0, moved) : options;
    });
  }

  /** The page is left: what was typed is sent. */
  stop(): void {
    for (const setting of [this.label, this.icon, this.help, this.required, this.start]) setting.stop();
  }

  #setOptions(next: (options: FieldOption[]) => FieldChange['options'] & {}): Promise<boolean> {
    const done = this.#turn.then(() => this.listing.run(() => this.#definitions.change(this.id, { options: next(this.field?.options ?? []) })));
    this.#turn = done;
    return done;
  }
}

/** An act told as settings are. */
function stateOf(act: Act): Pick<Setting, 'state'> {
  return { state: act.busy ? 'saving' : act.error ? 'refused' : 'idle' };
}
