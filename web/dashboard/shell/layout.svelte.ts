import { MediaQuery } from 'svelte/reactivity';

/** Under which name a browser remembers that its operator hid the case list. */
const REMEMBERED = 'deskside:list-hidden';

/** What stands beside what. The widths are those of the sheets in `styles/`. */
class Layout {
  /** Room for list, case and details at once. */
  readonly #wide = new MediaQuery('(min-width: 1280px)');
  /** Room for list and case; below, one column at a time. */
  readonly #middle = new MediaQuery('(min-width: 768px)');
  #hidden = $state(recall());

  get wide(): boolean {
    return this.#wide.current;
  }

  get phone(): boolean {
    return !this.#middle.current;
  }

  /** The list gave its room to the case; a rail stands for it. A phone has no rail. */
  get listHidden(): boolean {
    return this.#hidden && !this.phone;
  }

  hideList(): void {
    this.#hide(true);
  }

  showList(): void {
    this.#hide(false);
  }

  #hide(hidden: boolean): void {
    this.#hidden = hidden;
    try {
      if (hidden) localStorage.setItem(REMEMBERED, 'yes');
      else localStorage.removeItem(REMEMBERED);
    } catch {
      // Not remembered, but hidden until the page is closed.
    }
  }
}

function recall(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) !== null;
  } catch {
    return false;
  }
}

/** The one layout of the page. */
export const layout = new Layout();
