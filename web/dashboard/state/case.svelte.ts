import { Offline, Problem } from '../../lib/api/client.ts';
import type { Actor, Call, Case, LiveEvent, Me, OperatorRow } from '../../lib/api/types.ts';
import { Outbox } from '../../lib/chat/outbox.svelte.ts';
import { ReadReporter } from '../../lib/chat/reads.ts';
import { ChatScroll } from '../../lib/chat/scroll.svelte.ts';
import { Timeline } from '../../lib/chat/timeline.svelte.ts';
import { Typing, TypingTeller } from '../../lib/chat/typing.svelte.ts';
import { i18n } from '../i18n.ts';
import { CaseApi } from './case-api.ts';
import { CaseDraft } from './draft.svelte.ts';
import { CaseFields } from './fields.svelte.ts';
import { GuestLinkCopy } from './guest-link.svelte.ts';
import { unsentCases } from './kept.ts';

/** An announcement for screen readers stays this long; who reads on by hand finds the message itself. */
const HEARD_MS = 5_000;
/** How long a case that nobody could give waits until it is asked for again. */
const RETRY_MS = 3_000;
/** How often a case that was left is looked at until nothing of it is unsent. */
const LINGER_CHECK_MS = 1_000;

/** What decides on the unsent texts of a case that was left. */
const LINGERING_HEARS: ReadonlySet<string> = new Set<LiveEvent['event']['type']>(['case.completed', 'case.reopened', 'case.deleted']);

/** What a case needs of the desk it lies on. */
export interface CaseDeps {
  /** Who looks; asked anew each time, because names and zones change. */
  readonly me: Me;
  /** Sends a frame to the live socket. */
  send(frame: { kind: string } & Record<string, unknown>): unknown;
  /** The colleagues there are. */
  readonly team: { readonly operators: readonly OperatorRow[] };
  /** Who is here right now; the socket knows it better than an answer that was long on its way. */
  readonly presence?: { readonly known: boolean; guest(caseId: string): boolean };
  /** What is known of open calls; a case's answer says it for the case. */
  readonly calls?: { readonly open: { answered(caseId: string, call: Call | null): void } };
}

/** `gone`: deleted, or never there. */
export type Opening = 'loading' | 'ready' | 'gone' | 'failed';

/** One open case: its conversation, its fields, who is on it and who is here. */
export class CaseView {
  readonly id: string;
  readonly deps: CaseDeps;
  status = $state<Opening>('loading');
  /** Why it could not be opened, when `failed`. */
  error = $state.raw<unknown>(null);
  /** The case as the server last told; null until it has. */
  case = $state.raw<Case | null>(null);
  /** The newest message of someone else, for screen readers. */
  heard = $state.raw<{ actor: Actor; text: string } | null>(null);

