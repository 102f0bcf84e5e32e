import { createContext } from 'svelte';
import type { Problem } from '../../lib/api/client.ts';
import type { Case, LiveEvent, LiveFrame } from '../../lib/api/types.ts';
import { LiveSocket, type SocketState } from '../../lib/live/socket.svelte.ts';
import type { Reader } from '../../lib/time/format.ts';
import { api } from '../api.ts';
import { i18n } from '../i18n.ts';
import { retryAll, unsaved } from './autosave.svelte.ts';
import { CaseList } from './cases.svelte.ts';
import { CaseView } from './case-view.svelte.ts';
import { Details } from './details.svelte.ts';
import { MINE, QUEUE, recallFilter, rememberFilter, same, type Filter } from './filter.ts';
import { Outboxes } from './outboxes.ts';
import { People } from './people.svelte.ts';
import type { Session } from './session.svelte.ts';

/** A connection is called lost only after this long, so that a short change of networks shows nothing. */
const LOST_AFTER_MS = 1_500;

/** One signed-in operator's desk: the lists, the people, the open case, and the one live connection. */
export class Desk {
  readonly session: Session;
  readonly me: string;
  readonly people: People;
  readonly outboxes: Outboxes;
  readonly socket: LiveSocket<LiveFrame>;
  /** The operator's own active cases: their unread messages count in the title, whatever the list shows. */
  readonly mine: CaseList;
  readonly queue: CaseList;
  /** What the list shows. */
  list = $state.raw() as CaseList;
  open = $state.raw<CaseView | null>(null);
  /** No connection for long enough to say so. */
  lost = $state(false);
  readonly #details = new Map<string, Details>();
  #cursor: number | null = null;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session, me: string) {
    this.session = session;
    this.me = me;
    this.people = new People(me);
    this.outboxes = new Outboxes(
      me,
      (caseId, entry) => {
        if (this.open?.id === caseId) this.open.sent(entry);
      },
      (caseId, problem) => this.refused(problem, caseId),
    );
    this.mine = this.#newList(MINE);
    this.queue = this.#newList(QUEUE);
    const filter = recallFilter(me);
    this.list = same(filter, MINE) ? this.mine : this.#newList(filter);
    this.socket = new LiveSocket<LiveFrame>({
      url: () => `/api/v1/live${this.#cursor === null ? '' : `?cursor=${this.#cursor}`}`,
      onFrame: (frame) => this.#receive(frame),
      onState: (state) => this.#connection(state),
    });
  }

  /** In whose language and zone times are shown. */
  get reader(): Reader {
    return { locale: i18n.locale, timeZone: this.session.me?.operator.time_zone };
  }

  start(): void {
    this.socket.start();
    this.outboxes.start();
    // Where no live connection can be had, the pages are still there.
    void this.#reload();
    for (const name of unsaved(`${this.me}:`)) {
      const caseId = name.split(':')[1];
      if (caseId && this.open?.id !== caseId && !name.endsWith(':draft')) void this.#revive(caseId);
    }
  }

