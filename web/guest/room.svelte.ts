import { Problem } from '../lib/api/client.ts';
import type { GuestCase, GuestFrame } from '../lib/api/types.ts';
import { isEntry } from '../lib/chat/entries.ts';
import { Heard } from '../lib/chat/heard.svelte.ts';
import { Outbox } from '../lib/chat/outbox.svelte.ts';
import { ReadReporter } from '../lib/chat/reads.ts';
import { ChatScroll } from '../lib/chat/scroll.svelte.ts';
import { Timeline } from '../lib/chat/timeline.svelte.ts';
import { Typing, TypingTeller } from '../lib/chat/typing.svelte.ts';
import { LiveSocket, type SocketState } from '../lib/live/socket.svelte.ts';
import { GuestApi } from './api.ts';
import { Asked } from './asked.svelte.ts';
import { Calling } from './calling.svelte.ts';
import { i18n } from './i18n.ts';

/** A connection is called lost only after this long, so that a short change of networks shows nothing. */
const LOST_AFTER_MS = 1_500;

/** What a room tells the visit it belongs to. */
export interface RoomEvents {
  ended: (how: 'completed' | 'deleted') => void;
  reopened: () => void;
  /** The case was completed when the room was entered, and is open now. */
  admitted: () => void;
  signedOut: () => void;
}

/** A guest's chat in one case: what is said, what is on its way, who is here. */
export class Room {
  case: GuestCase;
  /** No connection for long enough to say so. */
  lost = $state(false);
  /** The newest message of someone else, for screen readers. */
  readonly heard = new Heard();

  /** Puts the cursor into the field, for whoever got along by keyboard; the field itself brings it. */
  focusComposer: () => void = () => {};

  readonly timeline: Timeline;
  readonly calling: Calling;
  /** The team's question for the location. */
  readonly asked: Asked;
  readonly outbox: Outbox;
  readonly typing = new Typing();
  readonly teller: TypingTeller;
  readonly scroll: ChatScroll;
  readonly socket: LiveSocket<GuestFrame>;
  readonly #api: GuestApi;
  readonly #reads: ReadReporter;
  readonly #events: RoomEvents;
  /** The case is completed; it may be opened again. */
  #closed = false;
  /** The conversation was loaded; in a completed case there is none to load. */
  #opened = false;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(opened: GuestCase, events: RoomEvents) {
    this.case = $state.raw(opened);
    this.#events = events;
    this.#api = new GuestApi(opened.id);
    this.calling = new Calling({ api: this.#api.calls, live: () => this.socket.state === 'open' });
    this.asked = new Asked((answer) => this.#api.answerLocation(answer));
    this.outbox = new Outbox({
      scope: `${opened.id}/guest`,
      send: (message) => this.#api.send(message),
      // Unsent messages wait for the case to be opened again.
      passing: ['case_completed'],
      onSent: (entry) => this.timeline.apply(entry),
      onProblem: (problem) => this.#refused(problem),
    });
    this.timeline = new Timeline({
      load: (query) => this.#api.page(query),
      own: (actor) => actor.kind === 'guest',
      reader: () => ({ locale: i18n.locale }),
      outbox: this.outbox,
    });
    this.timeline.markOthersRead(opened.operator_read?.entry ?? 0);
    this.#reads = new ReadReporter((entry) => this.#api.read(entry), opened.read?.entry ?? 0);
    this.scroll = new ChatScroll(this.timeline);
    this.socket = new LiveSocket<GuestFrame>({
      url: () => this.#api.liveUrl(this.#opened ? this.timeline.complete : this.case.last_entry),
      onFrame: (frame) => this.#receive(frame),
      onState: (state) => this.#connection(state),
    });
    this.teller = new TypingTeller((typing) => this.socket.send({ kind: 'typing', typing }));
  }

  /** Loads the newest entries, then listens from there on. */
  start(): Promise<void> {
    return this.#enter(this.case);
  }

  /** A new session for the same case, or the case is open again. */
  resume(opened: GuestCase): Promise<void> {
    this.socket.stop();
    return this.#enter(opened);
  }

  async #enter(opened: GuestCase): Promise<void> {
    this.#closed = opened.status === 'completed';
    if (this.#closed) {
      // There is nothing to read; the socket tells when there is.
      this.socket.start();
      return;
    }
    if (this.#opened) {
      this.#take(opened);
      await this.timeline.catchUp();
    } else {
      this.case = opened;
      await this.timeline.open(opened.read?.entry ?? 0, opened.last_entry);
    }
    if (this.timeline.error) throw this.timeline.error;
    this.#opened = true;
    this.socket.start();
    this.outbox.start();
    this.calling.take(this.case.call);
    this.asked.take(this.case.location_request);
  }

  stop(): void {
    this.socket.stop();
    this.calling.stop();
    this.outbox.stop();
    this.timeline.stop();
    this.#reads.stop();
    this.typing.clear();
    clearTimeout(this.#lostTimer);
    this.heard.stop();
  }

  /** Sends a message: kept at once, on its way when it can be. */
  say(text: string): void {
    this.teller.stop();
    this.outbox.add(text);
    this.scroll.toEnd();
  }

  /** Whether the reader sees the newest entry right now; what is seen is reported as read. */
  reading(now: boolean): void {
    this.timeline.setReading(now);
    if (now && this.timeline.seen > 0) this.#reads.report(this.timeline.seen);
  }

  #take(fresh: GuestCase): void {
    this.case = fresh;
    this.timeline.markOthersRead(fresh.operator_read?.entry ?? 0);
    if (this.#closed) return;
    this.calling.take(fresh.call);
    this.asked.take(fresh.location_request);
  }

  #connection(state: SocketState): void {
    if (state === 'open') {
      clearTimeout(this.#lostTimer);
      this.#lostTimer = undefined;
      this.lost = false;
      return;
    }
    if (state === 'ended') {
      if (this.socket.closeCode === 4401) this.#events.signedOut();
      else void this.refresh();
      return;
    }
    this.typing.clear();
    this.#lostTimer ??= setTimeout(() => {
      this.lost = true;
      // The refusal of a socket has no words; the case itself tells what is the matter.
      void this.refresh();
    }, LOST_AFTER_MS);
  }

