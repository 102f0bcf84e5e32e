import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const tokens = readFileSync(new URL('../styles/tokens.css', import.meta.url), 'utf8');

/** The declarations of the block that begins with a selector. */
function block(selector: string): string[] {
  const start = tokens.indexOf('{', tokens.indexOf(selector)) + 1;
  return tokens
    .slice(start, tokens.indexOf('}', start))
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

test('the dark of people who chose it and of people whose system did are the same', () => {
  const chosen = block('[data-theme="dark"] {');
  expect(chosen.length).toBeGreaterThan(30);
  expect(block(':root:not([data-theme="light"]) {')).toEqual(chosen);
});
