/**
 * What the guest's page knows of calls before any picture: that someone calls, that it was
 * declined, missed or is over. All that needs devices or media is `call/`, loaded when there is a call.
 */

import { Problem } from '../lib/api/client.ts';
import type { Call } from '../lib/api/types.ts';
import { recall } from '../lib/call/kept.ts';
import type { CallApi } from '../lib/call/types.ts';
import type { Part } from './call/part.ts';
import type { Stage, Summary } from './call/stage.svelte.ts';
import { i18n } from './i18n.ts';

/**
 * What the page shows of the case's call. `ringing`: someone calls. `aside`: not now, or another
 * device is in it. `missed`: it ended before anyone joined here. `returning`: this tab was in the call
 * before it was loaded again and goes back by itself; `back`: with a tap. `check`: camera and
 * microphone. `call`: in it. `thanks`: it is over for this guest.
 */
export type CallView = 'none' | 'ringing' | 'returning' | 'back' | 'aside' | 'missed' | 'check' | 'call' | 'thanks';

/** Remembers in this tab that a call was declined, so that a reload does not ring again. */
const DECLINED = 'deskside:call-declined';

export interface CallingOptions {
  api: CallApi;
  /** Whether the live socket is open. */
  live?: () => boolean;
  /** Loads devices, media and their pages; given by tests. */
  load?: () => Promise<Part>;
}

/** The case's call as this guest meets it. */
export class Calling {
  /** The open call; null when there is none. */
  call = $state.raw<Call | null>(null);
  view = $state<CallView>('none');
  /** Who calls, or called last. */
  caller = $state('');
  /** The code of the call, once it is here. */
  part = $state.raw<Part | null>(null);
  /** Devices and media of the call that this guest is about to join or is in. */
  stage = $state.raw<Stage | null>(null);
  /** Joining waits for its code. */
  opening = $state(false);
  /** The code could not be loaded. */
  broken = $state(false);
  /** How the call was, in view `thanks`. */
  summary = $state.raw<Summary | null>(null);

  readonly #api: CallApi;
  readonly #live: () => boolean;
  readonly #load: () => Promise<Part>;
  #loading: Promise<Part> | null = null;
  /** The newest revision of any call here: what is older comes late. */
  #revision = 0;

  constructor({ api, live = () => true, load = loadPart }: CallingOptions) {
    this.#api = api;
    this.#live = live;
    this.#load = load;
  }

  /** Whether the page belongs to the call: no header, no other column. */
  get staged(): boolean {
    return this.view === 'call';
  }

  /** The open call as the case tells it, on arriving and after each gap. */
  take(call: Call | null): void {
    if (call) this.hear(call);
    else if (this.call) void this.#askWhatBecame(this.call);
  }

  /** A snapshot of the call, newest wins. */
  hear(call: Call): void {
    if (call.revision <= this.#revision) return;
    this.#revision = call.revision;
    if (call.ended_at !== null) {
      this.#over(call);
      return;
    }
    const known = this.call?.id === call.id;
    this.call = call;
    this.caller = call.started_by.name;
    if (known) this.#changed(call);
    else this.#began(call);
  }

  speaking(callId: string, participants: readonly string[]): void {
    if (this.call?.id === callId) this.stage?.speaking(participants);
  }

  /** The live socket is back: the call's own knocking need not wait for its turn. */
  socketBack(): void {
    this.stage?.socketBack();
  }

  /** "Join call": to camera and microphone first. */
  async open(): Promise<void> {
    const stage = await this.#staged();
    if (!stage) return;
    this.view = 'check';
    await stage.check();
  }

  /** From the check into the call; or back into it, where nothing is to be checked again. */
  enter(): void {
    if (!this.stage) return;
    this.view = 'call';
    void this.stage.join();
  }

  /** "Not now": quiet, and a line that leads back. */
  decline(): void {
    if (this.call) remember(this.call.id);
    this.#leaveStage();
    this.view = this.call ? 'aside' : 'none';
  }

  /** Puts away what was said about a call that is over. */
  dismiss(): void {
    this.view = this.call ? 'aside' : 'none';
    this.summary = null;
  }

  /** Nothing of any call stays: the case is closed, or the page is left. */
  stop(): void {
    this.#leaveStage();
    this.call = null;
    this.summary = null;
    this.view = 'none';
    this.#revision = 0;
  }

  #began(call: Call): void {
    this.#leaveStage();
    this.summary = null;
    if (wasIn(call)) {
      this.view = 'returning';
      void this.#return(call);
      return;
    }
    this.view = declined(call.id) || guestInside(call) ? 'aside' : 'ringing';
    // The code comes while it rings. Without it: asked for again when it is needed, and said then.
    this.#code().catch(() => {});
  }

