import { Offline, Problem } from '../../lib/api/client.ts';
import type { Actor, Case, LiveEvent, TagRef } from '../../lib/api/types.ts';
import { isEntry } from '../../lib/chat/entries.ts';
import { Heard } from '../../lib/chat/heard.svelte.ts';
import { Outbox, type Audience } from '../../lib/chat/outbox.svelte.ts';
import { ReadReporter } from '../../lib/chat/reads.ts';
import { ChatScroll } from '../../lib/chat/scroll.svelte.ts';
import { Timeline } from '../../lib/chat/timeline.svelte.ts';
import { Typing, TypingTeller } from '../../lib/chat/typing.svelte.ts';
import { i18n } from '../i18n.ts';
import { CaseActs } from './case-acts.svelte.ts';
import { CaseApi } from './case-api.ts';
import type { CaseDeps, Opening } from './case-deps.ts';
import { follow, isTelling } from './case-facts.ts';
import { goneBy, type Gone } from './case-gone.ts';
import { CaseDraft } from './draft.svelte.ts';
import { Earlier } from './earlier.svelte.ts';
import { CaseFields } from './fields.svelte.ts';
import { GuestLinkCopy } from './guest-link.svelte.ts';
import { unsentCases } from './kept.ts';
import { LeftCases, type Happened, type LeftCase } from './left-cases.ts';
import { Writing } from './writing.svelte.ts';

/** How long a case that nobody could give waits until it is asked for again. */
const RETRY_MS = 3_000;

/** What is done to a case only after a dialog. */
export type CaseQuestion = 'delete' | 'snooze' | 'merge' | 'queue' | 'hand_over';

/** One open case: its conversation, its fields, who is on it and who is here. */
export class CaseView implements LeftCase {
  readonly id: string;
  readonly deps: CaseDeps;
  status = $state<Opening>('loading');
  /** Why it could not be opened, when `failed`. */
  error = $state.raw<unknown>(null);
  /** The case as the server last told; null until it has. */
  case = $state.raw<Case | null>(null);
  /** Why it is not there, when `gone`. */
  gone = $state.raw<Gone | null>(null);
  /** What waits for an answer in a dialog before it is done to the case. */
  asking = $state<CaseQuestion | null>(null);
  /** The newest message of someone else, for screen readers. */
  readonly heard = new Heard();

  readonly timeline: Timeline;
  readonly outbox: Outbox;
  readonly scroll: ChatScroll;
  readonly fields: CaseFields;
  readonly draft: CaseDraft;
  readonly writing: Writing;
  readonly earlier: Earlier;
  /** What can be done about the case. */
  readonly acts: CaseActs;
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
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  static readonly #left = new LeftCases();

  constructor(id: string, deps: CaseDeps) {
    CaseView.#left.stop(id);
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
      counts: ({ actor, event }) => event.type === 'message.internal' || (actor.kind === 'guest' && event.type === 'message.sent'),
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
    this.writing = new Writing(scope, this.draft);
    this.earlier = new Earlier((cursor) => this.#api.earlier(cursor));
    this.acts = new CaseActs(this.#api, {
      me: () => deps.me.operator.id,
      take: (fresh) => this.#take(fresh),
      patch: (change) => {
        if (this.case) this.case = change(this.case);
      },
      refresh: () => this.refresh(),
      settle: () => this.fields.flush(),
      wake: () => this.#wake(),
      gone: () => this.#gone({ why: 'deleted' }),
    });
    this.#reads = new ReadReporter((entry) => this.#api.read(entry));
    this.teller = new TypingTeller((typing) => deps.send({ kind: 'typing', case_id: id, typing }));
  }

