import { i18n } from '../i18n.ts';
import { settingsTexts } from './i18n.ts';

/** Loads settings with their words; the first script of the dashboard has neither. */
export async function loadSettings() {
  const [{ default: Settings }] = await Promise.all([import('./Settings.svelte'), settingsTexts.use(i18n.language)]);
  return Settings;
}
