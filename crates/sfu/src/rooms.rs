//! The rooms of one worker: bytes and time in, bytes and reports out. No socket, no clock, no sleep.

use std::net::SocketAddr;
use std::time::Instant;

use crate::limits::Limits;
use crate::types::{Incoming, LocalAddress, OfferError, Outgoing, PeerId, Report, RoomId};

/// The rooms of one worker.
pub struct Rooms {
    local: Vec<LocalAddress>,
    limits: Limits,
}

impl Rooms {
    /// No rooms yet; `local` are the addresses that peers are told.
    pub fn new(local: Vec<LocalAddress>, limits: Limits) -> Rooms {
        Rooms { local, limits }
    }

    /// Lets a peer in, or replaces it where it is already.
    ///
    /// # Errors
    /// When the offer cannot be answered or there is no room.
    pub fn join(
        &mut self,
        _now: Instant,
        _room: RoomId,
        _peer: PeerId,
        _offer: &str,
    ) -> Result<String, OfferError> {
        if self.local.is_empty() || self.limits.rooms == 0 {
            return Err(OfferError::Unavailable);
        }
        Err(OfferError::Full)
    }

    /// Answers a further offer of a peer.
    ///
    /// # Errors
    /// When there is no such peer or the offer cannot be answered.
    pub fn offer(
        &mut self,
        _now: Instant,
        _room: RoomId,
        _peer: PeerId,
        _offer: &str,
    ) -> Result<String, OfferError> {
        Err(OfferError::Gone)
    }

    /// Takes a peer out.
    pub fn leave(&mut self, _now: Instant, _room: RoomId, _peer: PeerId) {}

    /// Takes all peers of a room out.
    pub fn close(&mut self, _now: Instant, _room: RoomId) {}

    /// Takes a packet in.
    pub fn receive(&mut self, _now: Instant, _packet: Incoming<'_>) {}

    /// Lets time pass. To be called when [`Rooms::next_timeout`] has come; earlier does no harm.
    pub fn timeout(&mut self, _now: Instant) {}

    /// When [`Rooms::timeout`] is due.
    pub fn next_timeout(&self) -> Option<Instant> {
        None
    }

    /// The next packet to send. To be drained after each call that takes time or bytes.
    pub fn transmit(&mut self) -> Option<Outgoing> {
        None
    }

    /// The next thing to tell.
    pub fn report(&mut self) -> Option<Report> {
        None
    }

    /// Whether a living peer sends from there.
    pub fn heard_from(&self, _address: SocketAddr) -> bool {
        false
    }
}
