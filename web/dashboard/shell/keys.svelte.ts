/**
 * Single letters that do something. Whoever can do it says so while it can be
 * done: `onKey('e', complete)` in a component, and it ends with the component.
 */

type Act = () => void;

/** Letter to acts; the latest one that said it wins, as the innermost part of the page. */
const acts = new Map<string, Act[]>();

/** Where letters are letters. */
const WRITABLE = 'input:not([type="radio"], [type="checkbox"], [type="button"]), textarea, select, [contenteditable="true"]';

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

/** Listens on the window; the shell puts it there. */
export function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  // A dialog or a menu has its own keys.
  if (document.querySelector('dialog[open]') || target?.closest('[popover]')) return;
  if (target?.matches(WRITABLE)) {
    // Leaving a field is a step of its own: the next Esc goes back.
    if (event.key === 'Escape') {
      event.preventDefault();
      target.blur();
    }
    return;
  }
  if (event.repeat && event.key !== 'j' && event.key !== 'k') return;
  const act = acts.get(event.key)?.at(-1);
  if (!act) return;
  event.preventDefault();
  act();
}
