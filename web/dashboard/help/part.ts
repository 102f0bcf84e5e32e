import { i18n } from '../i18n.ts';
import { helpTexts } from './i18n.ts';

/** Loads the help with its words; each article follows when it is read. */
export async function loadHelp() {
  const [{ default: Help }] = await Promise.all([import('./Help.svelte'), helpTexts.use(i18n.language)]);
  return Help;
}
