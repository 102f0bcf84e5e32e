import { Offline, Problem } from '../lib/api/client.ts';
import type { GuestCase, OrganizationContact } from '../lib/api/types.ts';
import { enter } from './api.ts';
import { i18n } from './i18n.ts';
import { Room } from './room.svelte.ts';

/** How long to wait before knocking again when nobody answered. */
const RETRY_MS = 5_000;

/** Where a visit can stand; everything but `loading` and `chat` is a page with words and a way on. */
export type Phase = 'loading' | 'chat' | 'unknown' | 'completed' | 'deleted' | 'offline' | 'problem' | 'insecure';

/** One visit to the guest page, from the link to the chat or to a kind end. */
export class Visit {
  phase = $state<Phase>('loading');
  organization = $state.raw<OrganizationContact | null>(null);
  /** The chat; it waits through completion, because the case may be reopened. */
  room = $state.raw<Room | null>(null);
  /** What went wrong, in phase `problem`. */
  error = $state.raw<unknown>(null);

  readonly #token: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #entering = false;

  constructor(token: string) {
    this.#token = token;
    window.addEventListener('online', () => {
      if (this.phase === 'offline') void this.enter();
    });
  }

  /** Opens the session and the chat; also after a session has run out. */
  async enter(): Promise<void> {
    if (!window.isSecureContext) {
      this.phase = 'insecure';
      return;
    }
    if (this.#entering) return;
    this.#entering = true;
    clearTimeout(this.#timer);
    try {
      const opened = await enter(this.#token);
      // English is what a case has where nobody chose a language, so it says nothing against the browser.
      if (opened.language !== 'en') await i18n.suggest(opened.language);
      await this.#open(opened);
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#entering = false;
    }
  }

  async #open(opened: GuestCase): Promise<void> {
    this.organization = opened.organization;
    // The room of a completed case waits behind the page that says so.
    const phase = opened.status === 'completed' ? 'completed' : 'chat';
    if (this.room?.case.id === opened.id) {
      await this.room.resume(opened);
      this.phase = phase;
      return;
    }
    // The case is a part of another one now: what was on its way goes there.
    const unsent = this.room?.outbox.items.map(({ text }) => text) ?? [];
    this.room?.outbox.clear();
    this.room?.stop();
    const room = new Room(opened, {
      ended: (how) => this.#ended(how),
      reopened: () => (this.phase = 'chat'),
      admitted: () => void this.enter(),
      signedOut: () => void this.enter(),
    });
    await room.start();
    for (const text of unsent) room.outbox.add(text);
    this.room = room;
    this.phase = phase;
  }

  #ended(how: 'completed' | 'deleted'): void {
    this.phase = how;
    if (how === 'deleted') {
      this.room?.stop();
      this.room = null;
    }
  }

  #refused(error: unknown): void {
    this.error = error;
    // No camera stays on behind another page; a tab that was in the call goes back into it by itself.
    this.room?.calling.stop();
    if (error instanceof Offline) {
      this.phase = 'offline';
      this.#timer = setTimeout(() => void this.enter(), RETRY_MS);
      return;
    }
    const problem = error instanceof Problem ? error : null;
    this.organization = problem?.body.organization ?? this.organization;
    if (problem?.code === 'case_completed') this.phase = 'completed';
    else if (problem?.code === 'case_deleted') this.#ended('deleted');
    else if (problem?.code === 'link_unknown') this.phase = 'unknown';
    else this.phase = 'problem';
  }
}
