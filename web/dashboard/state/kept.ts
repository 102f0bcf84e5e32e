/**
 * Texts that the server does not have yet, kept in the browser under one key
 * each, so that neither a reload nor a lost network takes them.
 */

import type { CustomField } from '../../lib/api/types.ts';

/** A text, and the version of the field it was written over. */
export interface Kept {
  text: string;
  version: number;
  /** What the field was, when it is one of the organization's own: it may be gone before the text is saved. */
  definition?: CustomField;
  /** The field is gone; the text waits for whoever typed it, and is not sent. */
  removed?: true;
}

/** As far as it is needed to name a field and to read what was chosen in it. */
function isDefinition(value: unknown): value is CustomField {
  const { label, kind, options } = (value ?? {}) as Partial<CustomField>;
  return typeof label === 'string' && typeof kind === 'string' && Array.isArray(options);
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

/**
 * One kept text. Without storage it lives as long as the page does. Two tabs of one case share the
 * place: the last to write has it, and only whoever wrote or took up what stands there gives it up.
 */
export class Keeper {
  readonly #name: string;
  /** What this one last wrote or took up, as it stands in the storage. */
  #own: string | null = null;

  /** `scope` is case and operator, so that nobody saves another's words: `case_…/op_…`. */
  constructor(scope: string, field: string) {
    this.#name = `${KEPT_PREFIX}${scope}:${field}`;
  }

  read(): Kept | null {
    try {
      const stored = storage()?.getItem(this.#name) ?? null;
      const value = JSON.parse(stored ?? 'null') as Partial<Kept> | null;
      if (typeof value?.text !== 'string' || typeof value.version !== 'number') return null;
      this.#own = stored;
      return {
        text: value.text,
        version: value.version,
        ...(isDefinition(value.definition) && { definition: value.definition }),
        ...(value.removed === true && { removed: true }),
      };
    } catch {
      return null;
    }
  }

  keep(kept: Kept): void {
    try {
      const stored = JSON.stringify(kept);
      storage()?.setItem(this.#name, stored);
      this.#own = stored;
    } catch {
      // A full storage: the text still stands in the field and is tried again.
    }
  }

  /** The server has the text, or nobody wants it any more; what another tab keeps here stays. */
  forget(): void {
    try {
      const kept = storage();
      if (this.#own !== null && kept?.getItem(this.#name) === this.#own) kept.removeItem(this.#name);
      this.#own = null;
    } catch {
      // Nothing was kept.
    }
  }

  /** The case is gone, and with it what any tab kept of it. */
  clear(): void {
    try {
      storage()?.removeItem(this.#name);
    } catch {
      // Nothing was kept.
    }
  }
}

/** Under which names something unsaved of a case and an operator is kept. */
export function keptNames(scope: string): string[] {
  const prefix = `${KEPT_PREFIX}${scope}:`;
  const kept = storage();
  try {
    return Array.from({ length: kept?.length ?? 0 }, (_, index) => kept?.key(index) ?? '')
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
  } catch {
    return [];
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
