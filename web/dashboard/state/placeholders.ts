/** Gaps in prepared texts that are filled from the case; the names are the server's. */

export const PLACEHOLDERS = ['case_name', 'case_number', 'operator_name', 'organization_name', 'contact_email', 'contact_phone', 'guest_link'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** What stands in the gaps; where there is nothing, the gap stays. */
export type PlaceholderValues = Readonly<Partial<Record<Placeholder, string>>>;

/** Known names as someone may have mistyped them: in large letters, with blanks or hyphens. */
const LIKE = PLACEHOLDERS.map((name) => name.replaceAll('_', '[_ -]')).join('|');
/** A known name with a brace before or behind it, as the server looks for what must not be sent: also halves and doubles. */
const GAP = new RegExp(`\\{+[ \\t]*(${LIKE})(?![\\p{L}\\p{N}_])(?:[ \\t]*\\}+)?|(${LIKE})[ \\t]*\\}+`, 'giu');
const WORD_BEFORE = /[\p{L}\p{N}_]$/u;

interface Gap {
  name: Placeholder;
  from: number;
  to: number;
}

/** A part of a text; a gap that nothing fills is marked. */
export interface Piece {
  text: string;
  gap: boolean;
}

/** A text with its gaps filled, cut where some are left. One that is not written as it should be stays. */
export function piecesOf(text: string, values: PlaceholderValues): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  let end = 0;
  for (const { name, from, to } of gapsIn(text)) {
    plain += text.slice(end, from);
    end = to;
    const words = text.slice(from, to);
    const value = words === `{${name}}` ? values[name] : '';
    if (value) {
      plain += value;
      continue;
    }
    if (plain) pieces.push({ text: plain, gap: false });
    pieces.push({ text: words, gap: true });
    plain = '';
  }
  plain += text.slice(end);
  if (plain) pieces.push({ text: plain, gap: false });
  return pieces;
}

export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return piecesOf(text, values)
    .map((piece) => piece.text)
    .join('');
}

/** The gaps that are left in a text, each with where it stands. */
export function gapsIn(text: string): Gap[] {
  const gaps: Gap[] = [];
  for (const { 0: words, 1: behind, 2: before, index } of text.matchAll(GAP)) {
    // `my_case_name}` is another name.
    if (before && WORD_BEFORE.test(text.slice(0, index))) continue;
    const name = (behind ?? before ?? '').toLowerCase().replace(/[ -]/g, '_') as Placeholder;
    gaps.push({ name, from: index, to: index + words.length });
  }
  return gaps;
}

/** Whether a text asks for something. */
export function needs(text: string, name: Placeholder): boolean {
  return gapsIn(text).some((gap) => gap.name === name);
}
