/** A text and the places in it that were found, in UTF-16 units. */
export interface MarkedText {
  text: string;
  marks: readonly (readonly [number, number])[];
}

export interface Part {
  text: string;
  hit: boolean;
}

/** A text in pieces: found, and what stands between. Marks that overlap become one; what lies outside the text is left out. */
export function marked({ text, marks }: MarkedText): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const [from, to] of [...marks].sort((a, b) => a[0] - b[0])) {
    const start = Math.max(from, end);
    const stop = Math.min(to, text.length);
    if (stop <= start) continue;
    const last = parts.at(-1);
    if (start > end) parts.push({ text: text.slice(end, start), hit: false });
    if (last?.hit && start === end) last.text += text.slice(start, stop);
    else parts.push({ text: text.slice(start, stop), hit: true });
    end = stop;
  }
  if (end < text.length) parts.push({ text: text.slice(end), hit: false });
  return parts;
}

/** Where the words of a search stand in a text, as it is compared: without regard to case. */
export function marksIn(text: string, query: string): [number, number][] {
  const found: [number, number][] = [];
  const lower = text.toLowerCase();
  // A few letters grow when they are made small; then no place would be right.
  if (lower.length !== text.length) return found;
  for (const word of new Set(query.toLowerCase().split(/\s+/u).filter(Boolean))) {
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length)) found.push([at, at + word.length]);
  }
  return found;
}
