import { expect, test } from 'vitest';
import { ahead } from './keys.svelte.ts';

test('what is typed for a dialog that is on its way waits for it, and for nothing else', () => {
  expect(ahead.keep('e')).toBe(false);
  const came = ahead.expect();
  expect(ahead.keep('h')).toBe(true);
  expect(ahead.keep('e')).toBe(true);
  expect(ahead.take()).toBe('he');
  expect(ahead.take()).toBe('');
  came();
  expect(ahead.keep('e')).toBe(false);
});

test('what a dialog that never came was to be told is forgotten', () => {
  const gone = ahead.expect();
  ahead.keep('x');
  gone();
  const came = ahead.expect();
  expect(ahead.take()).toBe('');
  came();
});
