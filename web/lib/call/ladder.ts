/**
 * Decides when a connection is dead and what to try next.
 *
 * It counts packets and does not ask the browser for its opinion: ICE says
 * "connected" through the worst outages. Numbers and times come in, one word
 * comes out; whoever holds it does the deed and tells what came of it.
 */

/** Silence after which the paths are looked for again (ICE restart, RFC 8839 section 4.4.1.1.1). */
export const RESTART_MS = 2_000;
/** Silence after which the whole connection is made anew, as the same participant. */
export const REJOIN_MS = 6_000;
/**
 * Who sends nothing is sent nothing but answers to ICE's consent checks (RFC 7675), which browsers
 * make every 2.5 to 5 seconds; so much longer is silence legal then.
 */
export const QUIET_MS = 8_000;
/** After a change of the network a sign of life is due sooner. */
export const HURRY_MS = 750;
/** Pauses between attempts to join again; the last one repeats. */
export const PAUSES_MS = [4_000, 6_000, 9_000, 12_000, 15_000] as const;
/** Samples further apart than this were not taken: the page slept, and its silence means nothing. */
export const SLEEP_MS = 3_000;
/** A connection made so recently is left to come up, whatever the network says meanwhile. */
const SETTLE_MS = 2_000;

export type Action = 'none' | 'restart' | 'rejoin';

/** What a connection shows at one moment. */
export interface Sample {
  /** Milliseconds. */
  at: number;
  /** Media and feedback received so far. */
  received: number;
  /** Answers to our checks received so far: the way is there, whether or not anything else comes by it. */
  answered: number;
  /** Media packets sent so far. */
  sent: number;
  /** There is something to send: a live track. */
  sending: boolean;
  /** The transport is up (ICE and DTLS). */
  open: boolean;
}

export class Ladder {
  /** Packets flow in both directions, as far as can be seen. */
  flowing = false;

  readonly #random: () => number;
  #last: Sample | null = null;
  /** When something was received last, or the connection began. */
  #heardAt = 0;
  /** Something was sent since, so feedback is due. */
  #sentSince = false;
  /** Since when the server says that it hears nothing from here. */
  #unheardAt: number | null = null;
  #beganAt: number | null = null;
  /** 0: fine; 1: paths are looked for again; 2: joining again. */
  #step: 0 | 1 | 2 = 0;
  #attempts = 0;
  #nextAt = 0;
  #hurryAt: number | null = null;
  /** Nothing that still comes in counts: there is nobody on the other side. */
  #gone = false;

  /** `random` (0 to 1) spreads the participants of a server that comes back. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** A new connection was made; it has yet to carry something. */
  begin(at: number): void {
    this.flowing = false;
    this.#last = null;
    this.#heardAt = at;
    this.#sentSince = false;
    this.#unheardAt = null;
    this.#hurryAt = null;
    this.#beganAt = at;
    this.#gone = false;
    this.#step = 2;
    this.#pause(at, REJOIN_MS);
  }

  /** Nobody answered an attempt to join. */
  failed(at: number): void {
    this.#step = 2;
    this.#pause(at, 0);
  }

  /** The connection is known to be dead: the server has forgotten it, or it was closed. */
  gone(at: number): void {
    this.flowing = false;
    this.#gone = true;
    if (this.#step === 2) return;
    this.#step = 2;
    this.#nextAt = at;
  }

  /** The network changed or the page woke up: look sooner. */
  hurry(at: number): void {
    if (this.#step === 2) {
      if (this.#beganAt === null || at - this.#beganAt > SETTLE_MS) this.#nextAt = Math.min(this.#nextAt, at);
    } else {
      this.#hurryAt = at;
    }
  }

  /** The server hears us, as far as is known, or does not, while we may well hear it. */
  heard(at: number, heard: boolean): void {
    if (heard) this.#unheardAt = null;
    else this.#unheardAt ??= at;
  }

  /** Looks at a connection; `null` while there is none. Gives what to do now. */
  sample(at: number, sample: Sample | null): Action {
    if (sample) this.#look(sample);
    if (this.#step === 2) return at >= this.#nextAt ? 'rejoin' : 'none';
    if (!sample) return 'none';

    const unheard = this.#unheardAt !== null && sample.sending ? at - this.#unheardAt : 0;
    const silence = Math.max(at - this.#heardAt, unheard);
    const extra = this.#sentSince || unheard > 0 ? 0 : QUIET_MS - RESTART_MS;
    const hurried = this.#hurryAt !== null && this.#heardAt <= this.#hurryAt && at - this.#hurryAt >= HURRY_MS;

    if (silence >= REJOIN_MS + extra) {
      this.#step = 2;
      this.flowing = false;
      return 'rejoin';
    }
    if (hurried || (this.#step === 0 && silence >= RESTART_MS + extra)) {
      this.#hurryAt = null;
      this.#step = 1;
      this.flowing = false;
      return 'restart';
    }
    return 'none';
  }

  #look(now: Sample): void {
    const last = this.#last;
    this.#last = now;
    if (!last) return;
    const gap = now.at - last.at;
    if (gap > SLEEP_MS || gap < 0) {
      // Nobody looked, or the clock was set: what is known ends with the last look.
      this.#heardAt += gap;
      if (this.#unheardAt !== null) this.#unheardAt += gap;
      if (gap < 0) this.#nextAt = Math.min(this.#nextAt, now.at);
      this.hurry(now.at);
    }
    if (now.sent > last.sent) this.#sentSince = true;
    // A server that answers checks may still send everything else to an address that is no longer ours.
    if (now.received <= last.received && (this.#sentSince || now.answered <= last.answered)) return;
    this.#heardAt = now.at;
    this.#sentSince = false;
    if (this.#hurryAt !== null && now.at > this.#hurryAt) this.#hurryAt = null;
    // The handshake is no sign of life: count only what came while the transport was up.
    const both = now.open && last.open && (!now.sending || now.sent > 0) && this.#unheardAt === null;
    if (!both || this.#gone) return;
    this.flowing = true;
    this.#step = 0;
    this.#attempts = 0;
    this.#beganAt = null;
  }

  #pause(at: number, least: number): void {
    const pause = PAUSES_MS[Math.min(this.#attempts, PAUSES_MS.length - 1)] ?? 0;
    this.#attempts += 1;
    this.#nextAt = at + Math.max(least, pause * (0.8 + 0.2 * this.#random()));
  }
}
