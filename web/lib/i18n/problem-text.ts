import { Offline, Problem } from '../api/client.ts';
import type { FieldProblem } from '../api/types.ts';
import type { I18n } from './i18n.svelte.ts';
import type problems from './problems/en.ts';

/** A catalogue that holds the shared problem texts beside its own. */
type WithProblems = I18n<typeof problems>;

/** What an error says to people: our own words for its code, else the server's. */
export function problemText(i18n: Pick<WithProblems, 't' | 'has'>, error: unknown): string {
  if (error instanceof Offline) return i18n.t('problem.offline');
  if (!(error instanceof Problem)) return i18n.t('problem.internal');
  if (error.code === 'too_many_attempts') return i18n.t('problem.too_many_attempts', { count: error.retryAfterS ?? 60 });
  if (error.code === 'merge_drafts_too_long') return i18n.t('problem.merge_drafts_too_long', { name: error.body.drafts_of?.name ?? '' });
  const key = `problem.${error.code}`;
  if (i18n.has(key)) return i18n.t(key as 'problem.internal');
  return error.detail || i18n.t('problem.internal');
}

/** What stands below a field that was refused; undefined when it is fine. */
export function fieldText(i18n: Pick<WithProblems, 't' | 'has'>, error: unknown, field: string): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  const found: FieldProblem | undefined = error.fields.find((problem) => problem.field === field);
  if (!found) return undefined;
  const key = `field.${found.code}`;
  return i18n.has(key) ? i18n.t(key as 'field.required') : found.detail;
}
