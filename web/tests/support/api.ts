import { vi } from 'vitest';

/** One request that was made: `PATCH /operators/op_1` and what came with it. */
export interface Call {
  what: string;
  body: unknown;
}

/** Answers the API's requests in place of a server. */
export class TestApi {
  readonly calls: Call[] = [];
  #answers: [what: string | RegExp, answer: (body: never) => unknown][] = [];

  /** Goes in place of `fetch`; take it away with `vi.unstubAllGlobals()`. */
  constructor() {
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      const what = `${init.method} ${path.replace('/api/v1', '')}`;
      const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : (init.body ?? undefined);
      this.calls.push({ what, body });
      const found = this.#answers.findLast(([wanted]) => (typeof wanted === 'string' ? wanted === what : wanted.test(what)));
      if (!found) throw new TypeError(`nobody answers ${what}`);
      const answer = await found[1](body as never);
      return answer instanceof Response ? answer : answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer);
    });
  }

  /** What a request is answered with; the latest word counts. */
  on<Body>(what: string | RegExp, answer: (body: Body) => unknown): void {
    this.#answers.push([what, answer as (body: never) => unknown]);
  }

  /** What was asked, without what only read. */
  get writes(): Call[] {
    return this.calls.filter(({ what }) => !what.startsWith('GET'));
  }
}

/** A refusal as the server sends it. */
export function refusal(status: number, code: string, more: Record<string, unknown> = {}): Response {
  return new Response(JSON.stringify({ status, code, ...more }), { status, headers: { 'content-type': 'application/problem+json' } });
}
