import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';

type Text = string | Record<string, string>;
type Texts = Record<string, Text>;

const WEB = resolve(import.meta.dirname, '../../web');

/** A fragment of a text with placeholders must be this long to accuse anyone. */
const FRAGMENT_LETTERS_MIN = 8;

/** All texts of a language: those of each entry, and those that the entries share. */
async function catalogue(language: string): Promise<Texts> {
  const folders = (await readdir(WEB, { withFileTypes: true, recursive: true }))
    .filter((file) => file.name === `${language}.ts` && !file.parentPath.includes('node_modules'))
    .map((file) => resolve(file.parentPath, file.name));
  const texts = await Promise.all(
    folders.map(async (file) => ((await import(pathToFileURL(file).href)) as { default: Texts }).default),
  );
  return Object.assign({}, ...texts) as Texts;
}

function forms(text: Text | undefined): string[] {
  if (text === undefined) return [];
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
    const [en, de] = [await catalogue('en'), await catalogue('de')];
    const missing = Object.keys(en).filter((key) => !(key in de));
    if (!Object.keys(en).length || missing.length) throw new Error(`texts without German: ${missing.join(', ')}`);
    const german = new Set(Object.values(de).flatMap(forms).flatMap(pieces));
    const english = new Map<string, string>();
    for (const [key, text] of Object.entries(en)) {
      for (const piece of forms(text).flatMap(pieces)) if (!german.has(piece)) english.set(piece, key);
    }
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
