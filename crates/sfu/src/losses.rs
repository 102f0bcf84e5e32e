//! Packets that a worker lost, for the log.

use std::time::{Duration, Instant};

/// How often losses are written down at most.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// What was lost since it was last written down.
pub(crate) struct Losses {
    /// Packets that the network did not take.
    pub(crate) untaken: u64,
    /// Packets that were read too late to be worth passing on.
    pub(crate) late: u64,
    told: Instant,
}

impl Losses {
    /// Nothing lost.
    pub(crate) fn new(now: Instant) -> Losses {
        Losses {
            untaken: 0,
            late: 0,
            told: now,
        }
    }

    /// Writes down what was lost, when it is time.
    pub(crate) fn tell(&mut self, now: Instant) {
        if now.saturating_duration_since(self.told) < TELL_EVERY {
            return;
        }
        if self.untaken > 0 {
            tracing::warn!(
                media.packets = self.untaken,
                "Media packets were dropped: the network took no more, or could not reach them."
            );
        }
        if self.late > 0 {
            tracing::warn!(
                media.packets = self.late,
                "Media packets were dropped: the machine is too busy to pass them on in time."
            );
        }
        *self = Losses::new(now);
    }
}
