/** Placeholders of prepared texts, `{case_name}` and the like: the same names in every text, as the server knows them. */

export const PLACEHOLDERS = ['case_name', 'case_number', 'operator_name', 'organization_name', 'contact_email', 'contact_phone', 'guest_link'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** What a placeholder stands for; empty where nothing is known. */
export type PlaceholderValues = Record<Placeholder, string>;

/** A piece of a text: as it stands, or a placeholder. */
export interface TextPiece {
  text: string;
  /** Which placeholder it is; null for plain text, also for braces around anything else. */
  name: Placeholder | null;
}

const isPlaceholder = (name: string): name is Placeholder => PLACEHOLDERS.some((known) => known === name);

/** Cuts a text at its placeholders. */
export function piecesOf(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  for (const part of text.split(/(\{[a-z_]+\})/)) {
    const name = part.startsWith('{') ? part.slice(1, -1) : '';
    const last = pieces.at(-1);
    if (isPlaceholder(name)) pieces.push({ text: part, name });
    else if (last?.name === null) last.text += part;
    else if (part) pieces.push({ text: part, name: null });
  }
  return pieces;
}

/** Puts values in; a placeholder without a value stays, so that it is seen. */
export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return piecesOf(text)
    .map((piece) => (piece.name && values[piece.name]) || piece.text)
    .join('');
}

/** The placeholders that still stand in a text. */
export function placeholdersLeft(text: string): Placeholder[] {
  return piecesOf(text).flatMap((piece) => piece.name ?? []);
}

/** Names in braces, on one line, that are no placeholders: a customer would read them as they stand. */
export function unknownPlaceholders(text: string): string[] {
  const named = [...text.matchAll(/\{([^{}\n]+)\}/g)].map((match) => match[1] ?? '');
  return [...new Set(named.filter((name) => name.trim() && !isPlaceholder(name)))];
}
