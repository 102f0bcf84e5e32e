//! What is told of rooms: who speaks, and how each peer stands.

use std::time::{Duration, Instant};

use crate::peer::Peer;
use crate::rooms::Rooms;
use crate::slot::Slot;
use crate::types::{PeerId, PeerState, Report, RoomId, RoomReport};

/// What is told about a peer is told at most so often.
const TELL_PAUSE: Duration = Duration::from_millis(200);

impl Rooms {
    /// Looks who speaks.
    pub(crate) fn listen(&mut self, now: Instant, id: RoomId) {
        let Some(room) = self.rooms.get_mut(&id) else {
            return;
        };
        let mut loud: Vec<(f32, PeerId)> = Vec::new();
        for (peer, connection) in &room.members {
            if let Some(peer_state) = self.peers.get_mut(connection)
                && peer_state.level.speaks(now)
            {
                loud.push((peer_state.level.loudness(), *peer));
            }
        }
        loud.sort_by(|one, other| other.0.total_cmp(&one.0));
        let speaking = loud.into_iter().map(|(_, peer)| peer).collect();
        if let Some(speaking) = room.speaking(now, speaking) {
            self.reports.push_back(Report {
                room: id,
                what: RoomReport::Speaking(speaking),
            });
        }
    }

    /// Tells how a peer stands, if that is news.
    pub(crate) fn tell(&mut self, now: Instant, connection: u64) {
        let Some(peer) = self.peers.get(&connection) else {
            return;
        };
        let early = |at: Instant| now.saturating_duration_since(at) < TELL_PAUSE;
        if peer.told.as_ref().is_some_and(|(_, at)| early(*at)) {
            return;
        }
        let state = PeerState {
            flowing: peer.route.flows(now),
            quality: peer.link.quality(),
            send_max_kbps: self.send_max(peer),
            slots: peer.slots.iter().filter_map(Slot::state).collect(),
            slots_missing: peer.slots_missing,
        };
        if peer.told.as_ref().is_some_and(|(told, _)| *told == state) {
            return;
        }
        let report = Report {
            room: peer.room,
            what: RoomReport::Peer {
                peer: peer.id,
                state: state.clone(),
            },
        };
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.told = Some((state, now));
            self.reports.push_back(report);
        }
    }

    /// What a peer's picture may need at most: what the slowest of those takes who take any.
    fn send_max(&self, sender: &Peer) -> u32 {
        let receivers = self.rooms.get(&sender.room).into_iter();
        receivers
            .flat_map(|room| room.others(sender.id))
            .filter_map(|connection| self.peers.get(&connection))
            .filter(|peer| peer.takes_picture_of(sender.id))
            .map(|peer| peer.link.limit())
            .min()
            .unwrap_or(0)
    }
}
