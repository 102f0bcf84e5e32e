//! Who is in a room, and who speaks there.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use crate::peer::Peer;
use crate::slot::Slot;
use crate::types::{Kind, PeerId};

/// Who speaks is told at most so often.
const SPEAKING_PAUSE: Duration = Duration::from_millis(250);
/// Less often when only who is loudest has changed.
const LOUDEST_PAUSE: Duration = Duration::from_secs(1);

/// A room.
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// Its peers and their connections, in the order in which they came.
    pub(crate) members: Vec<(PeerId, u64)>,
    told: Vec<PeerId>,
    told_at: Option<Instant>,
}

impl Room {
    /// The connection of a peer.
    pub(crate) fn connection_of(&self, peer: PeerId) -> Option<u64> {
        self.members
            .iter()
            .find(|(member, _)| *member == peer)
            .map(|(_, connection)| *connection)
    }

    /// The connections of all but one peer.
    pub(crate) fn others(&self, peer: PeerId) -> impl Iterator<Item = u64> + '_ {
        self.members
            .iter()
            .filter(move |(member, _)| *member != peer)
            .map(|(_, connection)| *connection)
    }

    /// Gives tracks to free slots of the others; a slot stays with its peer as long as that is in the room, whatever
    /// connection it has. Tells whose pictures come to new places.
    pub(crate) fn assign(&self, peers: &mut HashMap<u64, Peer>) -> BTreeSet<u64> {
        let mut tracks = Vec::new();
        for (id, connection) in &self.members {
            let Some(peer) = peers.get(connection) else {
                continue;
            };
            let sends = [
                (Kind::Audio, peer.audio.is_some()),
                (Kind::Video, peer.video.is_some()),
            ];
            tracks.extend(
                sends
                    .iter()
                    .filter(|(_, is)| *is)
                    .map(|(kind, _)| (*id, *kind)),
            );
        }
        let mut wanted = BTreeSet::new();
        for (id, connection) in &self.members {
            let Some(peer) = peers.get_mut(connection) else {
                continue;
            };
            for slot in &mut peer.slots {
                if slot
                    .from
                    .is_some_and(|from| self.connection_of(from).is_none())
                {
                    slot.assign(None);
                }
            }
            let (mut sound, mut pictures) = (0, 0);
            for (from, kind) in tracks.iter().filter(|(from, _)| from != id) {
                let of_kind = |slot: &&mut Slot| slot.kind == *kind;
                if peer
                    .slots
                    .iter_mut()
                    .filter(of_kind)
                    .any(|slot| slot.from == Some(*from))
                {
                    continue;
                }
                let mut slots = peer.slots.iter_mut().filter(of_kind);
                match (slots.find(|slot| slot.open && slot.from.is_none()), kind) {
                    (Some(slot), _) => {
                        slot.assign(Some(*from));
                        if *kind == Kind::Video {
                            wanted.extend(self.connection_of(*from));
                        }
                    }
                    (None, Kind::Audio) => sound += 1,
                    (None, Kind::Video) => pictures += 1,
                }
            }
            // Before it is connected, a peer's slots are not known.
            peer.slots_missing = if peer.slots.is_empty() {
                0
            } else {
                sound.max(pictures)
            };
        }
        wanted
    }

    /// Takes who speaks, loudest first; gives it back if it has to be told.
    pub(crate) fn speaking(&mut self, now: Instant, speaking: Vec<PeerId>) -> Option<Vec<PeerId>> {
        let same = speaking.len() == self.told.len()
            && speaking.iter().all(|peer| self.told.contains(peer));
        let pause = if same { LOUDEST_PAUSE } else { SPEAKING_PAUSE };
        let early = |at: Instant| now.saturating_duration_since(at) < pause;
        if speaking == self.told || self.told_at.is_some_and(early) {
            return None;
        }
        self.told.clone_from(&speaking);
        self.told_at = Some(now);
        Some(speaking)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn who_is_loudest_is_told_less_often_than_who_speaks() {
        let (mut room, start) = (Room::default(), Instant::now());
        let [one, two] = [1, 2].map(|number| PeerId(Uuid::from_u128(number)));
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(room.speaking(start, vec![one]), Some(vec![one]));
        assert_eq!(room.speaking(after(200), vec![one, two]), None);
        assert_eq!(
            room.speaking(after(300), vec![one, two]),
            Some(vec![one, two])
        );
        assert_eq!(room.speaking(after(700), vec![two, one]), None);
        assert_eq!(
            room.speaking(after(1_300), vec![two, one]),
            Some(vec![two, one])
        );
        assert_eq!(room.speaking(after(1_600), vec![]), Some(vec![]));
        assert_eq!(room.speaking(after(9_000), vec![]), None);
    }
}
