import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * How the network behaves:
 * - `pass`: everything goes through.
 * - `closed`: open connections are torn down, new ones are refused at once (the cable is pulled).
 * - `halfOpen`: connections look open, but every byte vanishes, either way (the train is in the tunnel).
 */
export type NetworkMode = 'pass' | 'closed' | 'halfOpen';

const SOCKS_VERSION = 5;
const SOCKS_CONNECT = 1;
const SOCKS_DOMAIN = 3;

/**
 * The network of one browser context: a SOCKS5 relay on the loopback interface.
 *
 * As a proxy it stands between one person and the desk without changing the address in the
 * browser, so cookies and origins are what they are in life. A connection that lost a byte in
 * `halfOpen` stays dead for good, as behind a router that forgot it.
 */
export class Network {
  private mode: NetworkMode = 'pass';
  private readonly server: Server;
  private readonly lines = new Set<Line>();

  private constructor() {
    this.server = createServer((browser) => this.accept(browser));
  }

  static async start(): Promise<Network> {
    const network = new Network();
    await new Promise<void>((listening) => network.server.listen(0, '127.0.0.1', listening));
    return network;
  }

  /** For the `proxy` option of a browser context. */
  get address(): string {
    return `socks5://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  set(mode: NetworkMode): void {
    this.mode = mode;
    for (const line of this.lines) {
      if (mode === 'closed') line.cut();
      if (mode === 'halfOpen') line.swallow();
    }
  }

  async stop(): Promise<void> {
    for (const line of this.lines) line.cut();
    await new Promise((closed) => this.server.close(closed));
  }

  private accept(browser: Socket): void {
    const line = new Line(browser);
    this.lines.add(line);
    browser.once('close', () => this.lines.delete(line));
    if (this.mode === 'closed') line.cut();
    if (this.mode === 'halfOpen') line.swallow();
  }
}

/** One connection of the browser: the two requests of SOCKS5, then bytes both ways. */
class Line {
  private readonly browser: Socket;
  private desk: Socket | undefined;
  private dead = false;
  private state: 'greeting' | 'request' | 'relay' = 'greeting';

  constructor(browser: Socket) {
    this.browser = browser;
    browser.on('data', (bytes) => this.fromBrowser(bytes));
    browser.on('error', () => this.cut());
    browser.on('close', () => this.desk?.destroy());
  }

  cut(): void {
    this.browser.destroy();
    this.desk?.destroy();
  }

  swallow(): void {
    this.dead = true;
  }

  private fromBrowser(bytes: Buffer): void {
    if (this.dead) return;
    if (this.state === 'relay') {
      this.desk?.write(bytes);
    } else if (this.state === 'greeting') {
      this.state = 'request';
      this.browser.write(Buffer.from([SOCKS_VERSION, 0]));
    } else {
      this.open(bytes);
    }
  }

  /** Opens the other half. Only the desk on this machine can be reached, whatever name was asked for. */
  private open(request: Buffer): void {
    if (request[0] !== SOCKS_VERSION || request[1] !== SOCKS_CONNECT) return this.cut();
    const hostEnd = request[3] === SOCKS_DOMAIN ? 5 + (request[4] ?? 0) : request.length - 2;
    const desk = connect(request.readUInt16BE(hostEnd), '127.0.0.1');
    this.desk = desk;
    desk.on('connect', () => {
      this.state = 'relay';
      if (!this.dead) this.browser.write(Buffer.from([SOCKS_VERSION, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
    });
    desk.on('data', (bytes) => {
      if (!this.dead) this.browser.write(bytes);
    });
    desk.on('error', () => this.cut());
    // A dead line says nothing, not even that the other end has gone.
    desk.on('close', () => {
      if (!this.dead) this.browser.end();
    });
  }
}
