import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Offline, Problem } from '../../lib/api/client.ts';
import type { Case } from '../../lib/api/types.ts';
import type { NewCase } from './case-list.svelte.ts';
import { charactersOf, NewCaseForm } from './new-case.svelte.ts';

let sent: { body: NewCase; key: string }[];
let answer: () => Promise<Case>;
let form: NewCaseForm;

beforeEach(() => {
  sent = [];
  answer = async () => ({ id: 'case_1' }) as Case;
  form = new NewCaseForm({ create: (body, key) => (sent.push({ body, key }), answer()), take: () => undefined }, 'de');
});

describe('the name', () => {
  test.each([
    ['Priya Venkatesh', 15],
    ['  Priya  ', 5],
    ['👩‍👩‍👧‍👦🇩🇪', 2],
    ['e\u0301', 1],
  ])('%s counts as a reader counts', (text, count) => expect(charactersOf(text)).toBe(count));

  test('is needed, and not longer than it may be', async () => {
    form.name = '   ';
    expect(await form.submit()).toBeNull();
    expect(form.nameFault).toBe('required');
    form.name = '👩‍👩‍👧‍👦'.repeat(51);
    expect(await form.submit()).toBeNull();
    expect(form.nameFault).toBe('too_long');
    expect(sent).toEqual([]);
    form.name = '👩‍👩‍👧‍👦'.repeat(50);
    expect(await form.submit()).not.toBeNull();
  });
});

test('what was left empty is left out', async () => {
  form.name = 'Priya';
  form.email = ' ';
  form.reference = 'HL-1';
  await form.submit();
  expect(sent[0]?.body).toEqual({ name: 'Priya', language: 'de', internal_reference: 'HL-1' });
});

describe('one case', () => {
  test('comes of a double click', async () => {
    form.name = 'Priya';
    const both = await Promise.all([form.submit(), form.submit()]);
    expect(both).toEqual([{ id: 'case_1' }, null]);
    expect(sent).toHaveLength(1);
  });

  test('is asked for by the same key when nobody answered', async () => {
    form.name = 'Priya';
    answer = () => Promise.reject(new Offline());
    await form.submit();
    expect(form.error).toBeInstanceOf(Offline);
    answer = () => Promise.reject(new Problem(503, { code: 'not_saved' }));
    await form.submit();
    await form.submit();
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
  });

  test('has a new key once it was refused', async () => {
    form.name = 'Priya';
    answer = () => Promise.reject(new Problem(422, { code: 'invalid_input' }));
    await form.submit();
    await form.submit();
    expect(new Set(sent.map(({ key }) => key)).size).toBe(2);
    expect(form.busy).toBe(false);
  });
});

describe('what is typed', () => {
  const list = { create: async (body: NewCase, key: string) => (sent.push({ body, key }), { id: 'case_1' } as Case), take: () => undefined };

  test('stands in the next form, and asks by the same key', async () => {
    form.name = 'Priya';
    form.notes = 'Calls before noon.';
    form.tag = 'Compl';
    answer = () => Promise.reject(new Offline());
    await form.submit();
    const kept = form.values;
    const again = new NewCaseForm(list, 'de', (blank) => ({ ...blank, ...kept }));
    expect([again.name, again.tag, again.error]).toEqual(['Priya', 'Compl', null]);
    await again.submit();
    expect(sent.map(({ body }) => body.notes)).toEqual(['Calls before noon.', 'Calls before noon.']);
    expect(sent[1]?.key).toBe(sent[0]?.key);
  });

  test('is nothing as long as nothing differs from an empty form', () => {
    expect(form.values).toBeNull();
    form.language = 'en';
    expect(form.values?.language).toBe('en');
    form.language = 'de';
    form.tags = [{ id: 'tag_a', name: 'A' }];
    expect(form.values?.tags).toHaveLength(1);
  });
});

describe('tags', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test('that could not be put on are tried again, and the case is not made twice', async () => {
    const asked: string[] = [];
    let offline = true;
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      asked.push(`${init.method} ${path.replace('/api/v1', '')}`);
      if (offline && path.endsWith('tag_b')) throw new TypeError('Failed to fetch');
      return Response.json({ id: 'case_1' });
    });
    form.name = 'Priya';
    form.tags = [
      { id: 'tag_a', name: 'A' },
      { id: 'tag_b', name: 'B' },
    ];
    expect(await form.submit()).toBeNull();
    expect(form.made).not.toBeNull();
    expect(form.tags.map(({ id }) => id)).toEqual(['tag_b']);
    offline = false;
    expect(await form.submit()).toEqual({ id: 'case_1' });
    expect(sent).toHaveLength(1);
    expect(asked).toEqual(['PUT /cases/case_1/tags/tag_a', 'PUT /cases/case_1/tags/tag_b', 'PUT /cases/case_1/tags/tag_b']);
  });
});
