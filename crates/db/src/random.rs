//! Randomness: the system's, or a repeatable one for tests.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::Time;

/// Where the house gets random bytes. Copies share one source.
#[derive(Clone)]
pub struct Random(Arc<Shared>);

struct Shared {
    /// State of the repeatable generator; none for the system's.
    seeded: Option<Mutex<u64>>,
    /// The newest id's time and random part, so that ids made within a millisecond keep their
    /// order.
    newest: Mutex<(i64, u128)>,
}

/// A UUIDv7 holds 48 bits of time and 74 random bits.
const UUID_RANDOM_BITS: u32 = 74;

/// Letters and digits of a token: safe in every URL, and marked whole by a double click.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Random {
    /// The operating system's generator.
    pub fn system() -> Random {
        Random::from(None)
    }

    /// A repeatable generator for tests; never for secrets.
    pub fn seeded(seed: u64) -> Random {
        Random::from(Some(Mutex::new(seed)))
    }

    fn from(seeded: Option<Mutex<u64>>) -> Random {
        Random(Arc::new(Shared {
            seeded,
            newest: Mutex::new((i64::MIN, 0)),
        }))
    }

    /// Fills a slice.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: nothing safe can be done without it.
    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0.seeded {
            None => getrandom::fill(bytes).expect("the operating system gives random bytes"),
            Some(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                for chunk in bytes.chunks_mut(8) {
                    chunk.copy_from_slice(&split_mix(&mut state).to_le_bytes()[..chunk.len()]);
                }
            }
        }
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A number below `end`, every one as likely; 0 when `end` is 0.
    pub fn below(&self, end: u64) -> u64 {
        if end == 0 {
            return 0;
        }
        let fair = u64::MAX - u64::MAX % end;
        loop {
            let number = u64::from_le_bytes(self.bytes());
            if number < fair {
                return number % end;
            }
        }
    }

    /// A text of letters and digits that holds at least this many random bits (128 bits: 22
    /// characters).
    pub fn token_base62(&self, bits: u32) -> String {
        let length = (f64::from(bits) / 62_f64.log2()).ceil() as usize;
        let mut token = String::with_capacity(length);
        while token.len() < length {
            for byte in self.bytes::<32>() {
                // 248 is the largest multiple of 62 in a byte: above it some characters would come
                // more often.
                if byte < 248 && token.len() < length {
                    token.push(char::from(BASE62[usize::from(byte % 62)]));
                }
            }
        }
        token
    }

    /// A UUIDv7: ordered by time, and within one millisecond by the order of the calls on this
    /// source.
    pub fn uuid_v7(&self, now: Time) -> Uuid {
        let limit = (1_u128 << UUID_RANDOM_BITS) - 1;
        let fresh = u128::from_le_bytes(self.bytes()) & limit;
        let mut newest = self.0.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let random = if newest.0 == now.as_millis() {
            // A step of random length keeps the next id hard to guess; at the end it starts again.
            let step = (fresh & u128::from(u32::MAX)) + 1;
            Some(newest.1 + step)
                .filter(|next| *next <= limit)
                .unwrap_or(fresh)
        } else {
            fresh
        };
        *newest = (now.as_millis(), random);
        drop(newest);

        let time = u128::from(now.as_millis().clamp(0, (1 << 48) - 1).unsigned_abs());
        let high = random >> 62;
        let low = random & ((1 << 62) - 1);
        Uuid::from_u128(time << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
    }
}

/// SplitMix64: tiny and evenly spread, which is all a test needs.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the state: whoever knows it knows what comes next.
        f.write_str(if self.0.seeded.is_some() {
            "Random(seeded)"
        } else {
            "Random(system)"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_seed_repeats_and_the_system_does_not() {
        assert_eq!(
            Random::seeded(7).bytes::<40>(),
            Random::seeded(7).bytes::<40>()
        );
        assert_ne!(
            Random::seeded(7).bytes::<40>(),
            Random::seeded(8).bytes::<40>()
        );
        assert_ne!(
            Random::system().bytes::<40>(),
            Random::system().bytes::<40>()
        );
    }

    #[test]
    fn tokens_are_long_enough_and_use_every_character() {
        let random = Random::seeded(1);
        assert_eq!(random.token_base62(128).len(), 22);
        assert_eq!(random.token_base62(256).len(), 43);
        let many: HashSet<char> = random.token_base62(100_000).chars().collect();
        assert_eq!(many.len(), 62);
        assert!(many.iter().all(char::is_ascii_alphanumeric));
    }

    #[test]
    fn characters_of_tokens_come_equally_often() {
        let token = Random::seeded(2).token_base62(400_000);
        let expected = token.len() as f64 / 62.0;
        for character in BASE62 {
            let count = token.bytes().filter(|byte| byte == character).count() as f64;
            assert!(
                (count - expected).abs() < expected * 0.15,
                "{character}: {count}"
            );
        }
    }

    #[test]
    fn ids_are_uuid_v7_in_order_of_time_and_of_calls() {
        let random = Random::system();
        let mut ids: Vec<Uuid> = Vec::new();
        for millis in [1_795_339_800_000, 1_795_339_800_001, 1_795_339_900_000] {
            ids.extend((0..2_000).map(|_| random.uuid_v7(Time::from_millis(millis))));
        }
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        assert!(
            ids.iter()
                .all(|id| id.get_variant() == uuid::Variant::RFC4122)
        );
        let (seconds, nanos) = ids[2_000].get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos), (1_795_339_800, 1_000_000));
    }

    #[test]
    fn below_stays_below() {
        let random = Random::seeded(3);
        assert_eq!(random.below(0), 0);
        assert!((0..1_000).all(|_| random.below(7) < 7));
    }
}
