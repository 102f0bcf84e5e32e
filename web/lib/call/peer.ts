/** One connection to the server's media: what is sent, the slots to receive in, and how much went through. */

import type { Sample } from './ladder.ts';
import { startSharp } from './sdp.ts';

/** Receive slots of each kind made with the connection, so that nobody's coming needs an offer. */
export const SLOTS_FIRST = 3;
/** As many as a call can need: all its participants but ourselves. */
export const SLOTS_MAX = 7;

/** What a connection needs of the browser. */
export interface PeerHost {
  create(): RTCPeerConnection;
  stream(track: MediaStreamTrack): MediaStream;
  /** The video codecs this browser can use. */
  videoCodecs(): RTCRtpCodec[];
}

export type Shown = 'camera' | 'screen';

/** Below this a camera's picture is sent at half its size: sharp and slow is worse than soft and fluent. */
const HALF_SIZE_KBPS = 300;
/** Below this also at half its rate. */
const HALF_RATE_KBPS = 150;

/** How the encoder is set for a limit; 0 sends no video at all. */
export function encodingFor(kbps: number, shown: Shown): Partial<RTCRtpEncodingParameters> {
  if (kbps <= 0) return { active: false };
  const small = shown === 'camera' && kbps <= HALF_SIZE_KBPS;
  return {
    active: true,
    maxBitrate: kbps * 1000,
    scaleResolutionDownBy: small ? 2 : 1,
    maxFramerate: shown === 'screen' || kbps <= HALF_RATE_KBPS ? 15 : 30,
  };
}

export class Peer {
  readonly #pc: RTCPeerConnection;
  readonly #host: PeerHost;
  readonly #audio: RTCRtpTransceiver;
  readonly #video: RTCRtpTransceiver;
  readonly #streams = new Map<string, MediaStream>();
  #pairs = 0;
  #kbps = 0;
  #shown: Shown = 'camera';
  /** Settings of the encoder that wait for the one under way. */
  #setting: Promise<void> = Promise.resolve();

  constructor(host: PeerHost, audio: MediaStreamTrack | null, video: MediaStreamTrack | null) {
    this.#host = host;
    this.#pc = host.create();
    this.#audio = this.#pc.addTransceiver('audio', { direction: 'sendonly' });
    this.#video = this.#pc.addTransceiver('video', { direction: 'sendonly', sendEncodings: [{ active: false }] });
    this.#prefer(this.#video);
    void this.send(audio, video);
    this.more(SLOTS_FIRST);
  }

  /** The offer as it stands. The server is ICE-lite and learns our addresses from our checks, so nothing is gathered first. */
  async offer(restart: boolean): Promise<string> {
    await this.#pc.setLocalDescription(await this.#pc.createOffer({ iceRestart: restart }));
    return this.#pc.localDescription?.sdp ?? '';
  }

  async answer(sdp: string): Promise<void> {
    await this.#pc.setRemoteDescription({ type: 'answer', sdp: startSharp(sdp) });
    // Some browsers have no encodings to set before this.
    this.limit(this.#kbps, this.#shown);
  }

  /** Takes other tracks, or none; needs no offer. */
  async send(audio: MediaStreamTrack | null, video: MediaStreamTrack | null): Promise<void> {
    const put = async ({ sender }: RTCRtpTransceiver, track: MediaStreamTrack | null) => {
      if (sender.track !== track) await sender.replaceTrack(track);
    };
    // The connection may be closed meanwhile; a new one takes its tracks from the start.
    await Promise.allSettled([put(this.#audio, audio), put(this.#video, video)]);
  }

  /** How much video may be sent, and what it shows. */
  limit(kbps: number, shown: Shown): void {
    this.#kbps = kbps;
    this.#shown = shown;
    this.#setting = this.#setting.then(() => this.#encode()).catch(() => {
      // Closed meanwhile, or a browser that cannot: the server's estimate bounds it all the same.
    });
  }

  /** Makes more receive slots; they need an offer. False when there are as many as a call can need. */
  more(pairs: number): boolean {
    const wanted = Math.min(this.#pairs + pairs, SLOTS_MAX);
    if (wanted === this.#pairs) return false;
    for (; this.#pairs < wanted; this.#pairs += 1) {
      this.#pc.addTransceiver('audio', { direction: 'recvonly' });
      this.#prefer(this.#pc.addTransceiver('video', { direction: 'recvonly' }));
    }
    return true;
  }

  /** What arrives in a slot: always the same object for it. */
  stream(mid: string): MediaStream | null {
    const known = this.#streams.get(mid);
    if (known) return known;
    const found = this.#pc.getTransceivers().find((transceiver) => transceiver.mid === mid);
    if (!found) return null;
    const stream = this.#host.stream(found.receiver.track);
    this.#streams.set(mid, stream);
    return stream;
  }

  /** Whether a stream is one of this connection's. */
  owns(stream: MediaStream | null): boolean {
    return stream !== null && [...this.#streams.values()].includes(stream);
  }

  /** The connection was closed, or the browser gave it up. */
  get dead(): boolean {
    return this.#pc.connectionState === 'failed' || this.#pc.connectionState === 'closed';
  }

  /** Counts what went through until now. */
  async sample(at: number): Promise<Sample> {
    const stats = await this.#pc.getStats();
    let received = 0;
    let answered = 0;
    let sent = 0;
    stats.forEach((entry: Record<string, unknown>) => {
      const count = (name: string) => (typeof entry[name] === 'number' ? entry[name] : 0);
      // Browsers count in different places; any that grows is a sign of life.
      if (entry.type === 'transport') received += count('packetsReceived') || count('bytesReceived');
      else if (entry.type === 'candidate-pair') {
        received += count('bytesReceived');
        answered += count('responsesReceived');
      }
      else if (entry.type === 'inbound-rtp') received += count('packetsReceived');
      else if (entry.type === 'remote-inbound-rtp') received += count('roundTripTimeMeasurements');
      else if (entry.type === 'outbound-rtp') sent += count('packetsSent');
    });
    const sending = [this.#audio, this.#video].some(({ sender }) => sender.track?.readyState === 'live' && (sender.track.kind === 'audio' || this.#kbps > 0));
    return { at, received, answered, sent, sending, open: this.#pc.connectionState === 'connected' };
  }

  close(): void {
    this.#pc.close();
    this.#streams.clear();
  }

  async #encode(): Promise<void> {
    const { sender } = this.#video;
    const parameters = sender.getParameters();
    const wanted = encodingFor(this.#kbps, this.#shown);
    const [first, ...rest] = parameters.encodings ?? [];
    if (!first) return;
    if (Object.entries(wanted).every(([name, value]) => first[name as keyof RTCRtpEncodingParameters] === value)) return;
    parameters.encodings = [{ ...first, ...wanted }, ...rest];
    await sender.setParameters(parameters);
  }

  /** VP8 alone: every browser has it, and what is forwarded must be understood by all. */
  #prefer(transceiver: RTCRtpTransceiver): void {
    const codecs = this.#host.videoCodecs().filter(({ mimeType }) => /^video\/(vp8|rtx)$/i.test(mimeType));
    if (codecs.length === 0) return;
    try {
      transceiver.setCodecPreferences(codecs);
    } catch {
      // The server's answer names VP8 in any case.
    }
  }
}
