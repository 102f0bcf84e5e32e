import { beforeEach, describe, expect, test } from 'vitest';
import { TestClock } from '../../tests/support/clock.ts';
import { LiveSocket, type SocketLike, type SocketState } from './socket.svelte.ts';

class FakeSocket implements SocketLike {
  sent: string[] = [];
  closed = false;
  onopen: WebSocket['onopen'] = null;
  onmessage: WebSocket['onmessage'] = null;
  onclose: WebSocket['onclose'] = null;
  onerror: WebSocket['onerror'] = null;
  send(data: string): void {
    this.sent.push(data);
  }
  close(): void {
    this.closed = true;
  }
  open(): void {
    this.onopen?.call(this as unknown as WebSocket, {} as Event);
  }
  frame(frame: unknown): void {
    this.onmessage?.call(this as unknown as WebSocket, { data: JSON.stringify(frame) } as MessageEvent);
  }
  drop(code = 1006): void {
    this.onclose?.call(this as unknown as WebSocket, { code } as CloseEvent);
  }
}

class FakeDocument extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';
}

let clock: TestClock;
let sockets: FakeSocket[];
let urls: string[];
let states: SocketState[];
let frames: { kind: string }[];
let page: { window: EventTarget; document: FakeDocument };
let cursor: number;
let live: LiveSocket;

const latest = (): FakeSocket => sockets.at(-1) as FakeSocket;

/** Loses the connection and waits for the next attempt, so many times; gives how long each wait was. */
async function lose(times: number): Promise<number[]> {
  const waits: number[] = [];
  for (let i = 0; i < times; i++) {
    latest().drop();
    const before = clock.now();
    const count = sockets.length;
    while (sockets.length === count) await clock.pass(100);
    waits.push(clock.now() - before);
  }
  return waits;
}

