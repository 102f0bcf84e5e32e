/** How long "Copied" stands on a button. */
const COPIED_MS = 2_500;

/** Puts a text into the clipboard and says for a moment that it is there. */
export class Copy {
  /** What was just copied; null when it is long ago or did not work. */
  copied = $state<string | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** False where the browser does not allow it: show the text to be copied by hand. */
  async text(text: string): Promise<boolean> {
    clearTimeout(this.#timer);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      this.copied = null;
      return false;
    }
    this.copied = text;
    this.#timer = setTimeout(() => (this.copied = null), COPIED_MS);
    return true;
  }
}
