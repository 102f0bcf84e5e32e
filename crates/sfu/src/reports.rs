//! What a worker has to tell, until the application takes it.
//!
//! The worker never waits. What the application does not take at once is kept: of states and of who speaks the
//! newest alone, of departures all, one for each peer.

use std::collections::{HashMap, HashSet, VecDeque};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::types::{GoneWhy, PeerId, PeerState, Report, RoomId, RoomReport};

/// Things untold above which no new peers are taken: whoever does not hear of departures must not make more of them.
const UNTOLD_MAX: usize = 4_096;

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum About {
    Peer(RoomId, PeerId),
    Speaking(RoomId),
}

/// What is untold about it: a departure comes before the state of who came back.
#[derive(Debug, Default)]
struct Untold {
    gone: Option<GoneWhy>,
    state: Option<PeerState>,
    speaking: Option<Vec<PeerId>>,
}

/// Reports on their way, and who lives.
pub(crate) struct Reports {
    out: mpsc::Sender<Report>,
    order: VecDeque<About>,
    untold: HashMap<About, Untold>,
    living: HashMap<RoomId, HashSet<PeerId>>,
}

impl Reports {
    /// Nothing to tell yet.
    pub(crate) fn new(out: mpsc::Sender<Report>) -> Reports {
        Reports {
            out,
            order: VecDeque::new(),
            untold: HashMap::new(),
            living: HashMap::new(),
        }
    }

    /// A peer has joined.
    pub(crate) fn joined(&mut self, room: RoomId, peer: PeerId) {
        self.living.entry(room).or_default().insert(peer);
    }

    /// Whether someone is in the room.
    pub(crate) fn has_room(&self, room: RoomId) -> bool {
        self.living.contains_key(&room)
    }

    /// How many peers there are.
    pub(crate) fn living(&self) -> usize {
        self.living.values().map(HashSet::len).sum()
    }

    /// Whether so much is untold that no more may come.
    pub(crate) fn is_full(&self) -> bool {
        self.order.len() >= UNTOLD_MAX
    }

    /// Whether something waits to be told.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.order.is_empty()
    }

    /// Takes a report of the rooms.
    pub(crate) fn push(&mut self, report: Report) {
        let room = report.room;
        match report.what {
            RoomReport::Peer { peer, state } => {
                self.about(About::Peer(room, peer)).state = Some(state);
            }
            RoomReport::Gone { peer, why } => {
                if let Some(peers) = self.living.get_mut(&room) {
                    peers.remove(&peer);
                    if peers.is_empty() {
                        self.living.remove(&room);
                    }
                }
                let untold = self.about(About::Peer(room, peer));
                untold.gone = Some(why);
                untold.state = None;
            }
            RoomReport::Speaking(peers) => {
                self.about(About::Speaking(room)).speaking = Some(peers);
            }
        }
    }

    /// Takes that everyone is gone, by a fault of the worker.
    pub(crate) fn all_gone(&mut self) {
        for (room, peers) in std::mem::take(&mut self.living) {
            for peer in peers {
                let why = GoneWhy::Panicked;
                self.push(Report {
                    room,
                    what: RoomReport::Gone { peer, why },
                });
            }
        }
    }

    /// Tells what the application takes.
    pub(crate) fn tell(&mut self) {
        while let Some(about) = self.order.front().copied() {
            let permit = match self.out.try_reserve() {
                Ok(permit) => permit,
                Err(TrySendError::Full(())) => return,
                Err(TrySendError::Closed(())) => {
                    // No one will ever ask.
                    self.order.clear();
                    self.untold.clear();
                    return;
                }
            };
            let untold = self.untold.entry(about).or_default();
            if let Some(report) = untold.next(about) {
                permit.send(report);
            }
            if untold.is_empty() {
                self.untold.remove(&about);
                self.order.pop_front();
            }
        }
    }

    fn about(&mut self, about: About) -> &mut Untold {
        self.untold.entry(about).or_insert_with(|| {
            self.order.push_back(about);
            Untold::default()
        })
    }
}

