import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ahead, bindKey, hand, pressed, sensed } from './keys.svelte.ts';


test('what is typed for a dialog that is on its way waits for it, and for nothing else', () => {
  expect(ahead.keep('e')).toBe(false);
  const came = ahead.expect();
  expect(ahead.keep('h')).toBe(true);
  expect(ahead.keep('e')).toBe(true);
  expect(ahead.take()).toBe('he');
  expect(ahead.take()).toBe('');
  came();
  expect(ahead.keep('e')).toBe(false);
});

test('what a dialog that never came was to be told is forgotten', () => {
  const gone = ahead.expect();
  ahead.keep('x');
  gone();
  const came = ahead.expect();
  expect(ahead.take()).toBe('');
  came();
});

describe('a single letter', () => {
  /** An element that is what the selector's parts say it is. */
  class Place {
    readonly #kind: string;

    constructor(kind: string) {
      this.#kind = kind;
    }

    matches = (selector: string) => selector.split(',').some((part) => part.trim().startsWith(this.#kind));
    closest = () => null;
    blur = () => {};
  }

  const page = new Place('body');
  const area = new Place('textarea');
  const completed = vi.fn();
  let unbind: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('HTMLElement', Place);
    vi.stubGlobal('document', { querySelector: () => null });
    completed.mockClear();
    hand.point();
    unbind = bindKey('e', completed);
  });

  afterEach(() => {
    unbind();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  /** Presses a key as a browser tells of it: first on the way down, then up. */
  function press(key: string, target: Place, more: Partial<KeyboardEvent> = {}): boolean {
    let prevented = false;
    const event = { key, target, preventDefault: () => (prevented = true), ...more } as unknown as KeyboardEvent;
    sensed(event);
    pressed(event);
    return prevented;
  }

  test('does what it is for, but not in a field', () => {
    expect(press('e', page)).toBe(true);
    expect(completed).toHaveBeenCalledTimes(1);
    hand.point();
    expect(press('e', area)).toBe(false);
    expect(completed).toHaveBeenCalledTimes(1);
  });

  test('does nothing while the word goes on whose field has gone', () => {
    press('s', area);
    for (const letter of 'ecret') press(letter, page);
    expect(completed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_500);
    press('e', page);
    expect(completed).toHaveBeenCalledTimes(1);
  });

  test.each([['Escape'], ['Tab']])('acts at once where the field was left by %s', (key) => {
    press('s', area);
    press(key, area);
    press('e', page);
    expect(completed).toHaveBeenCalledTimes(1);
  });

  test('acts at once where the field was left by a click', () => {
    press('s', area);
    hand.point();
    press('e', page);
    expect(completed).toHaveBeenCalledTimes(1);
  });

  test('of an input method, or behind a dead key, is no command', () => {
    press('e', page, { isComposing: true });
    press('e', page, { keyCode: 229 });
    press('Dead', page);
    press('e', page);
    expect(completed).not.toHaveBeenCalled();
    press('e', page);
    expect(completed).toHaveBeenCalledTimes(1);
  });

  test('typed for what is on its way stays a letter when that does not come', () => {
    const came = ahead.expect();
    press('h', page);
    came();
    press('e', page);
    expect(completed).not.toHaveBeenCalled();
  });
});
