/**
 * Finds addresses in a text, so that they can be shown as links. Nothing is
 * ever fetched, and only schemes that cannot run anything become links.
 */

export type Part = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string };

// Every repetition has an end, so that no text takes longer than its length; nobody needs longer addresses.
const CANDIDATE =
  /\b(?:https?:\/\/|www\.)[^\s<>"'`«»“”„]{1,2000}|\bmailto:[^\s<>"'`«»“”„]{1,300}|\btel:[+\d][\d\-().]{1,40}|[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/giu;

/** Closing brackets belong to the sentence unless the address opened them. */
const PAIRS: Record<string, string> = { ')': '(', ']': '[', '}': '{', '’': '‘' };

/** How often a letter stands in a text. */
function count(text: string, letter: string): number {
  let found = 0;
  for (let at = text.indexOf(letter); at !== -1; at = text.indexOf(letter, at + 1)) found += 1;
  return found;
}

function trimEnd(found: string): string {
  let text = found;
  for (;;) {
    const last = text.at(-1) ?? '';
    const open = PAIRS[last];
    const unbalanced = open !== undefined && count(text, last) > count(text, open);
    if (!unbalanced && !/[.,;:!?…*_]/.test(last)) return text;
    text = text.slice(0, -1);
  }
}

/** The address a piece of text stands for, or null when it only looks like one. */
function hrefOf(text: string): string | null {
  if (/^www\./i.test(text)) return hrefOf(`https://${text}`);
  if (/^https?:/i.test(text)) {
    try {
      const url = new URL(text);
      // A name before the host can pass one site off as another; such an address stays text.
      if (url.username || url.password) return null;
      return url.hostname.includes('.') || url.hostname === 'localhost' ? url.href : null;
    } catch {
      return null;
    }
  }
  if (/^(mailto|tel):/i.test(text)) return text.length > text.indexOf(':') + 1 ? text : null;
  return `mailto:${text}`;
}

/** Splits a text into plain pieces and links; put together again they are the text. */
export function linkify(text: string): Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = trimEnd(match[0]);
    const href = hrefOf(shown);
    if (!href || match.index < done) continue;
    if (match.index > done) parts.push({ kind: 'text', text: text.slice(done, match.index) });
    parts.push({ kind: 'link', text: shown, href });
    done = match.index + shown.length;
  }
  if (done < text.length) parts.push({ kind: 'text', text: text.slice(done) });
  return parts;
}

/** The most emoji that are still drawn large. */
const EMOJI_ALONE_MAX = 3;
const EMOJI_ALONE = /^(?:\p{Regional_Indicator}{2}|\p{Emoji}(?:\p{EMod}|\uFE0F\u20E3?|[\u{E0020}-\u{E007E}]+\u{E007F})?(?:\u200D\p{Emoji}(?:\p{EMod}|\uFE0F)?)*|\s)+$/u;

/** Whether a message is only one to three emoji. Digits alone are not, though Unicode counts them in. */
export function emojiOnly(text: string): boolean {
  if (text.length > 60 || !/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(text)) return false;
  if (/[\d#*](?!\uFE0F?\u20E3)/.test(text)) return false;
  if (!EMOJI_ALONE.test(text)) return false;
  const letters = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)];
  return letters.filter(({ segment }) => segment.trim()).length <= EMOJI_ALONE_MAX;
}
