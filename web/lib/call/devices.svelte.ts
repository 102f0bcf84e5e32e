/** Camera, microphone and speaker, before a call and in it. */

import { createSubscriber } from 'svelte/reactivity';
import { cameraConstraints, deviceProblem, microphoneConstraints, type Facing } from './capture.ts';
import { deviceEnvironment, type DeviceEnvironment } from './environment.ts';
import { LevelWatch } from './level.ts';
import { Source } from './source.svelte.ts';
import { playTone } from './tone.ts';
import type { DeviceChoice, DeviceKind, DeviceProblem } from './types.ts';

/** Under which names the browser remembers what was chosen. */
const remembered = (kind: DeviceKind) => `deskside:${kind}`;

/** What the browser calls each kind. */
const KINDS: Record<DeviceKind, MediaDeviceKind> = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' };

type SourceName = 'microphone' | 'camera';

export class Devices {
  /** Whether the browser was asked and what came of it; the problems say it for each device. */
  permission = $state<'unknown' | 'asking' | 'granted' | 'denied'>('unknown');
  cameras = $state.raw<DeviceChoice[]>([]);
  microphones = $state.raw<DeviceChoice[]>([]);
  speakers = $state.raw<DeviceChoice[]>([]);
  /** Where sound comes out, '' for the system's choice; remembered by the browser. */
  speakerId = $state('');
  /** The test tone is heard now. */
  testing = $state(false);
  /** The picture is that of the person in front of the screen: show it mirrored. */
  mirrored = $state(true);

