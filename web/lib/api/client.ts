import type { FieldProblem, ProblemBody } from './types.ts';

/** Where the API lives, on the page's own origin. */
const BASE = '/api/v1';
/** A request without an answer for this long counts as not connected. */
const TIMEOUT_MS = 15_000;
/** A file takes as long as its way up is narrow. */
const FILE_TIMEOUT_MS = 120_000;
/** Browsers let requests of so many bytes outlive their page, all of them together. */
const KEEPALIVE_BYTES_MAX = 60_000;
/** Answers of a proxy whose server is away; with a problem in the body they are the server's own. */
const GATEWAY = new Set([502, 503, 504]);

/** The server understood and refused. `code` is stable and decides what the page says. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly fields: FieldProblem[];
  readonly retryAfterS: number | null;
  readonly body: Partial<ProblemBody>;

  constructor(status: number, body: Partial<ProblemBody>, retryAfterS: number | null = null) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? 'internal';
    this.detail = body.detail ?? '';
    this.requestId = body.request_id ?? '';
    this.fields = body.errors ?? [];
    this.retryAfterS = retryAfterS ?? body.retry_after_s ?? null;
    this.body = body;
  }
}

/** Nobody answered: no network, no server, or not in time. Whether it was done is not known. */
export class Offline extends Error {
  override readonly name = 'Offline';
}

/** Who wants to hear every refusal, whatever asked for it. */
const watchers = new Set<(problem: Problem) => void>();

/** Hears every refusal, so that an ended session is noticed wherever it shows. Gives back how to stop. */
export function watchProblems(watcher: (problem: Problem) => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  /** Sent as JSON; a file goes as it is. */
  body?: unknown;
  /** Idempotency key; a POST without one gets a new one, so give it where the same act may be tried again. */
  key?: string;
  signal?: AbortSignal;
}

/**
 * A new random UUID. `crypto.randomUUID` is missing on plain http, where the
 * page must still be able to say what is wrong.
 */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A hidden page may be gone in a moment; what it sends then should arrive all the same. */
const leaving = () => typeof document !== 'undefined' && document.visibilityState === 'hidden';

/** Seconds of a `Retry-After` header, which is a number or a date. */
function retryAfter(header: string | null): number | null {
  if (!header) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

async function failure(response: Response): Promise<Error> {
  const type = response.headers.get('content-type') ?? '';
  const wait = retryAfter(response.headers.get('retry-after'));
  if (!type.includes('json')) {
    return GATEWAY.has(response.status) ? new Offline() : new Problem(response.status, {}, wait);
  }
  const body = (await response.json().catch(() => ({}))) as Partial<ProblemBody>;
  return new Problem(response.status, body, wait);
}

/**
 * One call to the API. Gives the parsed body (undefined where there is none), throws
 * `Problem` when refused and `Offline` when nobody answered.
 */
export async function request<T = void>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  const { body, signal } = options;
  const headers: Record<string, string> = { accept: 'application/json' };
  const file = body instanceof Blob ? body : null;
  if (body !== undefined) headers['content-type'] = file ? file.type || 'application/octet-stream' : 'application/json';
  if (method === 'POST') headers['idempotency-key'] = options.key ?? newKey();

  const timeout = new AbortController();
  const stop = () => timeout.abort();
  const timer = setTimeout(stop, file ? FILE_TIMEOUT_MS : TIMEOUT_MS);
  signal?.addEventListener('abort', stop);
  try {
    signal?.throwIfAborted();
    const json = body === undefined || file ? null : JSON.stringify(body);
    const response = await fetch(BASE + path, {
      method,
      headers,
      body: file ?? json,
      keepalive: json !== null && leaving() && new TextEncoder().encode(json).length < KEEPALIVE_BYTES_MAX,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: timeout.signal,
    });
    if (!response.ok) throw await failure(response);
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
  } catch (error) {
    if (error instanceof Problem) for (const watcher of watchers) watcher(error);
    if (error instanceof Problem || error instanceof Offline) throw error;
    if (signal?.aborted) throw signal.reason;
    throw new Offline(undefined, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
