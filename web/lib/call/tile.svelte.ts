/** Another participant as the screen shows them. */

import type { Participant } from './types.ts';

/** One tile; the object stays the same as long as the participant is in the call. */
export class Tile {
  readonly id: string;
  participant: Participant = $state.raw() as Participant;
  /** Their sound; the session plays it, a component needs it for nothing. */
  audio = $state.raw<MediaStream | null>(null);
  /** Their picture, for a muted `<video>`; stays the same object while the slot is theirs. */
  video = $state.raw<MediaStream | null>(null);
  speaking = $state(false);
  /** The picture is held back: our link is too slow for it. */
  paused = $state(false);

  constructor(participant: Participant) {
    this.id = participant.id;
    this.participant = participant;
  }

  /** There is a picture to show now. */
  get hasVideo(): boolean {
    const shows = this.participant.video === 'camera' || this.participant.video === 'screen';
    return shows && !this.paused && this.video !== null;
  }

  /** Their connection is gone and may come back. */
  get reconnecting(): boolean {
    return !this.participant.connected;
  }

  /** The system took their microphone or camera: a phone call came in. */
  get interrupted(): boolean {
    return this.participant.microphone === 'interrupted' || this.participant.video === 'interrupted';
  }
}
