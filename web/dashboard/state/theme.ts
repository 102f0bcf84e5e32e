import type { Theme } from '../../lib/api/types.ts';
import { showBrand } from '../../lib/brand.ts';

/** The colours that one can choose. */
export const THEMES = ['system', 'light', 'dark'] as const satisfies readonly Theme[];

/** Under which name a browser remembers the colours, for the time before it is known who sits there. */
const REMEMBERED = 'deskside:theme';
/** The same for the organization's colour. */
const BRAND_REMEMBERED = 'deskside:brand';

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

/** Shows the organization's colour, and remembers it. */
export function takeBrand(color: string): void {
  showBrand(color);
  try {
    localStorage.setItem(BRAND_REMEMBERED, color);
  } catch {
    // As above.
  }
}

/** Shows the colours of the last visit. */
export function recallTheme(): void {
  try {
    const theme = localStorage.getItem(REMEMBERED);
    if (theme === 'light' || theme === 'dark') showTheme(theme);
    showBrand(localStorage.getItem(BRAND_REMEMBERED) ?? '');
  } catch {
    // As above.
  }
}