  readonly #environment: DeviceEnvironment;
  readonly #sources: Record<SourceName, Source>;
  readonly #listeners = new Set<() => void>();
  #preview = $state.raw<MediaStream | null>(null);
  #level = $state(0);
  #levelWatch: LevelWatch | null = null;
  #measuring = false;
  #context: AudioContext | null = null;
  #facing: Facing = 'user';
  /** One thing is asked of the browser at a time. */
  #queue: Promise<void> = Promise.resolve();
  /** Counts `stop()`: what was asked for before it comes too late. */
  #turn = 0;
  #listening = false;
  readonly #watched = new Set<SourceName>();
  readonly #whileLevelRead = createSubscriber(() => {
    this.#measuring = true;
    this.#measure();
    return () => {
      this.#measuring = false;
      this.#measure();
    };
  });

  constructor(environment: DeviceEnvironment = deviceEnvironment()) {
    this.#environment = environment;
    const source = (name: SourceName) => {
      const options = { clock: environment.clock, changed: () => this.#changed(name), lost: () => void this.#ask([name]) };
      const made = new Source(options);
      made.id = this.#recall(name);
      return made;
    };
    this.#sources = { microphone: source('microphone'), camera: source('camera') };
    this.speakerId = environment.canChooseSpeaker ? this.#recall('speaker') : '';
  }

  /** The live tracks; null when off, refused or absent. A muted microphone keeps its track. */
  get microphone(): MediaStreamTrack | null {
    return this.#sources.microphone.track;
  }
  get camera(): MediaStreamTrack | null {
    return this.#sources.camera.track;
  }
  /** The camera for a `<video>`; one object for each track, null without one. */
  get preview(): MediaStream | null {
    return this.#preview;
  }
  get microphoneProblem(): DeviceProblem | null {
    return this.#sources.microphone.problem;
  }
  get cameraProblem(): DeviceProblem | null {
    return this.#sources.camera.problem;
  }
  /** What is wanted: whether the microphone is to be heard and the camera to be on. Kept while a device is lost. */
  get microphoneOn(): boolean {
    return this.#sources.microphone.on;
  }
  get cameraOn(): boolean {
    return this.#sources.camera.on;
  }
  /** The system took the device away for a while (a phone call, another program). */
  get microphoneInterrupted(): boolean {
    return this.#sources.microphone.interrupted;
  }
  get cameraInterrupted(): boolean {
    return this.#sources.camera.interrupted;
  }
  /** The devices in use, else the chosen ones; '' is the system's choice. */
  get microphoneId(): string {
    return this.#sources.microphone.using;
  }
  get cameraId(): string {
    return this.#sources.camera.using;
  }
  /** There is another camera to turn to. */
  get canFlip(): boolean {
    return this.cameras.length > 1;
  }
  /** The browser lets a page choose where sound comes out. */
  get canChooseSpeaker(): boolean {
    return this.#environment.canChooseSpeaker;
  }
  /** How loud the microphone is, 0 to 1, smoothed. Measured only while something shown reads it. */
  get level(): number {
    this.#whileLevelRead();
    return this.#level;
  }

  /** Hears every change of tracks, wishes and interruptions. Gives back how to stop. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is to be on when it is asked for; asks for nothing. */
  wish({ microphoneOn, cameraOn }: { microphoneOn: boolean; cameraOn: boolean }): void {
    this.#sources.microphone.on = microphoneOn;
    this.#sources.camera.on = cameraOn;
    this.#tell();
  }

  /** Asks for what is wanted and not there: both at once, then each by itself, so that a broken camera costs no voice. Never throws. */
  request(): Promise<void> {
    return this.#ask(['microphone', 'camera']);
  }

  /** Turns the microphone on or off; asks for it where there is none yet. */
  async setMicrophone(on: boolean): Promise<void> {
    const source = this.#sources.microphone;
    source.on = on;
    if (source.track) source.track.enabled = on;
    this.#tell();
    if (source.missing) await this.#ask(['microphone']);
  }

  /** Turns the camera on (asks again) or off (its light goes out). */
  async setCamera(on: boolean): Promise<void> {
    const source = this.#sources.camera;
    source.on = on;
    if (!on) source.drop();
    else if (source.missing) await this.#ask(['camera']);
  }

  /** Takes another device and remembers it. */
  async choose(kind: DeviceKind, id: string): Promise<void> {
    this.#remember(kind, id);
    if (kind === 'speaker') {
      this.speakerId = id;
      this.#tell();
      return;
    }
    const source = this.#sources[kind];
    source.id = id;
    if (!source.on && !source.track) return;
    await this.#inTurn(async (current) => {
      // Phones open one camera at a time.
      if (kind === 'camera') source.drop();
      await this.#open(kind, current, true);
    });
  }

  /** To the camera on the other side of a phone, or the next one. */
  async flip(): Promise<void> {
    const source = this.#sources.camera;
    const facing = source.track?.getSettings().facingMode ?? '';
    if (facing === 'user' || facing === 'environment') {
      this.#facing = facing === 'user' ? 'environment' : 'user';
      source.id = '';
      source.on = true;
      await this.#inTurn(async (current) => {
        source.drop();
        await this.#open('camera', current);
      });
      return;
    }
    const at = this.cameras.findIndex(({ id }) => id === this.cameraId);
    const next = this.cameras[(at + 1) % this.cameras.length];
    source.on = true;
    if (next) await this.choose('camera', next.id);
  }

  /** Gets the devices back after an interruption; call it in a tap. */
  async resume(): Promise<void> {
    for (const source of Object.values(this.#sources)) if (source.interrupted) source.drop();
    if (this.#context?.state === 'suspended') void this.#context.resume().catch(() => {});
    await this.request();
  }

  /** A short tone on the chosen speaker; nothing where no sound can be made. */
  async playTestTone(): Promise<void> {
    const context = this.#sound();
    if (!context || this.testing) return;
    this.testing = true;
    try {
      const wait = (ms: number) => new Promise<void>((done) => this.#environment.clock.setTimeout(done, ms));
      await playTone(context, this.#environment.audio(), this.speakerId, wait);
    } catch {
      // The chosen speaker is gone, or the page may make no sound: nothing is heard, which is the answer.
    } finally {
      this.testing = false;
    }
  }

  /** Lets all devices go. `request()` begins again. */
  stop(): void {
    this.#turn += 1;
    // A question nobody answered holds up nothing that comes after.
    this.#queue = Promise.resolve();
    for (const source of Object.values(this.#sources)) source.drop();
    this.permission = 'unknown';
    if (this.#listening) this.#environment.media?.removeEventListener('devicechange', this.#onDeviceChange);
    this.#listening = false;
    void this.#context?.close().catch(() => {});
    this.#context = null;
  }

  async #ask(names: SourceName[]): Promise<void> {
    await this.#inTurn(async (current) => {
      const missing = names.filter((name) => this.#sources[name].missing);
      if (missing.length === 0) return;
      this.permission = 'asking';
      const together = missing.length > 1 && (await this.#openBoth(current));
      if (!together) {
        for (const name of missing) if (current()) await this.#open(name, current);
      }
      if (!current()) return;
      const sources = Object.values(this.#sources);
      const refused = (problem: DeviceProblem | null) => problem !== null && problem !== 'absent' && problem !== 'busy';
      this.permission = sources.some(({ track }) => track) || !sources.some(({ problem }) => refused(problem)) ? 'granted' : 'denied';
      this.#listen();
      for (const name of missing) void this.#watchPermission(name);
      await this.#list();
    });
  }

  /** Both in one question. False when it did not work, whoever is to blame. */
  async #openBoth(current: () => boolean): Promise<boolean> {
    const { media } = this.#environment;
    if (!media) return false;
    const { microphone, camera } = this.#sources;
    try {
      const stream = await media.getUserMedia({
        audio: microphoneConstraints(microphone.id),
        video: cameraConstraints({ id: camera.id, facing: this.#facing }),
      });
      this.#accept(stream, current);
      return true;
    } catch {
      return false;
    }
  }

  async #open(name: SourceName, current: () => boolean, exactly = false): Promise<void> {
    const { media, secure } = this.#environment;
    const source = this.#sources[name];
    if (!media) {
      source.drop(secure ? 'unsupported' : 'insecure');
      return;
    }
    try {
      const stream = await media.getUserMedia(
        name === 'microphone'
          ? { audio: microphoneConstraints(source.id, exactly) }
          : { video: cameraConstraints({ id: source.id, facing: this.#facing, exactly }) },
      );
      this.#accept(stream, current);
    } catch (error) {
      if (current()) source.drop(deviceProblem(error, secure));
    }
  }

  /** Takes the tracks that are still wanted and lets the others go. */
  #accept(stream: MediaStream, current: () => boolean): void {
    for (const track of stream.getTracks()) {
      const name = track.kind === 'audio' ? 'microphone' : 'camera';
      const source = this.#sources[name];
      // Turned off while the browser asked: a camera's light must go out again.
      if (!current() || (name === 'camera' && !source.on)) {
        track.stop();
        continue;
      }
      if (name === 'microphone') track.enabled = source.on;
      else this.mirrored = track.getSettings().facingMode !== 'environment';
      source.take(track);
    }
  }

  #inTurn(act: (current: () => boolean) => Promise<void>): Promise<void> {
    const turn = this.#turn;
    const current = () => turn === this.#turn;
    this.#queue = this.#queue.then(() => (current() ? act(current) : undefined)).catch(() => {});
    return this.#queue;
  }

  #changed(name: SourceName): void {
    if (name === 'camera') this.#preview = this.camera ? this.#environment.stream(this.camera) : null;
    else this.#measure();
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#environment.media?.addEventListener('devicechange', this.#onDeviceChange);
  }

  #onDeviceChange = (): void => {
    void this.#list();
    // Something was plugged in: it may be what was missing.
    const absent = (['microphone', 'camera'] as const).filter((name) => this.#sources[name].problem === 'absent');
    if (absent.length > 0) void this.#ask(absent);
  };

  /** Allowed in the browser's own settings later on: the picture appears by itself. */
  async #watchPermission(name: SourceName): Promise<void> {
    if (this.#watched.has(name) || this.#sources[name].problem !== 'denied') return;
    this.#watched.add(name);
    try {
      const status = await this.#environment.permission?.(name);
      status?.addEventListener('change', () => {
        if (status.state === 'granted' && this.#sources[name].problem === 'denied') void this.#ask([name]);
      });
    } catch {
      // A browser that does not know these permissions; the button asks again.
    }
  }

  async #list(): Promise<void> {
    try {
      const all = (await this.#environment.media?.enumerateDevices()) ?? [];
      const of = (kind: DeviceKind) =>
        all.filter((device) => device.kind === KINDS[kind] && device.deviceId !== '').map(({ deviceId, label }) => ({ id: deviceId, label }));
      this.cameras = of('camera');
      this.microphones = of('microphone');
      this.speakers = of('speaker');
    } catch {
      // The lists stay as they are.
    }
  }

  #measure(): void {
    this.#levelWatch?.stop();
    this.#levelWatch = null;
    const track = this.microphone;
    const context = this.#measuring && track ? this.#sound() : null;
    if (!context || !track) return;
    this.#levelWatch = new LevelWatch(context, this.#environment.stream(track), this.#environment.clock, (level) => {
      this.#level = level;
    });
  }

  #sound(): AudioContext | null {
    try {
      this.#context ??= this.#environment.audioContext?.() ?? null;
    } catch {
      // Too many of them, or forbidden.
    }
    return this.#context;
  }

  #recall(kind: DeviceKind): string {
    try {
      return this.#environment.storage?.getItem(remembered(kind)) ?? '';
    } catch {
      return '';
    }
  }

  #remember(kind: DeviceKind, id: string): void {
    try {
      this.#environment.storage?.setItem(remembered(kind), id);
    } catch {
      // A browser that keeps nothing still uses it until the page is closed.
    }
  }
}
