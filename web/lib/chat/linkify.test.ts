import { describe, expect, test } from 'vitest';
import { emojiOnly, linkify } from './linkify.ts';

const links = (text: string) => linkify(text).flatMap((part) => (part.kind === 'link' ? [[part.text, part.href]] : []));

describe('linkify', () => {
  test.each([
    ['see https://example.org/a?b=1&c=2#d now', 'https://example.org/a?b=1&c=2#d'],
    ['HTTP://EXAMPLE.ORG', 'http://example.org/'],
    ['www.example.org/x', 'https://www.example.org/x'],
    ['mailto:help@example.org', 'mailto:help@example.org'],
    ['write to help@example.org.', 'mailto:help@example.org'],
    ['call tel:+49301234567', 'tel:+49301234567'],
    ['https://müller.example/straße', 'https://xn--mller-kva.example/stra%C3%9Fe'],
    ['http://localhost:8080/g/x', 'http://localhost:8080/g/x'],
  ])('finds the address in %s', (text, href) => {
    expect(links(text).map(([, found]) => found)).toEqual([href]);
  });

  test.each([
    ['(see https://example.org/a)', 'https://example.org/a'],
    ['https://example.org/a_(b)', 'https://example.org/a_(b)'],
    ['https://example.org/a, and more', 'https://example.org/a'],
    ['Really https://example.org?!', 'https://example.org'],
    ['»https://example.org«', 'https://example.org'],
    ['“https://example.org”', 'https://example.org'],
  ])('leaves the sentence its own marks: %s', (text, shown) => {
    expect(links(text).map(([found]) => found)).toEqual([shown]);
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'https://', 'https://x', 'https://bank.example@evil.example/', 'a.b', '10:30', 'vbscript:x', 'tel:'])(
    'makes no link of %s',
    (text) => expect(links(text).filter(([, href]) => !href?.startsWith('mailto:'))).toEqual([]),
  );

  test('gives the text back unchanged', () => {
    for (const text of ['', 'plain', 'a https://x.example b www.y.example, c@d.example\n<script>', 'https://a.example'.repeat(3)]) {
      expect(linkify(text).map((part) => part.text).join('')).toBe(text);
    }
  });

  test('does not take long over ten thousand characters of anything', () => {
    const start = performance.now();
    for (const piece of ['a', 'a.', 'a@', 'http://', '(', '))))', 'www.', 'a@b.', '.'.repeat(10), 'https://x.example/)']) linkify(piece.repeat(10_000 / piece.length));
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe('emojiOnly', () => {
  test.each(['👍', '😀😀', '👩‍👩‍👧', '🇩🇪', '❤️', '👍🏽 🎉'])('%s stands alone', (text) => expect(emojiOnly(text)).toBe(true));
  test.each(['', ' ', 'ok 👍', '1', '12', '#', '👍👍👍👍', '©2026', 'a'])('%s does not', (text) => expect(emojiOnly(text)).toBe(false));
});
