import { describe, expect, test } from 'vitest';
import { marked, marksIn } from './marked.ts';

const shown = (text: string, marks: [number, number][]) =>
  marked({ text, marks })
    .map((part) => (part.hit ? `[${part.text}]` : part.text))
    .join('');

describe('marks', () => {
  test.each([
    ['cold radiator', [[5, 13]], 'cold [radiator]'],
    ['abcdef', [[3, 5], [0, 1]], '[a]bc[de]f'],
    ['abcdef', [[1, 4], [2, 6]], 'a[bcdef]'],
    ['abc', [[1, 99], [7, 8]], 'a[bc]'],
    ['🙂 ok', [[0, 2]], '[🙂] ok'],
    ['abc', [], 'abc'],
  ] as [string, [number, number][], string][])('%s %j', (text, marks, wanted) => expect(shown(text, marks)).toBe(wanted));
});

test('the words of a search are found however they are written', () => {
  const find = (text: string, query: string) => shown(text, marksIn(text, query));
  expect(find('Start video call', 'CA')).toBe('Start video [ca]ll');
  expect(find('Create new case', 'new ca')).toBe('Create [new] [ca]se');
  expect(find('İstanbul', 'stan')).toBe('İstanbul');
});
