import { I18n } from '../lib/i18n/i18n.svelte.ts';
import type english from './messages/en.ts';

/** The guest page's texts; only the language in use is loaded. */
export const i18n = new I18n<typeof english>({
  en: () => import('./messages/en.ts'),
  de: () => import('./messages/de.ts'),
});

export const t = i18n.t;
