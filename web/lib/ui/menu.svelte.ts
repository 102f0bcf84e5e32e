import { createContext, tick } from 'svelte';
import { placeBeside } from './place.ts';

/** Letters typed within this time look for one word. */
const TYPEAHEAD_MS = 600;

const ITEMS = '[role^="menuitem"]:not([aria-disabled="true"])';

/** What an item needs to know of the menu it stands in. */
export interface MenuHandle {
  close(): void;
}

export const [getMenu, setMenu] = createContext<MenuHandle>();

/** A button's popup: where it opens, and how the keyboard walks through it. */
export class MenuState implements MenuHandle {
  open = $state(false);
  left = $state(0);
  top = $state(0);
  button: HTMLElement | undefined = $state();
  popup: HTMLElement | undefined = $state();
  #typed = '';
  #typedAt = 0;

  /** Opens, with the focus on the first or the last item; in a menu that is one choice, on what is chosen. */
  async show(end: 'first' | 'last' = 'first'): Promise<void> {
    if (this.open) return;
    this.popup?.showPopover();
    this.open = true;
    await tick();
    this.#place();
    const items = this.#items();
    const choice = items[0]?.hasAttribute('aria-checked');
    const chosen = choice ? items.find((item) => item.getAttribute('aria-checked') === 'true') : undefined;
    (chosen ?? items.at(end === 'first' ? 0 : -1))?.focus({ preventScroll: true });
  }

  /** Closes and gives the focus back to the button. */
  close(): void {
    if (!this.open) return;
    const inside = this.popup?.contains(document.activeElement);
    this.popup?.hidePopover();
    this.open = false;
    if (inside) this.button?.focus({ preventScroll: true });
  }

  toggle(): void {
    if (this.open) this.close();
    else void this.show();
  }

  /** The browser closed it: a click elsewhere, another popup. */
  readonly toggled = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
  };

  readonly buttonKey = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    void this.show(event.key === 'ArrowDown' ? 'first' : 'last');
  };

  readonly menuKey = (event: KeyboardEvent): void => {
    // Keys in a menu are the menu's: no shortcut behind it may hear them.
    event.stopPropagation();
    if (event.key === 'Escape') {
      event.preventDefault();
      this.close();
      return;
    }
    if (event.key === 'Tab') {
      this.close();
      return;
    }
    const items = this.#items();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const goal = this.#goal(event, items, at);
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  };

  #goal(event: KeyboardEvent, items: HTMLElement[], at: number): HTMLElement | undefined {
    switch (event.key) {
      case 'ArrowDown':
        return items[(at + 1) % items.length];
      case 'ArrowUp':
        return items.at(at <= 0 ? -1 : at - 1);
      case 'Home':
        return items[0];
      case 'End':
        return items.at(-1);
      default:
        return event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey
          ? this.#find(event.key, items, at)
          : undefined;
    }
  }

  /** The next item that begins with what is being typed. */
  #find(letter: string, items: HTMLElement[], at: number): HTMLElement | undefined {
    const now = Date.now();
    this.#typed = now - this.#typedAt < TYPEAHEAD_MS ? this.#typed + letter : letter;
    this.#typedAt = now;
    const wanted = this.#typed.toLocaleLowerCase();
    // One letter goes on to the next match, several stay where they already fit.
    const from = wanted.length === 1 ? at + 1 : Math.max(at, 0);
    const order = [...items.slice(from), ...items.slice(0, from)];
    return order.find((item) => item.textContent?.trim().toLocaleLowerCase().startsWith(wanted));
  }

  #items(): HTMLElement[] {
    return [...(this.popup?.querySelectorAll<HTMLElement>(ITEMS) ?? [])];
  }

  #place(): void {
    if (this.button && this.popup) ({ left: this.left, top: this.top } = placeBeside(this.button, this.popup));
  }
}
