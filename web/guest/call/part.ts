/** The part of the guest's page that is loaded when there is a call. */

import './call.css';
import { callTexts, Ring } from '../../lib/call/index.ts';
import type { Language } from '../../lib/i18n/catalogue.ts';
import { words } from './i18n.ts';

export { default as Check } from './Check.svelte';
export { default as Scene } from './Scene.svelte';
export { Stage } from './stage.svelte.ts';
export { default as Thanks } from './Thanks.svelte';

export type Part = typeof import('./part.ts');

/** Speaks a language, once its texts are here. */
export async function speak(language: Language): Promise<void> {
  await Promise.all([callTexts.use(language), words.use(language)]);
}

/** Rings; gives back how to stop. */
export function ring(): () => void {
  const bell = new Ring();
  bell.start();
  return () => bell.stop();
}
