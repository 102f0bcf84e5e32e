import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newKey, Offline, Problem, request } from './client.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let calls: { url: string; init: RequestInit }[];
let answer: () => Promise<Response>;

beforeEach(() => {
  calls = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    calls.push({ url, init });
    return answer();
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const header = (name: string) => new Headers(calls[0]?.init.headers).get(name);
const refuse = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  async () => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json', ...headers } });
const refusal = (path = '/x') => request('GET', path).then(() => undefined, (error: unknown) => error);

describe('request', () => {
  test('asks the API on the same origin and gives the body', async () => {
    answer = async () => Response.json({ id: 'case_1' });
    expect(await request('PATCH', '/cases/case_1', { body: { name: 'x' } })).toEqual({ id: 'case_1' });
    expect(calls[0]?.url).toBe('/api/v1/cases/case_1');
    expect(calls[0]?.init).toMatchObject({ method: 'PATCH', body: '{"name":"x"}', credentials: 'same-origin', cache: 'no-store' });
    expect(header('content-type')).toBe('application/json');
    expect(header('idempotency-key')).toBeNull();
  });

  test('sends a file as it is', async () => {
    const file = new Blob(['x'], { type: 'image/png' });
    answer = async () => Response.json({});
    await request('PUT', '/me/picture', { body: file });
    expect(calls[0]?.init.body).toBe(file);
    expect(header('content-type')).toBe('image/png');
  });

  test.each([202, 204])('gives nothing for an empty %s', async (status) => {
    answer = async () => new Response(null, { status });
    expect(await request('DELETE', '/session')).toBeUndefined();
  });

  test('every POST carries an idempotency key, the given one if there is one', async () => {
    answer = async () => Response.json({});
    await request('POST', '/cases', { body: {} });
    expect(header('idempotency-key')).toMatch(UUID);
    calls = [];
    await request('POST', '/cases', { body: {}, key: 'mine' });
    expect(header('idempotency-key')).toBe('mine');
  });

  test('a problem keeps its code, its fields and what comes with it', async () => {
    const errors = [{ field: 'name', code: 'too_long', detail: 'Too long.' }];
    answer = refuse(422, { code: 'invalid_input', detail: 'No.', request_id: 'r1', errors });
    const problem = (await refusal()) as Problem;
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 422, code: 'invalid_input', detail: 'No.', requestId: 'r1', fields: errors, retryAfterS: null });
  });

  test.each([['20', 20], ['0', 0]])('reads Retry-After: %s', async (value, seconds) => {
    answer = refuse(429, { code: 'too_many_attempts', retry_after_s: 99 }, { 'retry-after': value });
    expect(await refusal()).toMatchObject({ retryAfterS: seconds });
  });

  test('a refusal without words is still one', async () => {
    answer = async () => new Response('<html>', { status: 500, headers: { 'content-type': 'text/html' } });
    expect(await refusal()).toMatchObject({ name: 'Problem', status: 500, code: 'internal' });
  });

  test('a proxy whose server is away is no answer', async () => {
    answer = async () => new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } });
    expect(await refusal()).toBeInstanceOf(Offline);
  });

  test('a network that fails is no answer', async () => {
    answer = () => Promise.reject(new TypeError('Failed to fetch'));
    expect(await refusal()).toBeInstanceOf(Offline);
  });

  test('fifteen seconds of silence are no answer', async () => {
    vi.useFakeTimers();
    answer = () => new Promise((_, reject) => calls[0]?.init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))));
    const result = refusal();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await result).toBeInstanceOf(Offline);
  });

  test('whoever gave up gets their own reason back', async () => {
    const abort = new AbortController();
    answer = () => new Promise((_, reject) => calls[0]?.init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))));
    const result = request('GET', '/x', { signal: abort.signal }).catch((error: unknown) => error);
    abort.abort('left the page');
    expect(await result).toBe('left the page');
  });
});

test('keys are random UUIDs, also where the browser does not make them', () => {
  expect(newKey()).toMatch(UUID);
  const { crypto } = globalThis;
  vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes) });
  const key = newKey();
  expect(key).toMatch(UUID);
  expect(newKey()).not.toBe(key);
});
