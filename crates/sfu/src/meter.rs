//! How much is sent of late, and how good that is.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::types::Quality;

/// Rates are means over this time, in buckets.
const WINDOW: Duration = Duration::from_secs(1);
const BUCKETS: u32 = 10;
/// Quality gets better only after so long.
const QUALITY_HOLD: Duration = Duration::from_secs(3);

/// Bytes in the last second.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    buckets: VecDeque<(Instant, u64)>,
}

impl Meter {
    pub(crate) fn count(&mut self, now: Instant, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        match self.buckets.back_mut() {
            Some((start, sum)) if now.saturating_duration_since(*start) < WINDOW / BUCKETS => {
                *sum = sum.saturating_add(bytes);
            }
            _ => self.buckets.push_back((now, bytes)),
        }
        self.forget(now);
    }

    /// In bit/s.
    pub(crate) fn rate(&mut self, now: Instant) -> u64 {
        self.forget(now);
        self.buckets
            .iter()
            .map(|(_, bytes)| bytes.saturating_mul(8))
            .sum()
    }

    fn forget(&mut self, now: Instant) {
        while self
            .buckets
            .front()
            .is_some_and(|(start, _)| now.saturating_duration_since(*start) >= WINDOW)
        {
            self.buckets.pop_front();
        }
    }
}

/// A quality that gets worse at once and better after a while.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    quality: Quality,
    better_since: Option<Instant>,
}

impl Verdict {
    /// What is told.
    pub(crate) fn quality(&self) -> Quality {
        self.quality
    }

    /// Takes how it is at the moment.
    pub(crate) fn judge(&mut self, now: Instant, present: Quality) {
        let rank = |quality: Quality| match quality {
            Quality::Good => 0,
            Quality::Weak => 1,
            Quality::Poor => 2,
        };
        if rank(present) >= rank(self.quality) {
            self.quality = present;
            self.better_since = None;
            return;
        }
        let since = *self.better_since.get_or_insert(now);
        if now.saturating_duration_since(since) >= QUALITY_HOLD {
            self.quality = present;
            self.better_since = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    #[test]
    fn counts_a_second() {
        let start = Instant::now();
        let mut meter = Meter::default();
        for at in 0..100 {
            meter.count(after(start, at * 20), 100);
        }
        let rate = meter.rate(after(start, 2_000));
        assert!((36_000..=40_000).contains(&rate), "{rate}");
        assert_eq!(meter.rate(after(start, 5_000)), 0);
    }

    #[test]
    fn gets_worse_at_once_and_better_later() {
        let start = Instant::now();
        let mut verdict = Verdict::default();
        verdict.judge(start, Quality::Poor);
        assert_eq!(verdict.quality(), Quality::Poor);
        verdict.judge(after(start, 100), Quality::Good);
        verdict.judge(after(start, 2_000), Quality::Poor);
        verdict.judge(after(start, 2_100), Quality::Good);
        verdict.judge(after(start, 5_000), Quality::Good);
        assert_eq!(verdict.quality(), Quality::Poor);
        verdict.judge(after(start, 5_100), Quality::Good);
        assert_eq!(verdict.quality(), Quality::Good);
    }
}