  readonly timeline: Timeline;
  readonly outbox: Outbox;
  readonly scroll: ChatScroll;
  readonly fields: CaseFields;
  readonly draft: CaseDraft;
  readonly typingState = new Typing();
  readonly link = new GuestLinkCopy(() => this.#api.guestLink());
  readonly teller: TypingTeller;
  readonly #api: CaseApi;
  /** Who wrote what is unsent here. */
  readonly #author: string;
  #reads: ReadReporter;
  #loading: Promise<void> | null = null;
  #refreshing: Promise<void> | null = null;
  #again = false;
  #closed = false;
  #heardTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #lingerTimer: ReturnType<typeof setInterval> | undefined;

  /** Cases that were left while something of theirs was unsent; they stay until it is. */
  static readonly #lingering = new Map<string, CaseView>();

  constructor(id: string, deps: CaseDeps) {
    CaseView.#lingering.get(id)?.stop();
    this.id = id;
    this.deps = deps;
    this.#api = new CaseApi(id);
    const me = deps.me.operator.id;
    // A completed case takes neither words nor fields; what is unsent waits for it to be opened again.
    const held = () => this.completed;
    const scope = `${id}/${me}`;
    this.#author = me;
    this.outbox = new Outbox({
      scope,
      send: (message) => this.#mine(() => this.#api.send(message)),
      passing: ['case_completed'],
      held,
      onSent: (entry) => this.timeline.apply(entry),
      onProblem: (problem) => this.#refused(problem),
    });
    this.timeline = new Timeline({
      load: (query) => this.#api.page(query),
      own: (actor) => actor.kind === 'operator' && actor.id === me,
      reader: () => ({ locale: i18n.locale, timeZone: deps.me.operator.time_zone }),
      outbox: this.outbox,
      counts: (entry) => entry.actor.kind === 'guest' && entry.event.type === 'message.sent',
    });
    this.scroll = new ChatScroll(this.timeline);
    this.fields = new CaseFields({
      scope,
      me,
      save: (field, change) => this.#mine(() => this.#api.change(field, change)),
      held,
      onSaved: (fresh) => this.#take(fresh),
      onProblem: (problem) => this.#refused(problem),
    });
    this.draft = new CaseDraft({
      scope,
      save: (text, version) => this.#mine(() => this.#api.draft(text, version)),
      onProblem: (problem) => this.#refused(problem),
    });
    this.#reads = new ReadReporter((entry) => this.#api.read(entry));
    this.teller = new TypingTeller((typing) => deps.send({ kind: 'typing', case_id: id, typing }));
  }

  /** Takes up what an earlier visit could not send in cases other than the open one. */
  static resume(deps: CaseDeps, open: string | null): void {
    for (const id of unsentCases(deps.me.operator.id)) {
      if (id === open || CaseView.#lingering.has(id)) continue;
      const view = new CaseView(id, deps);
      view.outbox.start();
      view.close();
    }
  }

  /** A case that was left and not forgotten: it learns whether it takes again what is unsent. */
  static hear(frame: Pick<LiveEvent, 'entry' | 'at' | 'actor' | 'event'> & { case_id: string | null }): void {
    const view = frame.case_id === null ? undefined : CaseView.#lingering.get(frame.case_id);
    if (view && LINGERING_HEARS.has(frame.event.type)) view.apply(frame);
  }

  /** After a gap: cases that were left may have been opened again unheard. */
  static refreshLeft(): void {
    for (const view of CaseView.#lingering.values()) if (view.completed) void view.refresh();
  }

  /** Who else is typing in this case. */
  get typingActors(): Actor[] {
    return this.typingState.actors;
  }

  get guestOnline(): boolean {
    const { presence } = this.deps;
    return presence?.known ? presence.guest(this.id) : (this.case?.guest_online ?? false);
  }

  get completed(): boolean {
    return this.case?.status === 'completed';
  }

  /** Opens it: the case, then the newest part of its conversation. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    clearTimeout(this.#retryTimer);
    // Once it failed, it is called so until it has not.
    if (this.status !== 'failed') this.status = 'loading';
    try {
      const fresh = await this.#api.get();
      if (this.#closed) return;
      this.#take(fresh);
      this.#reads.stop();
      this.#reads = new ReadReporter((entry) => this.#api.read(entry), fresh.mine.read_entry);
      await this.timeline.open(fresh.mine.read_entry, fresh.last_entry);
      if (this.timeline.error) throw this.timeline.error;
      if (this.#closed) return;
      this.status = 'ready';
      this.error = null;
      this.outbox.start();
      this.fields.wake();
    } catch (error) {
      if (this.#closed) return;
      this.error = error;
      this.status = error instanceof Problem && error.status === 404 ? 'gone' : 'failed';
      const passing = !(error instanceof Problem) || error.status >= 500 || error.retryAfterS !== null;
      if (passing) this.#retryTimer = setTimeout(() => void this.load(), RETRY_MS);
    }
  }

  /** After a gap: all that came meanwhile. */
  async reload(): Promise<void> {
    if (this.status === 'gone') return;
    if (this.status !== 'ready') return this.load();
    this.#wake();
    await Promise.all([this.refresh(), this.timeline.catchUp()]);
    // A report that did not get through is made again.
    this.sendRead(this.timeline.reading);
  }

  /** Asks for the case again; many wishes at once become one more request. */
  refresh(): Promise<void> {
    if (this.#refreshing) this.#again = true;
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
      if (this.#again) {
        this.#again = false;
        void this.refresh();
      }
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    try {
      this.#take(await this.#api.get());
    } catch (error) {
      if (error instanceof Problem) this.#refused(error);
    }
  }

  /** A live event of this case. */
  apply(frame: Pick<LiveEvent, 'entry' | 'at' | 'actor' | 'event'>): void {
    const { entry, at, actor, event } = frame;
    const known = this.case;
    if (known && entry !== null) this.case = { ...known, last_entry: Math.max(known.last_entry, entry), last_activity_at: at };
    switch (event.type) {
      case 'case.deleted':
        this.#gone();
        return;
      case 'case.changed':
        this.#changed(event, actor, at);
        return;
      case 'case.read':
        this.#read(actor, event.entry, at);
        return;
      case 'operator.created':
      case 'organization.changed':
      case 'tombstone':
        return;
      case 'case.completed':
        this.#patch({ status: 'completed', completed_at: at });
        this.typingState.clear();
        this.teller.stop();
        break;
      case 'case.reopened':
        this.#patch({ status: 'active', completed_at: null });
        this.#wake();
        void this.refresh();
        break;
      case 'operator.joined':
        this.#joined(event.operator);
        break;
      case 'operator.left':
        this.#left(event.operator.id);
        break;
      case 'message.sent':
        this.typingState.hear(actor, false);
        if (this.#isMe(actor)) this.draft.sentElsewhere(event.text);
        else this.#hear(actor, event.text);
        break;
      case 'case.created':
      case 'guest.arrived':
      case 'call.started':
      case 'call.ended':
        break;
    }
    if (entry !== null) this.timeline.apply({ entry, at, actor, event });
  }

  /** The guest came or went. */
  presence(online: boolean): void {
    if (!this.case || this.case.guest_online === online) return;
    const seen = online ? {} : { guest_last_seen_at: new Date().toISOString() };
    this.#patch({ guest_online: online, ...seen });
  }

  /** Someone is typing here, or has stopped. */
  typing(actor: Actor, typing: boolean): void {
    if (!this.#isMe(actor)) this.typingState.hear(actor, typing);
  }

  /** Sends a message: kept at once, on its way when it can be. */
  say(text: string): void {
    this.teller.stop();
    this.outbox.add(text);
    this.scroll.toEnd();
  }

  /** Whether the newest entry is before someone's eyes; what is seen is reported as read. */
  sendRead(seen: boolean): void {
    this.timeline.setReading(seen);
    if (!seen || this.status !== 'ready' || this.timeline.seen === 0) return;
    this.#reads.report(this.timeline.seen);
  }

  join(): Promise<void> {
    return this.add(this.deps.me.operator.id);
  }

  async add(operatorId: string): Promise<void> {
    this.#take(await this.#api.add(operatorId));
  }

  async leave(operatorId: string): Promise<void> {
    this.#take(await this.#api.leave(operatorId));
  }

  async complete(): Promise<void> {
    // Afterwards nothing can be saved any more.
    await this.fields.flush();
    this.#take(await this.#api.complete());
  }

  async reopen(): Promise<void> {
    this.#take(await this.#api.reopen());
    this.#wake();
  }

  /** Deletes the case with everything in it, for everyone. */
  async remove(): Promise<void> {
    try {
      await this.#api.remove();
    } catch (error) {
      // Someone else was quicker, or the answer to the first try was lost.
      if (!(error instanceof Problem && error.status === 404)) throw error;
    }
    this.#gone();
  }

  /** The page may be gone in a moment: what waits for a pause goes now. */
  flush(): void {
    void this.fields.flush();
    this.draft.flush();
  }

  /** The case is left. What is unsent goes on its way all the same. */
  close(): void {
    this.#closed = true;
    this.flush();
    this.teller.stop();
    this.typingState.clear();
    this.#reads.stop();
    this.timeline.stop();
    clearTimeout(this.#heardTimer);
    clearTimeout(this.#retryTimer);
    if (!this.#unsent) {
      this.stop();
      return;
    }
    CaseView.#lingering.set(this.id, this);
    this.#lingerTimer = setInterval(() => {
      if (!this.#unsent) this.stop();
    }, LINGER_CHECK_MS);
  }

  /** Ends everything at once. */
  stop(): void {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#lingerTimer);
    if (CaseView.#lingering.get(this.id) === this) CaseView.#lingering.delete(this.id);
    this.outbox.stop();
    this.fields.stop();
    this.draft.stop();
    this.timeline.stop();
    this.teller.stop();
    this.#reads.stop();
  }

  /** Something will go to the server by itself. */
  get #unsent(): boolean {
    return this.outbox.items.some(({ state }) => state !== 'failed') || this.fields.pending || this.draft.pending;
  }

  /** Nobody sends another's words, even when someone else signs in on this page. */
  #mine<T>(send: () => Promise<T>): Promise<T> {
    return this.deps.me.operator.id === this.#author ? send() : Promise.reject(new Offline());
  }

  #isMe(actor: Actor): boolean {
    return actor.kind === 'operator' && actor.id === this.deps.me.operator.id;
  }

  /** What is unsent can go. */
  #wake(): void {
    this.outbox.wake();
    this.fields.wake();
    this.draft.wake();
  }

  #patch(change: Partial<Case>): void {
    if (this.case) this.case = { ...this.case, ...change };
  }

  #take(fresh: Case): void {
    const known = this.case;
    this.fields.merge(fresh.fields);
    if (known && fresh.last_entry < known.last_entry) {
      // Live events have overtaken this answer: what they said stands.
      void this.refresh();
      return;
    }
    this.case = fresh;
    this.deps.calls?.open.answered(this.id, fresh.call);
    this.draft.merge(fresh.mine.draft);
    this.timeline.markOthersRead(fresh.guest_read?.entry ?? 0);
    if (known?.status === 'completed' && fresh.status !== 'completed') this.#wake();
  }

  #changed(event: Extract<LiveEvent['event'], { type: 'case.changed' }>, actor: Actor, at: string): void {
    if (!this.case || event.version <= this.fields.all[event.field].known.version) return;
    if (event.field === 'name' && event.name !== null) {
      const name = { value: event.name, version: event.version, changed_by: actor, changed_at: at };
      this.#patch({ name: event.name, fields: { ...this.case.fields, name } });
      this.fields.all.name.merge(name);
    } else {
      void this.refresh();
    }
  }

  #read(actor: Actor, entry: number, at: string): void {
    const known = this.case;
    if (!known) return;
    if (actor.kind === 'guest') {
      if (entry > (known.guest_read?.entry ?? 0)) this.#patch({ guest_read: { entry, at } });
      this.timeline.markOthersRead(entry);
    } else if (this.#isMe(actor)) {
      this.#patch({ mine: { ...known.mine, read_entry: Math.max(known.mine.read_entry, entry) } });
    }
  }

