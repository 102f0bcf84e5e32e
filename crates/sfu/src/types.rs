//! What goes in and out of the crate: who is who, what is offered, what is told.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use uuid::Uuid;

/// A room: the media of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub Uuid);

/// A peer: one participant's connection. A new connection under the same id takes the place of the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(pub Uuid);

/// The kinds of tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// What a peer receives in one of the places it made ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The media section's id in the peer's own offer (RFC 8843).
    pub mid: String,
    /// What comes there.
    pub kind: Kind,
    /// Whose track it is.
    pub from: PeerId,
    /// A picture that is withheld because the peer's link is too slow for it.
    pub paused: bool,
}

/// How well packets get through to a peer and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quality {
    /// Nothing to say.
    #[default]
    Good,
    /// Some loss or delay: a person may notice.
    Weak,
    /// Much loss, or a picture withheld.
    Poor,
}

/// A peer as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeerState {
    /// Whether authenticated packets came within the last two seconds.
    pub flowing: bool,
    /// How well.
    pub quality: Quality,
    /// What the peer should send as picture at most, in kbit/s: what the slowest of its receivers can take.
    pub send_max_kbps: u32,
    /// What it receives, and where.
    pub slots: Vec<Slot>,
    /// How many places of either kind it lacks for the tracks of the others: it should offer that many more of both.
    pub slots_missing: u32,
}

/// Why a peer is no longer in its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoneWhy {
    /// Nothing was heard of it for too long.
    Silent,
    /// It closed its connection (DTLS close_notify, RFC 8446 §6.1): a closed tab, or a page left.
    Closed,
    /// It was told to leave, or its room was closed.
    Left,
    /// A new connection took its place.
    Replaced,
    /// Its connection failed, or what it sent could not be understood.
    Failed,
    /// A fault of ours; only this peer is affected.
    Panicked,
}

/// What is told about a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomReport {
    /// A peer as it stands now; only the newest counts.
    Peer {
        /// Which.
        peer: PeerId,
        /// How it stands.
        state: PeerState,
    },
    /// A peer is gone.
    Gone {
        /// Which.
        peer: PeerId,
        /// Why.
        why: GoneWhy,
    },
    /// Who speaks now, loudest first.
    Speaking(Vec<PeerId>),
}

/// What is told, with its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The room.
    pub room: RoomId,
    /// What.
    pub what: RoomReport,
}

/// Why an offer was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// There is no such peer: join again.
    #[error("there is no such peer")]
    Gone,
    /// The offer cannot be answered.
    #[error("the offer cannot be answered: {0}")]
    Invalid(String),
    /// The room takes no one more.
    #[error("the room is full")]
    Full,
    /// The workers have stopped or are overloaded.
    #[error("no worker takes the offer")]
    Unavailable,
}

/// Which port to listen on, for UDP and TCP alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortChoice {
    /// This one or none.
    Fixed(u16),
    /// This one, or any free one where it is taken.
    Preferred(u16),
    /// Any free one.
    Any,
}

/// Where peers are told to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announce {
    /// An address; with the port that is listened on.
    Ip(IpAddr),
    /// An address and port that are forwarded to us.
    Address(SocketAddr),
}

/// How packets travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// One packet a datagram.
    Udp,
    /// Packets framed by their length (RFC 4571); what connects is the peer (RFC 6544, passive candidate).
    Tcp,
}

/// An address that peers are told to send to: a host candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalAddress {
    /// How.
    pub protocol: Protocol,
    /// Where.
    pub address: SocketAddr,
}

/// A packet that came in.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// How it came.
    pub protocol: Protocol,
    /// Who says to have sent it.
    pub source: SocketAddr,
    /// Where it arrived, if the socket told.
    pub destination: Option<IpAddr>,
    /// What it says.
    pub bytes: &'a [u8],
    /// How long it waited at most before it was read.
    pub age: Duration,
}

/// What a packet carries: what is dropped first when a way out is full is the picture, then sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Connection checks, handshake, feedback.
    Control,
    /// Sound.
    Audio,
    /// Picture, first sent or repeated.
    Video,
}

/// A packet to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// How.
    pub protocol: Protocol,
    /// Where to.
    pub destination: SocketAddr,
    /// What.
    pub bytes: Vec<u8>,
    /// What it carries.
    pub class: Class,
}
