import { newKey, Offline, Problem, request } from '../../lib/api/client.ts';
import type { Call, Case, CaseRow, LiveEvent } from '../../lib/api/types.ts';
import { taking } from '../../lib/call/phase.ts';
import type { CallSession } from '../../lib/call/session.svelte.ts';
import type * as Parts from '../call/parts.ts';
import { forgetCall, recallCall, rememberCall, type CallPlace } from './call-memory.ts';
import { newsOf, OpenCalls, type CallNews } from './open-calls.svelte.ts';

/** The part of the page that makes calls; nobody loads it before the first one. */
export type CallParts = typeof Parts;

/** The call this window takes part in. */
export interface MyCall {
  readonly caseId: string;
  /** What the case is called, and so its guest. */
  readonly name: string;
  readonly session: CallSession;
  readonly parts: CallParts;
}

/** A call one was in that is no more: `ended` for everyone, or only for us (`out`: signed out elsewhere, say). */
export interface CallOver {
  caseId: string;
  why: 'ended' | 'out';
  /** Not known when it was over before this page asked. */
  lastedMs: number | null;
}

/** What someone wants to do while in another call. */
interface Wish {
  caseId: string;
  name: string;
  /** The open call to join; null starts one. */
  call: Call | null;
}

export interface CallsOptions {
  /** The operator at this desk. */
  me: string;
  load: () => Promise<CallParts>;
  /** Whether the live socket is open. */
  live?: () => boolean;
  now?: () => number;
}

/** All calls as this window sees them: those that are open, and the one it is in. It lives as long as the desk, whatever case is open. */
export class Calls {
  readonly open = new OpenCalls();
  mine = $state.raw<MyCall | null>(null);
  /** The case whose call is being started or joined. */
  busy = $state<string | null>(null);
  /** Why starting or joining did not work, and where. */
  problem = $state.raw<{ caseId: string; joining: boolean; error: unknown } | null>(null);
  over = $state.raw<CallOver | null>(null);
  /** Waits for an answer: leave the call one is in for this one? */
  wish = $state.raw<Wish | null>(null);
  /** The picture was put into a small window although its case is open. */
  small = $state(false);
  /** The guest was in the call while we were. */
  met = $state(false);
  /** Who last came and went. */
  news = $state.raw<CallNews | null>(null);

  readonly #me: string;
  readonly #load: () => Promise<CallParts>;
  readonly #live: () => boolean;
  readonly #now: () => number;
  /** What was wished for while another call was being entered. */
  #later: Wish | null = null;
  /** The key of a start without an answer: trying again starts no second call. */
  #start: { caseId: string; key: string } | null = null;
  /** The call to take up again after a reload, until the server has answered. */
  #place: CallPlace | null = null;
  #stopped = false;

  constructor({ me, load, live = () => true, now = Date.now }: CallsOptions) {
    this.#me = me;
    this.#load = load;
    this.#live = live;
    this.#now = now;
  }

  /** Whether this window takes part in a call now. */
  get taking(): boolean {
    return this.mine !== null && taking(this.mine.session);
  }

  /** The own call, if it is in this case. */
  mineIn(caseId: string | null): MyCall | null {
    return this.mine?.caseId === caseId ? this.mine : null;
  }

  /** Starts a call in a case and enters it. In another call, it asks first. */
  async start(caseId: string, name: string): Promise<void> {
    await this.#want({ caseId, name, call: null });
  }

  /** Enters the open call of a case. In another call, it asks first. */
  async join(call: Call, name: string): Promise<void> {
    await this.#want({ caseId: call.case_id, name, call });
  }

  /** Yes: leaves the call one is in for the one that was wished for. */
  async change(): Promise<void> {
    const wish = this.wish;
    if (!wish) return;
    this.wish = null;
    void this.leave();
    await this.#want(wish);
  }

  /** Leaves the call; it goes on for the others. Whoever is in it by another window stays there. */
  async leave(): Promise<void> {
    const session = this.#take()?.session;
    if (session?.phase === 'moved') session.close();
    else await session?.leave();
  }

  /** Ends the call for everyone. */
  async end(): Promise<void> {
    const { mine } = this;
    if (!mine) return;
    const { caseId, session } = mine;
    await request('POST', `/cases/${caseId}/calls/${session.call.id}/end`, { body: {} });
    // The socket may have told it already. Who ended it needs no word about it.
    if (this.mine === mine) this.#take();
    this.over = null;
    this.#close(caseId, session.call.id, new Date(this.#now()).toISOString(), session);
  }

  /** Puts away what is told about the last call. */
  settle(): void {
    this.over = null;
    this.problem = null;
  }

  /** A snapshot from the live socket. */
  hear(call: Call): void {
    const before = this.open.of(call.case_id);
    if (!this.open.hear(call)) return;
    const { mine } = this;
    if (mine?.session.call.id !== call.id) return;
    mine.session.apply(call);
    if (call.participants.some(({ kind }) => kind === 'guest')) this.met = true;
    if (before && call.ended_at === null) this.#tell(newsOf(before, call, this.#me));
  }

  /** Takes what the list says: calls that it no longer knows are over. Those that are open the socket's greeting tells. */
  learn(rows: readonly Pick<CaseRow, 'id' | 'in_call'>[]): void {
    for (const { id, in_call } of rows) if (!in_call) this.open.answered(id, null);
  }

  /** Who speaks now. */
  speaking(callId: string, ids: string[]): void {
    const session = this.mine?.session;
    if (session?.call.id === callId) session.speaking(ids);
  }

