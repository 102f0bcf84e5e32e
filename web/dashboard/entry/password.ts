import { t } from '../i18n.ts';

/** Shortest and longest password, in code points, as the server counts. */
const CHARACTERS_MIN = 12;
const CHARACTERS_MAX = 128;

/** What is wrong with a new password; undefined when it may be tried. */
export function passwordFault(password: string): string | undefined {
  const length = [...password].length;
  if (length === 0) return t('field.required');
  if (length < CHARACTERS_MIN) return t('password.short', { count: CHARACTERS_MIN - length });
  if (length > CHARACTERS_MAX) return t('password.long');
  return undefined;
}

/** What stands below the field while a password is being chosen. */
export function passwordHint(password: string): string {
  if (password === '') return t('password.hint');
  return passwordFault(password) ?? t('password.good', { count: [...password].length });
}
