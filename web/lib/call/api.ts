import { request } from '../api/client.ts';
import type { Answered, Call, CallApi, Joined } from './types.ts';

/** The requests of a call below a case: `/cases/case_…` for operators, `/guest/cases/case_…` for guests. */
export function callApi(base: string): CallApi {
  const call = (id: string) => `${base}/calls/${id}`;
  const participant = (id: string, who: string) => `${call(id)}/participants/${who}`;
  return {
    join: (id, body, signal) => request<Joined>('POST', `${call(id)}/participants`, { body, ...(signal && { signal }) }),
    offer: (id, who, body, signal) => request<Answered>('POST', `${participant(id, who)}/offer`, { body, ...(signal && { signal }) }),
    media: (id, who, body) => request('PUT', `${participant(id, who)}/media`, { body }),
    leave: (id, who, token) => request('POST', `${participant(id, who)}/leave`, { body: { token } }),
    get: (id) => request<Call>('GET', call(id)),
  };
}