  #changed(call: Call): void {
    // The same guest answered on another device: this one need not ring on.
    if (this.view === 'ringing' && guestInside(call)) this.view = 'aside';
    this.stage?.apply(call);
  }

  #over(call: Call): void {
    const mine = this.call === null || this.call.id === call.id;
    if (!mine) return;
    this.call = null;
    this.caller = call.started_by.name;
    if (this.view === 'call') {
      this.stage?.apply(call);
      return;
    }
    if (this.view === 'thanks') return;
    const waiting = this.view !== 'aside' && this.view !== 'none';
    this.#leaveStage();
    this.view = waiting ? 'missed' : 'none';
  }

  /** Back into the call: by itself where the browser asks nothing. */
  async #return(call: Call): Promise<void> {
    const stage = await this.#staged();
    const alone = stage !== null && (await stage.resumesAlone());
    if (this.call?.id !== call.id || this.view !== 'returning') return;
    this.view = 'back';
    if (alone && stage === this.stage) this.enter();
  }

  async #code(): Promise<Part> {
    if (this.part) return this.part;
    this.#loading ??= this.#load();
    try {
      this.part = await this.#loading;
      return this.part;
    } finally {
      this.#loading = null;
    }
  }

  /** The stage of the open call; null when there is no call any more or its code does not come. */
  async #staged(): Promise<Stage | null> {
    if (this.stage) return this.stage;
    this.opening = true;
    this.broken = false;
    try {
      const part = await this.#code();
      return this.call ? this.#open(part, this.call) : null;
    } catch {
      this.broken = true;
      return null;
    } finally {
      this.opening = false;
    }
  }

  #open(part: Part, call: Call): Stage {
    this.stage ??= new part.Stage({
      api: this.#api,
      call,
      live: this.#live,
      over: (summary, last) => this.#thank(summary, last),
    });
    return this.stage;
  }

  #thank(summary: Summary, last: Call): void {
    this.#leaveStage();
    if (last.ended_at !== null && this.call?.id === last.id) this.call = null;
    this.summary = summary;
    this.view = 'thanks';
  }

  #leaveStage(): void {
    const stage = this.stage;
    this.stage = null;
    stage?.stop();
  }

  /** The case has no open call any more; how it ended stands in the call itself. */
  async #askWhatBecame(call: Call): Promise<void> {
    try {
      this.hear(await this.#api.get(call.id));
    } catch (error) {
      if (error instanceof Problem && this.call?.id === call.id) this.#over({ ...call, ended_at: call.started_at });
    }
  }
}

/** The code of the call with its texts; it shows nothing before both are here. */
async function loadPart(): Promise<Part> {
  const part = await import('./call/part.ts');
  await part.speak(i18n.language);
  return part;
}

/** Whether a browser of this guest is in the call already. */
function guestInside(call: Call): boolean {
  return call.participants.some(({ kind }) => kind === 'guest');
}

function wasIn(call: Call): boolean {
  return recall(tabStorage(), call.id) !== null;
}

/** What this tab keeps; null in a browser that keeps nothing. */
function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function remember(callId: string): void {
  try {
    sessionStorage.setItem(DECLINED, callId);
  } catch {
    // A browser that keeps nothing rings again after a reload.
  }
}

function declined(callId: string): boolean {
  try {
    return sessionStorage.getItem(DECLINED) === callId;
  } catch {
    return false;
  }
}
