/** Something that keeps to a corner of what it stands in and can be moved to another. */

export type CornerName = 'top-start' | 'top-end' | 'bottom-start' | 'bottom-end';

/** Less movement than this is a click (pixels). */
const DRAG_MIN_PX = 6;
/** The way round for clicks. */
const ROUND: readonly CornerName[] = ['top-start', 'top-end', 'bottom-end', 'bottom-start'];

/** The corner of a box that a point is nearest to. */
export function nearest(x: number, y: number, width: number, height: number, rightToLeft: boolean): CornerName {
  const start = x < width / 2 !== rightToLeft;
  return `${y < height / 2 ? 'top' : 'bottom'}-${start ? 'start' : 'end'}`;
}

/** Where an arrow key leads. */
export function beside(corner: CornerName, key: string, rightToLeft: boolean): CornerName {
  const [block, inline] = corner.split('-') as ['top' | 'bottom', 'start' | 'end'];
  switch (key) {
    case 'ArrowUp':
      return `top-${inline}`;
    case 'ArrowDown':
      return `bottom-${inline}`;
    case 'ArrowLeft':
      return `${block}-${rightToLeft ? 'end' : 'start'}`;
    case 'ArrowRight':
      return `${block}-${rightToLeft ? 'start' : 'end'}`;
    default:
      return corner;
  }
}

export class Corner {
  name = $state<CornerName>('top-end');
  /** How far it is dragged out of its corner, pixels. */
  dx = $state(0);
  dy = $state(0);
  moving = $state(false);
  #pointer: { id: number; x: number; y: number } | null = null;
  /** The click that ends a drag is none. */
  #dragged = false;

  constructor(name: CornerName) {
    this.name = name;
  }

  readonly down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    this.#pointer = { id: event.pointerId, x: event.clientX, y: event.clientY };
    this.#dragged = false;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  };

  readonly drag = (event: PointerEvent): void => {
    if (this.#pointer?.id !== event.pointerId) return;
    this.dx = event.clientX - this.#pointer.x;
    this.dy = event.clientY - this.#pointer.y;
    if (Math.hypot(this.dx, this.dy) >= DRAG_MIN_PX) this.moving = this.#dragged = true;
  };

  readonly up = (event: PointerEvent): void => {
    if (this.#pointer?.id !== event.pointerId) return;
    const thing = (event.currentTarget as HTMLElement).parentElement;
    const box = thing?.offsetParent?.getBoundingClientRect();
    if (this.#dragged && thing && box) {
      const { left, top, width, height } = thing.getBoundingClientRect();
      const x = left + width / 2 - box.left;
      const y = top + height / 2 - box.top;
      this.name = nearest(x, y, box.width, box.height, getComputedStyle(thing).direction === 'rtl');
    }
    this.cancel();
  };

  readonly cancel = (): void => {
    this.#pointer = null;
    this.moving = false;
    this.dx = 0;
    this.dy = 0;
  };

  readonly click = (): void => {
    if (!this.#dragged) this.name = ROUND[(ROUND.indexOf(this.name) + 1) % ROUND.length] ?? this.name;
    this.#dragged = false;
  };

  readonly key = (event: KeyboardEvent): void => {
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    event.stopPropagation();
    this.name = beside(this.name, event.key, getComputedStyle(event.currentTarget as HTMLElement).direction === 'rtl');
  };
}