beforeEach(() => {
  clock = new TestClock();
  sockets = [];
  urls = [];
  states = [];
  frames = [];
  cursor = 0;
  page = { window: new EventTarget(), document: new FakeDocument() };
  live = new LiveSocket({
    url: () => `/live?cursor=${cursor}`,
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
    clock,
    random: () => 1,
    connect: (url) => {
      urls.push(url);
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    page,
  });
  live.start();
});

describe('a connection', () => {
  test('pings every seven seconds while it is open', async () => {
    latest().open();
    for (let i = 0; i < 5; i++) {
      await clock.pass(7_000);
      latest().frame({ kind: 'cursor' });
    }
    expect(latest().sent.filter((frame) => frame === '{"kind":"ping"}')).toHaveLength(6);
    expect(live.state).toBe('open');
  });

  test('answers frames with pings where timers are slowed down, as on a hidden page', () => {
    latest().open();
    const slow = clock.now;
    for (let i = 1; i <= 3; i++) {
      const later = slow() + i * 10_000;
      clock.now = () => later;
      latest().frame({ kind: 'cursor' });
    }
    expect(latest().sent.filter((frame) => frame === '{"kind":"ping"}')).toHaveLength(4);
  });

  test('notices after thirty silent seconds that nobody is there', async () => {
    latest().open();
    latest().frame({ kind: 'hello' });
    await clock.pass(29_999);
    expect(live.state).toBe('open');
    await clock.pass(1);
    expect(live.state).toBe('waiting');
    expect(sockets[0]?.closed).toBe(true);
    await clock.pass(500);
    expect(sockets).toHaveLength(2);
  });

  test('goes on from the cursor it has got to', async () => {
    latest().open();
    cursor = 42;
    latest().drop();
    await clock.pass(500);
    expect(urls).toEqual(['/live?cursor=0', '/live?cursor=42']);
  });

  test('waits twice as long after each failure, never over fifteen seconds', async () => {
    expect(await lose(8)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  test('begins again with the short wait once the server has spoken', async () => {
    await lose(4);
    latest().open();
    latest().frame({ kind: 'hello' });
    latest().drop();
    expect(live.retryInS).toBe(1);
    await clock.pass(500);
    expect(live.state).toBe('connecting');
  });

  test('spreads the return by chance', async () => {
    const soon = new LiveSocket({ url: () => '/', onFrame: () => {}, clock, random: () => 0, connect: () => (sockets.push(new FakeSocket()), latest()), page: null });
    soon.start();
    latest().drop();
    const count = sockets.length;
    await clock.pass(249);
    expect(sockets).toHaveLength(count);
    await clock.pass(1);
    expect(sockets).toHaveLength(count + 1);
    soon.stop();
  });

  test('comes back when a goodbye asked for it', async () => {
    latest().open();
    latest().frame({ kind: 'goodbye', retry_after_ms: 3_000 });
    latest().drop(1012);
    expect(frames.map((frame) => frame.kind)).toEqual(['goodbye']);
    await clock.pass(2_999);
    expect(sockets).toHaveLength(1);
    await clock.pass(501);
    expect(sockets).toHaveLength(2);
  });

  test('gives up an attempt that gets no answer', async () => {
    await clock.pass(10_000);
    expect(live.state).toBe('waiting');
    expect(sockets[0]?.closed).toBe(true);
  });

  test('counts the seconds down', async () => {
    await lose(3);
    latest().drop();
    expect(live.retryInS).toBe(4);
    await clock.pass(1_000);
    expect(live.retryInS).toBe(3);
    live.retryNow();
    expect(live.retryInS).toBe(0);
    expect(live.state).toBe('connecting');
  });

  test.each([4401, 4410])('ends for good with code %i', async (code) => {
    latest().open();
    latest().drop(code);
    expect(live.state).toBe('ended');
    expect(live.closeCode).toBe(code);
    page.window.dispatchEvent(new Event('online'));
    await clock.pass(60_000);
    expect(sockets).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });

  test('tells what it goes through', async () => {
    latest().open();
    latest().drop();
    await clock.pass(500);
    latest().open();
    expect(states).toEqual(['open', 'waiting', 'connecting', 'open']);
  });

  test('sends only while it is open', () => {
    expect(live.send({ kind: 'typing', typing: true })).toBe(false);
    latest().open();
    expect(live.send({ kind: 'typing', typing: true })).toBe(true);
    expect(latest().sent.at(-1)).toBe('{"kind":"typing","typing":true}');
  });

  test('leaves nothing behind when it is stopped', async () => {
    latest().open();
    live.stop();
    expect(latest().closed).toBe(true);
    expect(clock.waiting).toBe(0);
    page.window.dispatchEvent(new Event('online'));
    expect(sockets).toHaveLength(1);
  });

  test('ignores a frame that is not JSON', () => {
    latest().open();
    latest().onmessage?.call(latest() as unknown as WebSocket, { data: '<html>' } as MessageEvent);
    expect(frames).toEqual([]);
    expect(live.state).toBe('open');
  });
});

describe('the device', () => {
  test('going offline is believed at once', () => {
    latest().open();
    page.window.dispatchEvent(new Event('offline'));
    expect(live.state).toBe('waiting');
  });

  test('coming online tries at once', async () => {
    await lose(4);
    latest().drop();
    const count = sockets.length;
    page.window.dispatchEvent(new Event('online'));
    expect(sockets).toHaveLength(count + 1);
  });

  test('waking up asks for a sign of life instead of waiting for the silence', async () => {
    latest().open();
    latest().frame({ kind: 'hello' });
    await clock.pass(15_000);
    page.document.dispatchEvent(new Event('visibilitychange'));
    await clock.pass(5_000);
    expect(live.state).toBe('waiting');
  });

  test('waking up keeps a connection that answers', async () => {
    latest().open();
    await clock.pass(15_000);
    page.document.dispatchEvent(new Event('visibilitychange'));
    await clock.pass(2_000);
    latest().frame({ kind: 'cursor' });
    await clock.pass(8_000);
    expect(live.state).toBe('open');
  });

  test('being hidden changes nothing', () => {
    latest().drop();
    page.document.visibilityState = 'hidden';
    page.document.dispatchEvent(new Event('visibilitychange'));
    expect(sockets).toHaveLength(1);
  });
});