impl Untold {
    fn is_empty(&self) -> bool {
        self.gone.is_none() && self.state.is_none() && self.speaking.is_none()
    }

    fn next(&mut self, about: About) -> Option<Report> {
        let (room, what) = match about {
            About::Peer(room, peer) => match (self.gone.take(), self.state.take()) {
                (Some(why), state) => {
                    self.state = state;
                    (room, RoomReport::Gone { peer, why })
                }
                (None, Some(state)) => (room, RoomReport::Peer { peer, state }),
                (None, None) => return None,
            },
            About::Speaking(room) => (room, RoomReport::Speaking(self.speaking.take()?)),
        };
        Some(Report { room, what })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ROOM: RoomId = RoomId(Uuid::from_u128(1));
    const ANN: PeerId = PeerId(Uuid::from_u128(2));
    const BEN: PeerId = PeerId(Uuid::from_u128(3));

    fn state(peer: PeerId, kbps: u32) -> Report {
        let state = PeerState {
            send_max_kbps: kbps,
            ..PeerState::default()
        };
        Report {
            room: ROOM,
            what: RoomReport::Peer { peer, state },
        }
    }

    fn gone(peer: PeerId, why: GoneWhy) -> Report {
        Report {
            room: ROOM,
            what: RoomReport::Gone { peer, why },
        }
    }

    fn take(receiver: &mut mpsc::Receiver<Report>) -> Vec<Report> {
        std::iter::from_fn(|| receiver.try_recv().ok()).collect()
    }

    #[test]
    fn the_newest_state_is_told_to_who_was_slow() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut reports = Reports::new(sender);
        for kbps in 0..100 {
            reports.push(state(ANN, kbps));
            reports.tell();
        }
        reports.push(state(BEN, 7));
        reports.tell();
        assert!(reports.is_waiting());
        let mut told = Vec::new();
        while reports.is_waiting() || !receiver.is_empty() {
            told.extend(take(&mut receiver));
            reports.tell();
        }
        assert_eq!(told, [state(ANN, 0), state(ANN, 99), state(BEN, 7)]);
    }

    #[test]
    fn no_departure_is_lost_and_it_comes_before_the_return() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut reports = Reports::new(sender);
        reports.push(state(BEN, 1));
        reports.tell();
        reports.push(state(ANN, 1));
        reports.push(gone(ANN, GoneWhy::Replaced));
        reports.push(state(ANN, 2));
        reports.push(gone(BEN, GoneWhy::Silent));
        let mut told = Vec::new();
        while reports.is_waiting() || !receiver.is_empty() {
            told.extend(take(&mut receiver));
            reports.tell();
        }
        assert_eq!(
            told,
            [
                state(BEN, 1),
                gone(ANN, GoneWhy::Replaced),
                state(ANN, 2),
                gone(BEN, GoneWhy::Silent)
            ]
        );
    }

    #[test]
    fn a_fault_tells_of_everyone_who_was_there() {
        let (sender, mut receiver) = mpsc::channel(8);
        let mut reports = Reports::new(sender);
        reports.joined(ROOM, ANN);
        reports.joined(ROOM, BEN);
        reports.push(gone(BEN, GoneWhy::Left));
        reports.all_gone();
        reports.tell();
        assert_eq!(
            take(&mut receiver),
            [gone(BEN, GoneWhy::Left), gone(ANN, GoneWhy::Panicked)]
        );
        assert!(!reports.has_room(ROOM));
    }

    #[test]
    fn nothing_is_kept_for_no_one() {
        let (sender, receiver) = mpsc::channel(1);
        drop(receiver);
        let mut reports = Reports::new(sender);
        reports.push(gone(ANN, GoneWhy::Left));
        reports.tell();
        assert!(!reports.is_waiting());
    }
}