  /** Takes up what an earlier visit could not send in cases other than the open one. */
  static resume(deps: CaseDeps, open: string | null): void {
    for (const id of unsentCases(deps.me.operator.id)) {
      if (id === open || CaseView.#left.has(id)) continue;
      const view = new CaseView(id, deps);
      view.outbox.start();
      view.close();
    }
  }

  /** A live event of a case that may have been left. */
  static hear(frame: Happened & { case_id: string | null }): void {
    CaseView.#left.hear(frame);
  }

  /** After a gap: cases that were left may have been opened again unheard. */
  static refreshLeft(): void {
    CaseView.#left.refresh();
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

  /** Whether the operator at this desk may work on cases at all. */
  get mayWork(): boolean {
    return this.deps.me.rights.seat;
  }

  /** Nothing can be written or changed here now. */
  get locked(): boolean {
    return this.completed || !this.mayWork;
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
      if (error instanceof Problem && this.#lost(error)) return;
      this.error = error;
      this.status = 'failed';
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
  apply({ entry, at, actor, event, merged_from }: Happened): void {
    if (event.type === 'case.deleted') {
      this.#gone({ why: 'deleted' });
      return;
    }
    if (this.case) this.case = follow(this.case, { entry, at, actor, event }, this.deps.me.operator.id);
    switch (event.type) {
      case 'case.changed':
        this.#changed(event, actor, at);
        break;
      case 'case.field_changed':
        if (event.version > (this.fields.custom.get(event.field_id)?.known.version ?? 0)) void this.refresh();
        break;
      case 'case.read':
        if (actor.kind === 'guest') this.timeline.markOthersRead(event.entry);
        break;
      case 'case.completed':
        this.typingState.clear();
        this.teller.stop();
        // What is unsaved says at once that it waits.
        void this.fields.flush();
        break;
      case 'case.reopened':
        this.#wake();
        break;
      case 'message.sent':
      case 'message.internal':
        this.typingState.hear(actor, false);
        if (!this.#isMe(actor)) this.heard.say(actor, event.text);
        else if (event.type === 'message.sent') this.draft.sentElsewhere(event.text);
        break;
    }
    if (isTelling(event)) void this.refresh();
    if (event.type === 'case.merged' && this.earlier.loaded) void this.earlier.reload();
    if (entry !== null && isEntry(event)) this.timeline.apply({ entry, at, actor, event, merged_from: merged_from ?? null });
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
  say(text: string, audience?: Audience): void {
    this.teller.stop();
    this.outbox.add(text, audience);
    this.scroll.toEnd();
  }

  /** The organization's tags have changed: those here have their names as they are now. */
  followTags(find: (tagId: string) => TagRef | undefined): void {
    if (this.case) this.#patch({ tags: this.case.tags.flatMap(({ id }) => find(id) ?? []) });
  }

  /** Whether the newest entry is before someone's eyes; what is seen is reported as read. */
  sendRead(seen: boolean): void {
    this.timeline.setReading(seen);
    if (!seen || this.status !== 'ready' || this.timeline.seen === 0) return;
    this.#reads.report(this.timeline.seen);
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
    this.heard.stop();
    clearTimeout(this.#retryTimer);
    if (this.unsent) CaseView.#left.keep(this);
    else this.stop();
  }

  /** Ends everything at once. */
  stop(): void {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    CaseView.#left.forget(this);
    this.outbox.stop();
    this.fields.stop();
    this.draft.stop();
    this.timeline.stop();
    this.teller.stop();
    this.#reads.stop();
  }

  /** Something will go to the server by itself. */
  get unsent(): boolean {
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
    this.fields.merge(fresh.fields, fresh.custom);
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
    else if (known && known.status !== 'completed' && fresh.status === 'completed') void this.fields.flush();
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

  #gone(gone: Gone): void {
    this.gone = gone;
    this.status = 'gone';
    // What is only out of sight may come back, and with it what was typed.
    if (gone.why !== 'hidden') {
      this.outbox.clear();
      this.fields.forget();
      this.draft.forget();
      this.writing.forget();
      this.deps.forms?.dropCase(this.id);
    }
    this.stop();
  }

  /** Words that the server does not have. */
  get #words(): string[] {
    const { draft, writing } = this;
    const note = writing.internal ? writing.text : '';
    return [...this.outbox.items.map(({ text }) => text), draft.text, note, this.fields.all.notes.saved ? '' : this.fields.all.notes.text].filter(Boolean);
  }

  /** Whether a refusal says that the case is not here; then the view says so too. */
  #lost(problem: Problem): boolean {
    const gone = goneBy(problem, this.deps.me, () => this.#words);
    if (gone) this.#gone(gone);
    return gone !== null;
  }

  #refused(problem: Problem): void {
    if (this.#lost(problem)) return;
    if (problem.code === 'not_signed_in' && this.#closed) this.stop();
    else if (problem.code === 'case_completed' && this.case?.status !== 'completed') void this.refresh();
  }
}
