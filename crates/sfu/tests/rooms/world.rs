//! Clients, an emulated network, rooms, and a clock that is turned by hand.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use deskside_sfu::{
    GoneWhy, Incoming, Limits, LocalAddress, OfferError, PeerId, PeerState, Protocol, Report,
    RoomId, RoomReport, Rooms,
};
use uuid::Uuid;

use super::client::Client;
use super::network::Chance;

pub const SERVER: ([u8; 4], u16) = ([198, 51, 100, 1], 40_000);

pub fn room() -> RoomId {
    RoomId(Uuid::from_u128(1))
}

pub fn peer(number: u128) -> PeerId {
    PeerId(Uuid::from_u128(0xF000 + number))
}

pub struct Flight {
    /// None: to the SFU.
    to: Option<usize>,
    source: SocketAddr,
    bytes: Vec<u8>,
}

pub struct World {
    pub start: Instant,
    pub now: Instant,
    pub rooms: Rooms,
    pub clients: Vec<Client>,
    /// How often new clients check their way: browsers do so twice a second while they receive nothing.
    pub checks: Duration,
    /// How long the SFU lets packets wait before it reads them.
    pub age: Duration,
    pub gone: Vec<(PeerId, GoneWhy)>,
    pub speaking: Vec<(Duration, Vec<PeerId>)>,
    pub states: HashMap<PeerId, PeerState>,
    pub history: Vec<(Duration, PeerId, PeerState)>,
    pub chance: Chance,
    /// What clients sent, for replays: outside address and bytes.
    pub tape: Option<Vec<(SocketAddr, Vec<u8>)>>,
    /// Packets that the SFU sent, by destination.
    pub sent_to: HashMap<SocketAddr, u64>,
    flights: BTreeMap<(Instant, u64), Flight>,
    number: u64,
    stalled_until: Option<Instant>,
}

impl World {
    pub fn new() -> World {
        World::with(Limits::default())
    }

    pub fn with(limits: Limits) -> World {
        let start = Instant::now();
        let local = LocalAddress {
            protocol: Protocol::Udp,
            address: SERVER.into(),
        };
        World {
            start,
            now: start,
            rooms: Rooms::new(vec![local], limits),
            clients: Vec::new(),
            checks: Duration::from_millis(500),
            age: Duration::ZERO,
            gone: Vec::new(),
            speaking: Vec::new(),
            states: HashMap::new(),
            history: Vec::new(),
            chance: Chance::new(7),
            tape: None,
            sent_to: HashMap::new(),
            flights: BTreeMap::new(),
            number: 0,
            stalled_until: None,
        }
    }

    /// A client joins the room; it sends sound and a picture and has three slots of each kind.
    pub fn join(&mut self, number: u128) -> usize {
        self.join_with(number, 3)
    }

    pub fn join_with(&mut self, number: u128, slots: usize) -> usize {
        let mut client = Client::new(
            self.now,
            self.clients.len(),
            peer(number),
            slots,
            self.checks,
        );
        let offer = client.offer(false);
        let answer = self
            .rooms
            .join(self.now, room(), client.peer, &offer)
            .expect("an answer");
        client.answer(&answer);
        self.clients.push(client);
        self.pump();
        self.clients.len() - 1
    }

    /// A client offers again.
    pub fn offer(&mut self, at: usize, restart: bool) -> Result<(), OfferError> {
        let client = &mut self.clients[at];
        let offer = client.offer(restart);
        let answer = self.rooms.offer(self.now, room(), client.peer, &offer)?;
        client.answer(&answer);
        self.pump();
        Ok(())
    }

    pub fn leave(&mut self, at: usize) {
        let peer = self.clients[at].peer;
        self.rooms.leave(self.now, room(), peer);
        self.pump();
    }

