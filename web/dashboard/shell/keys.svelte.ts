/**
 * Single letters that do something. Whoever can do it says so while it can be
 * done: `onKey('e', complete)` in a component, and it ends with the component.
 */

import { Hand, type Place } from './hand.ts';

type Act = () => void;

/** Under which name a browser remembers that letters do nothing. */
const REMEMBERED = 'deskside:letters-off';
/** What searches wherever one is, also while writing: with Ctrl, or the command key. */
export const SEARCH_KEY = 'Ctrl+k';

/** Letter to acts; the latest one that said it wins, as the innermost part of the page. */
const acts = new Map<string, Act[]>();

/** Where letters are letters. */
const WRITABLE = 'input:not([type="radio"], [type="checkbox"], [type="button"]), textarea, select, [contenteditable="true"]';

/** Whether single letters do something. Whoever speaks to the computer, or rests a hand on the keys, turns them off. */
class Letters {
  #on = $state(recall());

  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    this.#on = on;
    try {
      if (on) localStorage.removeItem(REMEMBERED);
      else localStorage.setItem(REMEMBERED, 'yes');
    } catch {
      // Not remembered, but so until the page is closed.
    }
  }
}

function recall(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) === null;
  } catch {
    return true;
  }
}

export const letters = new Letters();

/** Says what a key does, until the function it gives back is called. Keys are as in `KeyboardEvent.key`: `c`, `?`, `Escape`. */
export function bindKey(key: string, act: Act): () => void {
  const list = acts.get(key) ?? [];
  acts.set(key, list);
  list.push(act);
  return () => {
    const at = list.indexOf(act);
    if (at >= 0) list.splice(at, 1);
  };
}

/** As `bindKey`, for as long as the component lives. */
export function onKey(key: string, act: Act): void {
  $effect(() => bindKey(key, act));
}

/** What a key would do right now, for those who choose it by its words. */
export const actOf = (key: string): Act | undefined => acts.get(key)?.at(-1);

/**
 * A dialog that was asked for may still be on its way. What is typed meanwhile is
 * meant for it: a word of a search must not complete a case by its `e`.
 */
export class Ahead {
  #expected = 0;
  #typed = '';

  /** A dialog is on its way, until the function it gives back is called. */
  expect(): () => void {
    if (this.#expected === 0) this.#typed = '';
    this.#expected += 1;
    return () => {
      this.#expected -= 1;
    };
  }

  /** Keeps a letter for the dialog; false when none is expected. */
  keep(letter: string): boolean {
    if (this.#expected === 0) return false;
    this.#typed += letter;
    return true;
  }

  /** What was typed for the dialog, once. */
  take(): string {
    const typed = this.#typed;
    this.#typed = '';
    return typed;
  }
}

export const ahead = new Ahead();

export const hand = new Hand();

/** Whether letters typed there are letters. */
export const isWritable = (element: Element | null): boolean => element?.matches(WRITABLE) ?? false;

const elementOf = (event: Event): HTMLElement | null => (event.target instanceof HTMLElement ? event.target : null);

function placeOf(element: HTMLElement | null): Place {
  if (!element || !isWritable(element)) return 'elsewhere';
  return element.matches('textarea, [contenteditable="true"]') ? 'area' : 'line';
}

/** Hears every key on its way down, also those that others take; the shell puts it on the window. */
export function sensed(event: KeyboardEvent): void {
  hand.press(event, placeOf(elementOf(event)));
}

/** What an input method takes; Safari says so of the key that ends a composition only by its old code. */
const composing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229 || hand.composed;

/** Listens on the window; the shell puts it there. */
export function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || composing(event) || event.altKey) return;
  const target = elementOf(event);
  // A dialog or a menu has its own keys, also when its focus got lost.
  if (document.querySelector('dialog[open], [popover]:popover-open') || target?.closest('[popover]')) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() === 'k' && !event.shiftKey) run(SEARCH_KEY, event);
    return;
  }
  if (placeOf(target) !== 'elsewhere') {
    // Leaving a field is a step of its own: the next Esc goes back.
    if (event.key === 'Escape') {
      event.preventDefault();
      target?.blur();
    }
    return;
  }
  const letter = event.key.length === 1;
  if (letter && ahead.keep(event.key)) {
    hand.type(true);
    event.preventDefault();
    return;
  }
  // The field has gone from under someone's hands: the rest of the word completes no case.
  if (letter && hand.writing) {
    if (actOf(event.key)) event.preventDefault();
    return;
  }
  if (event.repeat && event.key !== 'j' && event.key !== 'k') return;
  if (letters.on || !letter) run(event.key, event);
}

function run(key: string, event: KeyboardEvent): void {
  const act = actOf(key);
  if (!act) return;
  event.preventDefault();
  act();
}
