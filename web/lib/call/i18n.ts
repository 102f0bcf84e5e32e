import { I18n } from '../i18n/i18n.svelte.ts';
import type english from './messages/en.ts';

/** The call's own texts. They come with the call; the page gives the language by `callTexts.use(language)` before it shows any of it. */
export const callTexts = new I18n<typeof english>({
  en: () => import('./messages/en.ts'),
  de: () => import('./messages/de.ts'),
});

export const t = callTexts.t;

/** A key of the catalogue, for texts that are chosen by a table. */
export type Key = keyof typeof english;
