/**
 * Phone numbers as people write them, as far as the page needs to know them. The server decides what a
 * number is; here it is split, helped along and written so that it can be read.
 */

import { codeOfDigits, countryOfDigits, type Country } from './countries.ts';

/** The longest number there can be, with its calling code (E.164). */
const DIGITS_MAX = 15;
/** Shorter ones than this, without the calling code, belong to almost nobody. */
const USUAL_MIN = 5;
/** The fewest digits behind a calling code that the server takes. */
const NATIONAL_MIN = 2;

/**
 * What keeps a number from being one: no country code, one that nobody has, nothing behind it, too
 * many digits, or signs that no number has.
 */
export type PhoneFault = 'code_missing' | 'code_unknown' | 'number_missing' | 'too_long' | 'not_a_number';

/** What may stand in a number beside its digits. */
const SIGNS = /^[\d\s()./\-\u2010-\u2015\u00a0\u2007\u202f]*$/;

/** The digits behind "+" or "00"; null when it begins with neither. */
export function international(text: string): string | null {
  const trimmed = text.trim();
  const rest = trimmed.startsWith('+') ? trimmed.slice(1) : /^00(?!0)/.test(trimmed.replace(/\s/g, '')) ? trimmed.replace(/^\s*0\s*0/, '') : null;
  if (rest === null || !SIGNS.test(rest)) return null;
  return rest.replace(/\D/g, '');
}

/** The country a number belongs to, as soon as its first digits say so. */
export function countryOfNumber(text: string): Country | undefined {
  const digits = international(text);
  return digits ? countryOfDigits(digits) : undefined;
}

/** What is wrong with a number before anybody is asked; null when nothing is, also for none. */
export function phoneFault(text: string): PhoneFault | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (!SIGNS.test(trimmed.replace(/^\+/, ''))) return 'not_a_number';
  const digits = international(trimmed);
  if (digits === null) return 'code_missing';
  const code = codeOfDigits(digits);
  if (code === undefined) return digits.length < 3 ? 'number_missing' : 'code_unknown';
  if (digits.length - code.length < NATIONAL_MIN) return 'number_missing';
  return digits.length > DIGITS_MAX + 2 ? 'too_long' : null;
}

/** Whether a number that can be one is unlikely by its length alone; the server knows the others. */
export function unlikely(text: string): boolean {
  if (text.trim() === '' || phoneFault(text)) return false;
  const digits = international(text) ?? '';
  const national = digits.length - (codeOfDigits(digits)?.length ?? 0);
  return national < USUAL_MIN || digits.length > DIGITS_MAX;
}

/** Lengths of the groups behind a calling code where people group in a way of their own; the last takes the rest. */
const GROUPS: Readonly<Record<string, readonly number[]>> = {
  '1': [3, 3, 4],
  '30': [3, 3, 4],
  '31': [1, 8],
  '32': [3, 2, 2, 2],
  '33': [1, 2, 2, 2, 2],
  '34': [3, 3, 3],
  '39': [3, 7],
  '41': [2, 3, 2, 2],
  '43': [3, 8],
  '44': [4, 6],
  '45': [2, 2, 2, 2],
  '46': [2, 3, 2, 2],
  '47': [3, 2, 3],
  '48': [3, 3, 3],
  '49': [3, 8],
  '352': [3, 3, 3],
  '353': [2, 3, 4],
  '358': [2, 3, 4],
  '420': [3, 3, 3],
  '421': [3, 3, 3],
};

/** Cuts digits into groups; without a rule into threes, and no digit stands alone at the end. */
function grouped(digits: string, code: string): string {
  const lengths = GROUPS[code];
  const groups: string[] = [];
  let rest = digits;
  if (lengths) {
    for (const length of lengths.slice(0, -1)) {
      groups.push(rest.slice(0, length));
      rest = rest.slice(length);
    }
  } else {
    while (rest.length > 4) {
      groups.push(rest.slice(0, 3));
      rest = rest.slice(3);
    }
  }
  return [...groups, rest].filter(Boolean).join(' ');
}

/** A stored number, `+491701234567`, as people read it: `+49 170 1234567`. Anything else stays as it is. */
export function formatPhone(text: string): string {
  if (!/^\+\d+$/.test(text)) return text;
  const digits = text.slice(1);
  const code = codeOfDigits(digits);
  if (code === undefined || digits.length === code.length) return text;
  return `+${code} ${grouped(digits.slice(code.length), code)}`;
}

/** Countries whose numbers keep their first zero behind the calling code. */
const KEEPS_ZERO = new Set(['IT', 'SM', 'VA']);

/** The number in another country: its calling code takes the place of the one there was, or of the first zero. */
export function withCountry(text: string, country: Country): string {
  const plus = `+${country.code}`;
  const digits = international(text);
  if (digits !== null) {
    const old = countryOfDigits(digits)?.code ?? codeOfDigits(digits) ?? '';
    const rest = digits.startsWith(old) ? digits.slice(old.length) : digits;
    return rest === '' ? `${plus} ` : formatPhone(plus + rest);
  }
  const national = SIGNS.test(text.trim()) ? text.replace(/\D/g, '') : '';
  if (national === '') return `${plus} `;
  return formatPhone(plus + (KEEPS_ZERO.has(country.iso) ? national : national.replace(/^0/, '')));
}
