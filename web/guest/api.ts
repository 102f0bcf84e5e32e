import { request } from '../lib/api/client.ts';
import type { Entry, GuestCase, LocationAnswer, TimelinePage } from '../lib/api/types.ts';
import { callApi } from '../lib/call/api.ts';
import type { CallApi } from '../lib/call/types.ts';
import type { TimelineQuery } from '../lib/chat/timeline.svelte.ts';

/** Opens the guest's session; this call, not the page's address, marks the arrival. */
export const enter = (token: string) => request<GuestCase>('POST', '/guest/session', { body: { token } });

/** The requests of one case, on the guest's side. */
export class GuestApi {
  /** What a call asks of the server. */
  readonly calls: CallApi;
  readonly #base: string;

  constructor(caseId: string) {
    this.#base = `/guest/cases/${caseId}`;
    this.calls = callApi(this.#base);
  }

  /** The case itself. */
  get(): Promise<GuestCase> {
    return request('GET', this.#base);
  }

  page(query: TimelineQuery): Promise<TimelinePage> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    return request('GET', `${this.#base}/timeline?${search}`);
  }

  send({ key, text }: { key: string; text: string }): Promise<Entry> {
    return request('POST', `${this.#base}/messages`, { key, body: { text } });
  }

  /** What the guest says to the team's question for the location. */
  answerLocation(body: LocationAnswer): Promise<void> {
    return request('POST', `${this.#base}/location`, { body });
  }

  read(entry: number): Promise<void> {
    return request('PUT', `${this.#base}/read`, { body: { entry } });
  }

  /** Where the live socket goes on after an entry. */
  liveUrl(after: number): string {
    return `/api/v1${this.#base}/live?after=${after}`;
  }
}
