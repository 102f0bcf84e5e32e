import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What is done to the packets of one browser. */
interface Weather {
  /** Of a hundred packets towards the browser, this many vanish. */
  lossPercent: number;
}

/** STUN (RFC 8489): the magic cookie, and the attribute that names both ends of a check. */
const STUN_COOKIE = 0x2112a442;
const STUN_USERNAME = 0x0006;

/**
 * The network between browsers and the desk's media port, UDP and TCP: it stands at the address
 * that the desk announces, as a router with a forwarded port does. Each browser gets a port of its
 * own towards the desk, so that one can be given a new address, or lose the network, alone.
 */
export class MediaRelay {
  readonly port: number;
  private readonly udp: UdpSocket;
  private readonly tcp: Server;
  private target = 0;
  private udpBlocked = false;
  /** The user fragment of the one browser that still has a network. */
  private only: string | null = null;
  private readonly lines = new Map<string, Line>();
  private readonly tunnels = new Set<Socket>();

  private constructor(udp: UdpSocket, tcp: Server, port: number) {
    this.udp = udp;
    this.tcp = tcp;
    this.port = port;
    udp.on('message', (packet, from) => this.fromBrowser(packet, from.address, from.port));
    tcp.on('connection', (browser) => this.tunnel(browser));
  }

  static async start(): Promise<MediaRelay> {
    for (;;) {
      const tcp = createServer();
      tcp.listen(0, '127.0.0.1');
      await once(tcp, 'listening');
      const { port } = tcp.address() as AddressInfo;
      const udp = createSocket('udp4');
      try {
        udp.bind(port, '127.0.0.1');
        await once(udp, 'listening');
        return new MediaRelay(udp, tcp, port);
      } catch {
        // Another program has this number for UDP: another pair is free for both.
        tcp.close();
      }
    }
  }

  /** Where the desk really listens. */
  to(port: number): void {
    this.target = port;
  }

  /** What an office that lets no UDP out does. */
  blockUdp(): void {
    this.udpBlocked = true;
  }

  /**
   * Every packet vanishes but those of the browser with this ICE user fragment, whatever new ways
   * the others try; null lets everyone through again.
   */
  lose(allBut: string | null): void {
    this.only = allBut;
    if (allBut !== null) for (const tunnel of this.tunnels) tunnel.destroy();
  }

  /** The same for so long: how long a cut lasts is what is tried, nothing is waited for. */
  async loseFor(allBut: string, seconds: number): Promise<void> {
    this.lose(allBut);
    await new Promise((over) => setTimeout(over, seconds * 1000));
    this.lose(null);
  }

  /** Of the packets to this browser, so many in a hundred vanish. */
  loss(fragment: string, percent: number): void {
    for (const line of this.of(fragment)) line.weather.lossPercent = percent;
  }

  /** The desk sees this browser at a new address from now on, and its old address leads nowhere. */
  async move(fragment: string): Promise<void> {
    for (const line of this.of(fragment)) await line.move();
  }

  async stop(): Promise<void> {
    for (const line of this.lines.values()) line.close();
    for (const tunnel of this.tunnels) tunnel.destroy();
    this.udp.close();
    await new Promise((closed) => this.tcp.close(closed));
  }

  private of(fragment: string): Line[] {
    const found = [...this.lines.values()].filter((line) => line.fragment === fragment);
    if (found.length === 0) throw new Error(`no packet of ${fragment} has come through`);
    return found;
  }

  private fromBrowser(packet: Buffer, address: string, port: number): void {
    if (this.udpBlocked) return;
    const key = `${address}:${port}`;
    let line = this.lines.get(key);
    if (!line) {
      line = new Line(() => this.target, (back) => this.lost(key) || this.udp.send(back, port, address));
      this.lines.set(key, line);
    }
    line.hear(packet);
    if (!this.lost(key)) line.forth(packet);
  }

  private lost(key: string): boolean {
    return this.only !== null && this.lines.get(key)?.fragment !== this.only;
  }

  private tunnel(browser: Socket): void {
    if (this.only !== null) {
      browser.destroy();
      return;
    }
    const desk = connect(this.target, '127.0.0.1');
    for (const [from, into] of [
      [browser, desk],
      [desk, browser],
    ] as const) {
      this.tunnels.add(from);
      from.setNoDelay(true);
      from.on('error', () => into.destroy());
      from.on('close', () => {
        this.tunnels.delete(from);
        into.destroy();
      });
      from.pipe(into);
    }
  }
}

/** One browser's way to the desk. */
class Line {
  readonly weather: Weather = { lossPercent: 0 };
  /** The browser's ICE user fragment, once a check has named it. */
  fragment: string | undefined;
  private readonly target: () => number;
  private readonly back: (packet: Buffer) => unknown;
  private socket: UdpSocket;
  private counted = 0;

  constructor(target: () => number, back: (packet: Buffer) => unknown) {
    this.target = target;
    this.back = back;
    this.socket = this.open();
  }

  hear(packet: Buffer): void {
    this.fragment = fragmentOf(packet) ?? this.fragment;
  }

  forth(packet: Buffer): void {
    this.socket.send(packet, this.target(), '127.0.0.1');
  }

  async move(): Promise<void> {
    const old = this.socket;
    this.socket = this.open();
    old.close();
    await once(old, 'close');
  }

  close(): void {
    this.socket.close();
  }

  private open(): UdpSocket {
    const socket = createSocket('udp4');
    socket.on('message', (packet) => {
      // Every n-th packet, so that a run is like the next.
      this.counted += this.weather.lossPercent;
      if (this.counted >= 100) this.counted -= 100;
      else this.back(packet);
    });
    return socket;
  }
}

/** The sender's user fragment in a connectivity check: USERNAME is "receiver:sender" (RFC 8445 §7.2.2). */
function fragmentOf(packet: Buffer): string | undefined {
  if (packet.length < 20 || packet.readUInt16BE(0) !== 1 || packet.readUInt32BE(4) !== STUN_COOKIE) return undefined;
  for (let at = 20; at + 4 <= packet.length; ) {
    const length = packet.readUInt16BE(at + 2);
    if (packet.readUInt16BE(at) === STUN_USERNAME) return packet.toString('utf8', at + 4, at + 4 + length).split(':')[1];
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return undefined;
}
