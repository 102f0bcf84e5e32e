/**
 * Phone numbers as people write them, as far as the page needs to know them. The server decides what a
 * number is and how its country groups it; here it is split and helped along.
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

/** Countries whose numbers keep their first zero behind the calling code. */
const KEEPS_ZERO = new Set(['IT', 'SM', 'VA']);

/** What stands behind the first `count` digits of a text, in the groups in which it stands there. */
function behind(text: string, count: number): string {
  let at = 0;
  for (let met = 0; met < count && at < text.length; at++) if (/\d/.test(text.charAt(at))) met++;
  return text.slice(at).replace(/^[^\d(]+/, '');
}

/** The number in another country: its calling code takes the place of the one there was, or of the first zero. */
export function withCountry(text: string, country: Country): string {
  const trimmed = text.trim();
  const digits = international(trimmed);
  let rest = '';
  if (digits !== null) {
    const old = countryOfDigits(digits)?.code ?? '';
    rest = behind(trimmed, old.length + (trimmed.startsWith('+') ? 0 : 2));
  } else if (SIGNS.test(trimmed)) {
    const national = trimmed.replace(/[()]/g, '');
    rest = behind(national, national.startsWith('0') && !KEEPS_ZERO.has(country.iso) ? 1 : 0);
  }
  return `+${country.code} ${rest}`;
}
