import type { Page } from '@playwright/test';

/** Everything that a page receives: bodies of answers and frames of sockets. What is in here, its owner can read. */
export class Received {
  private readonly texts: string[] = [];
  private readonly pending: Promise<unknown>[] = [];

  constructor(page: Page) {
    page.on('response', (answer) => {
      this.pending.push(answer.body().then((body) => this.texts.push(body.toString('utf8')), () => null));
    });
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => this.texts.push(payload.toString()));
    });
  }

  /** All of it so far, as one text. */
  async all(): Promise<string> {
    await Promise.all(this.pending);
    return this.texts.join('\n');
  }
}
