/** What devices and calls need of the browser, so that tests can bring their own. */

import { systemClock, type Clock } from '../live/socket.svelte.ts';

/** The part of an `<audio>` element that is used. */
export interface AudioOut {
  srcObject: MediaProvider | null;
  play(): Promise<void>;
  pause(): void;
  remove(): void;
  setSinkId?: (id: string) => Promise<void>;
}

export interface DeviceEnvironment {
  clock: Clock;
  /** Null where the page did not come by https, or the browser has none. */
  media: Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices' | 'addEventListener' | 'removeEventListener'> | null;
  secure: boolean;
  /** Where choices are remembered. */
  storage: Storage | null;
  /** Tells when a permission changes; null where the browser does not say. */
  permission: ((name: 'camera' | 'microphone') => Promise<PermissionStatus>) | null;
  stream: (track: MediaStreamTrack) => MediaStream;
  /** Null where the browser makes no sounds. */
  audioContext: (() => AudioContext) | null;
  audio: () => AudioOut;
  canChooseSpeaker: boolean;
}

export interface CallEnvironment {
  clock: Clock;
  /** 0 to 1. */
  random: () => number;
  /** What a reload of the tab keeps. */
  storage: Storage | null;
  /** Null where the browser makes no calls. */
  createPeer: (() => RTCPeerConnection) | null;
  videoCodecs: () => RTCRtpCodec[];
  stream: (track: MediaStreamTrack) => MediaStream;
  audio: () => AudioOut;
  /** Null where a screen cannot be shared (phones). */
  captureScreen: (() => Promise<MediaStream>) | null;
  /** Keeps the screen lit; null where the browser cannot. */
  keepAwake: (() => Promise<{ release(): Promise<void> }>) | null;
  /** Claims a name among the tabs of this browser: gives back how to let go of it, or null when another tab has it; null where the browser has no such thing. */
  claim: ((name: string) => Promise<(() => void) | null>) | null;
  /** Where the network and the page are heard; null hears nothing. */
  page: {
    window: EventTarget;
    document: EventTarget & { visibilityState: DocumentVisibilityState };
    connection: EventTarget | null;
  } | null;
}

/** Text stays sharp at few frames, and a mouse needs no more. */
const SCREEN_FRAMES = 15;

function storage(which: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[which];
  } catch {
    // Forbidden by the person's settings.
    return null;
  }
}

/** A page that is being unloaded lets go of its claims within this time. */
const CLAIM_MS = 500;

function claim(name: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const held = () => new Promise<void>((release) => resolve(() => release()));
    navigator.locks.request(name, { signal: AbortSignal.timeout(CLAIM_MS) }, held).catch(() => resolve(null));
  });
}

/** Lies in the page without being seen: some browsers drop sound of elements that nothing holds. */
function audio(): AudioOut {
  const element = document.createElement('audio');
  element.autoplay = true;
  document.body.append(element);
  return element;
}

const stream = (track: MediaStreamTrack) => new MediaStream([track]);

export function deviceEnvironment(): DeviceEnvironment {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  const permissions = navigator.permissions as Permissions | undefined;
  return {
    clock: systemClock,
    media: media?.getUserMedia ? media : null,
    secure: window.isSecureContext,
    storage: storage('localStorage'),
    permission: permissions?.query ? (name) => permissions.query({ name: name as PermissionName }) : null,
    stream,
    audioContext: 'AudioContext' in window ? () => new AudioContext() : null,
    audio,
    canChooseSpeaker: 'setSinkId' in HTMLMediaElement.prototype,
  };
}

export function callEnvironment(): CallEnvironment {
  const media = navigator.mediaDevices as Partial<MediaDevices> | undefined;
  const { wakeLock, connection } = navigator as { wakeLock?: WakeLock; connection?: EventTarget };
  return {
    clock: systemClock,
    random: Math.random,
    storage: storage('sessionStorage'),
    createPeer: 'RTCPeerConnection' in window ? () => new RTCPeerConnection({ bundlePolicy: 'max-bundle' }) : null,
    videoCodecs: () => ('RTCRtpReceiver' in window ? (RTCRtpReceiver.getCapabilities('video')?.codecs ?? []) : []),
    stream,
    audio,
    captureScreen: media?.getDisplayMedia
      ? () => navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: SCREEN_FRAMES, max: SCREEN_FRAMES } }, audio: false })
      : null,
    keepAwake: wakeLock ? () => wakeLock.request('screen') : null,
    claim: 'locks' in navigator ? claim : null,
    page: { window, document, connection: connection ?? null },
  };
}
