import { tick } from 'svelte';
import { placeBeside } from './place.ts';

/** Something that opens beside a button and holds controls of its own: a searchable list, a small form. */
export class PopupState {
  open = $state(false);
  left = $state(0);
  top = $state(0);
  button: HTMLElement | undefined = $state();
  popup: HTMLElement | undefined = $state();

  /** Opens it, and gives the focus to its first field or control. */
  async show(): Promise<void> {
    if (this.open) return;
    this.popup?.showPopover();
    this.open = true;
    await tick();
    this.place();
    this.popup?.querySelector<HTMLElement>('[data-first], input, select, textarea, button')?.focus({ preventScroll: true });
  }

  /** Closes it; the focus goes back to the button if it was inside. */
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

  /** After its size has changed. */
  place(): void {
    if (!this.button || !this.popup || !this.open) return;
    ({ left: this.left, top: this.top } = placeBeside(this.button, this.popup));
  }

  /** The browser closed it: a click elsewhere, another popup. */
  readonly toggled = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
  };

  /** Keys in a popup are its own: no shortcut and no dialog behind it may hear them. */
  readonly key = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    this.close();
  };
}

/** Where the arrows lead in a list of `count`, from the active one; null when the key is none of theirs. */
export function stepInList(key: string, active: number, count: number): number | null {
  if (count === 0) return null;
  switch (key) {
    case 'ArrowDown':
      return (active + 1) % count;
    case 'ArrowUp':
      return active <= 0 ? count - 1 : active - 1;
    case 'PageDown':
      return Math.min(count - 1, active + 8);
    case 'PageUp':
      return Math.max(0, active - 8);
    default:
      return null;
  }
}
