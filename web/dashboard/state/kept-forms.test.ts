import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestStorage } from '../../tests/support/storage.ts';
import { KeptForms, type FormName } from './kept-forms.svelte.ts';

interface Note {
  to: string;
  note: string;
}

const BLANK: Note = { to: '', note: '' };
const NAME: FormName = 'hand-over/case_1';

let storage: TestStorage;
let signedIn: boolean;
let path: string;
const forms = (operator = 'op_me') => new KeptForms({ operator, signedIn: () => signedIn, path: () => path });
/** A form is left; that counts once the page is taken down. */
const left = () => Promise.resolve();
const begun = (operator?: string) => forms(operator).form<Note>(NAME).begin(BLANK);

beforeEach(() => {
  storage = new TestStorage();
  vi.stubGlobal('sessionStorage', storage);
  signedIn = true;
  path = '/cases/case_1';
});
afterEach(() => vi.unstubAllGlobals());

/** A form with a note in it, on the screen. */
function written(note = 'Calls back at nine') {
  const form = forms().form<Note>(NAME);
  form.begin(BLANK);
  form.keep({ to: 'op_2', note });
  return form;
}

describe('a form', () => {
  test('gives back what was typed into it, to whoever typed it', () => {
    written();
    expect(begun()).toEqual({ to: 'op_2', note: 'Calls back at nine' });
    expect(begun('op_other')).toEqual(BLANK);
    expect(forms('op_other').reopen('hand-over/')).toBeNull();
    expect(forms('op_other').elsewhere('/')).toBeNull();
  });

  test('keeps nothing while it is as it began', () => {
    const form = written();
    form.keep(BLANK);
    expect(storage.length).toBe(0);
    form.keep({ to: '', note: 'x' });
    form.keep(null);
    expect(storage.length).toBe(0);
  });

  test('that was sent or cancelled keeps nothing any more', async () => {
    const form = written();
    form.end();
    form.keep({ to: 'op_2', note: 'too late' });
    form.leave();
    await left();
    expect(storage.length).toBe(0);
  });

  test('takes nothing that is of another kind than its own', () => {
    storage.setItem('deskside:form:op_me:hand-over/case_1', JSON.stringify({ values: { to: 7, note: 'kept', more: 'gone' }, open: true, path: '/' }));
    expect(begun()).toEqual({ to: '', note: 'kept' });
    storage.setItem('deskside:form:op_me:hand-over/case_1', '{');
    expect(begun()).toEqual(BLANK);
  });

  test('lives as long as the page where nothing can be stored', () => {
    storage.full = true;
    const form = written();
    expect(begun().note).toBe('Calls back at nine');
    expect(forms().reopen('hand-over/')).toBe('case_1');
    form.end();
    expect(begun()).toEqual(BLANK);
  });
});

describe('who comes back', () => {
  test('finds open what the end of the session took away, once', async () => {
    const form = written();
    form.leave();
    signedIn = false;
    await left();
    signedIn = true;
    expect(forms().reopen('snooze/')).toBeNull();
    expect(forms().reopen('hand-over/')).toBe('case_1');
    expect(forms().reopen('hand-over/')).toBeNull();
    expect(begun().note).toBe('Calls back at nine');
  });

  test('finds closed what they closed, with what they typed', async () => {
    written().leave();
    await left();
    expect(forms().reopen('hand-over/')).toBeNull();
    expect(forms().elsewhere('/')).toBeNull();
    expect(begun().note).toBe('Calls back at nine');
  });

  test('is led to the page where something waits, unless it opens anywhere or is the beginning of a tag', () => {
    forms().form<{ name: string }>('new-case').keep({ name: 'Priya' });
    forms().form<{ text: string }>('tag-name/case_1').keep({ text: 'Compl' });
    expect(forms().elsewhere('/')).toBeNull();
    written();
    expect(forms().elsewhere('/cases/case_1')).toBeNull();
    expect(forms().elsewhere('/')).toBe('/cases/case_1');
    forms().dismiss();
    expect(forms().elsewhere('/')).toBeNull();
    expect(begun().note).toBe('Calls back at nine');
  });
});

test('of a case that is gone nothing stays, whoever wrote it', () => {
  written();
  forms().form<Note>('hand-over/case_11').keep({ to: '', note: 'of another case' });
  forms('op_other').form<Note>(NAME).keep({ to: '', note: 'a colleague’s' });
  forms().dropCase('case_1');
  expect([begun(), begun('op_other')]).toEqual([BLANK, BLANK]);
  expect(forms().form<Note>('hand-over/case_11').read()?.note).toBe('of another case');
});
