//! The rooms of one worker: bytes and time in, bytes and reports out. No socket, no clock, no sleep.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::demux::{Demux, Packet, classify};
use crate::limits::Limits;
use crate::media::Media;
use crate::peer::Peer;
use crate::room::Room;
use crate::sink::{Effect, Outbox, Sink};
use crate::types::{
    GoneWhy, Incoming, Kind, LocalAddress, OfferError, Outgoing, PeerId, Protocol, Report, RoomId,
    RoomReport,
};

/// How often is looked who flows, who speaks, what links carry and what there is to tell.
const ROUND: Duration = Duration::from_millis(100);

/// Who looks so much later than it should was kept from working: by other programs, or by too much to do.
const STALL: Duration = Duration::from_millis(100);

/// The rooms of one worker.
///
/// After each call that takes time or bytes, [`Rooms::transmit`] and [`Rooms::report`] are to be drained.
pub struct Rooms {
    local: Vec<LocalAddress>,
    limits: Limits,
    pub(crate) rooms: HashMap<RoomId, Room>,
    pub(crate) peers: HashMap<u64, Peer>,
    demux: Demux,
    due: BTreeSet<(Instant, u64)>,
    round_at: Option<Instant>,
    next_connection: u64,
    outbox: Outbox,
    effects: VecDeque<(u64, Effect)>,
    ended: Vec<u64>,
    pub(crate) reports: VecDeque<Report>,
}

/// One peer and where it puts what it says: the fields of [`Rooms`] apart from each other.
macro_rules! peer {
    ($rooms:ident, $connection:expr) => {
        $rooms.peers.get_mut(&$connection).map(|peer| {
            (
                peer,
                Sink {
                    outbox: &mut $rooms.outbox,
                    effects: &mut $rooms.effects,
                    ended: &mut $rooms.ended,
                    media: 0,
                },
            )
        })
    };
}

impl Rooms {
    /// No rooms yet; `local` are the addresses that peers are told.
    pub fn new(local: Vec<LocalAddress>, limits: Limits) -> Rooms {
        let outbox = Outbox::new(limits.outgoing_packets);
        Rooms {
            local,
            limits,
            rooms: HashMap::new(),
            peers: HashMap::new(),
            demux: Demux::default(),
            due: BTreeSet::new(),
            round_at: None,
            next_connection: 0,
            outbox,
            effects: VecDeque::new(),
            ended: Vec::new(),
            reports: VecDeque::new(),
        }
    }

    /// Lets a peer in, and answers its offer. A peer of the same id is closed and replaced; others receive the new
    /// one where they received the old one.
    ///
    /// # Errors
    /// When the offer cannot be answered or there is no room; a peer of the same id then stays as it is.
    pub fn join(
        &mut self,
        now: Instant,
        room: RoomId,
        peer: PeerId,
        offer: &str,
    ) -> Result<String, OfferError> {
        self.limits.check_offer(offer)?;
        let present = self.rooms.get(&room);
        let old = present.and_then(|room| room.connection_of(peer));
        match present {
            None if self.rooms.len() >= self.limits.rooms => return Err(OfferError::Unavailable),
            Some(room) if old.is_none() && room.members.len() >= self.limits.room_peers => {
                return Err(OfferError::Full);
            }
            _ => {}
        }
        let connection = self.next_connection;
        let (new, answer) = Peer::answer(now, (room, peer, connection), &self.local, offer)?;
        self.next_connection += 1;
        self.rooms.entry(room).or_default();
        if let Some(old) = old {
            self.take_out(now, old, GoneWhy::Replaced);
        }
        self.demux.name(&new.ufrag, connection);
        self.due.insert((new.due, connection));
        self.peers.insert(connection, new);
        self.rooms
            .entry(room)
            .or_default()
            .members
            .push((peer, connection));
        self.round_at.get_or_insert(now);
        self.timeout_of(now, connection);
        self.settle(now);
        self.assign(now, room);
        self.settle(now);
        self.tell(now, connection);
        Ok(answer)
    }

    /// Answers a further offer of a peer: more slots, another direction, an ICE restart.
    ///
    /// # Errors
    /// When there is no such peer or the offer cannot be answered.
    pub fn offer(
        &mut self,
        now: Instant,
        room: RoomId,
        peer: PeerId,
        offer: &str,
    ) -> Result<String, OfferError> {
        let connection = self
            .rooms
            .get(&room)
            .and_then(|room| room.connection_of(peer))
            .ok_or(OfferError::Gone)?;
        self.limits.check_offer(offer)?;
        let (peer, mut sink) = peer!(self, connection).ok_or(OfferError::Gone)?;
        let before = peer.ufrag.clone();
        let answer = peer.answer_again(offer);
        peer.timeout(now, &mut sink);
        if peer.ufrag != before {
            self.demux.forget_name(&before, connection);
            self.demux.name(&peer.ufrag, connection);
        }
        self.reschedule(connection);
        self.settle(now);
        answer
    }

