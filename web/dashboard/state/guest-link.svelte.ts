import { Act } from './act.svelte.ts';

/** How long it says that the link was copied. */
const COPIED_MS = 3_000;

/** Copies a case's guest link; every button that does so shows the same. */
export class GuestLinkCopy {
  /** Says for a moment that the link is in the clipboard. */
  copied = $state(false);
  /** The link to copy by hand, where the browser does not let the page. */
  byHand = $state<string | null>(null);
  readonly act = new Act();
  readonly #link: () => Promise<string>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(link: () => Promise<string>) {
    this.#link = link;
  }

  /** The link itself, for a text that is to hold it. */
  get(): Promise<string> {
    return this.#link();
  }

  copy(): void {
    void this.act.run(async () => {
      const link = this.#link();
      if (!(await toClipboard(link))) {
        this.byHand = await link;
        return;
      }
      this.copied = true;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => (this.copied = false), COPIED_MS);
    });
  }
}

/** False when the browser keeps its clipboard to itself; a link that could not be had is an error. */
async function toClipboard(link: Promise<string>): Promise<boolean> {
  try {
    // Given as a promise, it still counts as done by the click, which Safari asks for.
    const item = new ClipboardItem({ 'text/plain': link.then((text) => new Blob([text], { type: 'text/plain' })) });
    await navigator.clipboard.write([item]);
    return true;
  } catch {
    const text = await link;
    return Promise.resolve(navigator.clipboard?.writeText(text)).then(
      () => navigator.clipboard !== undefined,
      () => false,
    );
  }
}