  /** Asks for the case again: who is here, or why it cannot be reached. */
  async refresh(): Promise<void> {
    try {
      this.#take(await this.#api.get());
    } catch (error) {
      if (error instanceof Problem) this.#refused(error);
    }
  }

  #receive(frame: GuestFrame): void {
    switch (frame.kind) {
      case 'hello':
        if (frame.case.status === 'completed') {
          // Nothing is told of a completed case. What was missed before is loaded when it is open again.
          if (this.#opened && frame.entry > this.timeline.complete) void this.timeline.catchUp();
          this.#completed();
          break;
        }
        if (!this.#opened) {
          this.#reopened();
          break;
        }
        this.#take(frame.case);
        this.calling.socketBack();
        // A page of older entries that could not be loaded is asked for again.
        this.timeline.error = null;
        if (this.timeline.behind) void this.timeline.catchUp();
        this.outbox.wake();
        if (this.#closed) this.#reopened();
        break;
      case 'event':
        this.#happened(frame);
        break;
      case 'operator_presence':
        this.case = {
          ...this.case,
          operators: this.case.operators.map((operator) =>
            operator.id === frame.operator_id ? { ...operator, online: frame.online } : operator,
          ),
        };
        break;
      case 'typing':
        // The same guest in another tab is nobody to wait for.
        if (frame.actor.kind !== 'guest') this.typing.hear(frame.actor, frame.typing);
        break;
      case 'call':
        if (!this.#closed) this.calling.hear(frame.call);
        break;
      case 'call_speaking':
        this.calling.speaking(frame.call_id, frame.speaking);
        break;
      case 'reset':
        void this.timeline.catchUp();
        void this.refresh();
        break;
      case 'heartbeat':
      case 'goodbye':
        break;
    }
  }

  #happened(frame: Extract<GuestFrame, { kind: 'event' }>): void {
    const { entry, at, actor, event, merged_from } = frame;
    switch (event.type) {
      case 'case.changed':
        if (event.field === 'name' && event.name !== null) this.case = { ...this.case, name: event.name };
        return;
      case 'case.deleted':
        this.#deleted();
        return;
      case 'case.read':
        if (actor.kind === 'operator') this.timeline.markOthersRead(event.entry);
        return;
      case 'operator.created':
      case 'operator.changed':
      case 'organization.changed':
        void this.refresh();
        return;
      case 'case.completed':
        this.#completed();
        break;
      case 'case.reopened':
        this.#reopened();
        break;
      case 'operator.joined':
      case 'operator.left':
      case 'location.requested':
      case 'location.shared':
      case 'location.refused':
      case 'location.failed':
      case 'location.forgotten':
        void this.refresh();
        break;
      case 'message.sent':
        if (actor.kind !== 'guest') {
          this.typing.hear(actor, false);
          this.heard.say(actor, event.text);
        }
        break;
    }
    if (this.#opened && entry !== null && isEntry(event)) this.timeline.apply({ entry, at, actor, event, merged_from });
  }

  #completed(): void {
    this.#closed = true;
    this.case = { ...this.case, call: null };
    this.calling.stop();
    this.asked.close();
    this.outbox.stop();
    this.typing.clear();
    this.#events.ended('completed');
  }

  #deleted(): void {
    this.#closed = true;
    this.calling.stop();
    this.outbox.clear();
    this.#events.ended('deleted');
  }

  #reopened(): void {
    if (!this.#opened) {
      this.#events.admitted();
      return;
    }
    this.#closed = false;
    if (this.timeline.behind) void this.timeline.catchUp();
    this.calling.take(this.case.call);
    this.#events.reopened();
    this.outbox.start();
    void this.refresh();
  }

  #refused(problem: Problem): void {
    if (problem.code === 'case_completed') this.#completed();
    else if (problem.code === 'case_deleted') this.#deleted();
    // The link leads to the case that this one is a part of now.
    else if (problem.code === 'not_signed_in' || problem.code === 'case_merged') this.#events.signedOut();
  }
}
