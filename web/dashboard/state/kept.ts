/**
 * Texts that the server does not have yet, kept in the browser under one key
 * each, so that neither a reload nor a lost network takes them.
 */

/** A text, and the version of the field it was written over. */
export interface Kept {
  text: string;
  version: number;
}

/** What every unsaved text's key begins with; case, operator and field follow. */
const KEPT_PREFIX = 'deskside:unsaved:';
/** As above for messages; see the outbox. */
const OUTBOX_PREFIX = 'deskside:outbox:';

function storage(): Storage | null {
  try {
    return typeof localStorage === 'undefined' ? null : localStorage;
  } catch {
    return null;
  }
}

/** One kept text. Without storage it lives as long as the page does. */
export class Keeper {
  readonly #name: string;

  /** `scope` is case and operator, so that nobody saves another's words: `case_…/op_…`. */
  constructor(scope: string, field: string) {
    this.#name = `${KEPT_PREFIX}${scope}:${field}`;
  }

  read(): Kept | null {
    try {
      const value = JSON.parse(storage()?.getItem(this.#name) ?? 'null') as Partial<Kept> | null;
      return typeof value?.text === 'string' && typeof value.version === 'number' ? { text: value.text, version: value.version } : null;
    } catch {
      return null;
    }
  }

  keep(kept: Kept): void {
    try {
      storage()?.setItem(this.#name, JSON.stringify(kept));
    } catch {
      // A full storage: the text still stands in the field and is tried again.
    }
  }

  forget(): void {
    try {
      storage()?.removeItem(this.#name);
    } catch {
      // Nothing was kept.
    }
  }
}

/** The cases in which this browser has something unsent of an operator. */
export function unsentCases(operatorId: string): string[] {
  const found = new Set<string>();
  const kept = storage();
  try {
    for (let i = 0; kept && i < kept.length; i++) {
      const name = kept.key(i) ?? '';
      const prefix = [KEPT_PREFIX, OUTBOX_PREFIX].find((known) => name.startsWith(known));
      const [caseId, rest] = prefix ? name.slice(prefix.length).split('/') : [];
      if (caseId && rest?.startsWith(`${operatorId}:`)) found.add(caseId);
    }
  } catch {
    // A browser that lets nobody read has kept nothing.
  }
  return [...found];
}
