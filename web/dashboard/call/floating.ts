/** Distance that a window keeps from the edges of the page, in pixels. */
const EDGE_PX = 8;
/** It stays in the upper part of the page, so that no composer is ever under it. */
const LOWEST_PART = 0.5;
/** A press that moves less than this is no move. */
const START_PX = 4;

/** Where the window was put, from the start edges of the page; it keeps its place from case to case. */
let place: { left: number; top: number } | null = null;

/** Lets a window be moved by pointer, within the page. What can be pressed in it stays what it is. */
export function floating(element: HTMLElement): () => void {
  let from: { x: number; y: number; left: number; top: number } | null = null;
  let moving = false;

  const put = () => {
    if (!place) return;
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = clamp(place.left, EDGE_PX, innerWidth - width - EDGE_PX);
    const top = clamp(place.top, EDGE_PX, innerHeight * LOWEST_PART - height);
    element.style.setProperty('--mini-left', `${left}px`);
    element.style.setProperty('--mini-top', `${top}px`);
    element.classList.add('moved');
  };

  const down = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest('button, a, input, select'))) return;
    const { left, top } = element.getBoundingClientRect();
    from = { x: event.clientX, y: event.clientY, left, top };
    element.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    if (!from) return;
    const x = event.clientX - from.x;
    const y = event.clientY - from.y;
    if (!moving && Math.hypot(x, y) < START_PX) return;
    moving = true;
    place = { left: from.left + x, top: from.top + y };
    put();
  };
  const up = () => {
    from = null;
    moving = false;
  };

  put();
  element.addEventListener('pointerdown', down);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', up);
  element.addEventListener('pointercancel', up);
  addEventListener('resize', put);
  return () => removeEventListener('resize', put);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, Math.max(least, most)));
}
