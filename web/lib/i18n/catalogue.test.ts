import { describe, expect, test } from 'vitest';
import { fill, LANGUAGES, localeOf, negotiate, type Text } from './catalogue.ts';

describe('negotiate', () => {
  test.each([
    [['de-AT', 'en'], 'de'],
    [['fr', 'de'], 'de'],
    [['EN-us'], 'en'],
    [['fr', 'it'], 'en'],
    [[], 'en'],
  ])('%j speaks %s', (wishes, language) => expect(negotiate(wishes)).toBe(language));

  test('dates keep the reader’s own variety', () => {
    expect(localeOf('de', ['en-US', 'de-AT', 'de'])).toBe('de-AT');
    expect(localeOf('de', ['en-US'])).toBe('de');
  });
});

describe('fill', () => {
  test('puts values in, numbers in the reader’s way', () => {
    expect(fill('{name}: {count}', { name: 'Ada', count: 12_345 }, 'de')).toBe('Ada: 12.345');
  });

  test('does not read placeholders in what people wrote', () => {
    expect(fill('{a} {b}', { a: '{b}', b: '$&' }, 'en')).toBe('{b} $&');
  });

  test('chooses the plural form', () => {
    const text: Text = { one: '{count} day', other: '{count} days' };
    expect([0, 1, 2].map((count) => fill(text, { count }, 'en'))).toEqual(['0 days', '1 day', '2 days']);
    expect(fill({ other: '{count} of them' }, { count: 1 }, 'en')).toBe('1 of them');
  });
});

/** Every catalogue there is, by entry and language. */
const files = import.meta.glob<{ default: Record<string, Text> }>(['../../*/messages/*.ts', '../../*/*/messages/*.ts', './problems/*.ts'], { eager: true });
const entries = [...new Set(Object.keys(files).map((path) => path.slice(0, path.lastIndexOf('/'))))];

const forms = (text: Text): string[] => (typeof text === 'string' ? [text] : Object.values(text));
const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();

describe.each(entries)('the catalogues in %s', (entry) => {
  const english = files[`${entry}/en.ts`]?.default ?? {};

  test('there is one for each language', () => {
    for (const language of LANGUAGES) expect(files[`${entry}/${language}.ts`], language).toBeDefined();
  });

  test.each(LANGUAGES)('%s has the same keys and placeholders, and no empty text', (language) => {
    const texts = files[`${entry}/${language}.ts`]?.default ?? {};
    expect(Object.keys(texts).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(texts)) {
      const pattern = english[key] ?? '';
      const wanted = names(typeof pattern === 'string' ? pattern : pattern.other);
      for (const form of forms(text)) {
        expect(form.trim(), key).not.toBe('');
        // A form for exactly one may leave the number out.
        expect(names(form).filter((name) => name !== 'count'), key).toEqual(wanted.filter((name) => name !== 'count'));
      }
    }
  });

  test('German addresses people formally', () => {
    const german = files[`${entry}/de.ts`]?.default ?? {};
    for (const [key, text] of Object.entries(german)) {
      for (const form of forms(text)) expect(form, key).not.toMatch(/\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]ein(e|en|em|er)?)\b/);
    }
  });
});
