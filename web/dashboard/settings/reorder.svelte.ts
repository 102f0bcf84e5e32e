/** How far a finger may tremble on the grip before it drags. */
const TREMBLE_PX = 4;

/**
 * Puts the things of a list in another order: by dragging a grip (`data-grip`
 * on it, the items are the list's children), and with the arrow keys on it.
 */
export class Reorder {
  /** Which thing is being dragged, and before which place it would come down; null while nothing is. */
  from = $state<number | null>(null);
  to = $state<number | null>(null);
  readonly #move: (from: number, to: number) => void;

  constructor(move: (from: number, to: number) => void) {
    this.#move = move;
  }

  /** Goes on the list. */
  readonly attach = (list: HTMLElement): (() => void) => {
    const items = () => [...list.children] as HTMLElement[];
    const indexOf = (target: EventTarget | null) => {
      const grip = target instanceof Element ? target.closest('[data-grip]') : null;
      return grip ? items().findIndex((item) => item.contains(grip)) : -1;
    };
    let start = 0;

    const down = (event: PointerEvent) => {
      const index = event.button === 0 ? indexOf(event.target) : -1;
      if (index < 0) return;
      start = event.clientY;
      this.from = index;
      this.to = null;
      list.setPointerCapture(event.pointerId);
    };
    const move = (event: PointerEvent) => {
      if (this.from === null || (this.to === null && Math.abs(event.clientY - start) < TREMBLE_PX)) return;
      const middles = items().map((item) => {
        const box = item.getBoundingClientRect();
        return box.top + box.height / 2;
      });
      const before = middles.findIndex((middle) => event.clientY < middle);
      const place = before < 0 ? middles.length : before;
      // Without the dragged one, everything behind it is one place nearer.
      this.to = place > this.from ? place - 1 : place;
    };
    const up = () => {
      const { from, to } = this;
      this.from = null;
      this.to = null;
      if (from !== null && to !== null && from !== to) this.#move(from, to);
    };
    const cancel = () => {
      this.from = null;
      this.to = null;
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && this.from !== null) {
        event.preventDefault();
        event.stopPropagation();
        return cancel();
      }
      const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
      const index = step === 0 ? -1 : indexOf(event.target);
      if (index < 0) return;
      event.preventDefault();
      const to = index + step;
      if (to >= 0 && to < list.children.length) this.#move(index, to);
    };

    list.addEventListener('pointerdown', down);
    list.addEventListener('pointermove', move);
    list.addEventListener('pointerup', up);
    list.addEventListener('pointercancel', cancel);
    list.addEventListener('keydown', key);
    return () => {
      list.removeEventListener('pointerdown', down);
      list.removeEventListener('pointermove', move);
      list.removeEventListener('pointerup', up);
      list.removeEventListener('pointercancel', cancel);
      list.removeEventListener('keydown', key);
    };
  };

  /** How the thing at a place looks while something is dragged. */
  classes(index: number): string {
    if (this.from === null || this.to === null) return '';
    if (index === this.from) return 'dragged';
    if (index === this.to) return this.to < this.from ? 'drop-before' : 'drop-after';
    return '';
  }
}