  #joined(operator: { id: string; name: string }): void {
    const known = this.case;
    if (!known || known.operators.some(({ id }) => id === operator.id)) return;
    this.#patch({
      operators: [...known.operators, operator],
      status: known.status === 'awaiting' ? 'active' : known.status,
      mine: { ...known.mine, joined: known.mine.joined || operator.id === this.deps.me.operator.id },
    });
  }

  #left(operatorId: string): void {
    const known = this.case;
    if (!known) return;
    const operators = known.operators.filter(({ id }) => id !== operatorId);
    this.#patch({
      operators,
      status: operators.length === 0 && known.status === 'active' ? 'awaiting' : known.status,
      mine: { ...known.mine, joined: known.mine.joined && operatorId !== this.deps.me.operator.id },
    });
  }

  #hear(actor: Actor, text: string): void {
    clearTimeout(this.#heardTimer);
    this.heard = { actor, text };
    this.#heardTimer = setTimeout(() => (this.heard = null), HEARD_MS);
  }

  #gone(): void {
    this.status = 'gone';
    this.outbox.clear();
    this.fields.forget();
    this.draft.forget();
    this.stop();
  }

  #refused(problem: Problem): void {
    if (problem.status === 404) this.#gone();
    else if (problem.code === 'not_signed_in' && this.#closed) this.stop();
    else if (problem.code === 'case_completed' && this.case?.status !== 'completed') void this.refresh();
  }
}
