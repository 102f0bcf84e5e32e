import type { Theme } from '../../lib/api/types.ts';

/** Under which name a browser remembers the colours, for the time before it is known who sits there. */
const REMEMBERED = 'deskside:theme';

/** Colours the page; `system` leaves the choice to the browser. */
export function showTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme;
}

export function keepTheme(theme: Theme): void {
  try {
    localStorage.setItem(REMEMBERED, theme);
  } catch {
    // A browser that keeps nothing shows its own colours until the server has answered.
  }
}

/** Shows the colours of the last visit. */
export function recallTheme(): void {
  try {
    const theme = localStorage.getItem(REMEMBERED);
    if (theme === 'light' || theme === 'dark') showTheme(theme);
  } catch {
    // As above.
  }
}
