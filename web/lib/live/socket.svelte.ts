/**
 * One WebSocket that stays: it notices silence, comes back by itself, and
 * says how it stands. What the frames mean is up to whoever holds it.
 */

/** How often we tell the server that we are here: a bit more often than its heartbeats come. */
const PING_MS = 7_000;
/** No frame for this long means that nobody is there, whatever the browser believes. */
const SILENCE_MS = 30_000;
/** After the device wakes up, or the network returns, an answer must come sooner than that. */
const PROBE_MS = 5_000;
/** How long an attempt to connect may take. */
const CONNECT_MS = 10_000;
/** Waiting between attempts doubles from the first to the longest. */
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 15_000;

/** The session is over, or the case is gone: coming back would change nothing. */
const CLOSE_SESSION_ENDED = 4401;
const CLOSE_CASE_GONE = 4410;

export type SocketState = 'connecting' | 'open' | 'waiting' | 'ended';

type TimerName = 'ping' | 'silence' | 'connect' | 'retry' | 'probe';

interface BaseFrame {
  kind: string;
}

/** The part of a WebSocket we use; tests bring their own. */
export type SocketLike = Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'>;

export interface Clock {
  now(): number;
  setTimeout(act: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (act, ms) => setTimeout(act, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

export interface LiveSocketOptions<Frame extends BaseFrame> {
  /** Asked anew for each attempt, so that it can carry the latest cursor. A path is taken on the page's own host. */
  url: () => string;
  onFrame: (frame: Frame) => void;
  onState?: (state: SocketState) => void;
  clock?: Clock;
  /** 0 to 1, spreads the clients of a server that comes back. */
  random?: () => number;
  connect?: (url: string) => SocketLike;
  /** Where online, offline and visibility are heard; null listens to nothing. */
  page?: { window: EventTarget; document: EventTarget & { visibilityState: DocumentVisibilityState } } | null;
}

function browserPage(): LiveSocketOptions<BaseFrame>['page'] {
  return typeof window === 'undefined' ? null : { window, document };
}

function connectBrowser(url: string): SocketLike {
  return new WebSocket(new URL(url, location.href.replace(/^http/, 'ws')));
}

/** A live connection. `state` and `retryInS` are runes: read them in a component and it follows. */
export class LiveSocket<Frame extends BaseFrame = BaseFrame> {
  state = $state<SocketState>('connecting');
  /** Seconds until the next attempt while waiting, else 0. */
  retryInS = $state(0);
  /** The code of the last close, where the server gave one. */
  closeCode = $state<number | null>(null);

  readonly #options: LiveSocketOptions<Frame>;
  readonly #clock: Clock;
  readonly #random: () => number;
  #socket: SocketLike | null = null;
  #started = false;
  #failures = 0;
  #lastFrameAt = 0;
  #lastPingAt = 0;
  #retryAt = 0;
  #timers: Partial<Record<TimerName, unknown>> = {};
  /** What a `goodbye` asked for: when to come back at the soonest. */
  #comeBackMs: number | null = null;

  constructor(options: LiveSocketOptions<Frame>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    const page = this.#page();
    page?.window.addEventListener('online', this.#onOnline);
    page?.window.addEventListener('offline', this.#onOffline);
    page?.document.addEventListener('visibilitychange', this.#onVisible);
    this.#connect();
  }

  stop(): void {
    this.#started = false;
    const page = this.#page();
    page?.window.removeEventListener('online', this.#onOnline);
    page?.window.removeEventListener('offline', this.#onOffline);
    page?.document.removeEventListener('visibilitychange', this.#onVisible);
    this.#drop();
    this.#clearAll();
  }

  /** Sends a frame if connected; live frames are hints and are not kept for later. */
  send(frame: { kind: string } & Record<string, unknown>): boolean {
    if (this.state !== 'open' || !this.#socket) return false;
    try {
      this.#socket.send(JSON.stringify(frame));
      return true;
    } catch {
      return false;
    }
  }

  /** Tries at once instead of waiting longer. */
  retryNow(): void {
    if (!this.#started || this.state === 'ended' || this.state === 'open') return;
    if (this.state === 'connecting') return;
    this.#comeBackMs = null;
    this.#connect();
  }

  #page() {
    return this.#options.page === undefined ? browserPage() : this.#options.page;
  }

  #set(state: SocketState): void {
    if (this.state === state) return;
    this.state = state;
    this.#options.onState?.(state);
  }

  #connect(): void {
    this.#clear('retry');
    this.retryInS = 0;
    this.#drop();
    this.#set('connecting');
    let socket: SocketLike;
    try {
      socket = (this.#options.connect ?? connectBrowser)(this.#options.url());
    } catch {
      this.#wait();
      return;
    }
    this.#socket = socket;
    this.#arm('connect', CONNECT_MS, () => this.#lost());
    socket.onopen = () => {
      this.#clear('connect');
      this.closeCode = null;
      this.#lastFrameAt = this.#clock.now();
      this.#set('open');
      this.#ping();
      this.#arm('silence', SILENCE_MS, this.#checkSilence);
    };
    socket.onmessage = (message) => this.#receive(message.data);
    socket.onclose = (event) => this.#closed(event.code);
    // An error is always followed by a close, which says all there is to say.
    socket.onerror = null;
  }

  #receive(data: unknown): void {
    this.#lastFrameAt = this.#clock.now();
    this.#clear('probe');
    // The timers of a hidden page may run once a minute only; frames are heard at once.
    if (this.#clock.now() - this.#lastPingAt >= PING_MS) this.#ping();
    let frame: Frame;
    try {
      frame = JSON.parse(String(data)) as Frame;
    } catch {
      return;
    }
    // Only a server that really talks counts as back.
    this.#failures = 0;
    if (frame.kind === 'goodbye') {
      const ms = (frame as unknown as { retry_after_ms?: unknown }).retry_after_ms;
      this.#comeBackMs = typeof ms === 'number' && ms >= 0 ? ms : null;
    }
    this.#options.onFrame(frame);
  }

  #closed(code: number): void {
    this.closeCode = code;
    this.#drop();
    if (!this.#started) return;
    if (code === CLOSE_SESSION_ENDED || code === CLOSE_CASE_GONE) {
      this.#clearAll();
      this.#set('ended');
      return;
    }
    this.#wait();
  }

  /** The connection is of no use any more, though the browser has not noticed. */
  #lost(): void {
    this.closeCode = null;
    this.#drop();
    if (this.#started) this.#wait();
  }

  #wait(): void {
    this.#clearAll();
    this.#set('waiting');
    const longest = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#failures);
    const backoff = longest * (0.5 + 0.5 * this.#random());
    const delay = this.#comeBackMs === null ? backoff : this.#comeBackMs + BACKOFF_FIRST_MS * this.#random();
    this.#comeBackMs = null;
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#retryAt = this.#clock.now() + delay;
    this.#countDown();
  }

  #countDown(): void {
    const left = this.#retryAt - this.#clock.now();
    if (left <= 0) {
      this.#connect();
      return;
    }
    this.retryInS = Math.ceil(left / 1000);
    this.#arm('retry', Math.min(left, 1000), () => this.#countDown());
  }

  #ping(): void {
    this.#lastPingAt = this.#clock.now();
    this.send({ kind: 'ping' });
    this.#arm('ping', PING_MS, () => this.#ping());
  }

  #checkSilence = (): void => {
    const left = this.#lastFrameAt + SILENCE_MS - this.#clock.now();
    if (left <= 0) this.#lost();
    else this.#arm('silence', left, this.#checkSilence);
  };

  /** Asks for a sign of life and does not wait the whole silence for it. */
  #probe(): void {
    if (!this.send({ kind: 'ping' })) return;
    this.#clear('probe');
    // The server's heartbeat answers within its own rhythm; a dead network answers never.
    const since = this.#clock.now() - this.#lastFrameAt;
    this.#arm('probe', since > PING_MS ? PROBE_MS : PING_MS + PROBE_MS, () => this.#lost());
  }

  #onOnline = (): void => {
    if (this.state === 'open') this.#probe();
    else this.retryNow();
  };

  #onOffline = (): void => {
    if (this.state === 'open' || this.state === 'connecting') this.#lost();
  };

  #onVisible = (): void => {
    if (this.#page()?.document.visibilityState !== 'visible') return;
    if (this.state === 'open') this.#probe();
    else this.retryNow();
  };

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    try {
      socket.close();
    } catch {
      // It was never open.
    }
  }

  #arm(name: TimerName, ms: number, act: () => void): void {
    this.#clear(name);
    this.#timers[name] = this.#clock.setTimeout(() => {
      delete this.#timers[name];
      act();
    }, ms);
  }

  #clear(name: TimerName): void {
    const timer = this.#timers[name];
    if (timer !== undefined) this.#clock.clearTimeout(timer);
    delete this.#timers[name];
  }

  #clearAll(): void {
    for (const name of Object.keys(this.#timers) as TimerName[]) this.#clear(name);
  }
}
