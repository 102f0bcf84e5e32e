import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';

type Text = string | Record<string, string>;
type Texts = Record<string, Text>;

const WEB = resolve(import.meta.dirname, '../../web');

/** A fragment of a text with placeholders must be this long to accuse anyone. */
const FRAGMENT_LETTERS_MIN = 8;

/** Both languages of each catalogue: those of the entries, and those that the entries share. */
async function catalogues(): Promise<{ en: Texts; de: Texts }[]> {
  const files = await readdir(WEB, { withFileTypes: true, recursive: true });
  const folders = files.filter((file) => file.name === 'en.ts' && !file.parentPath.includes('node_modules'));
  const load = async (folder: string, language: string) =>
    ((await import(pathToFileURL(resolve(folder, `${language}.ts`)).href)) as { default: Texts }).default;
  return Promise.all(
    folders.map(async ({ parentPath }) => ({ en: await load(parentPath, 'en'), de: await load(parentPath, 'de') })),
  );
}

function forms(text: Text): string[] {
  return typeof text === 'string' ? [text] : Object.values(text);
}

/** Finds English in the German interface. */
export class GermanEar {
  /** What an English text looks like on the screen; never also a German one. */
  private readonly english: Map<string, string>;

  private constructor(english: Map<string, string>) {
    this.english = english;
  }

  static async open(): Promise<GermanEar> {
    const all = await catalogues();
    const german = new Set(all.flatMap(({ de }) => Object.values(de).flatMap(forms).flatMap(pieces)));
    const english = new Map<string, string>();
    for (const { en, de } of all) {
      const missing = Object.keys(en).filter((key) => !(key in de));
      if (missing.length) throw new Error(`texts without German: ${missing.join(', ')}`);
      for (const [key, text] of Object.entries(en)) {
        for (const piece of forms(text).flatMap(pieces)) if (!german.has(piece)) english.set(piece, key);
      }
    }
    if (english.size === 0) throw new Error('there is no catalogue to compare with');
    return new GermanEar(english);
  }

  /** The English on a page: each text with the key it comes from. */
  async hear(page: Page): Promise<string[]> {
    const heard = await page.evaluate(readable);
    return heard.filter((text) => this.english.has(text)).map((text) => `${text} (${this.english.get(text) ?? ''})`);
  }
}

/** A text as a page may hold it: whole, or cut at its placeholders when they are elements of their own. */
function pieces(text: string): string[] {
  if (!text.includes('{')) return [text.trim()];
  return text
    .split(/\{\w+\}/)
    .map((fragment) => fragment.trim())
    .filter((fragment) => fragment.replace(/[^\p{L}]/gu, '').length >= FRAGMENT_LETTERS_MIN);
}

/** Runs in the page: everything to see or to hear there, each text once. */
function readable(): string[] {
  const found = new Set<string>([document.title]);
  const add = (text: string | null | undefined) => {
    const trimmed = text?.replace(/\s+/g, ' ').trim();
    if (trimmed) found.add(trimmed);
  };
  for (const element of document.body.querySelectorAll('*')) {
    if (!element.checkVisibility()) continue;
    for (const name of ['aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'title', 'placeholder', 'alt']) {
      add(element.getAttribute(name));
    }
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) add(node.textContent);
    if (element.children.length > 0 && element.children.length < 4) add(element.textContent);
  }
  return [...found];
}
