import type { CallEnvironment, DeviceEnvironment } from '../../lib/call/environment.ts';
import type { TestClock } from './clock.ts';
import { TestStorage } from './storage.ts';

/** A camera or microphone of the tests. */
export class FakeTrack extends EventTarget {
  readonly kind: 'audio' | 'video';
  readonly settings: MediaTrackSettings;
  readyState: MediaStreamTrackState = 'live';
  enabled = true;
  contentHint = '';

  constructor(kind: 'audio' | 'video', settings: MediaTrackSettings = {}) {
    super();
    this.kind = kind;
    this.settings = settings;
  }
  getSettings(): MediaTrackSettings {
    return this.settings;
  }
  /** Stopped by us: nobody is told. */
  stop(): void {
    this.readyState = 'ended';
  }
  /** Unplugged, or stopped by the browser's own bar. */
  end(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

export class FakeStream {
  readonly tracks: FakeTrack[];
  constructor(tracks: FakeTrack[]) {
    this.tracks = tracks;
  }
  getTracks = () => this.tracks;
  getVideoTracks = () => this.tracks.filter(({ kind }) => kind === 'video');
}

const stream = (track: MediaStreamTrack) => new FakeStream([track as unknown as FakeTrack]) as unknown as MediaStream;

/** The browser's devices: what is plugged in, and what is refused. */
export class FakeMedia extends EventTarget {
  /** What was asked for, in order. */
  asked: string[] = [];
  constraints: MediaStreamConstraints[] = [];
  tracks: FakeTrack[] = [];
  refuse: { audio?: string; video?: string } = {};
  devices: Partial<MediaDeviceInfo>[] = [
    { kind: 'audioinput', deviceId: 'm1', label: 'Headset' },
    { kind: 'videoinput', deviceId: 'c1', label: 'Front' },
    { kind: 'audiooutput', deviceId: 's1', label: 'Speakers' },
  ];
  /** Holds the answer back, as a person who has not decided. */
  hold: Promise<void> | null = null;

  async getUserMedia(constraints: MediaStreamConstraints = {}): Promise<MediaStream> {
    const kinds = (['audio', 'video'] as const).filter((kind) => constraints[kind]);
    this.asked.push(kinds.join('+'));
    this.constraints.push(constraints);
    await this.hold;
    const refused = kinds.map((kind) => this.refuse[kind]).find(Boolean);
    if (refused) throw new DOMException('', refused);
    const tracks = kinds.map((kind) => new FakeTrack(kind, { deviceId: kind === 'audio' ? 'm1' : 'c1', ...facing(constraints.video) }));
    this.tracks.push(...tracks);
    return new FakeStream(tracks) as unknown as MediaStream;
  }

  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return this.devices as MediaDeviceInfo[];
  }

  /** The last track of a kind that was given out. */
  last(kind: 'audio' | 'video'): FakeTrack {
    return this.tracks.findLast((track) => track.kind === kind) as FakeTrack;
  }
}

function facing(video: MediaStreamConstraints['video']): MediaTrackSettings {
  const wish = typeof video === 'object' ? (video.facingMode as { ideal?: string } | undefined) : undefined;
  return wish?.ideal ? { facingMode: wish.ideal } : {};
}

export class FakeAudio {
  srcObject: MediaProvider | null = null;
  blocked = false;
  played = 0;
  removed = false;
  async play(): Promise<void> {
    if (this.blocked) throw new DOMException('', 'NotAllowedError');
    this.played += 1;
  }
  pause(): void {}
  remove(): void {
    this.removed = true;
  }
}

export function fakeDevices(clock: TestClock, media: FakeMedia | null): DeviceEnvironment {
  return {
    clock,
    media: media as unknown as DeviceEnvironment['media'],
    secure: true,
    storage: new TestStorage(),
    permission: null,
    stream,
    audioContext: null,
    audio: () => new FakeAudio(),
    canChooseSpeaker: true,
  };
}

class FakeSender {
  track: FakeTrack | null = null;
  parameters: { encodings: RTCRtpEncodingParameters[] } = { encodings: [{ active: false }] };
  async replaceTrack(track: FakeTrack | null): Promise<void> {
    this.track = track;
  }
  getParameters = () => structuredClone(this.parameters);
  async setParameters(parameters: { encodings: RTCRtpEncodingParameters[] }): Promise<void> {
    this.parameters = parameters;
  }
}

interface FakeTransceiver {
  kind: 'audio' | 'video';
  direction: string;
  mid: string | null;
  sender: FakeSender;
  receiver: { track: FakeTrack };
  setCodecPreferences(): void;
}

/** A connection whose packets a test turns on and off; every look at its counters finds more. */
export class FakePeer {
  transceivers: FakeTransceiver[] = [];
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: { sdp: string } | null = null;
  answers: string[] = [];
  restarts = 0;
  flows = true;
  /** The browser does not take the answer. */
  breaks = false;
  #received = 0;
  #sent = 0;

