import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestApi, refusal } from '../../tests/support/api.ts';
import type { QuickResponse } from '../../lib/api/types.ts';
import { TestStorage } from '../../tests/support/storage.ts';
import { KeptForms } from './kept-forms.svelte.ts';
import { ResponseEditor, Responses, wrongPlaceholders, type ResponseDraft } from './responses-editor.svelte.ts';
import type { KeptSetting } from './setting.svelte.ts';

const response = (more: Partial<QuickResponse> = {}): QuickResponse => ({
  id: 'qr_1',
  scope: 'global',
  shortcut: 'hello',
  title: 'Greeting',
  text: 'Good morning',
  version: 1,
  changed_at: '2026-03-12T10:00:00Z',
  ...more,
});

let api: TestApi;
let stored: QuickResponse;
let responses: Responses;
let editor: ResponseEditor;

beforeEach(async () => {
  vi.useFakeTimers();
  api = new TestApi();
  stored = response();
  api.on('GET /quick-responses', () => ({ items: [stored] }));
  api.on('PATCH /quick-responses/qr_1', ({ version, ...draft }: ResponseDraft & { version: number }) => {
    if (version !== stored.version) return refusal(409, 'field_conflict');
    stored = { ...stored, ...draft, version: version + 1 };
    return stored;
  });
  responses = new Responses();
  await responses.load();
  editor = new ResponseEditor(responses, stored);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function type(change: Partial<ResponseDraft>): Promise<void> {
  editor.type(change);
  editor.setting.flush();
  await vi.advanceTimersByTimeAsync(0);
}

describe('a quick response', () => {
  test('saves itself with the version before the eyes, again and again', async () => {
    await type({ text: 'Good day' });
    await type({ title: 'Day' });
    expect(api.writes.map(({ body }) => body)).toEqual([
      { version: 1, shortcut: 'hello', title: 'Greeting', text: 'Good day' },
      { version: 2, shortcut: 'hello', title: 'Day', text: 'Good day' },
    ]);
    expect([editor.setting.state, responses.find('qr_1')?.title]).toEqual(['saved', 'Day']);
  });

  test('takes what another administrator saved, while nothing is being written here', () => {
    editor.take(response({ text: 'Theirs', version: 2 }));
    expect(editor.draft.text).toBe('Theirs');
    editor.type({ text: 'Mine' });
    editor.take(response({ text: 'Theirs again', version: 3 }));
    expect(editor.draft.text).toBe('Mine');
  });

  test('that two changed at once shows both, and loses neither', async () => {
    stored = response({ text: 'Theirs', version: 2 });
    await type({ text: 'Mine' });
    expect([editor.theirs?.text, editor.draft.text, editor.setting.state]).toEqual(['Theirs', 'Mine', 'refused']);
    // Going on writing sends nothing before one has chosen.
    editor.type({ text: 'Mine, longer' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(api.writes).toHaveLength(1);
    editor.keepMine();
    await vi.advanceTimersByTimeAsync(0);
    expect([stored.text, editor.theirs]).toEqual(['Mine, longer', null]);
  });

  test('can be given up for theirs, and goes on from there', async () => {
    stored = response({ text: 'Theirs', version: 2 });
    await type({ text: 'Mine' });
    editor.takeTheirs();
    expect([editor.draft.text, editor.theirs, editor.setting.state]).toEqual(['Theirs', null, 'idle']);
    await type({ title: 'New' });
    expect([stored.title, stored.text]).toEqual(['New', 'Theirs']);
  });
});

describe('a quick response that was being written when the session ended', () => {
  const kept = () => new KeptForms({ operator: 'op_me', signedIn: () => false, path: () => '/settings/responses' }).form<KeptSetting<ResponseDraft>>('response/qr_1');

  beforeEach(async () => {
    vi.stubGlobal('sessionStorage', new TestStorage());
    editor = new ResponseEditor(responses, stored, kept());
    editor.type({ text: 'Mine' });
    editor.setting.stop();
    await vi.advanceTimersByTimeAsync(0);
  });

  test('that was saved after all is what stands there', () => {
    editor = new ResponseEditor(responses, stored, kept());
    expect([editor.draft.text, editor.theirs, kept().read()]).toEqual(['Mine', null, null]);
  });

  test('goes on its way, over the text it was written over', async () => {
    kept().keep({ value: { shortcut: 'hello', title: 'Greeting', text: 'Mine, longer' }, held: { shortcut: 'hello', title: 'Greeting', text: 'Mine' } });
    editor = new ResponseEditor(responses, stored, kept());
    expect(editor.draft.text).toBe('Mine, longer');
    await vi.advanceTimersByTimeAsync(0);
    expect([stored.text, kept().read()]).toEqual(['Mine, longer', null]);
  });

  test('stands beside what someone else wrote meanwhile', async () => {
    kept().keep({ value: { shortcut: 'hello', title: 'Greeting', text: 'Mine' }, held: { shortcut: 'hello', title: 'Greeting', text: 'Good morning' } });
    stored = response({ text: 'Theirs', version: 9 });
    editor = new ResponseEditor(responses, stored, kept());
    await vi.advanceTimersByTimeAsync(60_000);
    expect([editor.draft.text, editor.theirs?.text, stored.text]).toEqual(['Mine', 'Theirs', 'Theirs']);
    editor.keepMine();
    await vi.advanceTimersByTimeAsync(0);
    expect([stored.text, editor.theirs, kept().read()]).toEqual(['Mine', null, null]);
  });
});

test('the list stands by shortcut and forgets what was deleted', async () => {
  api.on('POST /quick-responses', () => response({ id: 'qr_2', shortcut: 'bye' }));
  api.on('DELETE /quick-responses/qr_1', () => undefined);
  await responses.create('private', { shortcut: 'bye', title: 'x', text: 'x' }, 'key');
  expect(responses.items.map(({ shortcut }) => shortcut)).toEqual(['bye', 'hello']);
  await responses.remove('qr_1');
  expect(responses.items.map(({ id }) => id)).toEqual(['qr_2']);
});

test('names in braces that stand for nothing are told, each once', () => {
  expect(wrongPlaceholders('{customer} { case_name } {customer} {} {\n} {case_name}')).toEqual(['{customer}', '{ case_name }']);
  expect(wrongPlaceholders('{case_name}{case_number}, :-{ and {first\nx }')).toEqual(['{first']);
  for (const words of ['{{case_name}}', '{case_name}}', '{{case_name}', '{case_name', 'case_name}', 'name}', '{Case_Name}']) {
    expect(wrongPlaceholders(`Hi ${words}, how are you?`)).toEqual([words]);
  }
  expect(wrongPlaceholders('Hi { case name, how are you?')).toEqual(['{ case name']);
});
