/** Signs in a text that offer something while it is typed: `/` prepared texts, `@` colleagues. */

/** Letters behind a sign that are still looked for. */
const QUERY_MAX = 40;

export interface Trigger {
  kind: 'response' | 'mention';
  /** Where the sign stands. */
  from: number;
  /** What follows it up to the caret. */
  query: string;
}

/** What the text right before the caret asks for; null for nothing. Colleagues are mentioned in internal messages only. */
export function triggerAt(text: string, caret: number, internal: boolean): Trigger | null {
  const before = text.slice(Math.max(0, caret - QUERY_MAX - 1), caret);
  const offset = caret - before.length;
  // A sign begins a word: "and/or" and addresses ask for nothing.
  const response = /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u.exec(before);
  if (response) return { kind: 'response', from: caret - (response[1]?.length ?? 0) - 1, query: response[1] ?? '' };
  const mention = internal ? /(?:^|[\s(])@([\p{L}\p{M}'’.-]*(?: [\p{L}\p{M}'’.-]*)?)$/u.exec(before) : null;
  if (mention) return { kind: 'mention', from: offset + before.lastIndexOf('@'), query: mention[1] ?? '' };
  return null;
}

/** A text with something in place of a sign and what follows it, and where the caret is then. */
export function replaceTrigger(text: string, trigger: Trigger, caret: number, by: string): { text: string; caret: number } {
  return { text: text.slice(0, trigger.from) + by + text.slice(caret), caret: trigger.from + by.length };
}
