import { tick, untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import type { Timeline } from './timeline.svelte.ts';

/** This close to the end counts as the end. */
const END_PX = 48;
/** This close to an edge of what is drawn, more is fetched. */
const AHEAD_PX = 1_500;
/** So long the entry that was gone to is marked. */
const MARKED_MS = 3_000;

/**
 * The scrolling of a timeline: stays at the end while the reader is there,
 * holds still while older entries come in above, and asks for more in time.
 *
 * The scrolling element is positioned and has `overflow-anchor: none`; its
 * entries carry the class `row-anchor` and their number as `data-entry`, the line "New" carries `row-new`. Days
 * are no anchors: their line moves up when older entries of a day come in.
 */
export class ChatScroll {
  /** Whether the newest row is in view. */
  atEnd = $state(true);

  readonly #timeline: Timeline;
  #node: HTMLElement | null = null;
  /** The row that must not move, and where it stood. */
  #anchor: { row: HTMLElement; top: number } | null = null;
  /** Whether the first rows have been placed. */
  #started = false;
  /** Height of the scrolling element when it was last looked at. */
  #height = 0;
  /** The entry to go to as soon as rows stand in their places. */
  #aim: number | null = null;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** Goes on the scrolling element. */
  readonly attach: Attachment<HTMLElement> = (node) => {
    this.#node = node;
    this.#height = node.clientHeight;
    const onScroll = () => this.#scrolled();
    const onResize = new ResizeObserver(() => this.#resized());
    node.addEventListener('scroll', onScroll, { passive: true });
    onResize.observe(node);
    for (const child of node.children) onResize.observe(child);
    $effect(() => {
      void this.#timeline.rows;
      void this.#timeline.error;
      untrack(() => this.#changed());
    });
    return () => {
      node.removeEventListener('scroll', onScroll);
      onResize.disconnect();
      this.#node = null;
      this.#started = false;
    };
  };

  /** Down to the newest entry. */
  toEnd(): void {
    if (!this.#timeline.atEnd) this.#timeline.toEnd();
    this.atEnd = true;
    this.#stick();
  }

  /** Goes to an entry, now or when the conversation is open, and marks it for a moment. */
  aim(entry: number): void {
    this.#aim = entry;
    if (this.#started) void this.#goThere();
  }

  async #goThere(): Promise<void> {
    const entry = this.#aim;
    this.#aim = null;
    if (entry === null || !(await this.#timeline.goTo(entry))) return;
    await this.show(entry);
    const row = this.#node?.querySelector<HTMLElement>(`[data-entry="${entry}"]`);
    if (!row) return;
    row.dataset.aimed = '';
    setTimeout(() => delete row.dataset.aimed, MARKED_MS);
  }

  /** Brings an entry into the middle; its row carries `data-entry`, and it is drawn already. */
  async show(entry: number): Promise<void> {
    this.atEnd = false;
    await tick();
    const node = this.#node;
    const row = node?.querySelector<HTMLElement>(`[data-entry="${entry}"]`);
    if (!node || !row) return;
    node.scrollTop = row.offsetTop - Math.max(0, (node.clientHeight - row.offsetHeight) / 2);
    this.#anchor = { row, top: row.offsetTop };
  }

  #scrolled(): void {
    const node = this.#node;
    if (!node) return;
    if (node.clientHeight !== this.#height) {
      // The room became another one (a long text is being written below), and the browser moved
      // the scrolling along. That was not the reader.
      this.#resized();
      return;
    }
    const below = node.scrollHeight - node.scrollTop - node.clientHeight;
    this.atEnd = this.#timeline.atEnd && below <= END_PX;
    this.#remember();
    this.#ahead();
  }

  /** The keyboard opened, or a picture got its size: the end stays the end. */
  #resized(): void {
    this.#height = this.#node?.clientHeight ?? 0;
    if (this.atEnd) this.#stick();
    else this.#hold();
  }

  /** Rows came or went. */
  #changed(): void {
    const node = this.#node;
    if (!node || this.#timeline.rows.length === 0) return;
    if (!this.#started) {
      this.#started = true;
      this.#begin(node);
      void this.#goThere();
    } else if (this.atEnd && this.#timeline.atEnd) {
      this.#stick();
    } else {
      this.#hold();
    }
    this.#remember();
    // After this turn, so that a page that changes nothing cannot go round for ever.
    requestAnimationFrame(() => this.#ahead());
  }

  /** First sight: at the line "New", if it is not already in view at the end. */
  #begin(node: HTMLElement): void {
    node.scrollTop = node.scrollHeight;
    const line = node.querySelector<HTMLElement>('.row-new');
    if (line && line.offsetTop < node.scrollTop) {
      node.scrollTop = Math.max(0, line.offsetTop - END_PX);
    }
    const below = node.scrollHeight - node.scrollTop - node.clientHeight;
    this.atEnd = below <= END_PX;
  }

  #stick(): void {
    const node = this.#node;
    if (node) node.scrollTop = node.scrollHeight;
  }

  /** Moves by as much as the anchor was moved, wherever the scrolling has got to meanwhile. */
  #hold(): void {
    const anchor = this.#anchor;
    if (!this.#node || !anchor?.row.isConnected) return;
    const moved = anchor.row.offsetTop - anchor.top;
    if (moved !== 0) this.#node.scrollTop += moved;
    anchor.top = anchor.row.offsetTop;
  }

  #remember(): void {
    const node = this.#node;
    if (!node) return;
    const rows = node.getElementsByClassName('row-anchor') as HTMLCollectionOf<HTMLElement>;
    let low = 0;
    let high = rows.length - 1;
    // Rows stand one below the other, so the first in view is found by halves.
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = rows[middle];
      if (row && row.offsetTop + row.offsetHeight <= node.scrollTop) low = middle + 1;
      else high = middle;
    }
    const row = rows[low];
    this.#anchor = row ? { row, top: row.offsetTop } : null;
  }

  #ahead(): void {
    const node = this.#node;
    if (!node || this.#timeline.loading || this.#timeline.error) return;
    if (node.scrollTop < AHEAD_PX && !this.#timeline.atStart) void this.#timeline.up();
    else if (!this.#timeline.atEnd && node.scrollHeight - node.scrollTop - node.clientHeight < AHEAD_PX) this.#timeline.down();
  }
}
