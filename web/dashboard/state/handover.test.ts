import { expect, test } from 'vitest';
import { HandOver, NOTE_CHARACTERS_MAX } from './handover.svelte.ts';

test('a case is handed over to somebody, with a note that fits', () => {
  const form = new HandOver();
  expect(form.check()).toBe(false);
  expect(form.missing).toBe(true);
  form.to = 'op_ifeoma';
  expect(form.check()).toBe(true);
  // One code point each, though two units of a string.
  form.note = ` ${'📦'.repeat(NOTE_CHARACTERS_MAX)} `;
  expect(form.check()).toBe(true);
  form.note = 'x'.repeat(NOTE_CHARACTERS_MAX + 2);
  expect(form.over).toBe(2);
  expect(form.check()).toBe(false);
});

test('a note that was begun before is gone on with', () => {
  const form = new HandOver({ to: 'op_ifeoma', note: 'She calls back at', stay: true });
  expect(form.values).toEqual({ to: 'op_ifeoma', note: 'She calls back at', stay: true });
  form.to = null;
  expect(form.values.to).toBe('');
});
