import type { Language } from '../../lib/i18n/catalogue.ts';
import { HELP_TOPICS, type HelpTopic } from './topics.ts';

/** A stretch of a sentence: plain, the name of a control, something to type or press, a link to another topic. */
export type Piece = { kind: 'text' | 'name' | 'code'; text: string } | { kind: 'link'; text: string; topic: HelpTopic };

export type Block =
  | { kind: 'heading'; pieces: Piece[] }
  | { kind: 'text' | 'note'; pieces: Piece[] }
  | { kind: 'list'; items: Piece[][] }
  /** Done one after the other. */
  | { kind: 'steps'; items: Piece[][] };

export interface Article {
  title: string;
  blocks: Block[];
}

/** One article each, fetched when it is read. */
const sources = import.meta.glob<string>('./articles/*/*.md', { query: '?raw', import: 'default' });

export async function loadArticle(topic: HelpTopic, language: Language): Promise<Article> {
  const load = sources[`./articles/${language}/${topic}.md`];
  if (!load) throw new Error(`no article ${topic} in ${language}`);
  return parse(await load());
}

/**
 * Reads the little of Markdown that the articles use: a `#` title, `##` headings,
 * paragraphs, `-` lists, `1.` steps, `>` notes; `**names of controls**`,
 * `` `keys` `` and `[links](topic)` in sentences. Paragraphs are one line each.
 */
export function parse(source: string): Article {
  const article: Article = { title: '', blocks: [] };
  for (const line of source.split('\n').map((text) => text.trim())) {
    const last = article.blocks.at(-1);
    if (line.startsWith('# ')) article.title = line.slice(2);
    else if (line.startsWith('## ')) article.blocks.push({ kind: 'heading', pieces: piecesOf(line.slice(3)) });
    else if (line.startsWith('> ')) article.blocks.push({ kind: 'note', pieces: piecesOf(line.slice(2)) });
    else if (/^(-|\d+\.) /.test(line)) {
      const kind = line.startsWith('-') ? 'list' : 'steps';
      const item = piecesOf(line.replace(/^(-|\d+\.) /, ''));
      if (last?.kind === kind) last.items.push(item);
      else article.blocks.push({ kind, items: [item] });
    } else if (line) article.blocks.push({ kind: 'text', pieces: piecesOf(line) });
  }
  return article;
}

/** Cuts a sentence at what stands out in it. */
export function piecesOf(text: string): Piece[] {
  return text
    .split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\([a-z-]+\))/)
    .filter(Boolean)
    .map((part): Piece => {
      const link = /^\[([^\]]+)\]\(([a-z-]+)\)$/.exec(part);
      const topic = HELP_TOPICS.find((known) => known === link?.[2]);
      if (link && topic) return { kind: 'link', text: link[1] ?? '', topic };
      if (part.startsWith('**')) return { kind: 'name', text: part.slice(2, -2) };
      if (part.startsWith('`')) return { kind: 'code', text: part.slice(1, -1) };
      return { kind: 'text', text: part };
    });
}
