import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestApi, refusal } from '../../tests/support/api.ts';
import type { CustomField } from '../../lib/api/types.ts';
import { FieldDefinitions, FieldEditor, type FieldChange } from './custom-field-definitions.svelte.ts';

const field = (id: string, position: number, more: Partial<CustomField> = {}): CustomField => ({
  id,
  label: id,
  kind: 'text',
  icon: 'tag',
  help: '',
  required: false,
  default_value: '',
  options: [],
  position,
  archived: false,
  used: 0,
  ...more,
});

let api: TestApi;
let stored: CustomField[];
let definitions: FieldDefinitions;
const labels = () => definitions.current.map(({ id }) => id);

beforeEach(async () => {
  api = new TestApi();
  stored = [field('a', 0), field('b', 1), field('gone', 2, { archived: true }), field('c', 3)];
  api.on('GET /custom-fields', () => ({ items: stored }));
  api.on(/^PATCH \/custom-fields\//, (change: FieldChange) => ({ ...field('a', 0), ...change }));
  definitions = new FieldDefinitions();
  await definitions.load();
});
afterEach(() => vi.unstubAllGlobals());

describe('custom fields', () => {
  test('stand in their order, archived ones apart', () => {
    expect(labels()).toEqual(['a', 'b', 'c']);
    expect(definitions.archived.map(({ id }) => id)).toEqual(['gone']);
  });

  test('move among those in use, with the place that counts archived ones', async () => {
    const moved = definitions.move('a', 2);
    expect(labels()).toEqual(['b', 'c', 'a']);
    await moved;
    expect(api.writes).toEqual([{ what: 'PATCH /custom-fields/a', body: { position: 3 } }]);
    await definitions.move('a', 0);
    expect(labels()).toEqual(['a', 'b', 'c']);
  });

  test('go back to their places when the server does not take it', async () => {
    api.on('PATCH /custom-fields/c', () => refusal(503, 'overloaded'));
    await expect(definitions.move('c', 0)).rejects.toMatchObject({ code: 'overloaded' });
    expect(labels()).toEqual(['a', 'b', 'c']);
  });

  test('do not move to where they are, or out of the list', async () => {
    await definitions.move('a', 0);
    await definitions.move('a', 9);
    await definitions.move('nobody', 1);
    expect(api.writes).toEqual([]);
  });

  test('are created with their first choices, once per key', async () => {
    api.on('POST /custom-fields', ({ label }: { label: string }) => field('new', 4, { label }));
    await definitions.create('Grant', 'choice', ['Yes', 'No'], 'key');
    expect(api.writes[0]?.body).toMatchObject({ label: 'Grant', kind: 'choice', options: [{ label: 'Yes', retired: false }, { label: 'No', retired: false }] });
    expect(labels()).toEqual(['a', 'b', 'c', 'new']);
  });

  test('take their values along only when that is said', async () => {
    api.on(/^DELETE/, () => undefined);
    await definitions.remove('a', false);
    await definitions.remove('gone', true);
    expect(api.writes.map(({ what }) => what)).toEqual(['DELETE /custom-fields/a', 'DELETE /custom-fields/gone?values=delete']);
    expect(definitions.items.map(({ id }) => id)).toEqual(['b', 'c']);
  });

  test('follow what another administrator does', async () => {
    stored = [field('a', 0, { label: 'Renamed' })];
    definitions.hear({ event: { type: 'custom_fields.changed' } } as Parameters<FieldDefinitions['hear']>[0]);
    await vi.waitFor(() => expect(definitions.find('a')?.label).toBe('Renamed'));
  });
});

describe('one that is edited', () => {
  test('asks for choices before it becomes a list', async () => {
    const editor = new FieldEditor(definitions, stored[0] as CustomField);
    await editor.retype('choice');
    expect([editor.asksForOptions, api.writes]).toEqual([true, []]);
    await editor.retype('choice', ['Yes', 'No']);
    expect(api.writes[0]?.body).toEqual({ kind: 'choice', options: [{ label: 'Yes', retired: false }, { label: 'No', retired: false }] });
    expect([editor.wanted, editor.asksForOptions]).toEqual([null, false]);
  });

  test('keeps its kind, and which was wanted, when values would be lost', async () => {
    const editor = new FieldEditor(definitions, stored[0] as CustomField);
    api.on('PATCH /custom-fields/a', () => refusal(409, 'field_in_use', { cases: 2, examples: ['about 1970'] }));
    await editor.retype('number');
    expect(editor.field?.kind).toBe('text');
    expect([editor.wanted, editor.retyping.error]).toMatchObject(['number', { code: 'field_in_use', body: { cases: 2 } }]);
    await editor.retype('text');
    expect([editor.wanted, editor.retyping.error]).toEqual([null, null]);
  });

  test('changes its choices one after the other, each on what the one before left', async () => {
    stored = [field('a', 0, { kind: 'choice', options: [{ id: 'x', label: 'X', retired: false }, { id: 'y', label: 'Y', retired: false }] })];
    await definitions.load();
    api.on('PATCH /custom-fields/a', ({ options }: FieldChange) => ({ ...stored[0], options: options?.map((option) => ({ ...option, id: option.id ?? 'new' })) }));
    const editor = new FieldEditor(definitions, stored[0] as CustomField);
    await Promise.all([editor.addOption('Z'), editor.moveOption('new', 0), editor.retireOption('x', true), editor.renameOption('y', 'Why')]);
    expect(editor.field?.options).toEqual([
      { id: 'new', label: 'Z', retired: false },
      { id: 'x', label: 'X', retired: true },
      { id: 'y', label: 'Why', retired: false },
    ]);
    await editor.removeOption('y');
    expect(editor.field?.options.map(({ id }) => id)).toEqual(['new', 'x']);
  });
});
