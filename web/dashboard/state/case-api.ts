import { Problem, request } from '../../lib/api/client.ts';
import type { Case, CaseRow, Draft, Entry, FieldName, MergePreview, Page, TimelinePage } from '../../lib/api/types.ts';
import type { Outgoing } from '../../lib/chat/outbox.svelte.ts';
import type { TimelineQuery } from '../../lib/chat/timeline.svelte.ts';

/** A new text of a field, and the version its author had before the eyes. */
export interface FieldChange {
  value: string;
  version: number;
}

/** What ids of custom fields begin with; the fields that every case has are called by name. */
const CUSTOM = 'fld_';

/** Whether a case could not be taken because this very operator has it: from another window, or by a try whose answer was lost. */
export const isTakenBy = (error: unknown, operatorId: string): boolean =>
  error instanceof Problem && error.code === 'case_taken' && error.body.taken_by?.id === operatorId;

/** The calls of one case, on the operators' side. */
export class CaseApi {
  readonly #base: string;

  constructor(caseId: string) {
    this.#base = `/cases/${caseId}`;
  }

  get(): Promise<Case> {
    return request('GET', this.#base);
  }

  /** Saves one field, by its name or, of a custom one, by its id. */
  change(field: FieldName | string, change: FieldChange): Promise<Case> {
    const body = field.startsWith(CUSTOM) ? { custom: { [field]: change } } : { [field]: change };
    return request('PATCH', this.#base, { body });
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

  /** Takes a waiting case; of several at once one has it. */
  claim(): Promise<Case> {
    return request('POST', `${this.#base}/claim`, { body: {} });
  }

  /** All operators leave, and the case waits for someone. */
  queue(): Promise<Case> {
    return request('POST', `${this.#base}/queue`, { body: {} });
  }

  /** A colleague joins and, unless one stays, oneself leaves. */
  handOver(to: string, note: string, stay: boolean): Promise<unknown> {
    return request('POST', `${this.#base}/handover`, { body: { to, note, stay } });
  }

  /** Adds an operator, oneself or another. */
  add(operatorId: string): Promise<Case> {
    return request('PUT', `${this.#base}/operators/${operatorId}`);
  }

  /** Takes an operator off the case. */
  leave(operatorId: string): Promise<Case> {
    return request('DELETE', `${this.#base}/operators/${operatorId}`);
  }

  tag(tagId: string): Promise<unknown> {
    return request('PUT', `${this.#base}/tags/${tagId}`);
  }

  untag(tagId: string): Promise<unknown> {
    return request('DELETE', `${this.#base}/tags/${tagId}`);
  }

  snooze(until: string): Promise<unknown> {
    return request('PUT', `${this.#base}/snooze`, { body: { until } });
  }

  wake(): Promise<unknown> {
    return request('DELETE', `${this.#base}/snooze`);
  }

  /** Other cases of the same customer, the newest first. */
  earlier(cursor: string | null): Promise<Page<CaseRow>> {
    return request('GET', `${this.#base}/earlier${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`);
  }

  mergePreview(from: string): Promise<MergePreview> {
    return request('GET', `${this.#base}/merge?from=${from}`);
  }

  /** Takes another case into this one; of the fields in `take` the other one's text stays. */
  merge(from: string, take: readonly string[], key: string): Promise<Case> {
    return request('POST', `${this.#base}/merge`, { key, body: { from, take } });
  }

  /** Asks the customer on their page where they are. */
  askLocation(): Promise<unknown> {
    return request('POST', `${this.#base}/location/request`, { body: {} });
  }

  forgetLocation(): Promise<unknown> {
    return request('DELETE', `${this.#base}/location`);
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

  send({ key, text, internal, mentions }: Outgoing): Promise<Entry> {
    return request('POST', `${this.#base}/messages`, { key, body: internal ? { text, internal, mentions } : { text } });
  }

  read(entry: number): Promise<void> {
    return request('PUT', `${this.#base}/read`, { body: { entry } });
  }

  draft(text: string, version: number): Promise<Draft> {
    return request('PUT', `${this.#base}/draft`, { body: { text, version } });
  }
}
