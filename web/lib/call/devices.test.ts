import { beforeEach, describe, expect, test } from 'vitest';
import { settle, TestClock } from '../../tests/support/clock.ts';
import { fakeDevices, FakeMedia } from '../../tests/support/media.ts';
import { Devices } from './devices.svelte.ts';
import type { DeviceEnvironment } from './environment.ts';

let clock: TestClock;
let media: FakeMedia;
let environment: DeviceEnvironment;
let devices: Devices;

beforeEach(() => {
  clock = new TestClock();
  media = new FakeMedia();
  environment = fakeDevices(clock, media);
  devices = new Devices(environment);
});

describe('asking', () => {
  test('takes both in one question and lists what there is', async () => {
    await devices.request();
    expect(media.asked).toEqual(['audio+video']);
    expect(devices.permission).toBe('granted');
    expect(devices.microphone).toBe(media.last('audio'));
    expect(devices.preview).not.toBeNull();
    expect(devices.cameras).toEqual([{ id: 'c1', label: 'Front' }]);
    expect(devices.cameraId).toBe('c1');
  });

  test('a camera that fails costs no voice', async () => {
    media.refuse.video = 'NotReadableError';
    await devices.request();
    expect(media.asked).toEqual(['audio+video', 'audio', 'video']);
    expect(devices.microphone).not.toBeNull();
    expect(devices.cameraProblem).toBe('busy');
    expect(devices.microphoneProblem).toBeNull();
    expect(devices.permission).toBe('granted');
  });

  test('a microphone that is not there costs no picture', async () => {
    media.refuse.audio = 'NotFoundError';
    await devices.request();
    expect(devices.microphoneProblem).toBe('absent');
    expect(devices.camera).not.toBeNull();
  });

  test('says so when both are refused', async () => {
    media.refuse = { audio: 'NotAllowedError', video: 'NotAllowedError' };
    await devices.request();
    expect(devices.permission).toBe('denied');
    expect([devices.microphoneProblem, devices.cameraProblem]).toEqual(['denied', 'denied']);
  });

  test('asks for no camera that is off', async () => {
    await devices.setCamera(false);
    await devices.request();
    expect(media.asked).toEqual(['audio']);
  });

  test.each([
    [true, 'unsupported'],
    [false, 'insecure'],
  ] as const)('without the browser’s part (secure: %s) it is %s', async (secure, problem) => {
    const bare = new Devices({ ...environment, media: null, secure });
    await bare.request();
    expect(bare.microphoneProblem).toBe(problem);
    expect(bare.permission).toBe('denied');
  });

  test('what is answered after everything was let go is let go too', async () => {
    let answer = () => {};
    media.hold = new Promise((resolve) => (answer = resolve));
    void devices.request();
    await settle();
    devices.stop();
    answer();
    await settle();
    expect(media.tracks.map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
    expect(devices.camera).toBeNull();
  });
});

describe('switching', () => {
  beforeEach(() => devices.request());

  test('a muted microphone keeps its track', async () => {
    await devices.setMicrophone(false);
    expect(media.last('audio').enabled).toBe(false);
    expect(media.last('audio').readyState).toBe('live');
    await devices.setMicrophone(true);
    expect(media.last('audio').enabled).toBe(true);
  });

  test('a camera that is off has no light on, and is asked for again', async () => {
    const first = media.last('video');
    await devices.setCamera(false);
    expect(first.readyState).toBe('ended');
    expect(devices.preview).toBeNull();
    await devices.setCamera(true);
    expect(media.asked.at(-1)).toBe('video');
    expect(devices.camera).not.toBeNull();
  });

  test('a camera turned off while the browser asks stays off', async () => {
    await devices.setCamera(false);
    let answer = () => {};
    media.hold = new Promise((resolve) => (answer = resolve));
    void devices.setCamera(true);
    await settle();
    void devices.setCamera(false);
    answer();
    await settle();
    expect(media.last('video').readyState).toBe('ended');
    expect(devices.camera).toBeNull();
  });

  test('another device is taken exactly, the one before let go, and the choice remembered', async () => {
    const first = media.last('video');
    await devices.choose('camera', 'c2');
    expect(media.constraints.at(-1)?.video).toMatchObject({ deviceId: { exact: 'c2' } });
    expect(first.readyState).toBe('ended');
    await new Devices(environment).request();
    expect(media.constraints.at(-1)?.video).toMatchObject({ deviceId: { ideal: 'c2' } });
  });

  test('a phone turns to its other camera, and its picture is not mirrored', async () => {
    expect(devices.mirrored).toBe(true);
    await devices.flip();
    expect(media.constraints.at(-1)?.video).toMatchObject({ facingMode: { ideal: 'environment' } });
    expect(devices.mirrored).toBe(false);
  });
});

describe('losing', () => {
  beforeEach(() => devices.request());

  test('an unplugged microphone gives way to another', async () => {
    const first = media.last('audio');
    first.end();
    await settle();
    expect(devices.microphone).toBe(media.last('audio'));
    expect(devices.microphone).not.toBe(first);
  });

  test('the last one leaves none, until one is plugged in', async () => {
    media.refuse.audio = 'NotFoundError';
    media.last('audio').end();
    await settle();
    expect(devices.microphoneProblem).toBe('absent');
    media.refuse = {};
    media.dispatchEvent(new Event('devicechange'));
    await settle();
    expect(devices.microphone).not.toBeNull();
    expect(devices.microphoneProblem).toBeNull();
  });
});

describe('an interruption by the system', () => {
  beforeEach(() => devices.request());

  test('is noticed after a second and ends by itself', async () => {
    const told: boolean[] = [];
    devices.watch(() => told.push(devices.microphoneInterrupted));
    media.last('audio').dispatchEvent(new Event('mute'));
    await clock.pass(900);
    expect(devices.microphoneInterrupted).toBe(false);
    await clock.pass(200);
    expect(devices.microphoneInterrupted).toBe(true);
    media.last('audio').dispatchEvent(new Event('unmute'));
    expect(told).toEqual([true, false]);
  });

  test('a hiccup is none', async () => {
    media.last('video').dispatchEvent(new Event('mute'));
    await clock.pass(500);
    media.last('video').dispatchEvent(new Event('unmute'));
    await clock.pass(5_000);
    expect(devices.cameraInterrupted).toBe(false);
  });

  test('is ended by taking the device anew', async () => {
    const first = media.last('audio');
    first.dispatchEvent(new Event('mute'));
    await clock.pass(1_000);
    await devices.resume();
    expect(first.readyState).toBe('ended');
    expect(devices.microphone).toBe(media.last('audio'));
    expect(devices.microphoneInterrupted).toBe(false);
  });
});
