/** Gaps in prepared texts that are filled from the case; the names are the server's. */

export const PLACEHOLDERS = ['case_name', 'case_number', 'operator_name', 'organization_name', 'contact_email', 'contact_phone', 'guest_link'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** What stands in the gaps; where there is nothing, the gap stays. */
export type PlaceholderValues = Readonly<Partial<Record<Placeholder, string>>>;

const GAP = new RegExp(`\\{(${PLACEHOLDERS.join('|')})\\}`, 'g');

/** A part of a text; a gap that nothing fills is marked. */
export interface Piece {
  text: string;
  gap: boolean;
}

/** A text with its gaps filled, cut where some are left. */
export function piecesOf(text: string, values: PlaceholderValues): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  let end = 0;
  for (const match of text.matchAll(GAP)) {
    plain += text.slice(end, match.index);
    end = match.index + match[0].length;
    const value = values[match[1] as Placeholder];
    if (value) {
      plain += value;
      continue;
    }
    if (plain) pieces.push({ text: plain, gap: false });
    pieces.push({ text: match[0], gap: true });
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
export function gapsIn(text: string): { name: Placeholder; from: number; to: number }[] {
  return [...text.matchAll(GAP)].map((match) => ({ name: match[1] as Placeholder, from: match.index, to: match.index + match[0].length }));
}

/** Whether a text asks for something. */
export function needs(text: string, name: Placeholder): boolean {
  return gapsIn(text).some((gap) => gap.name === name);
}
