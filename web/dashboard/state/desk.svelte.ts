import { createContext } from 'svelte';
import type { LiveFrame, Me } from '../../lib/api/types.ts';
import { LiveSocket, type SocketState } from '../../lib/live/socket.svelte.ts';
import { i18n } from '../i18n.ts';
import { Calls, type MyCall } from './calls.svelte.ts';
import { CaseView } from './case.svelte.ts';
import { filterOf } from './case-filter.ts';
import { CaseList } from './case-list.svelte.ts';
import { isGone, isUnreadMine } from './case-rows.ts';
import { Claims } from './claims.svelte.ts';
import { Counts } from './counts.svelte.ts';
import { KeptForms } from './kept-forms.svelte.ts';
import { Looking } from './looking.svelte.ts';
import { Presence } from './presence.svelte.ts';
import { QuickResponses } from './quick-responses.svelte.ts';
import { SavedFilters } from './saved-filters.svelte.ts';
import { CaseSearch } from './search.svelte.ts';
import { Tags } from './tags.svelte.ts';
import { Team } from './team.svelte.ts';
import { TypingByCase } from './typing.svelte.ts';

/** A connection is called lost only after this long, so that a short change of networks shows nothing. */
const LOST_AFTER_MS = 1_500;
/** The server closes with this code when the session is over. */
const CLOSE_SESSION_ENDED = 4401;
/** …and with this one when what the operator may see or do has changed. */
const CLOSE_RIGHTS_CHANGED = 4412;

export type EventFrame = Extract<LiveFrame, { kind: 'event' }>;

