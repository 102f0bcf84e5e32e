import { SvelteMap } from 'svelte/reactivity';
import type { Actor } from '../../lib/api/types.ts';
import { Typing } from '../../lib/chat/typing.svelte.ts';
import { systemClock, type Clock } from '../../lib/live/socket.svelte.ts';

/** Who is typing in which case. */
export class TypingByCase {
  readonly #cases = new SvelteMap<string, Typing>();
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** A typing frame came. */
  hear(caseId: string, actor: Actor, typing: boolean): void {
    let found = this.#cases.get(caseId);
    if (!found) {
      if (!typing) return;
      found = new Typing(this.#clock);
      this.#cases.set(caseId, found);
    }
    found.hear(actor, typing);
  }

  /** Who is typing here, in the order they began. */
  actors(caseId: string): Actor[] {
    return this.#cases.get(caseId)?.actors ?? [];
  }

  /** A case is gone: nobody writes there any more. */
  forget(caseId: string): void {
    this.#cases.get(caseId)?.clear();
    this.#cases.delete(caseId);
  }

  /** Without a connection nobody is heard to stop. */
  clear(): void {
    for (const typing of this.#cases.values()) typing.clear();
    this.#cases.clear();
  }
}
