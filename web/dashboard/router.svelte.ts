import { keepsQuery, match } from './routes.ts';

export { paths, type SettingsSection } from './routes.ts';

interface Step {
  /** The path before this one, if it was ours. */
  from?: string;
}

/** The address bar as a rune. Links are ordinary anchors, so that "open in a new tab" works everywhere. */
export class Router {
  path = $state(location.pathname);
  /** What stands behind the path, with its question mark: which cases the list shows. */
  query = $state(location.search);
  readonly route = $derived(match(this.path));
  /** The case in the address, null where none is. */
  readonly caseId = $derived(this.route.name === 'case' ? this.route.id : null);
  /** The query of the desk, kept while another page is open. */
  #desk = $state(keepsQuery(location.pathname) ? location.search : '');

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#clicked(event));
  }

  /** The whole address of a path: on the desk, the list goes on showing what it shows. */
  href(path: string): string {
    return keepsQuery(path) ? path + this.#desk : path;
  }

  /** Opens an address; `replace` leaves no trace of the one before. */
  go(address: string, { replace = false }: { replace?: boolean } = {}): void {
    const { pathname: path, search } = new URL(address, location.origin);
    this.#open(path, search === '' && keepsQuery(path) ? this.#desk : search, replace);
  }

  /** Shows other cases beside what is open. */
  look(query: string, { replace = false }: { replace?: boolean } = {}): void {
    if (keepsQuery(this.path)) this.#open(this.path, query, replace);
    else this.#desk = query;
  }

  /** Up to an address: by the browser's own back where that leads there, so that the history does not grow. */
  back(path: string): void {
    const { from } = (history.state ?? {}) as Step;
    if (from === path) history.back();
    else this.go(path, { replace: true });
  }

  #open(path: string, query: string, replace: boolean): void {
    if (path === this.path && query === this.query) return;
    if (replace) history.replaceState(history.state, '', path + query);
    else history.pushState({ from: this.path } satisfies Step, '', path + query);
    this.#read();
  }

  #read(): void {
    this.path = location.pathname;
    this.query = location.search;
    if (keepsQuery(this.path)) this.#desk = this.query;
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
    else this.go(url.pathname + url.search);
  }
}

/** The one router of the page. */
export const router = new Router();
