/** Cases that were left while something of theirs was unsent; they stay until it is. */

import type { LiveEvent } from '../../lib/api/types.ts';

/** How often a case that was left is looked at until nothing of it is unsent. */
const CHECK_MS = 1_000;

/** What decides on the unsent texts of a case that was left. */
const HEARS: ReadonlySet<string> = new Set<LiveEvent['event']['type']>(['case.completed', 'case.reopened', 'case.deleted']);

/** A live event of a case. */
export type Happened = Pick<LiveEvent, 'entry' | 'at' | 'actor' | 'event'> & { merged_from?: number | null };

/** A case with its unsent texts. */
export interface LeftCase {
  readonly id: string;
  readonly completed: boolean;
  /** Something will go to the server by itself. */
  readonly unsent: boolean;
  refresh(): Promise<void>;
  apply(frame: Happened): void;
  stop(): void;
}

export class LeftCases {
  readonly #left = new Map<string, { view: LeftCase; timer: ReturnType<typeof setInterval> }>();

  has(caseId: string): boolean {
    return this.#left.has(caseId);
  }

  /** Keeps a case until nothing of it is unsent. */
  keep(view: LeftCase): void {
    const timer = setInterval(() => {
      if (!view.unsent) view.stop();
    }, CHECK_MS);
    this.#left.set(view.id, { view, timer });
  }

  /** The case is opened again, and somebody else sends what is unsent. */
  stop(caseId: string): void {
    this.#left.get(caseId)?.view.stop();
  }

  /** A case has stopped by itself. */
  forget(view: LeftCase): void {
    const found = this.#left.get(view.id);
    if (found?.view !== view) return;
    clearInterval(found.timer);
    this.#left.delete(view.id);
  }

  /** A live event: a case that was left learns whether it takes again what is unsent. */
  hear(frame: Happened & { case_id: string | null }): void {
    const found = frame.case_id === null ? undefined : this.#left.get(frame.case_id);
    if (found && HEARS.has(frame.event.type)) found.view.apply(frame);
  }

  /** After a gap: some may have been opened again unheard. */
  refresh(): void {
    for (const { view } of this.#left.values()) if (view.completed) void view.refresh();
  }
}
