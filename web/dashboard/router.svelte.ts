/** Where the dashboard stands: the address says what is open, and nothing else does. */

export const SETTINGS_SECTIONS = ['profile', 'team', 'organization'] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];

export type Route =
  | { name: 'home' }
  /** `details` is the third column where there is no room for three. */
  | { name: 'case'; id: string; details: boolean }
  | { name: 'signIn' }
  | { name: 'setup'; token: string }
  | { name: 'invite'; token: string }
  /** Without a section: the menu of settings on a phone, the profile elsewhere. */
  | { name: 'settings'; section: SettingsSection | null }
  | { name: 'unknown' };

/** The addresses of the dashboard. */
export const paths = {
  home: '/',
  signIn: '/sign-in',
  case: (id: string) => `/cases/${id}`,
  details: (id: string) => `/cases/${id}/details`,
  settings: (section?: SettingsSection) => (section ? `/settings/${section}` : '/settings'),
} as const;

/** What an address asks for. */
export function match(path: string): Route {
  const [first, second, third, ...more] = path.split('/').filter(Boolean);
  if (more.length > 0) return { name: 'unknown' };
  if (first === undefined) return { name: 'home' };
  if (first === 'cases' && second !== undefined && /^case_[0-9a-z]+$/.test(second)) {
    return third === undefined || third === 'details' ? { name: 'case', id: second, details: third === 'details' } : { name: 'unknown' };
  }
  if (third !== undefined) return { name: 'unknown' };
  if (first === 'sign-in' && second === undefined) return { name: 'signIn' };
  if (first === 'setup' && second !== undefined) return { name: 'setup', token: second };
  if (first === 'invite' && second !== undefined) return { name: 'invite', token: second };
  if (first === 'settings') {
    if (second === undefined) return { name: 'settings', section: null };
    const section = SETTINGS_SECTIONS.find((known) => known === second);
    if (section) return { name: 'settings', section };
  }
  return { name: 'unknown' };
}

interface Step {
  /** The address before this one, if it was ours. */
  from?: string;
}

/** The address bar as a rune. Links are ordinary anchors, so that "open in a new tab" works everywhere. */
export class Router {
  path = $state(location.pathname);
  readonly route = $derived(match(this.path));
  /** The case in the address, null where none is. */
  readonly caseId = $derived(this.route.name === 'case' ? this.route.id : null);

  constructor() {
    addEventListener('popstate', () => (this.path = location.pathname));
    document.addEventListener('click', (event) => this.#clicked(event));
  }

  /** Opens an address; `replace` leaves no trace of the one before. */
  go(path: string, { replace = false }: { replace?: boolean } = {}): void {
    if (path === this.path) return;
    if (replace) history.replaceState(history.state, '', path);
    else history.pushState({ from: this.path } satisfies Step, '', path);
    this.path = path;
  }

  /** Up to an address: by the browser's own back where that leads there, so that the history does not grow. */
  back(path: string): void {
    const { from } = (history.state ?? {}) as Step;
    if (from === path) history.back();
    else this.go(path, { replace: true });
  }

  /** Plain clicks on links into the dashboard stay in the page; `data-back` marks those that lead up. */
  #clicked(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link?.href || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || url.hash || match(url.pathname).name === 'unknown') return;
    event.preventDefault();
    if (link.dataset.back !== undefined) this.back(url.pathname);
    else this.go(url.pathname);
  }
}

/** The one router of the page. */
export const router = new Router();
