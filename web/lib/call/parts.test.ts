import { describe, expect, test } from 'vitest';
import { TestClock } from '../../tests/support/clock.ts';
import { browserOf } from './guidance.ts';
import { loudness, smooth } from './level.ts';
import { encodingFor } from './peer.ts';
import { Ring } from './ring.ts';
import { startSharp } from './sdp.ts';
import { beside, nearest } from './ui/corner.svelte.ts';
import { fitting } from './ui/fit.ts';

describe('which steps allow a camera', () => {
  const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)';
  const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
  test.each([
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36', false, 'chrome'],
    ['Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36', true, 'android'],
    [`${phone} Version/18.5 Mobile/15E148 Safari/604.1`, true, 'ios'],
    [`${phone} CriOS/140.0 Mobile/15E148 Safari/604.1`, true, 'ios_app'],
    [`${mac} Version/18.5 Safari/605.1.15`, true, 'ios'],
    [`${mac} Version/18.5 Safari/605.1.15`, false, 'safari'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0', false, 'firefox'],
    ['something else', false, 'other'],
  ] as const)('%s, touch %s: %s', (agent, touch, browser) => expect(browserOf(agent, touch)).toBe(browser));
});

describe('how the encoder is set', () => {
  test('nothing is sent that nobody can take', () => expect(encodingFor(0, 'camera')).toEqual({ active: false }));

  test('a slow link gets a smaller picture of a face, but a whole one of a screen', () => {
    expect(encodingFor(300, 'camera')).toMatchObject({ maxBitrate: 300_000, scaleResolutionDownBy: 2 });
    expect(encodingFor(300, 'screen')).toMatchObject({ scaleResolutionDownBy: 1, maxFramerate: 15 });
    expect(encodingFor(1200, 'camera')).toMatchObject({ scaleResolutionDownBy: 1, maxFramerate: 30 });
  });
});

describe('an answer', () => {
  const lines = (...all: string[]) => all.map((line) => `${line}\r\n`).join('');

  test('tells the encoder where to begin, and is otherwise left as it is', () => {
    expect(startSharp(lines('m=audio 9 x 111', 'a=rtpmap:111 opus/48000/2', 'm=video 9 x 96 97', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000'))).toBe(
      lines('m=audio 9 x 111', 'a=rtpmap:111 opus/48000/2', 'm=video 9 x 96 97', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 x-google-start-bitrate=800', 'a=rtpmap:97 rtx/90000'),
    );
    expect(startSharp(lines('a=rtpmap:96 VP8/90000', 'a=fmtp:96 max-fr=30'))).toBe(
      lines('a=rtpmap:96 VP8/90000', 'a=fmtp:96 x-google-start-bitrate=800;max-fr=30'),
    );
  });
});

describe('the level', () => {
  const tone = (loud: number) => Float32Array.from({ length: 512 }, (_, at) => loud * Math.sin(at / 5));

  test('is nothing in silence and full in a shout', () => {
    expect(loudness(new Float32Array(512))).toBe(0);
    expect(loudness(tone(1))).toBe(1);
    expect(loudness(tone(0.02))).toBeGreaterThan(0.2);
  });

  test('rises at once and falls slowly', () => {
    expect(smooth(0, 1)).toBeGreaterThan(0.5);
    expect(smooth(1, 0)).toBeGreaterThan(0.5);
  });
});

describe('a picture in its place', () => {
  test('fills it unless too much would be cut off', () => {
    expect(fitting(1600, 900, 1280, 720)).toBe('cover');
    expect(fitting(1600, 900, 640, 480)).toBe('cover');
    expect(fitting(1600, 900, 720, 1280)).toBe('contain');
    expect(fitting(390, 844, 720, 1280)).toBe('cover');
  });

  test('keeps to the nearest corner, also where people read from the right', () => {
    expect(nearest(10, 10, 100, 100, false)).toBe('top-start');
    expect(nearest(90, 80, 100, 100, false)).toBe('bottom-end');
    expect(nearest(90, 80, 100, 100, true)).toBe('bottom-start');
    expect(beside('top-end', 'ArrowLeft', false)).toBe('top-start');
    expect(beside('top-end', 'ArrowLeft', true)).toBe('top-end');
    expect(beside('top-end', 'ArrowDown', false)).toBe('bottom-end');
  });
});

describe('the ring', () => {
  test('trembles until stopped, and makes no trouble where there is no sound', async () => {
    const clock = new TestClock();
    const felt: number[][] = [];
    const audioContext = () => {
      throw new DOMException('', 'NotSupportedError');
    };
    const ring = new Ring({ clock, audioContext, vibrate: (pattern) => felt.push(pattern) > 0 });
    ring.start();
    await clock.pass(7_000);
    expect(felt).toHaveLength(3);
    ring.stop();
    await clock.pass(7_000);
    expect(felt.at(-1)).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  test('gives up after a minute', async () => {
    const clock = new TestClock();
    const ring = new Ring({ clock, audioContext: null, vibrate: null });
    ring.start();
    await clock.pass(61_000);
    expect(ring.ringing).toBe(false);
  });
});