  addTransceiver(kind: 'audio' | 'video', { direction }: { direction: string }): FakeTransceiver {
    const made = { kind, direction, mid: null, sender: new FakeSender(), receiver: { track: new FakeTrack(kind) }, setCodecPreferences: () => {} };
    this.transceivers.push(made);
    return made;
  }
  getTransceivers = () => this.transceivers;
  async createOffer({ iceRestart = false } = {}): Promise<{ type: string; sdp: string }> {
    if (iceRestart) this.restarts += 1;
    return { type: 'offer', sdp: `offer of ${this.transceivers.length}${iceRestart ? ', restarting' : ''}` };
  }
  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
    this.transceivers.forEach((transceiver, at) => (transceiver.mid = String(at)));
  }
  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    if (this.breaks) throw new DOMException('', 'OperationError');
    this.answers.push(sdp);
    if (this.connectionState === 'new') this.connectionState = 'connected';
  }
  async getStats(): Promise<Map<string, Record<string, unknown>>> {
    if (this.flows) this.#received += 10;
    this.#sent += 10;
    return new Map([
      ['t', { type: 'transport', packetsReceived: this.#received }],
      ['o', { type: 'outbound-rtp', packetsSent: this.#sent }],
    ]);
  }
  close(): void {
    this.connectionState = 'closed';
  }
  /** What is sent. */
  get sent(): { audio: FakeTrack | null; video: FakeTrack | null; video_bps: number | undefined; video_on: boolean | undefined } {
    const [audio, video] = this.transceivers;
    const encoding = video?.sender.parameters.encodings[0];
    return { audio: audio?.sender.track ?? null, video: video?.sender.track ?? null, video_bps: encoding?.maxBitrate, video_on: encoding?.active };
  }
}

/** A browser that makes calls; `peers` holds every connection it made. */
export class FakeBrowser {
  peers: FakePeer[] = [];
  audios: FakeAudio[] = [];
  screens: FakeTrack[] = [];
  soundBlocked = false;
  /** The person answers the browser's question with no. */
  refuseScreen = false;
  window = new EventTarget();
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' as DocumentVisibilityState });
  /** What some tab of this browser has claimed; give it to another one to make both tabs of one browser. */
  claims = new Set<string>();
  readonly environment: CallEnvironment;

  constructor(clock: TestClock, storage: Storage = new TestStorage()) {
    this.environment = {
      clock,
      random: () => 1,
      storage,
      createPeer: () => {
        const peer = new FakePeer();
        this.peers.push(peer);
        return peer as unknown as RTCPeerConnection;
      },
      videoCodecs: () => [],
      stream,
      audio: () => {
        const audio = new FakeAudio();
        audio.blocked = this.soundBlocked;
        this.audios.push(audio);
        return audio;
      },
      captureScreen: async () => {
        if (this.refuseScreen) throw new DOMException('', 'NotAllowedError');
        const track = new FakeTrack('video');
        this.screens.push(track);
        return new FakeStream([track]) as unknown as MediaStream;
      },
      keepAwake: null,
      claim: async (name) => {
        const { claims } = this;
        if (claims.has(name)) return null;
        claims.add(name);
        return () => claims.delete(name);
      },
      page: { window: this.window, document: this.document, connection: null },
    };
  }

  /** The connection in use. */
  get peer(): FakePeer {
    return this.peers.at(-1) as FakePeer;
  }
}
