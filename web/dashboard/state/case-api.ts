import { request } from '../../lib/api/client.ts';
import type { Case, Draft, Entry, FieldName, TimelinePage } from '../../lib/api/types.ts';
import type { TimelineQuery } from '../../lib/chat/timeline.svelte.ts';

/** A new text of a field, and the version its author had before the eyes. */
export interface FieldChange {
  value: string;
  version: number;
}

/** The calls of one case, on the operators' side. */
export class CaseApi {
  readonly #base: string;

  constructor(caseId: string) {
    this.#base = `/cases/${caseId}`;
  }

  get(): Promise<Case> {
    return request('GET', this.#base);
  }

  change(field: FieldName, change: FieldChange): Promise<Case> {
    return request('PATCH', this.#base, { body: { [field]: change } });
  }

  remove(): Promise<void> {
    return request('DELETE', this.#base);
  }

  complete(): Promise<Case> {
    return request('POST', `${this.#base}/complete`, { body: {} });
  }

  reopen(): Promise<Case> {
    return request('POST', `${this.#base}/reopen`, { body: {} });
  }

  /** Adds an operator, oneself or another. */
  add(operatorId: string): Promise<Case> {
    return request('PUT', `${this.#base}/operators/${operatorId}`);
  }

  /** Takes an operator off the case. */
  leave(operatorId: string): Promise<Case> {
    return request('DELETE', `${this.#base}/operators/${operatorId}`);
  }

  async guestLink(): Promise<string> {
    const { url } = await request<{ url: string }>('GET', `${this.#base}/guest-link`);
    return url;
  }

  page(query: TimelineQuery): Promise<TimelinePage> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    return request('GET', `${this.#base}/timeline?${search}`);
  }

  send({ key, text }: { key: string; text: string }): Promise<Entry> {
    return request('POST', `${this.#base}/messages`, { key, body: { text } });
  }

  read(entry: number): Promise<void> {
    return request('PUT', `${this.#base}/read`, { body: { entry } });
  }

  draft(text: string, version: number): Promise<Draft> {
    return request('PUT', `${this.#base}/draft`, { body: { text, version } });
  }
}
