/** The others in a call, kept as objects that stay while their participants do. */

import type { Peer } from './peer.ts';
import { Tile } from './tile.svelte.ts';
import type { Participant, Slot } from './types.ts';

export class Tiles {
  /** In the order they joined; another list only when somebody came or went. */
  list = $state.raw<Tile[]>([]);
  readonly #byId = new Map<string, Tile>();

  /**
   * Brings the tiles to what a snapshot says: who is there, and which of our slots is whose. A
   * stream is found by its slot's mid and so stays the same object as long as the slot does.
   */
  arrange(others: readonly Participant[], slots: readonly Slot[], peer: Pick<Peer, 'stream' | 'owns'> | null): void {
    for (const id of this.#byId.keys()) if (!others.some((other) => other.id === id)) this.#byId.delete(id);
    const tiles = others.map((participant) => {
      const tile = this.#byId.get(participant.id) ?? new Tile(participant);
      this.#byId.set(participant.id, tile);
      tile.participant = participant;
      const slot = (kind: Slot['kind']) => slots.find((each) => each.from === participant.id && each.kind === kind);
      const stream = (mid: string | undefined, last: MediaStream | null) => {
        if (mid !== undefined) return peer?.stream(mid) ?? null;
        // The last picture of a connection before this one stays until the new one has its slots.
        return peer?.owns(last) ? null : last;
      };
      tile.audio = stream(slot('audio')?.mid, tile.audio);
      tile.video = stream(slot('video')?.mid, tile.video);
      tile.paused = slot('video')?.paused ?? false;
      return tile;
    });
    if (tiles.length !== this.list.length || tiles.some((tile, at) => tile !== this.list[at])) this.list = tiles;
  }

  speaking(ids: readonly string[]): void {
    for (const tile of this.list) tile.speaking = ids.includes(tile.id);
  }

  /** The sound to play, by participant. */
  sounds(): Map<string, MediaStream> {
    return new Map(this.list.flatMap((tile): [string, MediaStream][] => (tile.audio ? [[tile.id, tile.audio]] : [])));
  }

  /** Takes pictures and sound away: we are not in the call any more. */
  empty(): void {
    for (const tile of this.list) {
      tile.audio = null;
      tile.video = null;
      tile.speaking = false;
    }
  }
}
