import { t } from '../i18n.ts';

/** Shortest and longest password, in code points, as the server counts. */
const CHARACTERS_MIN = 12;
const CHARACTERS_MAX = 128;
/** From one letter to the next, this often the next is no neighbour of the one before. */
const STEPS_MIN = 6;
/** From here on a password is called strong: long, and of many different letters. */
const STRONG_CHARACTERS = 16;
const STRONG_DIFFERENT = 8;

/** What is wrong with a new password; undefined when it may be tried. */
export function passwordFault(password: string): string | undefined {
  const length = [...password].length;
  if (length === 0) return t('field.required');
  if (length < CHARACTERS_MIN) return t('password.short', { count: CHARACTERS_MIN - length });
  if (length > CHARACTERS_MAX) return t('password.long');
  return undefined;
}

/** How hard a password of the right length is to guess, as far as can be said without a list. */
export function strengthOf(password: string): 'weak' | 'fair' | 'strong' {
  const letters = [...password.toLowerCase()];
  const steps = letters.slice(1).map((letter, index) => (letter.codePointAt(0) ?? 0) - (letters[index]?.codePointAt(0) ?? 0));
  // Rows such as 123456 or aaaaaa: the next letter tells nothing new.
  const told = steps.filter((step, index) => Math.abs(step) > 1 && step !== steps[index - 1]).length;
  const different = new Set(letters).size;
  if (different < 6 || told < STEPS_MIN) return 'weak';
  return letters.length >= STRONG_CHARACTERS && different >= STRONG_DIFFERENT ? 'strong' : 'fair';
}

/** What stands below the field while a password is being chosen. */
export function passwordHint(password: string): string {
  if (password === '') return t('password.hint');
  const fault = passwordFault(password);
  if (fault) return fault;
  const strength = strengthOf(password);
  return strength === 'weak' ? t('password.weak') : t(`password.${strength}`, { count: [...password].length });
}
