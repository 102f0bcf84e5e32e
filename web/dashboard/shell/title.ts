import { t } from '../i18n.ts';

/** The tab's title: what is open, and how much of all cases is unread. */
export function titleOf(page: string | null, unread: number): string {
  const title = page ? t('app.title', { page }) : t('app.name');
  return unread > 0 ? t('app.title_unread', { count: unread, title }) : title;
}