  /** What happened in a case, as its timeline tells it. */
  apply(caseId: string, { at, event }: Pick<LiveEvent, 'at' | 'event'>): void {
    const { mine } = this;
    if (event.type === 'call.ended') {
      this.#close(caseId, event.call_id, at, mine?.session);
      // Refused because it was over, and known only now.
      if (this.over?.caseId === caseId && this.over.why === 'out') this.over = { caseId, why: 'ended', lastedMs: event.duration_ms };
    }
    if (event.type === 'case.deleted') {
      if (mine?.caseId === caseId) this.#close(caseId, mine.session.call.id, at, mine.session);
      this.open.forget(caseId);
    }
    if (event.type === 'case.changed' && event.field === 'name' && event.name !== null && mine?.caseId === caseId) this.mine = { ...mine, name: event.name };
  }

  /** The live socket greets: what it missed is fetched. */
  connected(): void {
    if (this.mine) this.mine.session.socketBack();
    else void this.resume();
  }

  /** Takes up again, after a reload, the call this tab was in. */
  async resume(): Promise<void> {
    this.#place ??= recallCall();
    const place = this.#place;
    if (!place || this.mine || this.busy) return;
    await this.#enter(place.caseId, async () => {
      let found: Case;
      try {
        found = await request<Case>('GET', `/cases/${place.caseId}`);
      } catch (error) {
        // The case is gone, and its call with it.
        if (error instanceof Problem) this.#place = null;
        throw error;
      }
      this.#place = null;
      this.small = place.small;
      return { name: found.name, call: found.call?.id === place.callId ? found.call : null };
    });
  }

  /** The page is being unloaded: if this is a reload, the next load goes on with the call. */
  leaving(): void {
    const { mine } = this;
    if (!mine || mine.session.phase === 'moved') return;
    rememberCall({ caseId: mine.caseId, callId: mine.session.call.id, small: this.small });
  }

  /** The page was shown again instead of being unloaded. */
  returned(): void {
    forgetCall();
  }

  stop(): void {
    this.#stopped = true;
    this.#take()?.session.close();
  }

  async #want(wish: Wish): Promise<void> {
    if (this.busy) {
      if (this.busy !== wish.caseId) this.#later = wish;
      return;
    }
    if (this.mine && this.mine.caseId !== wish.caseId) {
      if (this.taking) {
        this.wish = wish;
        return;
      }
      // Nothing is left here of the other call but words about it.
      void this.leave();
    }
    this.small = false;
    if (this.mine) return;
    await this.#enter(wish.caseId, async () => ({ name: wish.name, call: wish.call ?? (await this.#begin(wish.caseId)) }), wish.call !== null);
  }

  async #begin(caseId: string): Promise<Call> {
    const key = this.#start?.caseId === caseId ? this.#start.key : newKey();
    this.#start = { caseId, key };
    try {
      const call = await request<Call>('POST', `/cases/${caseId}/calls`, { body: {}, key });
      this.#start = null;
      return call;
    } catch (error) {
      if (!(error instanceof Offline)) this.#start = null;
      throw error;
    }
  }

  async #enter(caseId: string, find: () => Promise<{ name: string; call: Call | null }>, joining = true): Promise<void> {
    this.busy = caseId;
    this.problem = null;
    this.over = null;
    try {
      const loading = this.#parts();
      // It is waited for below; a failure before that is no stray one.
      loading.catch(() => undefined);
      const { name, call } = await find();
      if (call) this.open.hear(call);
      const parts = await loading;
      if (this.#stopped) return;
      if (!call || call.ended_at !== null) {
        this.over = { caseId, why: 'ended', lastedMs: call?.ended_at ? Date.parse(call.ended_at) - Date.parse(call.started_at) : null };
        return;
      }
      const session = new parts.CallSession({
        api: parts.callApi(`/cases/${caseId}`),
        devices: new parts.Devices(),
        call,
        me: { kind: 'operator', operatorId: this.#me },
        live: this.#live,
        onEnded: (last) => this.#ended(session, last),
      });
      this.mine = { caseId, name, session, parts };
      void session.join();
    } catch (error) {
      // What could not be taken up again by itself needs no words: the button to join says it.
      if (!this.#stopped && !(this.#place && error instanceof Offline)) this.problem = { caseId, joining, error };
    } finally {
      this.busy = null;
      this.#goOn();
    }
  }

  /** What was wished for meanwhile, now. */
  #goOn(): void {
    const later = this.#later;
    this.#later = null;
    if (later && !this.#stopped) void this.#want(later);
  }

  /** A part of the page that does not come is a missing connection. */
  async #parts(): Promise<CallParts> {
    try {
      return await this.#load();
    } catch (error) {
      throw new Offline(undefined, { cause: error });
    }
  }

  #ended(session: CallSession, last: Call): void {
    if (this.mine?.session !== session) return;
    const { caseId } = this.mine;
    this.#take();
    session.close();
    this.open.hear(last);
    const end = last.ended_at === null ? this.#now() : Date.parse(last.ended_at);
    this.over = { caseId, why: last.ended_at === null ? 'out' : 'ended', lastedMs: end - session.startedAt };
  }

  /** A call is over, whatever told it. */
  #close(caseId: string, callId: string, at: string, session: CallSession | undefined): void {
    this.open.ended(caseId, callId, at);
    if (session?.call.id === callId && session.call.ended_at === null) {
      session.apply({ ...session.call, ended_at: at, revision: session.call.revision + 1 });
    }
  }

  #tell(news: CallNews): void {
    if (news.came.length > 0 || news.went.length > 0) this.news = news;
  }

  #take(): MyCall | null {
    const { mine } = this;
    this.mine = null;
    this.wish = null;
    this.small = false;
    this.news = null;
    this.met = false;
    forgetCall();
    return mine;
  }
}