    /// Puts a packet in front of the SFU as if it came from there.
    pub fn inject(&mut self, source: SocketAddr, bytes: &[u8]) {
        self.receive(source, bytes);
        self.pump();
    }

    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.next().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.step();
        }
        self.now = end;
    }

    /// The SFU is kept from working: packets wait for it.
    pub fn stall(&mut self, time: Duration) {
        self.stalled_until = Some(self.now + time);
        self.run(time);
    }

    /// Lets time pass until something is so.
    pub fn until(&mut self, most: Duration, what: &str, is: impl Fn(&World) -> bool) -> Duration {
        let begin = self.now;
        while !is(self) {
            assert!(self.now - begin < most, "not within {most:?}: {what}");
            self.run(Duration::from_millis(10));
        }
        self.now - begin
    }

    pub fn state(&self, at: usize) -> PeerState {
        self.states
            .get(&self.clients[at].peer)
            .cloned()
            .unwrap_or_default()
    }

    fn next(&self) -> Option<Instant> {
        let flight = self.flights.keys().next().map(|(at, _)| *at);
        let client = self.clients.iter().filter_map(Client::next).min();
        let due = self.rooms.next_timeout();
        let rooms = due.map(|due| self.stalled_until.map_or(due, |until| due.max(until)));
        [flight, client, rooms].into_iter().flatten().min()
    }

    fn step(&mut self) {
        while let Some(entry) = self
            .flights
            .first_entry()
            .filter(|entry| entry.key().0 <= self.now)
        {
            let flight = entry.remove();
            match flight.to {
                None if self.stalled_until.is_some_and(|until| self.now < until) => {
                    let until = self.stalled_until.unwrap_or(self.now);
                    self.number += 1;
                    self.flights.insert((until, self.number), flight);
                    continue;
                }
                None => self.receive(flight.source, &flight.bytes),
                Some(at) => self.clients[at].receive(self.now, flight.source, &flight.bytes),
            }
            self.pump();
        }
        for client in &mut self.clients {
            client.step(self.now);
        }
        let stalled = self.stalled_until.is_some_and(|until| self.now < until);
        if !stalled && self.rooms.next_timeout().is_some_and(|due| due <= self.now) {
            self.rooms.timeout(self.now);
        }
        self.pump();
    }

    fn receive(&mut self, source: SocketAddr, bytes: &[u8]) {
        let packet = Incoming {
            protocol: Protocol::Udp,
            source,
            destination: None,
            bytes,
            age: self.age,
        };
        self.rooms.receive(self.now, packet);
    }

    fn pump(&mut self) {
        while let Some(packet) = self.rooms.transmit() {
            *self.sent_to.entry(packet.destination).or_default() += 1;
            let to = self
                .clients
                .iter()
                .position(|client| client.outside == packet.destination);
            let Some(at) = to else { continue };
            let wire = &mut self.clients[at].down;
            if let Some(arrives) = wire.send(self.now, packet.bytes.len(), &mut self.chance) {
                self.fly(arrives, Some(at), SERVER.into(), packet.bytes);
            }
        }
        for at in 0..self.clients.len() {
            let client = &mut self.clients[at];
            let source = client.outside;
            for bytes in std::mem::take(&mut client.sending) {
                if let Some(tape) = &mut self.tape {
                    tape.push((source, bytes.clone()));
                }
                let wire = &mut self.clients[at].up;
                if let Some(arrives) = wire.send(self.now, bytes.len(), &mut self.chance) {
                    self.fly(arrives, None, source, bytes);
                }
            }
        }
        while let Some(Report { what, .. }) = self.rooms.report() {
            match what {
                RoomReport::Gone { peer, why } => self.gone.push((peer, why)),
                RoomReport::Speaking(who) => self.speaking.push((self.now - self.start, who)),
                RoomReport::Peer { peer, state } => {
                    for client in self.clients.iter_mut().filter(|client| client.peer == peer) {
                        client.limit = state.send_max_kbps;
                    }
                    self.history
                        .push((self.now - self.start, peer, state.clone()));
                    self.states.insert(peer, state);
                }
            }
        }
    }

    fn fly(&mut self, at: Instant, to: Option<usize>, source: SocketAddr, bytes: Vec<u8>) {
        self.number += 1;
        self.flights
            .insert((at, self.number), Flight { to, source, bytes });
    }
}
