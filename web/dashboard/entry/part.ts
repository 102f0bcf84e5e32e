import { i18n } from '../i18n.ts';
import { resetTexts } from './i18n.ts';

/** Loads the way back to a forgotten password with its words; most people never need it. */
export async function loadReset() {
  const [{ default: Reset }] = await Promise.all([import('./Reset.svelte'), resetTexts.use(i18n.language)]);
  return Reset;
}
