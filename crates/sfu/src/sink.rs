//! Where connections put what they have to say.

use std::collections::VecDeque;

use str0m::media::Mid;
use str0m::net::Transmit;

use crate::media::Media;
use crate::route::Address;
use crate::types::{Class, Outgoing};

/// What a connection has to say to its room.
#[derive(Debug)]
pub(crate) enum Effect {
    /// A packet for those who receive the track.
    Media(Box<Media>),
    /// A receiver needs a key frame there.
    KeyFrame(Mid),
    /// Tracks or slots were added or changed.
    Layout,
}

/// Where connections put what they have to say.
pub(crate) struct Sink<'a> {
    /// What is to be sent.
    pub(crate) outbox: &'a mut Outbox,
    /// What rooms have to do.
    pub(crate) effects: &'a mut VecDeque<(u64, Effect)>,
    /// Connections that have ended.
    pub(crate) ended: &'a mut Vec<u64>,
    /// Packets of media that were accepted.
    pub(crate) media: u64,
}

impl Sink<'_> {
    pub(crate) fn effect(&mut self, connection: u64, effect: Effect) {
        self.effects.push_back((connection, effect));
    }

    pub(crate) fn send(&mut self, to: Address, transmit: Transmit, class: Class) {
        let (protocol, destination) = to;
        let bytes = transmit.contents.into();
        self.outbox.push(Outgoing {
            protocol,
            destination,
            bytes,
            class,
        });
    }
}

/// What waits to be sent, bounded.
#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: VecDeque<Outgoing>,
    limit: usize,
}

impl Outbox {
    pub(crate) fn new(limit: usize) -> Outbox {
        Outbox {
            waiting: VecDeque::new(),
            limit,
        }
    }

    fn push(&mut self, packet: Outgoing) {
        let limit = match packet.class {
            Class::Video => self.limit,
            Class::Audio | Class::Control => self.limit.saturating_mul(2),
        };
        if self.waiting.len() < limit {
            self.waiting.push_back(packet);
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Outgoing> {
        self.waiting.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Protocol;

    #[test]
    fn pictures_are_dropped_first() {
        let mut outbox = Outbox::new(2);
        let packet = |class| Outgoing {
            protocol: Protocol::Udp,
            destination: ([192, 0, 2, 1], 1).into(),
            bytes: Vec::new(),
            class,
        };
        for class in [
            Class::Video,
            Class::Video,
            Class::Video,
            Class::Audio,
            Class::Control,
        ] {
            outbox.push(packet(class));
        }
        let kept: Vec<Class> = std::iter::from_fn(|| outbox.pop())
            .map(|kept| kept.class)
            .collect();
        assert_eq!(
            kept,
            [Class::Video, Class::Video, Class::Audio, Class::Control]
        );
        for _ in 0..10 {
            outbox.push(packet(Class::Control));
        }
        assert_eq!(
            std::iter::from_fn(|| outbox.pop()).count(),
            4,
            "nothing waits without end"
        );
    }
}
