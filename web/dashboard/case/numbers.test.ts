import { expect, test } from 'vitest';
import { decimalOf, shownNumber } from './numbers.ts';

test.each([
  ['1234.5', 'en', '1234.5'],
  ['1,234.5', 'en', '1234.5'],
  ['1,5', 'en', '1.5'],
  ['1234,5', 'de', '1234.5'],
  ['1.234,5', 'de', '1234.5'],
  ['1.234', 'de', '1234'],
  ['1.5', 'de', '1.5'],
  ['1 234,5', 'de', '1234.5'],
  ['1’234.5', 'de-CH', '1234.5'],
  ['−3', 'en', '-3'],
  ['.5', 'en', '0.5'],
  ['7.', 'en', '7'],
  ['', 'en', null],
  ['about 5', 'en', null],
  ['1.2.3', 'en', null],
])('%j in %s is %j', (text, locale, value) => {
  expect(decimalOf(text, locale)).toBe(value);
});

test('a kept number is shown with the sign of the locale, a year without groups', () => {
  expect(shownNumber('1234.5', 'de')).toBe('1234,5');
  expect(shownNumber('1234.5', 'en')).toBe('1234.5');
  expect(shownNumber('1968', 'de')).toBe('1968');
  expect(shownNumber('about 5', 'de')).toBe('about 5');
});
