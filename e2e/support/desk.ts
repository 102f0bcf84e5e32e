import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { MediaRelay } from './relay.ts';

/** The development build, the same file that `script/server` runs; benchmarks name another. */
const BINARY = process.env['E2E_BINARY'] ?? resolve(import.meta.dirname, '../../target/debug/deskside');

/** A start that takes longer than this hangs. It hashes the demo's passwords in a debug build. */
const START_MS_MAX = 60_000;

/** Who the demo lets in. */
export interface Account {
  name: string;
  email: string;
  password: string;
  role: 'administrator' | 'operator';
}

interface Ready {
  url: string;
  operators: Account[];
  guest_links: string[];
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/**
 * A running server of the test's own: a temporary data folder, a free port, killed at the end.
 * A restart keeps both, so that browsers find the same desk again.
 */
export class Desk {
  /** Where browsers find it. */
  url = '';
  operators: Account[] = [];
  guestLinks: string[] = [];
  /** The one-time link that a desk without an organization prints. */
  setupLink = '';
  private child: Child | undefined;
  private log: string[] = [];
  private readonly command: 'demo' | 'serve';
  private readonly data: string;
  private readonly port: number;
  private readonly relay: MediaRelay | undefined;

  private constructor(command: 'demo' | 'serve', data: string, port: number, relay?: MediaRelay) {
    this.command = command;
    this.data = data;
    this.port = port;
    this.relay = relay;
  }

  /** A desk with the sample organization. */
  static async demo(): Promise<Desk> {
    return Desk.create('demo');
  }

  /** The same, with a network to disturb between its media port and the browsers. */
  static async behind(relay: MediaRelay): Promise<Desk> {
    return Desk.create('demo', relay);
  }

  /** A desk that nobody has set up yet. */
  static async empty(): Promise<Desk> {
    return Desk.create('serve');
  }

  private static async create(command: 'demo' | 'serve', relay?: MediaRelay): Promise<Desk> {
    const data = await mkdtemp(join(tmpdir(), 'deskside-e2e-'));
    const desk = new Desk(command, data, await freePort(), relay);
    await desk.start();
    return desk;
  }

  get administrator(): Account {
    return this.account('administrator', 0);
  }

  /** The n-th operator who is not an administrator. */
  operator(n: number): Account {
    return this.account('operator', n);
  }

  private account(role: Account['role'], n: number): Account {
    const account = this.operators.filter((operator) => operator.role === role)[n];
    if (!account) throw new Error(`the demo has no ${role} number ${n}`);
    return account;
  }

  /** Starts the server on the data that is there and waits until it answers. */
  async start(): Promise<void> {
    const args = [this.command, '--data', this.data, '--listen', `127.0.0.1:${this.port}`];
    if (this.command === 'demo') args.push('--json');
    const mediaPort = this.relay ? await freePort() : 0;
    this.relay?.to(mediaPort);
    const child = spawn(BINARY, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        DESKSIDE_PUBLIC_URL: `http://localhost:${this.port}`,
        DESKSIDE_MEDIA__PORT: String(mediaPort),
        // The sample organization's mail is read at /dev/mail; the empty desk has none to send.
        DESKSIDE_DEV__MAIL: String(this.command === 'demo'),
        DESKSIDE_MEDIA__ANNOUNCE: this.relay ? `127.0.0.1:${this.relay.port}` : '127.0.0.1',
      },
    });
    this.child = child;
    this.log = [];
    createInterface(child.stderr).on('line', (line) => this.log.push(line));
    await this.untilReady(child);
  }

  private async untilReady(child: Child): Promise<void> {
    const started = new Promise<void>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        this.log.push(line);
        if (this.command === 'demo' && line.startsWith('{')) {
          const ready = JSON.parse(line) as Ready;
          this.url = ready.url.replace(/\/$/, '');
          this.operators = ready.operators;
          this.guestLinks = ready.guest_links;
          resolve();
        }
        const link = /https?:\/\/\S+\/setup\/\S+/.exec(line)?.[0];
        if (this.command === 'serve' && link) {
          this.setupLink = link;
          this.url = new URL(link).origin;
          resolve();
        }
      });
    });
    const answers = this.command === 'serve' && this.url ? this.untilAnswering() : started;
    await Promise.race([
      answers,
      once(child, 'error').then(([error]) => this.fail(`did not start: ${String(error)}`)),
      once(child, 'exit').then(([code]) => this.fail(`ended with ${String(code)}`)),
      timer(START_MS_MAX).then(() => this.fail('was not ready in time')),
    ]);
  }

  /** A desk that is set up prints no link any more; it is ready when it says so. */
  private async untilAnswering(): Promise<void> {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await timer(50);
    }
  }

  private fail(what: string): never {
    throw new Error(`the desk ${what}\n${this.log.slice(-40).join('\n')}`);
  }

  /** Ends it like a power cut: no time to finish anything. */
  async kill(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }

  /** The last lines the server wrote, for a failing test's report. */
  get lastWords(): string {
    return this.log.slice(-200).join('\n');
  }
}

function timer(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
