import { I18n } from '../../lib/i18n/i18n.svelte.ts';
import type english from './messages/en.ts';

/** The texts of the way back to a forgotten password; loaded with it. */
export const resetTexts = new I18n<typeof english>({
  en: () => import('./messages/en.ts'),
  de: () => import('./messages/de.ts'),
});

export const t = resetTexts.t;
