/** Space between a popup and what it belongs to, and between a popup and the edge of the window. */
const GAP_PX = 4;
const EDGE_PX = 8;

/** Where a popup stands: below its button, on the side with room; above where below is too small. */
export function placeBeside(anchor: HTMLElement, popup: HTMLElement): { left: number; top: number } {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popup;
  const startsRight = box.left + width + EDGE_PX > innerWidth || box.left > innerWidth / 2;
  const left = startsRight ? box.right - width : box.left;
  const below = box.bottom + GAP_PX;
  const fits = below + height + EDGE_PX <= innerHeight || box.top < height + GAP_PX + EDGE_PX;
  return {
    left: Math.max(EDGE_PX, Math.min(left, innerWidth - width - EDGE_PX)),
    top: fits ? below : box.top - GAP_PX - height,
  };
}
