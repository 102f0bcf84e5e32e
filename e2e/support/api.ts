import { randomUUID } from 'node:crypto';
import type { Account, Desk } from './desk.ts';

/** What the API answered. */
export interface Answer {
  status: number;
  body: unknown;
}

/** A program that has signed in as an operator: it prepares what a test is not about. */
export class Api {
  private readonly base: string;
  private readonly cookie: string;

  private constructor(base: string, cookie: string) {
    this.base = base;
    this.cookie = cookie;
  }

  static async signIn(desk: Desk, { email, password }: Account): Promise<Api> {
    const base = `${desk.url}/api/v1`;
    const answer = await fetch(`${base}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    if (!answer.ok || !cookie) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
    return new Api(base, cookie);
  }

  /** One request that must succeed. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.base + path, {
      method,
      headers: {
        cookie: this.cookie,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : null) as T;
  }

  async createCase(name: string, fields: Record<string, string> = {}): Promise<{ id: string; link: string }> {
    const { id } = await this.call<{ id: string }>('POST', '/cases', { name, ...fields });
    const { url } = await this.call<{ url: string }>('GET', `/cases/${id}/guest-link`);
    return { id, link: url };
  }

  async say(caseId: string, text: string): Promise<void> {
    await this.call('POST', `/cases/${caseId}/messages`, { text });
  }
}
