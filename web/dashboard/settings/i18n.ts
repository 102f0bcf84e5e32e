import { I18n } from '../../lib/i18n/i18n.svelte.ts';
import type english from './messages/en.ts';

/** The texts of settings. They come with settings; `part.ts` loads those of the language in use. */
export const settingsTexts = new I18n<typeof english>({
  en: () => import('./messages/en.ts'),
  de: () => import('./messages/de.ts'),
});

export const t = settingsTexts.t;

/** A key of the catalogue, for texts that are chosen by a table. */
export type Key = keyof typeof english;

/** Whether a key that was put together of a server's word has a text. */
export const known = (key: string): key is Key => settingsTexts.has(key);
