import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

/** Rows drawn beyond each edge, so that scrolling meets no emptiness. */
const BEYOND = 8;
/** What a row measures until one is seen. */
const ROW_PX = 54;

/**
 * Which rows of a long list are drawn: those in view and a few beyond. All
 * rows have one height, which is taken from a drawn one. The list stands in a
 * scroller, below other things whose height may change.
 */
export class RowWindow {
  /** Height of one row in pixels. */
  height = $state(ROW_PX);
  /** First and last row to draw. */
  first = $state(0);
  last = $state(3 * BEYOND);
  #scroller: HTMLElement | null = null;
  #list: HTMLElement | null = null;
  /** The view as it was last looked at, so that what is at its top stays when rows come and go above it. */
  #seen: { ids: readonly string[]; from: number; scrollTop: number } | null = null;
  readonly #ids: () => readonly string[];

  constructor(ids: () => readonly string[]) {
    this.#ids = ids;
  }

  /** Goes on the element that scrolls. */
  readonly scroller: Attachment<HTMLElement> = (element) => {
    this.#scroller = element;
    const look = () => this.#look();
    element.addEventListener('scroll', look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      sizes.disconnect();
      this.#scroller = null;
    };
  };

  /** Goes on the list. */
  readonly list: Attachment<HTMLElement> = (element) => {
    this.#list = element;
    // What it looks at changes all the time; the list is attached once.
    untrack(() => this.#look());
    return () => {
      this.#list = null;
      this.#seen = null;
    };
  };

  /** Goes on each row: whichever is drawn tells the height. */
  readonly row: Attachment<HTMLElement> = (element) => {
    const sizes = new ResizeObserver(() => {
      const height = element.offsetHeight;
      if (height > 0 && height !== this.height) {
        this.height = height;
        this.#look();
      }
    });
    sizes.observe(element);
    return () => sizes.disconnect();
  };

  /** The rows changed: what was at the top of the view stays there. */
  settle(): void {
    const scroller = this.#scroller;
    const from = this.#from();
    if (scroller && this.#seen && from > 0) {
      const before = this.#seen.from + this.#unseenScrolling();
      const top = this.#rowAt(before);
      const id = this.#seen.ids[top];
      const at = id === undefined ? -1 : this.#ids().indexOf(id);
      const shift = at < 0 ? 0 : (at - top) * this.height + before - from;
      if (shift !== 0) scroller.scrollTop += shift;
    }
    this.#look();
  }

  /** Scrolls as little as it takes to show a row. */
  reveal(at: number): void {
    const scroller = this.#scroller;
    if (!scroller || !this.#list || at < 0) return;
    const from = this.#from();
    const above = at * this.height - from;
    const below = (at + 1) * this.height - from - scroller.clientHeight;
    if (above < 0) scroller.scrollTop += above;
    else if (below > 0) scroller.scrollTop += below;
    this.#look();
  }

  /** Where in the list the view begins; below zero while something stands above it. */
  #from(): number {
    if (!this.#scroller || !this.#list) return 0;
    return this.#scroller.getBoundingClientRect().top - this.#list.getBoundingClientRect().top;
  }

  /** How far the reader scrolled since the last look: the event of it comes later, and often after other changes. */
  #unseenScrolling(): number {
    if (!this.#scroller || !this.#seen) return 0;
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const moved = scrollTop - this.#seen.scrollTop;
    // A list that became shorter moved its end up, not the reader.
    const cut = moved < 0 && scrollTop >= scrollHeight - clientHeight - 1;
    return cut ? 0 : moved;
  }

  #rowAt(from: number): number {
    return Math.max(0, Math.floor(from / this.height));
  }

  #look(): void {
    const scroller = this.#scroller;
    if (!scroller || !this.#list) return;
    const from = this.#from();
    this.first = Math.max(0, this.#rowAt(from) - BEYOND);
    this.last = this.#rowAt(from + scroller.clientHeight) + BEYOND;
    this.#seen = { ids: this.#ids(), from, scrollTop: scroller.scrollTop };
  }
}
