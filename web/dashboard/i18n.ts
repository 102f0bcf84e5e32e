import { I18n } from '../lib/i18n/i18n.svelte.ts';
import type english from './messages/en.ts';

/** The dashboard's texts; only the language in use is loaded. */
export const i18n = new I18n<typeof english>({
  en: () => import('./messages/en.ts'),
  de: () => import('./messages/de.ts'),
});

export const t = i18n.t;

/** A key of the catalogue, for texts that are chosen by a table. */
export type Key = keyof typeof english;
