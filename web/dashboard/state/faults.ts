import { Problem } from '../../lib/api/client.ts';
import { fieldText } from '../../lib/i18n/problem-text.ts';
import { i18n, t } from '../i18n.ts';

/** What stands below a refused field: how to put it right, as closely as we know it; undefined when it is fine. */
export function faultOf(error: unknown, field: string): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  const code = error.fields.find((problem) => problem.field === field)?.code;
  if (code === 'invalid' && field.endsWith('email')) return t('signin.email_invalid');
  if (code === 'too_short' && (field === 'password' || field === 'new')) return t('password.hint');
  if (code === 'too_long' && (field === 'password' || field === 'new')) return t('password.long');
  return fieldText(i18n, error, field);
}
