/** A piece of a text; `changed` where the other text has something else. */
export interface Piece {
  text: string;
  changed: boolean;
}

/** Comparisons of words beyond which the whole middle counts as changed. */
const COMPARISONS_MAX = 1_000_000;

/** What two texts have in common between two changes counts only from so many letters on. */
const COMMON_LETTERS_MIN = 4;

/** Words and what stands between them. */
const words = (text: string) => text.match(/\s+|[^\s]+/gu) ?? [];

/** `text` in pieces, marked where it differs from `other`. */
export function differences(text: string, other: string): Piece[] {
  const a = words(text);
  const b = words(other);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const middle = a.slice(start, a.length - end);
  const kept = common(middle, b.slice(start, b.length - end));
  const all = [
    ...a.slice(0, start).map((word) => ({ text: word, changed: false })),
    ...middle.map((word, index) => ({ text: word, changed: !kept.has(index) })),
    ...a.slice(a.length - end).map((word) => ({ text: word, changed: false })),
  ];
  return joined(all);
}

/** The places in `a` of a longest common run of words with `b`. */
function common(a: string[], b: string[]): Set<number> {
  const kept = new Set<number>();
  if (a.length * b.length > COMPARISONS_MAX) return kept;
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      kept.add(i);
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return kept;
}

/** Neighbours of one kind become one piece; so little between two changes is changed with them. */
function joined(pieces: Piece[]): Piece[] {
  const runs: Piece[] = [];
  const add = ({ text, changed }: Piece) => {
    const last = runs.at(-1);
    if (last && last.changed === changed) last.text += text;
    else runs.push({ text, changed });
  };
  pieces.forEach(add);
  const all = runs.splice(0);
  all.forEach(({ text, changed }, index) => {
    const between = index > 0 && index < all.length - 1;
    const small = between && !text.includes('\n') && text.trim().length < COMMON_LETTERS_MIN;
    add({ text, changed: changed || small });
  });
  return runs;
}
