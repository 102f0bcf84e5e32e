import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RowWindow } from './window.svelte.ts';

const ROW = 54;
const ROOM = 540;

/** A scroller with a list in it, as far as a window looks at them: no event tells that it was scrolled. */
function stage(count: number) {
  let ids = Array.from({ length: count }, (_, at) => `row ${at}`);
  let above = 0;
  const heard = new Set<() => void>();
  let top = 0;
  const scroller = {
    clientHeight: ROOM,
    get scrollHeight() {
      return above + ids.length * ROW;
    },
    get scrollTop() {
      return (top = Math.max(0, Math.min(top, this.scrollHeight - ROOM)));
    },
    set scrollTop(wish: number) {
      top = wish;
    },
    getBoundingClientRect: () => ({ top: 0 }),
    addEventListener: (_: string, look: () => void) => heard.add(look),
    removeEventListener: () => undefined,
  };
  const view = new RowWindow(() => ids);
  view.scroller(scroller as unknown as HTMLElement);
  view.list({ getBoundingClientRect: () => ({ top: above - scroller.scrollTop }) } as unknown as HTMLElement);
  return {
    view,
    scroller,
    /** The browser tells of scrolling some time after it. */
    told: () => heard.forEach((look) => look()),
    become: (next: string[], before = above) => {
      ids = next;
      above = before;
      view.settle();
    },
    ids: () => ids,
    /** The row at the top of the view, and how much of it is out of view. */
    top: () => [ids[Math.floor((scroller.scrollTop - above) / ROW)], (scroller.scrollTop - above) % ROW],
  };
}

beforeEach(() =>
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe = () => undefined;
      disconnect = () => undefined;
    },
  ),
);
afterEach(() => void vi.unstubAllGlobals());

test('rows that come and go above the view leave it where it is', () => {
  const { scroller, told, become, ids, top } = stage(100);
  scroller.scrollTop = 40 * ROW + 10;
  told();
  become(['new', ...ids()]);
  expect(top()).toEqual(['row 40', 10]);
  become(ids().slice(5));
  expect(top()).toEqual(['row 40', 10]);
});

test('scrolling that was not told yet is not undone', () => {
  const { view, scroller, become, ids, top } = stage(100);
  scroller.scrollTop = 20 * ROW;
  view.settle();
  expect(scroller.scrollTop).toBe(20 * ROW);
  // …and what changes in the same moment moves with it.
  scroller.scrollTop = 30 * ROW + 7;
  become(['new', ...ids()]);
  expect(top()).toEqual(['row 30', 7]);
  expect(view.first).toBeLessThan(31);
  expect(view.last).toBeGreaterThan(41);
});

test('at the end of a list that becomes shorter nothing moves but the end', () => {
  const { scroller, told, become, ids } = stage(100);
  scroller.scrollTop = 90 * ROW;
  told();
  become(ids().slice(1));
  expect(scroller.scrollTop).toBe(89 * ROW);
});

test('what stands above the list may grow', () => {
  const { scroller, told, become, ids, top } = stage(100);
  scroller.scrollTop = 40 * ROW;
  told();
  become(ids(), 2 * ROW);
  expect(top()).toEqual(['row 40', 0]);
});

test('at the very top, new rows are seen', () => {
  const { scroller, told, become, ids } = stage(100);
  told();
  become(['new', ...ids()]);
  expect(scroller.scrollTop).toBe(0);
});
