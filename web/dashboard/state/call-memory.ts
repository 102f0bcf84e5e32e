/** Where a tab remembers, from its unloading to its next load, that it was in a call. */
const REMEMBERED = 'deskside:in-call';

/** The call, and how it was shown. As whom one was in it, the call itself remembers. */
export interface CallPlace {
  caseId: string;
  callId: string;
  small: boolean;
}

/**
 * Remembers the call while the page is unloaded. Not earlier: a tab that is
 * duplicated has a copy of the storage, and must not take the place of its original.
 */
export function rememberCall(place: CallPlace): void {
  try {
    sessionStorage.setItem(REMEMBERED, JSON.stringify(place));
  } catch {
    // Whoever keeps nothing joins again by the button.
  }
}

/** The call that this tab was in before it was loaded again; told once. */
export function recallCall(): CallPlace | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(REMEMBERED) ?? 'null');
    forgetCall();
    return isPlace(kept) ? kept : null;
  } catch {
    return null;
  }
}

export function forgetCall(): void {
  try {
    sessionStorage.removeItem(REMEMBERED);
  } catch {
    // Nothing was kept.
  }
}

function isPlace(kept: unknown): kept is CallPlace {
  if (typeof kept !== 'object' || kept === null) return false;
  const { caseId, callId, small } = kept as Partial<Record<keyof CallPlace, unknown>>;
  return typeof caseId === 'string' && typeof callId === 'string' && typeof small === 'boolean';
}
