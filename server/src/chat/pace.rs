//! How fast one guest may write: a link that got into the wrong hands fills a minute, never the disk.
//!
//! Counted in memory, for each node: it keeps nobody out for good and guards no secret.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use deskside_db::Time;

use crate::error::Error;
use crate::ids::GuestId;
use crate::limits;

/// Messages of each guest in the minute that began with the first of them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Pace(Arc<Mutex<HashMap<GuestId, (Time, u32)>>>);

impl Pace {
    /// Counts one message.
    ///
    /// # Errors
    /// `TooManyAttempts` until the minute is over.
    pub fn step(&self, guest: GuestId, now: Time) -> Result<(), Error> {
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minutes.len() >= limits::GUESTS_PACED_MAX {
            minutes.retain(|_, (began, _)| now.since(*began) < limits::PACE_WINDOW);
        }
        let (began, count) = minutes.entry(guest).or_insert((now, 0));
        if now.since(*began) >= limits::PACE_WINDOW {
            (*began, *count) = (now, 0);
        }
        if *count >= limits::GUEST_MESSAGES_PER_MINUTE {
            let left = limits::PACE_WINDOW.saturating_sub(now.since(*began));
            return Err(Error::TooManyAttempts {
                retry_after_s: left.as_secs() + 1,
            });
        }
        *count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deskside_db::Random;

    #[test]
    fn a_guest_who_floods_waits_and_others_do_not() {
        let (pace, random) = (Pace::default(), Random::seeded(1));
        let now = Time::from_millis(1_000_000);
        let (eve, nick) = (GuestId::new(now, &random), GuestId::new(now, &random));
        for _ in 0..limits::GUEST_MESSAGES_PER_MINUTE {
            assert!(pace.step(eve, now).is_ok());
        }
        let half = now + limits::PACE_WINDOW / 2;
        assert!(matches!(
            pace.step(eve, half),
            Err(Error::TooManyAttempts { retry_after_s: 31 })
        ));
        assert!(pace.step(nick, half).is_ok());
        assert!(pace.step(eve, now + limits::PACE_WINDOW).is_ok());
    }
}
