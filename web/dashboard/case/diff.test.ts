import { describe, expect, test } from 'vitest';
import { differences } from './diff.ts';

/** The text with what differs in brackets. */
const shown = (text: string, other: string) => differences(text, other).map((piece) => (piece.changed ? `[${piece.text}]` : piece.text)).join('');

describe('differences', () => {
  test.each([
    ['', '', ''],
    ['same', 'same', 'same'],
    ['one two', 'one', 'one[ two]'],
    ['call on Tuesday at nine', 'call on Monday at nine', 'call on [Tuesday] at nine'],
    ['a b c', '', '[a b c]'],
    ['', 'a b c', ''],
    ['Wife and husband decide together now', 'husband decides now', '[Wife and ]husband [decide together] now'],
  ])('of %j and %j', (text, other, expected) => {
    expect(shown(text, other)).toBe(expected);
  });

  test('put together again are the text', () => {
    const text = 'line one\n\n  line  two\t– ende 👍🏽 ';
    expect(differences(text, 'line 2 two ende').map((piece) => piece.text).join('')).toBe(text);
  });

  test('of two long texts do not take long', () => {
    const long = (seed: number) => Array.from({ length: 4_000 }, (_, index) => `w${(index * seed) % 997}`).join(' ');
    const start = performance.now();
    differences(long(7), long(13));
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
