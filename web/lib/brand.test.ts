import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { brandOf, CHROMA_MAX, CHROMA_MIN, contrast, lightOf, lightOfOklch, OWN_BRAND, readability, showBrand, type Brand, type Light } from './brand.ts';

const tokens = readFileSync(new URL('../styles/tokens.css', import.meta.url), 'utf8');

/** What stands in a block of the tokens, by name. */
function block(selector: string): Map<string, string> {
  const start = tokens.indexOf('{', tokens.indexOf(selector)) + 1;
  const text = tokens.slice(start, tokens.indexOf('\n}', start));
  return new Map([...text.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((match) => [match[1] ?? '', match[2] ?? '']));
}

const themes = { light: block(':root, [data-theme="light"] {'), dark: block('[data-theme="dark"] {') };
type Theme = keyof typeof themes;

/** A role of a theme as a screen shows it for a brand. */
function shown(theme: Theme, role: string, brand: Brand): Light {
  const value = themes[theme].get(role) ?? '';
  if (value.startsWith('#')) return lightOf(value);
  const match = /^oklch\(([\d.]+) (?:var\(--brand-c\)|calc\(var\(--brand-c\) \* ([\d.]+)\)|([\d.]+)) var\(--brand-h\)\)$/.exec(value);
  if (!match) throw new Error(`${theme} ${role}: ${value}`);
  const [, lightness, share, fixed] = match;
  const chroma = fixed === undefined ? brand.chroma * Number(share ?? 1) : Number(fixed);
  return lightOfOklch(Number(lightness), { hue: brand.hue, chroma });
}

/** The worst contrast of two roles over every hue and strength that there is. */
function worst(theme: Theme, words: string, ground: string): number {
  let least = Infinity;
  for (let hue = 0; hue < 360; hue += 2) {
    for (const chroma of [CHROMA_MIN, 0.05, 0.08, 0.11, CHROMA_MAX]) {
      const brand = { hue, chroma };
      least = Math.min(least, contrast(shown(theme, words, brand), shown(theme, ground, brand)));
    }
  }
  return least;
}

describe('a brand', () => {
  test.each([
    ['#ff0000', 29.2, CHROMA_MAX],
    ['#00ff00', 142.5, CHROMA_MAX],
    ['#0000ff', 264.1, CHROMA_MAX],
    ['#01677c', 218.3, 0.0853],
    ['#FFFFFF', OWN_BRAND.hue, CHROMA_MIN],
    ['#7f7f7f', OWN_BRAND.hue, CHROMA_MIN],
  ])('%s has its hue and its strength within bounds', (color, hue, chroma) => {
    const brand = brandOf(color);
    expect(brand.hue).toBeCloseTo(hue, 0);
    expect(brand.chroma).toBeCloseTo(chroma, 2);
  });

  test.each(['', 'red', '#12345', 'oklch(1 0 0)'])('%j is Deskside’s own', (color) => expect(brandOf(color)).toEqual(OWN_BRAND));

  test('of the tokens is Deskside’s own', () => {
    expect(Number.parseFloat(themes.light.get('brand-h') ?? '')).toBe(OWN_BRAND.hue);
    expect(Number.parseFloat(themes.light.get('brand-c') ?? '')).toBe(OWN_BRAND.chroma);
  });

  test('is set on an element, and taken away again', () => {
    const set = new Map<string, string>();
    const element = { style: { setProperty: (name: string, value: string) => set.set(name, value), removeProperty: (name: string) => set.delete(name) } };
    showBrand('#0000ff', element as unknown as HTMLElement);
    expect([...set.keys()]).toEqual(['--brand-h', '--brand-c']);
    showBrand('', element as unknown as HTMLElement);
    expect(set.size).toBe(0);
  });
});

describe.each(['light', 'dark'] as const)('in the %s colours, whatever the organization chooses,', (theme) => {
  test.each([
    ['on-accent', 'accent'],
    ['on-accent', 'accent-hover'],
    ['on-accent', 'accent-active'],
    ['accent-text', 'surface'],
    ['accent-text', 'ground'],
    ['accent-text', 'surface-2'],
    ['accent-text', 'accent-soft'],
    ['text', 'accent-soft'],
    ['text-2', 'accent-soft'],
    ['text-3', 'accent-soft'],
  ])('%s on %s is readable', (words, ground) => expect(worst(theme, words, ground)).toBeGreaterThanOrEqual(4.5));

  test.each(['surface', 'ground', 'raised'])('the focus is seen on %s', (ground) => expect(worst(theme, 'focus', ground)).toBeGreaterThanOrEqual(3));

  test('what the settings say of the contrast is so', () => {
    for (const color of ['#ffe600', '#0000ff', '#101010', '#e2001a']) {
      const brand = brandOf(color);
      expect(readability(brand)[theme]).toBeCloseTo(contrast(shown(theme, 'on-accent', brand), shown(theme, 'accent', brand)), 6);
    }
  });
});

test('black and white are as far apart as can be', () => {
  expect(contrast([0, 0, 0], [1, 1, 1])).toBe(21);
  expect(contrast(lightOf('#777777'), [1, 1, 1])).toBeCloseTo(4.48, 2);
});
