import type { BrowserContext, ConsoleMessage } from '@playwright/test';

/** What Chromium itself notes when an answer is a refusal or the network is gone. */
const NETWORK_NOTE = /^Failed to load resource|^WebSocket connection to .* failed/;

/**
 * Listens to everything in a browser that no person should cause: errors on the console (a
 * violated Content-Security-Policy is one), uncaught exceptions, requests to other hosts.
 */
export class Faults {
  readonly all: string[] = [];
  private readonly origin: string;

  constructor(context: BrowserContext, origin: string) {
    this.origin = origin;
    context.on('console', (message) => this.console(message));
    context.on('weberror', (error) => this.all.push(`uncaught: ${String(error.error())}`));
    context.on('request', (request) => this.request(request.url()));
    context.on('page', (page) => page.on('websocket', (socket) => this.request(socket.url())));
  }

  private console(message: ConsoleMessage): void {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (NETWORK_NOTE.test(message.text())) return;
    this.all.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  }

  private request(url: string): void {
    const { protocol, host } = new URL(url);
    if (protocol === 'data:' || protocol === 'blob:' || protocol === 'about:') return;
    if (host !== new URL(this.origin).host) this.all.push(`request to another host: ${url}`);
  }
}
