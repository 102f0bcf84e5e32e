import { match } from './routes.ts';

export { paths, type SettingsSection } from './routes.ts';

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
