import { afterEach, expect, test, vi } from 'vitest';
import type { CustomField } from '../../lib/api/types.ts';
import { i18n } from '../i18n.ts';
import { customWords } from './custom-words.ts';

const options = [
  { id: 'applied', label: 'Applied for', retired: false },
  { id: 'later', label: 'Perhaps later', retired: true },
];
const field = (kind: CustomField['kind']) => ({ kind, options });

afterEach(() => vi.unstubAllGlobals());

test('a value is told in words, whatever the server keeps of it', async () => {
  vi.stubGlobal('navigator', { languages: ['en-GB'] });
  vi.stubGlobal('document', { documentElement: {} });
  await i18n.use('en');
  expect(customWords(field('choice'), 'applied')).toBe('Applied for');
  expect(customWords(field('choices'), 'applied,later')).toMatch(/^Applied for, Perhaps later .+$/);
  expect(customWords(field('choice'), 'unheard_of')).toBe('unheard_of');
  expect(customWords(field('checkbox'), 'true')).toBe('Yes');
  expect(customWords(field('date'), '2027-03-31')).toContain('2027');
  expect(customWords(field('date'), 'soon')).toBe('soon');
  expect(customWords(field('number'), '1234.5')).toBe('1234.5');
  expect(customWords(field('text'), 'as it is')).toBe('as it is');
  expect(customWords(field('checkbox'), '')).toBe('');
});
