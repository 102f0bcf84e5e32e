//! A network that is not there: packets with a time at which they arrive.

use std::time::{Duration, Instant};

/// Numbers that only look random: the same in every run (xorshift64*, Marsaglia 2003).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// From 0 to 1.
    pub fn part(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// One direction of a way between a client and the SFU.
#[derive(Debug, Clone)]
pub struct Wire {
    /// The part of packets that are lost.
    pub loss: f64,
    /// How long a packet is on its way at least…
    pub delay: Duration,
    /// …and at most more; later packets may overtake.
    pub jitter: Duration,
    /// Kilobits a second, with the headers of IP and UDP.
    pub rate: Option<u64>,
    /// How long a packet waits at most for the rate; what would wait longer is dropped.
    pub queue: Duration,
    /// Nothing gets through.
    pub hole: bool,
    free_at: Option<Instant>,
    /// Packets that did not get through.
    pub lost: u64,
}

impl Default for Wire {
    fn default() -> Wire {
        Wire {
            loss: 0.0,
            delay: Duration::from_millis(20),
            jitter: Duration::ZERO,
            rate: None,
            queue: Duration::from_millis(300),
            hole: false,
            free_at: None,
            lost: 0,
        }
    }
}

/// Headers of IPv4 and UDP.
const HEADERS: usize = 28;

impl Wire {
    /// When a packet arrives, if it does.
    pub fn send(&mut self, now: Instant, bytes: usize, chance: &mut Chance) -> Option<Instant> {
        let arrives = self.pass(now, bytes, chance);
        if arrives.is_none() {
            self.lost += 1;
        }
        arrives
    }

    fn pass(&mut self, now: Instant, bytes: usize, chance: &mut Chance) -> Option<Instant> {
        if self.hole || chance.part() < self.loss {
            return None;
        }
        let mut leaves = now;
        if let Some(rate) = self.rate {
            let from = self.free_at.map_or(now, |free| free.max(now));
            if from - now > self.queue {
                return None;
            }
            let bits = (bytes + HEADERS) as f64 * 8.0;
            leaves = from + Duration::from_secs_f64(bits / (rate as f64 * 1_000.0));
            self.free_at = Some(leaves);
        }
        Some(leaves + self.delay + self.jitter.mul_f64(chance.part()))
    }
}
