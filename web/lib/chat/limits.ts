/** Characters of one message; the server refuses more. */
export const MESSAGE_CHARACTERS_MAX = 10_000;
/** From so few characters left on, the number is shown. */
export const COUNT_FROM = 500;

/** How many more characters fit, as the server counts them; below zero it is too long. */
export function charactersLeft(text: string): number {
  // Code points are never more than code units, so the exact count is only needed near the limit.
  if (text.length < MESSAGE_CHARACTERS_MAX - COUNT_FROM) return MESSAGE_CHARACTERS_MAX - text.length;
  return MESSAGE_CHARACTERS_MAX - [...text.trim()].length;
}
