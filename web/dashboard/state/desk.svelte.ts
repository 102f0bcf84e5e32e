import { createContext } from 'svelte';
import type { LiveFrame, Me } from '../../lib/api/types.ts';
import { LiveSocket, type SocketState } from '../../lib/live/socket.svelte.ts';
import { i18n } from '../i18n.ts';
import { Calls, type MyCall } from './calls.svelte.ts';
import { CaseView } from './case.svelte.ts';
import { CaseList } from './case-list.svelte.ts';
import { Presence } from './presence.svelte.ts';
import { Team } from './team.svelte.ts';
import { TypingByCase } from './typing.svelte.ts';

/** A connection is called lost only after this long, so that a short change of networks shows nothing. */
const LOST_AFTER_MS = 1_500;
/** The server closes with this code when the session is over. */
const CLOSE_SESSION_ENDED = 4401;

export type EventFrame = Extract<LiveFrame, { kind: 'event' }>;

/** What the desk needs of the session it belongs to. */
export interface DeskHost {
  readonly me: Me | null;
  /** The server says that the session is over. */
  ended(ending: 'expired'): void;
  /** Asks again for the profile and the organization. */
  refresh(): Promise<void>;
}

/**
 * Everything a signed-in operator has before the eyes, kept right by one live
 * socket: the lists, the team, who is here and who is typing, and the open case.
 */
export class Desk {
  readonly team = new Team();
  readonly presence = new Presence();
  readonly typing = new TypingByCase();
  readonly list: CaseList;
  readonly calls: Calls;
  /** How the live connection stands; read `connection.state` and `connection.retryInS`. */
  readonly connection: LiveSocket<LiveFrame>;
  /** The case that is open; null shows none. */
  opened = $state.raw<CaseView | null>(null);
  /** No connection for long enough to say so. */
  lost = $state(false);

  readonly #host: DeskHost;
  readonly #me: Me;
  /** From where the socket goes on; null asks for "from now". */
  #cursor: number | null = null;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #watchers = new Set<(frame: EventFrame | null) => void>();
  /** The first load of the open case. */
  #opening: Promise<void> = Promise.resolve();

