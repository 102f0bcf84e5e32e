import { I18n } from '../../lib/i18n/i18n.svelte.ts';
import type english from './messages/en.ts';

/** What the question for the location says; it comes with the question. */
export const words = new I18n<typeof english>({
  en: () => import('./messages/en.ts'),
  de: () => import('./messages/de.ts'),
});

export const w = words.t;
