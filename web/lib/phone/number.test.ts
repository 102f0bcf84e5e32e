import { describe, expect, test } from 'vitest';
import { codeOfDigits, COUNTRIES, countryOf, countryOfDigits, findCountries, namedCountries } from './countries.ts';
import { countryOfNumber, international, phoneFault, unlikely, withCountry } from './number.ts';

const country = (iso: string) => {
  const found = countryOf(iso);
  if (!found) throw new Error(iso);
  return found;
};

describe('countries', () => {
  test('are each named once, with a code of digits', () => {
    expect(new Set(COUNTRIES.map(({ iso }) => iso)).size).toBe(COUNTRIES.length);
    for (const { iso, code } of COUNTRIES) {
      expect(iso).toMatch(/^[A-Z]{2}$/);
      expect(code).toMatch(/^[1-9]\d{0,3}$/);
    }
    for (const { iso, name } of namedCountries('de')) expect(name, iso).not.toBe(iso);
  });

  test.each([
    ['Germany', 'en', 'DE'],
    ['Deutschland', 'en', 'DE'],
    ['germ', 'de', 'DE'],
    ['österr', 'de', 'AT'],
    ['osterr', 'de', 'AT'],
    ['GB', 'en', 'GB'],
    ['+49', 'en', 'DE'],
    ['0041', 'de', 'CH'],
    ['kingdom', 'en', 'GB'],
  ])('%s, read in %s, finds %s first', (query, locale, iso) => {
    expect(findCountries(query, locale)[0]?.iso).toBe(iso);
  });

  test('nothing is found for what no country is called', () => {
    expect(findCountries('qqq', 'en')).toEqual([]);
    expect(findCountries(' ', 'en')).toHaveLength(COUNTRIES.length);
  });

  test.each([
    ['49170', 'DE', '49'],
    ['1212', 'US', '1'],
    ['14165550100', 'CA', '1'],
    ['12425550100', 'BS', '1'],
    ['77012345678', 'KZ', '7'],
    ['79161234567', 'RU', '7'],
    ['4415347', 'JE', '44'],
    ['447700', 'GB', '44'],
  ])('+%s is in %s', (digits, iso, code) => {
    expect(countryOfDigits(digits)?.iso).toBe(iso);
    expect(codeOfDigits(digits)).toBe(code);
  });

  test('a code that nobody has is nobody’s', () => {
    expect(countryOfDigits('9990')).toBeUndefined();
    expect(countryOfDigits('')).toBeUndefined();
  });
});

describe('a number', () => {
  test.each([
    ['', null],
    ['  ', null],
    ['+49 9999 999', null],
    ['+49 (0)170 1234567', null],
    ['0049 170 1234567', null],
    ['00 49 170 1234567', null],
    ['0170 1234567', 'code_missing'],
    ['9999 999', 'code_missing'],
    ['+', 'number_missing'],
    ['+49', 'number_missing'],
    ['+49 1', 'number_missing'],
    ['+999 123456', 'code_unknown'],
    ['call me', 'not_a_number'],
    ['+49 170 ABC', 'not_a_number'],
    ['+49 12345678901234567', 'too_long'],
  ])('%j: %s', (text, fault) => {
    expect(phoneFault(text)).toBe(fault);
  });

  test('is unlikely when it is shorter or longer than numbers are', () => {
    expect(unlikely('+49 123')).toBe(true);
    expect(unlikely('+49 170 12345678901')).toBe(true);
    expect(unlikely('+49 170 1234567')).toBe(false);
    expect(unlikely('')).toBe(false);
    expect(unlikely('nonsense')).toBe(false);
  });

  test('says its country from its first digits on', () => {
    expect(countryOfNumber('+4')).toBeUndefined();
    expect(countryOfNumber('+49')?.iso).toBe('DE');
    expect(countryOfNumber('00 44 20')?.iso).toBe('GB');
    expect(countryOfNumber('0170')).toBeUndefined();
    expect(international('0170')).toBeNull();
  });

  test('takes the code of the country that is chosen', () => {
    expect(withCountry('', country('DE'))).toBe('+49 ');
    expect(withCountry('+', country('DE'))).toBe('+49 ');
    expect(withCountry('0170 1234567', country('DE'))).toBe('+49 170 1234567');
    expect(withCountry('06 1234567', country('IT'))).toBe('+39 06 1234567');
    expect(withCountry('+41 79 123 45 67', country('DE'))).toBe('+49 79 123 45 67');
    expect(withCountry('(0170) 12 34', country('DE'))).toBe('+49 170 12 34');
    expect(withCountry('00 41 79 123', country('DE'))).toBe('+49 79 123');
    expect(withCountry('+41791234567', country('DE'))).toBe('+49 791234567');
    expect(withCountry('+44 (0)20 7946', country('IE'))).toBe('+353 (0)20 7946');
    expect(withCountry('+49 ', country('AT'))).toBe('+43 ');
    expect(withCountry('+1 242 5550100', country('GB'))).toBe('+44 5550100');
    expect(withCountry('nonsense', country('DE'))).toBe('+49 ');
  });
});
