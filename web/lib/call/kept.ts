/** What a reload of the tab needs to go on in a call: the participant's token and what was on. */

/** Every kept participant stands under this prefix and the call's id. */
const PREFIX = 'deskside:call:';

export interface Kept {
  participantId: string;
  token: string;
  microphoneOn: boolean;
  cameraOn: boolean;
}

export function recall(storage: Storage | null, callId: string): Kept | null {
  try {
    const kept = JSON.parse(storage?.getItem(PREFIX + callId) ?? 'null') as Partial<Kept> | null;
    if (typeof kept?.token !== 'string' || typeof kept.participantId !== 'string') return null;
    const { token, participantId } = kept;
    return { token, participantId, microphoneOn: kept.microphoneOn !== false, cameraOn: kept.cameraOn !== false };
  } catch {
    return null;
  }
}

export function keep(storage: Storage | null, callId: string, kept: Kept): void {
  try {
    storage?.setItem(PREFIX + callId, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing asks again after a reload.
  }
}

export function forget(storage: Storage | null, callId: string): void {
  try {
    storage?.removeItem(PREFIX + callId);
  } catch {
    // Nothing was kept.
  }
}