  stop(): void {
    this.socket.stop();
    this.outboxes.stop();
    for (const list of this.#lists()) list.stop();
    this.close();
    clearTimeout(this.#lostTimer);
  }

  /** Opens a case; the one before goes on saving what it has. */
  show(id: string): void {
    if (this.open?.id === id) return;
    this.close();
    this.open = new CaseView(id, this);
    void this.open.start();
  }

  close(): void {
    this.open?.stop();
    this.open = null;
  }

  /** Shows another list. */
  choose(filter: Filter): void {
    if (same(filter, this.list.filter)) return;
    rememberFilter(this.me, filter);
    if (this.list !== this.mine) this.list.stop();
    if (same(filter, MINE)) {
      this.list = this.mine;
    } else {
      this.list = this.#newList(filter);
      void this.list.refresh();
    }
  }

  /** The fields of a case. They outlive its being open while something is unsaved. */
  details(id: string): Details {
    for (const [other, details] of this.#details) if (other !== id && !details.dirty) this.#details.delete(other);
    let found = this.#details.get(id);
    if (!found) {
      found = new Details(
        id,
        this.me,
        (fresh) => this.took(fresh),
        (problem) => this.refused(problem, id),
      );
      this.#details.set(id, found);
    }
    return found;
  }

  /** A case as an answer of the server has it. */
  took(fresh: Case): void {
    if (this.open?.id === fresh.id) this.open.take(fresh);
    else this.#details.get(fresh.id)?.take(fresh);
    for (const list of this.#lists()) list.take(fresh);
  }

  /** Takes a case from the queue. */
  async takeOver(id: string): Promise<void> {
    this.took(await api.join(id, this.me));
  }

  async deleteCase(id: string): Promise<void> {
    await api.deleteCase(id);
    if (this.open?.id === id) this.close();
    this.#forget(id);
  }

  /** All messages of a case have been seen. */
  read(id: string): void {
    for (const list of this.#lists()) list.read(id);
  }

  tellTyping(id: string, typing: boolean): void {
    this.socket.send({ kind: 'typing', case_id: id, typing });
  }

  /** A refusal that concerns more than the act it answered. */
  refused(problem: Problem, caseId: string): void {
    if (problem.code === 'not_signed_in') this.session.ended();
    else if (problem.code === 'case_completed' && this.open?.id === caseId) void this.open.refresh();
    else if (problem.code === 'not_found' && this.open?.id === caseId && this.open.case) {
      this.open.gone ??= { by: null };
      this.#forget(caseId);
    }
  }

  #newList(filter: Filter): CaseList {
    return new CaseList(filter, this.me, () => (this.open?.isRead ? this.open.id : null));
  }

  #lists(): CaseList[] {
    return [...new Set([this.mine, this.queue, this.list])];
  }

  #forget(id: string): void {
    this.outboxes.drop(id);
    this.#details.get(id)?.drop();
    this.#details.delete(id);
    for (const list of this.#lists()) list.remove(id);
  }

  /** An unsaved text of an earlier visit finds its case again. */
  async #revive(id: string): Promise<void> {
    try {
      this.details(id).take(await api.case(id));
    } catch {
      // It is taken up when the case is opened.
    }
  }

  async #reload(): Promise<void> {
    await Promise.all([...this.#lists().map((list) => list.refresh()), this.people.load()]);
    const failed = this.#lists().find((list) => list.error)?.error;
    if (failed) this.session.heard(failed);
  }

  #connection(state: SocketState): void {
    if (state === 'open') {
      clearTimeout(this.#lostTimer);
      this.#lostTimer = undefined;
      this.lost = false;
      return;
    }
    if (state === 'ended') {
      this.session.ended();
      return;
    }
    this.people.forgetTyping();
    this.#lostTimer ??= setTimeout(() => {
      this.lost = true;
      // The refusal of a socket has no words; who is signed in tells what is the matter.
      void this.session.refresh();
    }, LOST_AFTER_MS);
  }

  #receive(frame: LiveFrame): void {
    switch (frame.kind) {
      case 'hello':
        this.people.begin(frame.online_operators, frame.online_cases);
        if (this.#cursor === null) this.#everything(frame.cursor);
        else this.#backAgain();
        break;
      case 'reset':
        this.#everything(frame.cursor);
        break;
      case 'event':
        this.#cursor = frame.cursor;
        this.#happened(frame);
        break;
      case 'cursor':
        this.#cursor = frame.cursor;
        break;
      case 'presence':
        this.people.set('guests', frame.case_id, frame.online);
        if (this.open?.id === frame.case_id) this.open.presence();
        break;
      case 'operator_presence':
        this.people.set('online', frame.operator_id, frame.online);
        break;
      case 'typing':
        this.people.hear(frame.case_id, frame.actor, frame.typing);
        break;
      case 'goodbye':
        break;
    }
  }

  /** From here on everything is told; what was before is loaded. */
  #everything(cursor: number): void {
    this.#cursor = cursor;
    void this.#reload();
    void this.open?.catchUp();
    this.#backAgain();
  }

  #backAgain(): void {
    this.outboxes.wake();
    retryAll();
  }

  #happened(frame: LiveEvent): void {
    const { case_id, actor, event } = frame;
    if (event.type === 'operator.created') void this.people.load();
    if (event.type === 'organization.changed') void this.session.refresh();
    if (!case_id) return;
    for (const list of this.#lists()) list.apply(frame);
    if (this.open?.id === case_id) this.open.apply(frame);
    else if (event.type === 'message.sent') this.people.hear(case_id, actor, false);
    if (event.type === 'case.deleted') this.#forget(case_id);
    else if (event.type === 'case.changed' && this.open?.id !== case_id && this.#details.get(case_id)?.dirty) void this.#revive(case_id);
  }
}

export const [getDesk, setDesk] = createContext<Desk>();
