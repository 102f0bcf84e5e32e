/** Asking the browser for a microphone and a camera, and understanding its refusals. */

import type { DeviceProblem } from './types.ts';

/** The side of a phone a camera is on. */
export type Facing = 'user' | 'environment';

export interface CameraWish {
  id: string;
  facing: Facing;
  /** That one and no other. */
  exactly?: boolean;
}

/** Clear of echo and hum: people sit in kitchens and trains. */
export function microphoneConstraints(id: string, exactly = false): MediaTrackConstraints {
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(id && { deviceId: exactly ? { exact: id } : { ideal: id } }),
  };
}

/** 720p is what one picture on a screen needs; 24 to 30 frames are what a lens gives in a room. */
export function cameraConstraints({ id, facing, exactly = false }: CameraWish): MediaTrackConstraints {
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
    ...(id ? { deviceId: exactly ? { exact: id } : { ideal: id } } : { facingMode: { ideal: facing } }),
  };
}

/**
 * What an error of `getUserMedia` means to a person. Names are those of Media
 * Capture and Streams (section 10.2) and the older ones some browsers still use.
 */
export function deviceProblem(error: unknown, secure: boolean): DeviceProblem {
  if (!secure) return 'insecure';
  const { name = '', message = '' } = error instanceof Error || isDomError(error) ? error : {};
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return /system/i.test(message) ? 'system' : 'denied';
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    // The chosen device is not there any more.
    case 'OverconstrainedError':
    case 'ConstraintNotSatisfiedError':
      return 'absent';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'busy';
    case 'TypeError':
      return 'unsupported';
    default:
      return 'failed';
  }
}

/** `OverconstrainedError` is no `Error` in some browsers. */
function isDomError(error: unknown): error is { name: string; message: string } {
  return typeof error === 'object' && error !== null && 'name' in error;
}
