/** What someone has begun to write, kept for as long as the tab lives. */
const PREFIX = 'deskside:draft:';

export function readDraft(caseId: string): string {
  try {
    return sessionStorage.getItem(PREFIX + caseId) ?? '';
  } catch {
    return '';
  }
}

/** Keeps the text; an empty one is forgotten. */
export function keepDraft(caseId: string, text: string): void {
  try {
    if (text) sessionStorage.setItem(PREFIX + caseId, text);
    else sessionStorage.removeItem(PREFIX + caseId);
  } catch {
    // Without storage the text still stands in the field.
  }
}
