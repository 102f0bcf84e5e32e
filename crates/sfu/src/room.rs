//! Who is in a room, and who speaks there.

use std::time::{Duration, Instant};

use crate::types::PeerId;

/// Who speaks is told at most so often.
const SPEAKING_PAUSE: Duration = Duration::from_millis(250);

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

    /// Takes who speaks, loudest first; gives it back if it has to be told.
    pub(crate) fn speaking(&mut self, now: Instant, speaking: Vec<PeerId>) -> Option<Vec<PeerId>> {
        let early = |at: Instant| now.saturating_duration_since(at) < SPEAKING_PAUSE;
        if speaking == self.told || self.told_at.is_some_and(early) {
            return None;
        }
        self.told.clone_from(&speaking);
        self.told_at = Some(now);
        Some(speaking)
    }
}