  constructor(host: DeskHost) {
    if (!host.me) throw new Error('a desk needs someone who is signed in');
    this.#host = host;
    this.#me = host.me;
    this.list = new CaseList({ me: host.me.operator.id });
    this.calls = new Calls({ me: host.me.operator.id, load: loadCalls, live: () => this.connection.state === 'open' });
    this.connection = new LiveSocket<LiveFrame>({
      url: () => (this.#cursor === null ? '/api/v1/live' : `/api/v1/live?cursor=${this.#cursor}`),
      onFrame: (frame) => this.#receive(frame),
      onState: (state) => this.#connected(state),
    });
  }

  /** The operator at this desk; while signing out, the one who was. */
  get me(): Me {
    return this.#host.me ?? this.#me;
  }

  /** Connects; the greeting loads everything. */
  start(): void {
    this.connection.start();
    CaseView.resume(this, this.opened?.id ?? null);
    void this.calls.resume();
    // Where sockets do not come through, the lists still do.
    this.#lostTimer ??= setTimeout(() => this.#lose(), LOST_AFTER_MS);
  }

  stop(): void {
    this.connection.stop();
    clearTimeout(this.#lostTimer);
    this.#lostTimer = undefined;
    this.open(null);
    this.list.stop();
    this.calls.stop();
    this.typing.clear();
  }

  /** Opens a case, or none. Opening the one that is open changes nothing. */
  open(caseId: string | null): void {
    if ((this.opened?.id ?? null) === caseId) return;
    this.opened?.close();
    if (caseId === null) {
      this.opened = null;
      return;
    }
    const view = new CaseView(caseId, this);
    this.opened = view;
    for (const actor of this.typing.actors(caseId)) view.typing(actor, true);
    this.#opening = view.load();
  }

  /** The own call, where it is the picture in the middle: its case is open and nobody made it small. */
  get staged(): MyCall | null {
    const view = this.opened;
    if (!view || this.calls.small || view.status === 'gone' || (view.status === 'failed' && !view.case)) return null;
    return this.calls.mineIn(view.id);
  }

  /** Sends a live frame, if connected; such frames are hints and may be lost. */
  send(frame: { kind: string } & Record<string, unknown>): boolean {
    return this.connection.send(frame);
  }

  /** Hears every event, for parts that come and go; null says that some were missed. Gives back how to stop. */
  watch(watcher: (frame: EventFrame | null) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Loads everything anew: after a gap that the socket cannot fill. */
  reload(): void {
    for (const watcher of this.#watchers) watcher(null);
    void this.team.load();
    void this.list.load().then(() => this.#learnCalls());
    this.#reloadOpened();
  }

  #receive(frame: LiveFrame): void {
    switch (frame.kind) {
      case 'hello': {
        const fresh = this.#cursor === null;
        this.#cursor = frame.cursor;
        this.presence.reset(frame.online_cases, frame.online_operators);
        if (this.opened) this.opened.presence(this.presence.guest(this.opened.id));
        if (fresh) this.reload();
        else this.#resume();
        this.calls.connected();
        break;
      }
      case 'reset':
        this.#cursor = frame.cursor;
        this.reload();
        this.calls.connected();
        this.#refreshMe();
        break;
      case 'cursor':
        this.#cursor = frame.cursor;
        break;
      case 'event':
        this.#cursor = frame.cursor;
        this.#happened(frame);
        break;
      case 'presence':
        this.presence.setGuest(frame.case_id, frame.online);
        if (this.opened?.id === frame.case_id) this.opened.presence(frame.online);
        break;
      case 'operator_presence':
        this.presence.setOperator(frame.operator_id, frame.online);
        break;
      case 'typing':
        // One's own other tab types in one's own name.
        if (frame.actor.kind === 'operator' && frame.actor.id === this.me.operator.id) break;
        this.typing.hear(frame.case_id, frame.actor, frame.typing);
        if (this.opened?.id === frame.case_id) this.opened.typing(frame.actor, frame.typing);
        break;
      case 'call':
        this.calls.hear(frame.call);
        break;
      case 'call_speaking':
        this.calls.speaking(frame.call_id, frame.speaking);
        break;
      case 'goodbye':
        // The socket itself comes back when it was told to.
        break;
    }
  }

  #happened(frame: EventFrame): void {
    const { case_id: caseId, actor, event } = frame;
    if (caseId && event.type === 'message.sent') this.typing.hear(caseId, actor, false);
    if (caseId && event.type === 'case.deleted') this.typing.forget(caseId);
    if (event.type === 'organization.changed') this.#refreshMe();
    if (caseId) this.calls.apply(caseId, frame);
    this.team.apply(frame);
    this.list.apply(frame);
    if (caseId && this.opened?.id === caseId) this.opened.apply(frame);
    else CaseView.hear(frame);
    for (const watcher of this.#watchers) watcher(frame);
  }

  #connected(state: SocketState): void {
    if (state === 'open') {
      clearTimeout(this.#lostTimer);
      this.#lostTimer = undefined;
      this.lost = false;
      return;
    }
    if (state === 'ended') {
      if (this.connection.closeCode === CLOSE_SESSION_ENDED) this.#host.ended('expired');
      return;
    }
    this.typing.clear();
    this.#lostTimer ??= setTimeout(() => this.#lose(), LOST_AFTER_MS);
  }

  #lose(): void {
    this.lost = true;
    // The refusal of a socket has no words: a plain request tells whether the session is over.
    void this.team.load();
    if (!this.list.loaded) void this.list.load();
  }

  /** The connection is back, and what was missed follows by itself; what failed meanwhile is tried again. */
  #resume(): void {
    if (!this.team.loaded || this.team.error) void this.team.load();
    this.list.wake();
    this.#reloadOpened();
  }

  /** What happened between the first load of a case and the greeting is caught up after both. */
  #reloadOpened(): void {
    CaseView.refreshLeft();
    const view = this.opened;
    void this.#opening.then(() => {
      if (view && this.opened === view) void view.reload();
    });
  }

  #learnCalls(): void {
    const { list } = this;
    if (!list.error) this.calls.learn([...list.queue, ...list.rows]);
  }

  #refreshMe(): void {
    // Nothing hangs on it: names are shown as they were until the next time.
    this.#host.refresh().catch(() => undefined);
  }
}

/** The part of the page that makes calls, with its words in the language in use. */
async function loadCalls() {
  const parts = await import('../call/parts.ts');
  await parts.callTexts.use(i18n.language);
  return parts;
}

/** The desk of the page: set by the shell, read by everything in it. */
export const [getDesk, setDesk] = createContext<Desk>();
