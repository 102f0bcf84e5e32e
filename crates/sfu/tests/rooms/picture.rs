//! A camera that draws frame numbers in VP8's packets, and a screen that understands nothing else.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Frames a second.
pub const FRAMES: u32 = 25;
/// Bytes of a packet's payload at most.
const PAYLOAD_MAX: usize = 1_100;
/// A key frame is so many times as large.
const KEY_FRAME: usize = 3;
/// The descriptor: X, then I, L and T; 15 bits of picture id, TL0PICIDX, TID.
const DESCRIPTOR: usize = 6;
/// The frame's header, who sends and which frame.
const CONTENT: usize = 6;

/// Makes frames.
#[derive(Debug, Default)]
pub struct Camera {
    pub frame: u32,
    pub key_wanted: bool,
    pub key_frames: u32,
}

impl Camera {
    /// The payloads of the next frame.
    pub fn shoot(&mut self, sender: u8, kbps: u32) -> Vec<Vec<u8>> {
        self.frame += 1;
        let key = self.frame == 1 || std::mem::take(&mut self.key_wanted);
        self.key_frames += u32::from(key);
        let size = (kbps * 1_000 / 8 / FRAMES) as usize * if key { KEY_FRAME } else { 1 };
        let mut left = size.max(DESCRIPTOR + CONTENT);
        let mut payloads: Vec<Vec<u8>> = Vec::new();
        while left > 0 {
            let first = payloads.is_empty();
            let id = (self.frame % (1 << 15)) as u16;
            let mut payload = vec![
                if first { 0x90 } else { 0x80 },
                0xE0,
                0x80 | (id >> 8) as u8,
                id as u8,
                self.frame as u8,
                0x20,
            ];
            payload.push(if key { 0x00 } else { 0x01 });
            payload.push(sender);
            payload.extend(self.frame.to_be_bytes());
            let length = left.clamp(payload.len(), PAYLOAD_MAX);
            payload.resize(length, 0xAA);
            left = left.saturating_sub(length);
            payloads.push(payload);
        }
        payloads
    }
}

#[derive(Debug)]
struct Piece {
    at: Instant,
    starts: bool,
    key: bool,
    ends: bool,
    id: u16,
    base: u8,
    sender: u8,
    timestamp: u32,
}

/// Shows frames whose packets are all there and whose predecessor was shown.
#[derive(Debug, Default)]
pub struct Screen {
    waiting: BTreeMap<u64, Piece>,
    next: Option<u64>,
    last_id: Option<u16>,
    last_base: Option<u8>,
    last_timestamp: Option<u32>,
    asked: Option<Instant>,
    /// Frames shown.
    pub shown: u32,
    /// Of these, key frames.
    pub key_frames: u32,
    /// When the last one was shown.
    pub last: Option<Instant>,
    /// The longest time between two.
    pub longest_gap: Duration,
    /// Whose picture it was, in order.
    pub senders: Vec<u8>,
    /// Packets that came twice.
    pub twice: u32,
    /// Numbers that jumped back or ahead where they must go on.
    pub jumps: u32,
    /// Bytes of payload.
    pub bytes: usize,
}

impl Screen {
    /// Takes a packet. Tells whether a key frame is needed.
    pub fn take(
        &mut self,
        now: Instant,
        sequence: u64,
        timestamp: u32,
        ends: bool,
        payload: &[u8],
    ) -> bool {
        self.bytes += payload.len();
        let [first, _, high, low, base, _, header, sender, ..] = payload else {
            return false;
        };
        let piece = Piece {
            at: now,
            starts: first & 0x10 != 0,
            key: header & 1 == 0,
            ends,
            id: u16::from_be_bytes([high & 0x7F, *low]),
            base: *base,
            sender: *sender,
            timestamp,
        };
        if self.next.is_some_and(|next| sequence < next) {
            return false;
        }
        if self.waiting.insert(sequence, piece).is_some() {
            self.twice += 1;
        }
        self.advance(now)
    }

    fn advance(&mut self, now: Instant) -> bool {
        loop {
            let next = match self.next {
                Some(next) => next,
                None => {
                    let start = self
                        .waiting
                        .iter()
                        .find(|(_, piece)| piece.starts && piece.key);
                    let Some((start, _)) = start else {
                        return self.ask(now);
                    };
                    *start
                }
            };
            let mut frame = Vec::new();
            for (offset, (sequence, piece)) in self.waiting.range(next..).enumerate() {
                if *sequence != next + offset as u64 {
                    break;
                }
                frame.push(piece);
                if piece.ends {
                    break;
                }
            }
            let complete = frame.last().is_some_and(|piece| piece.ends);
            if !complete {
                let stuck = self
                    .waiting
                    .range(next..)
                    .any(|(_, piece)| now - piece.at > Duration::from_millis(500));
                if stuck {
                    // What is missing does not come any more: from the next key frame on.
                    let key = self
                        .waiting
                        .range(next + 1..)
                        .find(|(_, piece)| piece.starts && piece.key)
                        .map(|(sequence, _)| *sequence);
                    self.waiting
                        .retain(|sequence, _| key.is_some_and(|key| *sequence >= key));
                    self.next = None;
                    self.last_id = None;
                    continue;
                }
                return false;
            }
            let (Some(head), length) = (frame.first(), frame.len() as u64) else {
                return false;
            };
            if let Some(last) = self.last_id
                && head.id != (last + 1) % (1 << 15)
            {
                self.jumps += 1;
            }
            if self.last_id.is_some()
                && self
                    .last_base
                    .is_some_and(|last| head.base != last.wrapping_add(1))
            {
                self.jumps += 1;
            }
            // Half a minute ahead at most: beyond, a clock was taken over unchanged.
            let ahead = self
                .last_timestamp
                .map(|last| head.timestamp.wrapping_sub(last));
            if ahead.is_some_and(|ahead| ahead == 0 || ahead > 90_000 * 30) {
                self.jumps += 1;
            }
            if let Some(last) = self.last {
                self.longest_gap = self.longest_gap.max(now - last);
            }
            self.last_id = Some(head.id);
            self.last_base = Some(head.base);
            self.last_timestamp = Some(head.timestamp);
            self.last = Some(now);
            self.shown += 1;
            self.key_frames += u32::from(head.key);
            if self.senders.last() != Some(&head.sender) {
                self.senders.push(head.sender);
            }
            self.next = Some(next + length);
            self.waiting
                .retain(|sequence, _| *sequence >= next + length);
        }
    }

    fn ask(&mut self, now: Instant) -> bool {
        if self.waiting.is_empty()
            || self
                .asked
                .is_some_and(|asked| now - asked < Duration::from_millis(300))
        {
            return false;
        }
        self.asked = Some(now);
        true
    }
}
