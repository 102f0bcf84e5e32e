import { I18n } from '../../lib/i18n/i18n.svelte.ts';
import type english from './messages/en.ts';

/** The texts around the help's articles; loaded with the help. */
export const helpTexts = new I18n<typeof english>({
  en: () => import('./messages/en.ts'),
  de: () => import('./messages/de.ts'),
});

export const t = helpTexts.t;
