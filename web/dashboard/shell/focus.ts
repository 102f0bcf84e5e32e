import { tick } from 'svelte';

/** Where one goes on; the shell says it. */
let ahead: (() => void) | null = null;

/** Says where the focus goes on, until the function it gives back is called. */
export function leadOn(go: () => void): () => void {
  ahead = go;
  return () => {
    if (ahead === go) ahead = null;
  };
}

/** After an act: where what had the focus is gone, it goes on to the next case, or to what is open. */
export async function goOn(): Promise<void> {
  await tick();
  if (document.activeElement === document.body) ahead?.();
}
