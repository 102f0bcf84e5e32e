//! How late a worker runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A worker that runs later than this takes no new rooms: sound would begin to break for those it has.
pub(crate) const LAG_MAX: Duration = Duration::from_millis(100);

/// For so many seconds in a row it must have been late: a single hiccup turns no one away.
const LATE_SECONDS: u32 = 3;

/// The span that lateness is judged over.
const WINDOW: Duration = Duration::from_secs(1);

/// Of the turns of a window, 95 in 100 were not later than what is told.
const SHARE: f64 = 0.95;

/// Lateness is counted in powers of two of a microsecond, up to over an hour.
const BUCKETS: usize = 32;

/// When nothing is due.
const NEVER: u64 = u64::MAX;

/// What others may read of it while the worker runs.
pub(crate) struct Lag {
    start: Instant,
    /// Microseconds: what 95 of 100 turns of the last full window kept to.
    usual: AtomicU64,
    /// Microseconds from `start`: when the worker is to run again.
    due: AtomicU64,
}

impl Default for Lag {
    fn default() -> Lag {
        Lag {
            start: Instant::now(),
            usual: AtomicU64::new(0),
            due: AtomicU64::new(NEVER),
        }
    }
}

impl Lag {
    /// How late it runs: usually, or right now if that is worse. A worker that hangs is seen from outside.
    pub(crate) fn now(&self) -> Duration {
        let due = self.due.load(Ordering::Relaxed);
        let late = micros(self.start.elapsed()).saturating_sub(due);
        Duration::from_micros(self.usual.load(Ordering::Relaxed).max(late))
    }

    /// Says when the worker will run again at the latest.
    pub(crate) fn due(&self, due: Instant) {
        let due = micros(due.saturating_duration_since(self.start));
        self.due.store(due, Ordering::Relaxed);
    }
}

/// Counts lateness in the worker.
pub(crate) struct Meter {
    buckets: [u32; BUCKETS],
    turns: u32,
    opened: Instant,
    late_seconds: u32,
}

impl Meter {
    /// Nothing counted.
    pub(crate) fn new(now: Instant) -> Meter {
        Meter {
            buckets: [0; BUCKETS],
            turns: 0,
            opened: now,
            late_seconds: 0,
        }
    }

    /// Counts a turn that was `late`, and publishes when a window is full.
    pub(crate) fn count(&mut self, now: Instant, late: Duration, lag: &Lag) {
        let bucket = (u64::BITS - micros(late).leading_zeros()) as usize;
        self.buckets[bucket.min(BUCKETS - 1)] += 1;
        self.turns += 1;
        let passed = now.saturating_duration_since(self.opened);
        if passed < WINDOW {
            return;
        }
        let usual = self.usual();
        lag.usual.store(micros(usual), Ordering::Relaxed);
        if usual > LAG_MAX {
            // An idle worker's window may be long, and a single turn in it says nothing of the rest; one that
            // itself was late for seconds does.
            let seconds = u32::try_from(late.as_secs()).unwrap_or(u32::MAX).max(1);
            self.late_seconds = self.late_seconds.saturating_add(seconds);
        } else {
            self.late_seconds = 0;
        }
        self.buckets = [0; BUCKETS];
        self.turns = 0;
        self.opened = now;
    }

    /// Whether it has been late for too long to take more.
    pub(crate) fn is_late(&self) -> bool {
        self.late_seconds >= LATE_SECONDS
    }

    /// The upper edge of the bucket that holds the turn at [`SHARE`].
    fn usual(&self) -> Duration {
        let wanted = (f64::from(self.turns) * SHARE).ceil() as u32;
        let mut seen = 0;
        for (bucket, turns) in self.buckets.iter().enumerate() {
            seen += turns;
            if seen >= wanted {
                return Duration::from_micros((1 << bucket) - 1);
            }
        }
        Duration::ZERO
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Counts one window of a hundred turns, `slow` of which were `late`.
    fn window(meter: &mut Meter, lag: &Lag, start: Instant, slow: u32, late: Duration) -> Instant {
        let mut now = start;
        for turn in 0..100 {
            now += 10 * MS;
            let late = if turn < slow { late } else { Duration::ZERO };
            meter.count(now, late, lag);
        }
        now
    }

    #[test]
    fn a_few_late_turns_are_not_told() {
        let (lag, start) = (Lag::default(), Instant::now());
        let mut meter = Meter::new(start);
        let now = window(&mut meter, &lag, start, 5, 300 * MS);
        assert_eq!(lag.now(), Duration::ZERO);
        window(&mut meter, &lag, now, 6, 300 * MS);
        assert!(lag.now() >= 300 * MS);
        assert!(lag.now() < 600 * MS);
    }

    #[test]
    fn late_for_three_seconds_is_too_late_and_one_good_second_mends_it() {
        let (lag, start) = (Lag::default(), Instant::now());
        let mut meter = Meter::new(start);
        let mut now = start;
        for _ in 0..2 {
            now = window(&mut meter, &lag, now, 50, 400 * MS);
            assert!(!meter.is_late());
        }
        now = window(&mut meter, &lag, now, 50, 400 * MS);
        assert!(meter.is_late());
        window(&mut meter, &lag, now, 0, Duration::ZERO);
        assert!(!meter.is_late());
    }

    #[test]
    fn a_hiccup_after_idle_seconds_turns_no_one_away() {
        let (lag, start) = (Lag::default(), Instant::now());
        let mut meter = Meter::new(start);
        meter.count(start + Duration::from_secs(30), 150 * MS, &lag);
        assert!(lag.now() >= 150 * MS);
        assert!(!meter.is_late());
    }

    #[test]
    fn one_turn_late_by_seconds_is_late_for_as_long() {
        let (lag, start) = (Lag::default(), Instant::now());
        let mut meter = Meter::new(start);
        meter.count(start + Duration::from_secs(5), Duration::from_secs(5), &lag);
        assert!(meter.is_late());
    }

    #[test]
    fn a_worker_that_hangs_is_seen() {
        let lag = Lag::default();
        lag.due(lag.start);
        let seen = lag.now();
        assert!(seen <= lag.start.elapsed());
        assert!(lag.now() >= seen);
        lag.due(lag.start + Duration::from_secs(3_600));
        assert_eq!(lag.now(), Duration::ZERO);
    }
}
