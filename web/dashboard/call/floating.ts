/** Distance that a window keeps from the edges of the page, in pixels. */
const EDGE_PX = 8;
/** It stays in the upper part of the page, so that no composer is ever under it. */
const LOWEST_PART = 0.5;
/** A press that moves less than this is no move. */
const START_PX = 4;
/** How far an arrow key moves it. */
const STEP_PX = 32;
/** What can be pressed in it stays what it is. */
const CONTROLS = 'button, a, input, select';

const STEPS: Readonly<Record<string, [x: number, y: number]>> = {
  ArrowLeft: [-STEP_PX, 0],
  ArrowRight: [STEP_PX, 0],
  ArrowUp: [0, -STEP_PX],
  ArrowDown: [0, STEP_PX],
};

/** Where the window was put, from the start edges of the page; it keeps its place from case to case. */
let place: { left: number; top: number } | null = null;

/** Lets a window be moved within the page, by pointer, or by arrow keys while the focus is in it. A press without a move is `onpress`. */
export const floating = (onpress: () => void) => (element: HTMLElement): (() => void) => {
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
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest(CONTROLS))) return;
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
    if (from && !moving) onpress();
    cancel();
  };
  const cancel = () => {
    from = null;
    moving = false;
  };
  const key = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (!step || event.defaultPrevented) return;
    event.preventDefault();
    const { left, top } = element.getBoundingClientRect();
    place = { left: left + step[0], top: top + step[1] };
    put();
  };

  put();
  element.addEventListener('pointerdown', down);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', up);
  element.addEventListener('pointercancel', cancel);
  element.addEventListener('keydown', key);
  addEventListener('resize', put);
  return () => removeEventListener('resize', put);
};

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, Math.max(least, most)));
}