/** After these the numbers of cases are other than before, whoever did it. */
const COUNTED: ReadonlySet<string> = new Set<EventFrame['event']['type']>([
  'case.created',
  'case.completed',
  'case.deleted',
  'case.merged',
  'case.reopened',
  'operator.joined',
  'operator.left',
]);

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
  readonly looking = new Looking();
  readonly tags = new Tags();
  readonly filters = new SavedFilters();
  readonly counts = new Counts(() => this.#readsUnread);
  readonly search = new CaseSearch();
  readonly responses = new QuickResponses();
  /** What is being typed into dialogs and settings. */
  readonly forms: KeptForms;
  readonly list: CaseList;
  readonly claims: Claims;
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
  /** The case the server was last told is before the reader's eyes; undefined before it was told anything. */
  #told: string | null | undefined;
  /** The socket was closed because of other rights; until the next greeting they may change again unheard. */
  #rightsChanged = false;
  /** The first load of the open case. */
  #opening: Promise<void> = Promise.resolve();

  constructor(host: DeskHost) {
    if (!host.me) throw new Error('a desk needs someone who is signed in');
    this.#host = host;
    this.#me = host.me;
    const operator = host.me.operator.id;
    this.forms = new KeptForms({
      operator,
      signedIn: () => host.me?.operator.id === operator,
      path: () => globalThis.location?.pathname ?? '/',
    });
    this.list = new CaseList({ me: host.me.operator.id, filter: filterOf(globalThis.location?.search ?? ''), unread: (by) => this.counts.change(by) });
    this.claims = new Claims(this.list);
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
    globalThis.document?.addEventListener('visibilitychange', this.#tellLooking);
    CaseView.resume(this, this.opened?.id ?? null);
    void this.calls.resume();
    // Where sockets do not come through, the lists still do.
    this.#lostTimer ??= setTimeout(() => this.#lose(), LOST_AFTER_MS);
  }

  stop(): void {
    globalThis.document?.removeEventListener('visibilitychange', this.#tellLooking);
    this.connection.stop();
    clearTimeout(this.#lostTimer);
    this.#lostTimer = undefined;
    this.open(null);
    this.list.stop();
    this.claims.stop();
    this.counts.stop();
    this.search.clear();
    this.calls.stop();
    this.typing.clear();
  }

  /** Opens a case, or none. Opening the one that is open changes nothing. */
  open(caseId: string | null): void {
    if ((this.opened?.id ?? null) === caseId) return;
    this.opened?.close();
    if (caseId === null) {
      this.opened = null;
    } else {
      const view = new CaseView(caseId, this);
      this.opened = view;
      for (const actor of this.typing.actors(caseId)) view.typing(actor, true);
      this.#opening = view.load();
    }
    this.#tellLooking();
  }

  /** Opens a case at one of its entries; without one, where reading stopped. */
  openAt(caseId: string, entry: number | null): void {
    this.open(caseId);
    if (entry !== null) this.opened?.scroll.aim(entry);
  }

  /** The own call, where it is the picture in the middle: its case is open and nobody made it small. */
  get staged(): MyCall | null {
    const view = this.opened;
    if (!view || this.calls.small || view.status === 'gone' || (view.status === 'failed' && !view.case)) return null;
    return this.calls.mineIn(view.id);
  }

  /** Whether something unread is before the reader's eyes: in a moment it is read. */
  get #readsUnread(): boolean {
    const view = this.opened;
    const row = view?.status === 'ready' && view.timeline.reading ? this.list.row(view.id) : undefined;
    return row !== undefined && isUnreadMine(row);
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
    void this.counts.load();
    if (this.tags.loaded) void this.#followTags();
    if (this.responses.loaded) void this.responses.load();
    void this.list.load().then(() => this.#learnCalls());
    this.#reloadOpened();
  }

  #receive(frame: LiveFrame): void {
    switch (frame.kind) {
      case 'hello': {
        const fresh = this.#cursor === null;
        this.#cursor = frame.cursor;
        this.presence.reset(frame.online_cases, frame.online_operators);
        this.looking.reset(frame.looking);
        this.#told = undefined;
        this.#tellLooking();
        if (this.opened) this.opened.presence(this.presence.guest(this.opened.id));
        if (fresh) this.reload();
        else this.#resume();
        // What changed between the question and this greeting nobody has told.
        if (this.#rightsChanged) this.#refreshMe();
        this.#rightsChanged = false;
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
      case 'looking':
        this.looking.set(frame.case_id, frame.operator_ids);
        break;
      case 'case_visible':
        this.#cursor = frame.cursor ?? this.#cursor;
        this.list.show(frame.case_id);
        this.counts.soon();
        break;
      case 'case_hidden':
        this.#cursor = frame.cursor ?? this.#cursor;
        this.#hidden(frame.case_id);
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
    if (caseId && isGone(event)) {
      this.#forget(caseId);
      this.forms.dropCase(caseId);
    }
    if (event.type === 'organization.changed' || (event.type === 'operator.changed' && event.operator.id === this.me.operator.id)) this.#refreshMe();
    if (caseId) this.calls.apply(caseId, frame);
    this.team.apply(frame);
    this.list.apply(frame);
    this.responses.apply(frame);
    if (this.tags.apply(frame)) void this.#followTags();
    // What every case has, or how it is shown, is another now.
    if (event.type === 'custom_fields.changed' || event.type === 'organization.changed') void this.opened?.refresh();
    if (this.#counts(frame)) this.counts.soon();
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
    if (state === 'waiting' && this.connection.closeCode === CLOSE_RIGHTS_CHANGED) this.#changed();
    this.typing.clear();
    this.looking.clear();
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
    this.counts.soon();
    this.#reloadOpened();
  }

  /** The reader may see or do other things than before: nothing that was loaded holds any more. */
  #changed(): void {
    this.#cursor = null;
    this.#rightsChanged = true;
    this.list.reset();
    this.search.clear();
    this.#refreshMe();
  }

  /** A case went out of sight. Whoever has it open is told by the server's own answer. */
  #hidden(caseId: string): void {
    this.list.hide(caseId);
    this.#forget(caseId);
    this.counts.soon();
    if (this.opened?.id === caseId) void this.opened.refresh();
  }

  #forget(caseId: string): void {
    this.typing.forget(caseId);
    this.looking.forget(caseId);
    this.search.forget(caseId);
  }

  /** Tags were made, renamed or deleted: rows that carry them follow. */
  async #followTags(): Promise<void> {
    await this.tags.load();
    if (this.tags.error) return;
    this.list.followTags((id) => this.tags.find(id));
    this.opened?.followTags((id) => this.tags.find(id));
  }

  /** Whether an event may change one of the numbers. */
  #counts({ case_id: caseId, actor, event }: EventFrame): boolean {
    const me = this.me.operator.id;
    switch (event.type) {
      case 'message.sent':
        // Of a case that is not loaded here nobody knows whose it is.
        return actor.kind === 'guest' && caseId !== null && this.list.row(caseId)?.joined !== false;
      case 'case.read':
        return actor.kind === 'operator' && actor.id === me;
      case 'case.attention':
      case 'case.snoozed':
      case 'case.woke':
        return event.operator_id === me;
      default:
        return COUNTED.has(event.type);
    }
  }

  /** Tells colleagues what is before the reader's eyes; a hidden tab shows nothing. */
  readonly #tellLooking = (): void => {
    const caseId = globalThis.document?.visibilityState === 'hidden' ? null : (this.opened?.id ?? null);
    if (caseId === this.#told || (this.#told === undefined && caseId === null)) return;
    if (this.send({ kind: 'looking', case_id: caseId })) this.#told = caseId;
  };

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