    /// Takes a peer out.
    pub fn leave(&mut self, now: Instant, room: RoomId, peer: PeerId) {
        let connection = self
            .rooms
            .get(&room)
            .and_then(|room| room.connection_of(peer));
        if let Some(connection) = connection {
            self.take_out(now, connection, GoneWhy::Left);
            self.settle(now);
        }
    }

    /// Takes all peers of a room out.
    pub fn close(&mut self, now: Instant, room: RoomId) {
        let members = self
            .rooms
            .get(&room)
            .map(|room| room.members.clone())
            .unwrap_or_default();
        for (_, connection) in members {
            self.take_out(now, connection, GoneWhy::Left);
        }
        self.settle(now);
    }

    /// Takes a packet in.
    pub fn receive(&mut self, now: Instant, packet: Incoming<'_>) {
        let from = (packet.protocol, packet.source);
        let (connection, check) = match classify(packet.bytes) {
            Some(Packet::Check { ufrag, transaction }) => {
                (self.demux.named(ufrag), Some(transaction))
            }
            Some(Packet::Other) => (self.demux.at(from), None),
            None => return,
        };
        let Some(connection) = connection else { return };
        let Some((peer, mut sink)) = peer!(self, connection) else {
            return;
        };
        if check.is_some_and(|transaction| !peer.route.admits(now, from, transaction)) {
            return;
        }
        let received = peer.receive(now, &packet, &self.local, check, &mut sink);
        if let Some(proved) = received.proved {
            self.demux.bind(proved, connection);
        }
        if let Some(forgotten) = received.forgotten {
            self.demux.unbind(forgotten, connection);
        }
        self.reschedule(connection);
        self.settle_aged(now, packet.age);
    }

    /// Lets time pass. To be called when [`Rooms::next_timeout`] has come; earlier does no harm.
    pub fn timeout(&mut self, now: Instant) {
        while let Some((due, connection)) = self.due.first().copied() {
            if due > now {
                break;
            }
            self.timeout_of(now, connection);
            if self.due.first() == Some(&(due, connection)) {
                self.due.remove(&(due, connection));
            }
        }
        self.settle(now);
        if let Some(at) = self.round_at.filter(|at| *at <= now) {
            if now.saturating_duration_since(at) > STALL {
                self.peers
                    .values_mut()
                    .for_each(|peer| peer.link.stalled(now));
            }
            self.round(now);
            self.round_at = (!self.peers.is_empty()).then_some(now + ROUND);
        }
    }

    /// When [`Rooms::timeout`] is due.
    pub fn next_timeout(&self) -> Option<Instant> {
        let peers = self.due.first().map(|(due, _)| *due);
        match (peers, self.round_at) {
            (Some(peers), Some(round)) => Some(peers.min(round)),
            (peers, round) => peers.or(round),
        }
    }

    /// The next packet to send.
    pub fn transmit(&mut self) -> Option<Outgoing> {
        self.outbox.pop()
    }

    /// The next thing to tell.
    pub fn report(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }

    /// Whether a living peer sends from there: a connection has to stay open, a way back to be kept.
    pub fn heard_from(&self, protocol: Protocol, address: SocketAddr) -> bool {
        self.demux.at((protocol, address)).is_some()
    }

