import { Problem, request } from '../../lib/api/client.ts';
import type { QuickResponse } from '../../lib/api/types.ts';
import type { EventFrame } from './desk.svelte.ts';
import type { KeptForm } from './kept-forms.svelte.ts';
import { gapsIn, PLACEHOLDERS } from './placeholders.ts';
import { Setting, type KeptSetting } from './setting.svelte.ts';

/** Whose a quick response is: everyone's, or one operator's own. */
export type Scope = QuickResponse['scope'];

/** What one writes of a quick response. */
export interface ResponseDraft {
  shortcut: string;
  title: string;
  text: string;
}

const draftOf = ({ shortcut, title, text }: QuickResponse): ResponseDraft => ({ shortcut, title, text });

/** The quick responses this operator sees: everyone's, and the own ones that nobody else sees. */
export class Responses {
  items = $state.raw<QuickResponse[]>([]);
  loaded = $state(false);
  error = $state.raw<unknown>(null);

  async load(): Promise<void> {
    try {
      this.items = (await request<{ items: QuickResponse[] }>('GET', '/quick-responses')).items;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  /** Follows what others do; null says that something was missed. */
  hear(frame: EventFrame | null): void {
    if (frame === null || frame.event.type === 'quick_responses.changed') void this.load();
  }

  find(id: string): QuickResponse | undefined {
    return this.items.find((item) => item.id === id);
  }

  /** Writes a new one; the same `key` again is the same response. */
  async create(scope: Scope, draft: ResponseDraft, key: string): Promise<QuickResponse> {
    const made = await request<QuickResponse>('POST', '/quick-responses', { body: { scope, ...draft }, key });
    this.put(made);
    return made;
  }

  async remove(id: string): Promise<void> {
    await request('DELETE', `/quick-responses/${id}`);
    this.items = this.items.filter((item) => item.id !== id);
  }

  put(response: QuickResponse): void {
    this.items = [...this.items.filter((item) => item.id !== response.id), response].toSorted((a, b) => a.shortcut.localeCompare(b.shortcut));
  }
}

/** One quick response while it is edited. It saves itself; when another administrator was faster, one chooses. */
export class ResponseEditor {
  readonly id: string;
  readonly scope: Scope;
  readonly setting: Setting<ResponseDraft>;
  /** What someone else saved meanwhile; null while there is no conflict. */
  theirs = $state.raw<QuickResponse | null>(null);
  /** The version before the eyes. */
  #version: number;
  readonly #responses: Responses;

  constructor(responses: Responses, response: QuickResponse, kept?: KeptForm<KeptSetting<ResponseDraft>>) {
    this.#responses = responses;
    this.id = response.id;
    this.scope = response.scope;
    this.#version = response.version;
    this.setting = new Setting(draftOf(response), (draft: ResponseDraft) => this.#send(draft), kept);
    // What was typed before the session ended, over another text than the one that stands there now.
    if (this.setting.overtaken) this.theirs = response;
  }

  get draft(): ResponseDraft {
    return this.setting.value;
  }

  type(change: Partial<ResponseDraft>): void {
    const draft = { ...this.draft, ...change };
    if (this.theirs) this.setting.hold(draft);
    else this.setting.type(draft);
  }

  /** What the server holds now; what is being written here stays, and is compared when it is saved. */
  take(response: QuickResponse): void {
    if (response.version <= this.#version || this.theirs) return;
    this.setting.take(draftOf(response));
    if (same(this.draft, draftOf(response))) this.#version = response.version;
  }

  /** Ends a conflict with the own words. */
  keepMine(): void {
    if (!this.theirs) return;
    this.#version = this.theirs.version;
    this.theirs = null;
    this.setting.type(this.draft);
    this.setting.flush();
  }

  /** Ends a conflict with theirs. */
  takeTheirs(): void {
    if (!this.theirs) return;
    this.#version = this.theirs.version;
    this.setting.reset(draftOf(this.theirs));
    this.theirs = null;
  }

  async #send(draft: ResponseDraft): Promise<void> {
    try {
      const saved = await request<QuickResponse>('PATCH', `/quick-responses/${this.id}`, { body: { version: this.#version, ...draft } });
      this.#version = saved.version;
      this.#responses.put(saved);
    } catch (error) {
      if (error instanceof Problem && error.code === 'field_conflict') {
        await this.#responses.load();
        const now = this.#responses.find(this.id) ?? null;
        if (now && same(draft, draftOf(now))) {
          // The same words stand there already: they were sent before, and the answer did not come in time.
          this.#version = now.version;
          return;
        }
        this.theirs = now;
      }
      throw error;
    }
  }
}

/** Braces with something in them, on one line, or with a word at their inner side. */
const BRACED = /\{*\{([^{}\n]*)\}\}*|\{+[\p{L}\p{N}_]+|[\p{L}\p{N}_]+\}+/gu;

/** What looks like a placeholder and is none, with its braces: a customer would read it as it stands. The server refuses it. */
export function wrongPlaceholders(text: string): string[] {
  const braced = [...text.matchAll(BRACED)].filter((match) => match[1] === undefined || match[1].trim());
  const found = [...braced.map((match) => match[0]), ...gapsIn(text).map(({ from, to }) => text.slice(from, to))];
  return [...new Set(found.filter((words) => !PLACEHOLDERS.some((known) => words === `{${known}}`)))];
}

function same(one: ResponseDraft, other: ResponseDraft): boolean {
  return one.shortcut === other.shortcut && one.title === other.title && one.text === other.text;
}
