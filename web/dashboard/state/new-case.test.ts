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

test('what is typed outlives the session, and the case goes into the new list', async () => {
  const later: string[] = [];
  form.name = 'Priya';
  form.notes = 'Calls before noon.';
  answer = () => Promise.reject(new Problem(401, { code: 'not_signed_in' }));
  await form.submit();
  form.move({ create: async (body) => (later.push(body.notes ?? ''), { id: 'case_1' } as Case), take: ({ id }) => void later.push(id) });
  expect(form.error).toBeNull();
  expect(await form.submit()).toEqual({ id: 'case_1' });
  expect(later).toEqual(['Calls before noon.', 'case_1']);
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
