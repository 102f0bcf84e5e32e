/** Camera, microphone and media of the call this guest is about to join, or is in. */

import { Devices } from '../../lib/call/devices.svelte.ts';
import { CallSession, type CallSessionOptions } from '../../lib/call/session.svelte.ts';
import type { Call, CallApi } from '../../lib/call/types.ts';
import { answered } from './permission.ts';

/** The chat stands open beside the picture from this width on. */
const CHAT_BESIDE = '(min-width: 1000px)';

/** How a call was for this guest. */
export interface Summary {
  /** Whom the guest met there; nobody, when no one came. */
  names: readonly string[];
  /** How long they were together, in milliseconds. */
  ms: number;
}

export interface StageOptions {
  api: CallApi;
  call: Call;
  /** The guest left, or the call ended: then it says so itself. */
  over: (summary: Summary, call: Call) => void;
  /** Whether the live socket is open. */
  live?: () => boolean;
  now?: () => number;
  devices?: Devices;
  session?: (options: CallSessionOptions) => CallSession;
}

export class Stage {
  readonly devices: Devices;
  readonly session: CallSession;
  /** The chat is shown over or beside the picture. */
  chatOpen = $state(false);
  /** An operator was here while this guest was. */
  met = $state(false);
  readonly #options: StageOptions;
  readonly #now: () => number;
  readonly #names = new Set<string>();
  #since: number | null = null;
  #over = false;

  constructor(options: StageOptions) {
    const { api, call, live = () => true, devices = new Devices(), now = Date.now, session = (given: CallSessionOptions) => new CallSession(given) } = options;
    this.#options = options;
    this.#now = now;
    this.devices = devices;
    this.session = session({ api, devices, call, me: { kind: 'guest' }, live, onEnded: (last) => this.#end(last) });
    this.chatOpen = matchMedia(CHAT_BESIDE).matches;
  }

  /** Shows the guest's own picture; the browser may ask first. */
  check(): Promise<void> {
    return this.devices.request();
  }

  /** Whether a reload can go back in without a tap: no question would come up, and no copy of this tab is in the call. */
  async resumesAlone(): Promise<boolean> {
    return (await answered()) && (await this.session.resumable());
  }

  /** Into the call. */
  async join(): Promise<void> {
    await this.session.join();
    this.#look(this.session.call);
  }

  /** Out of it by the button: the page thanks at once, the server hears it meanwhile. */
  leave(): void {
    void this.session.leave();
    this.#end(this.session.call);
  }

  /** A snapshot from the live socket. */
  apply(call: Call): void {
    this.#look(call);
    this.session.apply(call);
    if (call.ended_at !== null) this.#end(call);
  }

  speaking(participants: readonly string[]): void {
    this.session.speaking([...participants]);
  }

  socketBack(): void {
    this.session.socketBack();
  }

  toggleChat(): void {
    this.chatOpen = !this.chatOpen;
  }

  /** Lets everything go without leaving, as when the page goes. */
  stop(): void {
    this.#over = true;
    this.session.close();
    this.devices.stop();
  }

  #look(call: Call): void {
    if (this.session.participantId === null) return;
    for (const { kind, name } of call.participants) {
      if (kind !== 'operator') continue;
      this.met = true;
      this.#since ??= this.#now();
      if (name !== null) this.#names.add(name);
    }
  }

  #end(call: Call): void {
    if (this.#over) return;
    this.#over = true;
    this.devices.stop();
    const ms = this.#since === null ? 0 : this.#now() - this.#since;
    this.#options.over({ names: [...this.#names], ms }, call);
  }
}
