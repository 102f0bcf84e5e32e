import { describe, expect, test } from 'vitest';
import { LANGUAGES, type Language, type Text } from '../../lib/i18n/catalogue.ts';
import { parse, piecesOf, type Block, type Piece } from './article.ts';
import { HELP_TOPICS } from './topics.ts';

const sources = import.meta.glob<string>('./articles/*/*.md', { query: '?raw', import: 'default', eager: true });
/** Everything the product says, by language. */
const catalogues = import.meta.glob<{ default: Record<string, Text> }>(['../messages/*.ts', '../*/messages/*.ts', '../../lib/call/messages/*.ts'], { eager: true });

const article = (topic: string, language: Language) => parse(sources[`./articles/${language}/${topic}.md`] ?? '');
const said = (language: Language) => {
  const texts = Object.entries(catalogues).filter(([path]) => path.endsWith(`/${language}.ts`)).map(([, module]) => module.default);
  return new Map(texts.flatMap((catalogue) => Object.entries(catalogue)));
};
const pieces = (block: Block): Piece[] => ('items' in block ? block.items.flat() : block.pieces);

describe.each(HELP_TOPICS)('the article %s', (topic) => {
  test.each(LANGUAGES)('stands in %s under the title that links to it say', (language) => {
    const { title, blocks } = article(topic, language);
    expect(title).toBe(said(language).get(`help.topic.${topic}`));
    expect(blocks.length).toBeGreaterThan(2);
  });

  test.each(LANGUAGES)('names controls in %s as they are called', (language) => {
    const names = new Set(said(language).values());
    const named = article(topic, language).blocks.flatMap(pieces).filter((piece) => piece.kind === 'name');
    expect(named.map(({ text }) => text).filter((name) => !names.has(name))).toEqual([]);
  });

  test('is built the same in all languages', () => {
    const shape = (language: Language) => article(topic, language).blocks.map((block) => ('items' in block ? `${block.kind} ${block.items.length}` : block.kind));
    const links = (language: Language) => article(topic, language).blocks.flatMap(pieces).flatMap((piece) => (piece.kind === 'link' ? piece.topic : []));
    expect(shape('de')).toEqual(shape('en'));
    expect(links('de')).toEqual(links('en'));
  });

  test('addresses people formally in German', () => {
    expect(sources[`./articles/de/${topic}.md`]).not.toMatch(/\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]ein(e|en|em|er)?)\b/);
  });
});

test('no article is without an address', () => {
  for (const language of LANGUAGES) {
    const there = Object.keys(sources).flatMap((path) => (path.includes(`/${language}/`) ? path.split('/').at(-1)?.replace('.md', '') : []));
    expect(there.sort()).toEqual([...HELP_TOPICS].sort());
  }
});

test('what stands out in a sentence is cut out of it', () => {
  expect(piecesOf('Press **Take** or `Enter`, see [Queue](queue) [x](nowhere)')).toEqual([
    { kind: 'text', text: 'Press ' },
    { kind: 'name', text: 'Take' },
    { kind: 'text', text: ' or ' },
    { kind: 'code', text: 'Enter' },
    { kind: 'text', text: ', see ' },
    { kind: 'link', text: 'Queue', topic: 'queue' },
    { kind: 'text', text: ' ' },
    { kind: 'text', text: '[x](nowhere)' },
  ]);
});
