import { tick } from 'svelte';

/** Brings the editor into view where it stands below its list; beside it, nothing moves. */
export async function reveal(editor: HTMLElement | undefined): Promise<void> {
  await tick();
  const { top } = editor?.getBoundingClientRect() ?? { top: 0 };
  if (top < 0 || top > innerHeight / 2) editor?.scrollIntoView({ block: 'start' });
}