    /// Names, addresses and times of connections that are remembered.
    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        self.demux.len() + self.due.len() + self.effects.len() + self.ended.len()
    }

    fn timeout_of(&mut self, now: Instant, connection: u64) {
        if let Some((peer, mut sink)) = peer!(self, connection) {
            peer.timeout(now, &mut sink);
        }
        self.reschedule(connection);
    }

    /// Notes when a connection wants to be told the time.
    fn reschedule(&mut self, connection: u64) {
        let Some(peer) = self.peers.get_mut(&connection) else {
            return;
        };
        if peer.noted_due != peer.due {
            self.due.remove(&(peer.noted_due, connection));
            self.due.insert((peer.due, connection));
            peer.noted_due = peer.due;
        }
    }

    fn settle(&mut self, now: Instant) {
        self.settle_aged(now, Duration::ZERO);
    }

    /// Does what connections gave rise to, until nothing is left.
    fn settle_aged(&mut self, now: Instant, age: Duration) {
        loop {
            while let Some((connection, effect)) = self.effects.pop_front() {
                match effect {
                    Effect::Media(media) => self.forward(now, connection, &media, age),
                    Effect::KeyFrame(mid) => {
                        let from = self.peers.get(&connection).and_then(|peer| {
                            let slot = peer.slots.iter().find(|slot| slot.mid == mid)?;
                            self.rooms.get(&peer.room)?.connection_of(slot.from?)
                        });
                        if let Some(from) = from {
                            self.ask_key_frame(now, from);
                        }
                    }
                    Effect::Layout => {
                        if let Some(room) = self.peers.get(&connection).map(|peer| peer.room) {
                            self.assign(now, room);
                        }
                    }
                }
            }
            let Some(connection) = self.ended.pop() else {
                return;
            };
            let why = self.peers.get(&connection).and_then(|peer| peer.ended);
            if let Some(why) = why {
                self.take_out(now, connection, why);
            }
        }
    }

    /// Passes a packet on to all who receive the track.
    fn forward(&mut self, now: Instant, from: u64, media: &Media, age: Duration) {
        let Some(sender) = self.peers.get(&from) else {
            return;
        };
        let id = sender.id;
        let stale = match media.kind {
            Kind::Audio => age > self.limits.audio_age,
            Kind::Video => age > self.limits.video_age,
        };
        let Some(room) = self.rooms.get(&sender.room) else {
            return;
        };
        let receivers: Vec<u64> = room.others(id).collect();
        let mut key_frame = false;
        for connection in receivers {
            if let Some((peer, mut sink)) = peer!(self, connection) {
                key_frame |= peer.forward(now, (id, from), media, stale, &mut sink);
            }
            self.reschedule(connection);
        }
        if key_frame {
            self.ask_key_frame(now, from);
        }
    }

    fn ask_key_frame(&mut self, now: Instant, from: u64) {
        if let Some((peer, mut sink)) = peer!(self, from) {
            peer.ask_key_frame(now, &mut sink);
        }
        self.reschedule(from);
    }

    /// Gives tracks of a room to free slots of the others, and asks for key frames for the new ones.
    fn assign(&mut self, now: Instant, room: RoomId) {
        let wanted = self
            .rooms
            .get(&room)
            .map(|room| room.assign(&mut self.peers));
        for from in wanted.unwrap_or_default() {
            self.ask_key_frame(now, from);
        }
    }

    /// Takes a connection out of its room.
    fn take_out(&mut self, now: Instant, connection: u64, why: GoneWhy) {
        let Some((peer, mut sink)) = peer!(self, connection) else {
            return;
        };
        peer.close(now, &mut sink);
        let Some(peer) = self.peers.remove(&connection) else {
            return;
        };
        self.due.remove(&(peer.noted_due, connection));
        self.demux.forget_name(&peer.ufrag, connection);
        for address in peer.route.addresses() {
            self.demux.unbind(address, connection);
        }
        self.ended.retain(|ended| *ended != connection);
        self.effects.retain(|(from, _)| *from != connection);
        if self.peers.is_empty() {
            self.round_at = None;
        }
        self.reports.push_back(Report {
            room: peer.room,
            what: RoomReport::Gone { peer: peer.id, why },
        });
        let Some(room) = self.rooms.get_mut(&peer.room) else {
            return;
        };
        room.members.retain(|(_, member)| *member != connection);
        if why == GoneWhy::Replaced {
            return;
        }
        if room.members.is_empty() {
            self.rooms.remove(&peer.room);
        } else {
            self.assign(now, peer.room);
        }
    }

    /// What is looked after ten times a second.
    fn round(&mut self, now: Instant) {
        let connections: Vec<u64> = self.peers.keys().copied().collect();
        for connection in &connections {
            let Some(peer) = self.peers.get_mut(connection) else {
                continue;
            };
            if peer.route.silence(now) > self.limits.silence {
                self.take_out(now, *connection, GoneWhy::Silent);
                continue;
            }
            self.adapt(now, *connection);
            let wanted = self
                .peers
                .get(connection)
                .and_then(|peer| peer.video.as_ref());
            if wanted.is_some_and(|video| video.wanted) {
                self.ask_key_frame(now, *connection);
            }
        }
        self.settle(now);
        let rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        for room in rooms {
            self.listen(now, room);
        }
        let connections: Vec<u64> = self.peers.keys().copied().collect();
        for connection in connections {
            self.tell(now, connection);
        }
    }

    /// Sends a peer as many pictures as its link carries.
    fn adapt(&mut self, now: Instant, connection: u64) {
        let Some((peer, mut sink)) = peer!(self, connection) else {
            return;
        };
        let resumed = peer.adapt(now, &mut sink);
        let Some(room) = self.rooms.get(&peer.room) else {
            return;
        };
        let senders: Vec<u64> = resumed
            .into_iter()
            .filter_map(|from| room.connection_of(from))
            .collect();
        self.reschedule(connection);
        for from in senders {
            self.ask_key_frame(now, from);
        }
    }
}
