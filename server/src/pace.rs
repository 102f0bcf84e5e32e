//! How fast one person may do a thing: a link that got into the wrong hands fills a minute, never the disk.
//!
//! Counted in memory, for each node: it keeps nobody out for good and guards no secret.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use deskside_db::{Time, Uuid};

use crate::error::Error;
use crate::limits;

/// What each person did in the minute that began with the first step. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pace {
    steps_max: u32,
    minutes: Arc<Mutex<HashMap<Uuid, (Time, u32)>>>,
}

impl Pace {
    /// So many steps in a minute.
    pub fn new(steps_max: u32) -> Self {
        Self {
            steps_max,
            minutes: Arc::default(),
        }
    }

    /// Counts one step of a person.
    ///
    /// # Errors
    /// `TooManyAttempts` until the minute is over.
    pub fn step(&self, person: Uuid, now: Time) -> Result<(), Error> {
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        if minutes.len() >= limits::PEOPLE_PACED_MAX {
            minutes.retain(|_, (began, _)| now.since(*began) < limits::PACE_WINDOW);
        }
        let (began, count) = minutes.entry(person).or_insert((now, 0));
        if now.since(*began) >= limits::PACE_WINDOW {
            (*began, *count) = (now, 0);
        }
        if *count >= self.steps_max {
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

    #[test]
    fn who_floods_waits_and_others_do_not() {
        let pace = Pace::new(5);
        let now = Time::from_millis(1_000_000);
        let (eve, nick) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for _ in 0..5 {
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
