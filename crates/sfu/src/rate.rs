//! How much a link carries, and what is sent there (docs/adr/0006-one-encoding-with-a-send-limit.md).
//!
//! A link stands on a rung: so many pictures, each of so many kbit/s at most. Delay and loss tell when that is too much:
//! it steps down. After a time without trouble it tries the next rung, and one that failed only after longer and longer
//! times. Sound is never traded.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::types::Quality;

/// The limits that a picture's sender is given, in kbit/s.
pub(crate) const STEPS: [u32; 6] = [150, 300, 500, 800, 1_200, 1_800];
/// Where a new link begins: 800 kbit/s.
const FIRST_STEP: usize = 3;
/// Packets that take so much longer than the shortest time of late wait in a queue on the way.
const DELAYED: Duration = Duration::from_millis(120);
/// A queue of that length loses packets next.
const DELAYED_MUCH: Duration = Duration::from_millis(280);
/// The part of packets whose loss says that there are too many: below, repeats make up for it.
const LOSSY: f32 = 0.1;
/// No picture survives this, and sound barely does.
const LOSSY_MUCH: f32 = 0.35;
/// Trouble has to last so long: one late report is none.
const TROUBLE: Duration = Duration::from_millis(500);
/// Less while a higher rung is tried: then it is known where trouble comes from.
const TROUBLE_IN_TRIAL: Duration = Duration::from_millis(300);
/// More before a picture is withheld: the queue may still drain.
const TROUBLE_AT_LAST: Duration = Duration::from_millis(1_500);
/// After a step down its effect is waited for: the sender's encoder needs a moment, and queues have to drain.
const SETTLE: Duration = Duration::from_millis(1_000);
/// With a step down pictures stop until the queue on the way has drained, so that sound gets through: in great trouble
/// so long at least, and never longer than that.
const SHED_MIN: Duration = Duration::from_millis(400);
const SHED_MAX: Duration = Duration::from_millis(800);
/// A rung is held at least so long before the next one is tried.
const HOLD: Duration = Duration::from_secs(2);
/// A rung that failed is tried again after twice the time, up to this.
const RETRY_MAX: Duration = Duration::from_secs(30);
/// A step up has failed when trouble comes within this time, else it has succeeded.
const TRIAL: Duration = Duration::from_secs(6);
/// The shortest time of late is that of the last so many seconds: routes change.
const BASE_WINDOW: Duration = Duration::from_secs(20);
/// The present delay is the shortest of this time: single packets may be late.
const RECENT: Duration = Duration::from_millis(500);
/// Of what got through, this part is aimed at, so that the queue can drain.
const AIM: f64 = 0.85;
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

/// A rung that was too high.
#[derive(Debug, Clone, Copy)]
struct Failed {
    rung: usize,
    at: Instant,
    retry: Duration,
}

/// A link to a peer.
#[derive(Debug)]
pub(crate) struct Link {
    /// What is sent there of pictures.
    pub(crate) video: Meter,
    pictures: usize,
    rung: usize,
    /// When it was stepped down.
    lowered_at: Option<Instant>,
    /// The rung that a step up came from, and when.
    trial: Option<(usize, Instant)>,
    failed: Option<Failed>,
    trouble_since: Option<Instant>,
    clear_since: Instant,
    shed_until: Option<Instant>,
    delays: VecDeque<(Instant, Duration)>,
    feedback: bool,
    sent_lost: f32,
    received_lost: f32,
    quality: Quality,
    quality_good_since: Option<Instant>,
}

impl Link {
    pub(crate) fn new(now: Instant) -> Link {
        Link {
            video: Meter::default(),
            pictures: 0,
            rung: 0,
            lowered_at: None,
            trial: None,
            failed: None,
            trouble_since: None,
            clear_since: now,
            shed_until: None,
            delays: VecDeque::new(),
            feedback: false,
            sent_lost: 0.0,
            received_lost: 0.0,
            quality: Quality::Good,
            quality_good_since: None,
        }
    }

    /// What the connection measured: the round trip, and which parts of the packets were lost on the way there and here.
    pub(crate) fn measured(
        &mut self,
        now: Instant,
        round_trip: Option<Duration>,
        sent_lost: Option<f32>,
        received_lost: Option<f32>,
    ) {
        self.feedback |= round_trip.is_some();
        self.received_lost = received_lost.unwrap_or(0.0);
        if self.feedback {
            self.measure(now, round_trip, sent_lost);
        }
    }

    fn measure(&mut self, now: Instant, round_trip: Option<Duration>, sent_lost: Option<f32>) {
        self.sent_lost = sent_lost.unwrap_or(0.0);
        if let Some(round_trip) = round_trip {
            self.delays.push_back((now, round_trip));
        }
        while self
            .delays
            .front()
            .is_some_and(|(at, _)| now.saturating_duration_since(*at) > BASE_WINDOW)
        {
            self.delays.pop_front();
        }
    }

    /// What the receiver reported of one stream (RFC 3550 §6.4.1): all there is where it knows no transport-wide feedback.
    pub(crate) fn reported(
        &mut self,
        now: Instant,
        round_trip: Option<Duration>,
        lost: Option<f32>,
    ) {
        if !self.feedback && (round_trip.is_some() || lost.is_some()) {
            self.measure(now, round_trip, lost);
        }
    }

    /// How many of the pictures are sent.
    pub(crate) fn carried(&self) -> usize {
        self.rung.min(self.pictures)
    }

    /// What each of them may need at most, in kbit/s.
    pub(crate) fn limit(&self) -> u32 {
        self.step_of(self.rung)
    }

    /// Whether pictures are left out for a moment.
    pub(crate) fn sheds(&self, now: Instant) -> bool {
        self.shed_until.is_some_and(|until| now < until)
    }

    /// How well packets get through.
    pub(crate) fn quality(&self) -> Quality {
        self.quality
    }

    fn step_of(&self, rung: usize) -> u32 {
        let step = rung.saturating_sub(self.pictures.max(1));
        STEPS
            .get(step)
            .or(STEPS.last())
            .copied()
            .unwrap_or_default()
    }

    /// What a rung needs, in bit/s.
    fn cost(&self, rung: usize) -> u64 {
        rung.min(self.pictures) as u64 * u64::from(self.step_of(rung)) * 1_000
    }

    fn top(&self) -> usize {
        self.pictures + STEPS.len() - 1
    }

    /// More or fewer pictures: each keeps its limit.
    fn set_pictures(&mut self, now: Instant, pictures: usize) {
        if pictures == self.pictures {
            return;
        }
        self.rung = match self.rung.checked_sub(self.pictures) {
            _ if pictures == 0 => 0,
            _ if self.pictures == 0 => pictures + FIRST_STEP,
            Some(step) => pictures + step,
            None => self.rung.min(pictures),
        };
        self.pictures = pictures;
        self.trial = None;
        self.failed = None;
        self.clear_since = now;
    }

    /// Looks whether the rung is right, ten times a second. `pictures` is how many could be sent. Tells whether it was
    /// too high: what was lost of the pictures is then not worth repeating.
    pub(crate) fn settle(&mut self, now: Instant, pictures: usize) -> bool {
        self.set_pictures(now, pictures);
        let queue = self.queue(now);
        self.judge(now, queue);
        if self.pictures == 0 {
            return false;
        }
        let passed = |since: Instant| now.saturating_duration_since(since);
        let settled = self.lowered_at.is_none_or(|at| passed(at) >= SETTLE);
        let trouble = queue > DELAYED || self.sent_lost > LOSSY;
        let great = queue > DELAYED_MUCH || self.sent_lost > LOSSY_MUCH;
        if trouble {
            self.clear_since = now;
        }
        if trouble && settled {
            self.trouble_since.get_or_insert(now);
        } else {
            self.trouble_since = None;
        }
        let last = self.trial.is_none() && self.rung <= self.pictures;
        let limit = match self.trial {
            _ if last => TROUBLE_AT_LAST,
            Some(_) => TROUBLE_IN_TRIAL,
            None => TROUBLE,
        };
        let lasts = self
            .trouble_since
            .is_some_and(|since| passed(since) >= limit);
        if settled && (lasts || great && !last) && self.rung > 0 {
            self.step_down(now, great);
            let drained = if great { queue.max(SHED_MIN) } else { queue };
            self.shed_until = Some(now + drained.mul_f32(1.5).min(SHED_MAX));
            return true;
        }
        if self.trial.is_some_and(|(_, at)| passed(at) >= TRIAL) {
            self.trial = None;
            if self.failed.is_some_and(|failed| self.rung >= failed.rung) {
                self.failed = None;
            }
        } else if self.may_step_up(now) {
            self.trial = Some((self.rung, now));
            self.rung += 1;
            self.clear_since = now;
        }
        false
    }

    fn may_step_up(&self, now: Instant) -> bool {
        let passed = |since: Instant| now.saturating_duration_since(since);
        let barred = self
            .failed
            .is_some_and(|failed| self.rung + 1 >= failed.rung && passed(failed.at) < failed.retry);
        self.rung < self.top() && passed(self.clear_since) >= HOLD && !barred
    }

    fn step_down(&mut self, now: Instant, great: bool) {
        if let Some((from, _)) = self.trial.take() {
            let retry = match self.failed {
                Some(failed) if failed.rung == self.rung => (failed.retry * 2).min(RETRY_MAX),
                _ => HOLD * 2,
            };
            self.failed = Some(Failed {
                rung: self.rung,
                at: now,
                retry,
            });
            self.rung = from;
        } else if self.rung > self.pictures {
            let sent = self.video.rate(now).min(self.cost(self.rung)) as f64;
            let aim = sent * f64::from(1.0 - self.sent_lost) * AIM;
            // Pictures are withheld only where the lowest limit was tried.
            let highest = self.rung
                - if great {
                    2.min(self.rung - self.pictures)
                } else {
                    1
                };
            self.rung = (self.pictures..=highest)
                .rev()
                .find(|rung| self.cost(*rung) as f64 <= aim)
                .unwrap_or(self.pictures);
        } else {
            self.failed = Some(Failed {
                rung: self.rung,
                at: now,
                retry: match self.failed {
                    Some(failed) if failed.rung <= self.rung => (failed.retry * 2).min(RETRY_MAX),
                    _ => HOLD * 2,
                },
            });
            self.rung -= 1;
        }
        self.trouble_since = None;
        self.lowered_at = Some(now);
        self.clear_since = now;
    }

    /// How much longer than necessary packets take.
    fn queue(&self, now: Instant) -> Duration {
        let base = self.delays.iter().map(|(_, delay)| *delay).min();
        let recent = self
            .delays
            .iter()
            .rev()
            .take_while(|(at, _)| now.saturating_duration_since(*at) <= RECENT)
            .map(|(_, delay)| *delay)
            .min();
        recent
            .zip(base)
            .map_or(Duration::ZERO, |(recent, base)| recent.saturating_sub(base))
    }

    fn judge(&mut self, now: Instant, queue: Duration) {
        let withheld = self.carried() < self.pictures;
        let lost = self.sent_lost.max(self.received_lost);
        let quality = if withheld || lost > LOSSY || queue > DELAYED_MUCH {
            Quality::Poor
        } else if lost > LOSSY / 3.0 || queue > DELAYED {
            Quality::Weak
        } else {
            Quality::Good
        };
        let rank = |quality: Quality| match quality {
            Quality::Good => 0,
            Quality::Weak => 1,
            Quality::Poor => 2,
        };
        if rank(quality) >= rank(self.quality) {
            self.quality = quality;
            self.quality_good_since = None;
            return;
        }
        let since = *self.quality_good_since.get_or_insert(now);
        if now.saturating_duration_since(since) >= QUALITY_HOLD {
            self.quality = quality;
            self.quality_good_since = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND: Duration = Duration::from_millis(100);
    const FREE: Duration = Duration::from_millis(40);
    const FULL: Duration = Duration::from_millis(340);

    /// A link on which packets take a given time and a part of them is lost.
    struct Bench {
        now: Instant,
        link: Link,
        pictures: usize,
    }

    impl Bench {
        fn new(pictures: usize) -> Bench {
            let now = Instant::now();
            Bench {
                now,
                link: Link::new(now),
                pictures,
            }
        }

        /// Lets time pass; tells how many pictures are sent, and how large each may be, in each round.
        fn pass(&mut self, time: Duration, delay: Duration, lost: f32) -> Vec<(usize, u32)> {
            let mut rungs = Vec::new();
            for _ in 0..time.as_millis() / ROUND.as_millis() {
                self.now += ROUND;
                let bytes = self.link.limit() as usize * self.link.carried() * 1_000 / 8 / 10;
                self.link.video.count(self.now, bytes);
                self.link.measured(self.now, Some(delay), Some(lost), None);
                self.link.settle(self.now, self.pictures);
                rungs.push((self.link.carried(), self.link.limit()));
            }
            rungs
        }

        fn seconds(&mut self, seconds: u64, delay: Duration, lost: f32) -> (usize, u32) {
            self.pass(Duration::from_secs(seconds), delay, lost);
            (self.link.carried(), self.link.limit())
        }
    }

    #[test]
    fn begins_at_800_and_goes_up_one_step_after_the_other() {
        let mut bench = Bench::new(1);
        let mut limits: Vec<u32> = bench
            .pass(Duration::from_secs(10), FREE, 0.0)
            .iter()
            .map(|rung| rung.1)
            .collect();
        limits.dedup();
        assert_eq!(limits, [800, 1_200, 1_800]);
        assert_eq!(
            bench.seconds(60, FREE, 0.05),
            (1, 1_800),
            "a little loss is repeated"
        );
    }

    #[test]
    fn waits_half_a_second_before_it_goes_down() {
        let mut bench = Bench::new(1);
        bench.seconds(10, FREE, 0.0);
        bench.pass(
            Duration::from_millis(400),
            FREE + Duration::from_millis(150),
            0.0,
        );
        assert_eq!(
            bench.seconds(1, FREE, 0.0),
            (1, 1_800),
            "a short delay is none"
        );
        bench.pass(
            Duration::from_millis(1_200),
            FREE + Duration::from_millis(150),
            0.0,
        );
        assert!(bench.link.limit() < 1_800);
    }

    #[test]
    fn great_trouble_stops_pictures_at_once_and_for_a_moment() {
        let mut bench = Bench::new(1);
        bench.seconds(15, FREE, 0.0);
        bench.pass(Duration::from_millis(600), FULL, 0.5);
        assert!(bench.link.limit() <= 800, "{}", bench.link.limit());
        assert!(bench.link.sheds(bench.now));
        assert!(!bench.link.sheds(bench.now + SHED_MAX));
    }

    #[test]
    fn withholds_pictures_one_after_the_other_and_only_at_the_lowest_limit() {
        let mut bench = Bench::new(2);
        bench.seconds(5, FREE, 0.0);
        let rungs = bench.pass(Duration::from_secs(20), FULL, 0.3);
        let first = rungs
            .iter()
            .position(|(carried, _)| *carried == 1)
            .expect("one is withheld");
        assert!(rungs[..first].iter().any(|rung| *rung == (2, 150)));
        assert!(rungs[first..].iter().any(|(carried, _)| *carried == 0));
        assert_eq!(bench.link.quality(), Quality::Poor);
        assert_eq!(bench.seconds(90, FREE, 0.0), (2, 1_800), "all comes back");
        assert_eq!(bench.link.quality(), Quality::Good);
    }

    #[test]
    fn tries_a_rung_that_failed_after_longer_and_longer_times() {
        let mut bench = Bench::new(1);
        let mut tries = Vec::new();
        let mut was = 800;
        for round in 0..3_000 {
            // The link carries 800 kbit/s and no more.
            let delay = if bench.link.limit() > 800 {
                FREE + DELAYED * 2
            } else {
                FREE
            };
            let (_, limit) = bench.pass(ROUND, delay, 0.0)[0];
            if limit > 800 && was == 800 {
                tries.push(round / 10);
            }
            was = limit;
        }
        let pauses: Vec<i32> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(
            pauses.windows(2).all(|pair| pair[1] + 1 >= pair[0]),
            "{pauses:?}"
        );
        assert!(
            pauses.iter().skip(3).all(|pause| *pause >= 30),
            "{pauses:?}"
        );
        assert!(tries.len() <= 15, "{tries:?}");
    }

    #[test]
    fn more_pictures_keep_the_limit_of_each() {
        let mut bench = Bench::new(1);
        bench.seconds(10, FREE, 0.0);
        bench.pictures = 3;
        assert_eq!(bench.pass(ROUND, FREE, 0.0), [(3, 1_800)]);
        bench.pictures = 0;
        assert_eq!(bench.pass(ROUND, FREE, 0.0)[0].0, 0);
        bench.pictures = 1;
        assert_eq!(
            bench.pass(ROUND, FREE, 0.0),
            [(1, 800)],
            "and begin anew after none"
        );
    }

    #[test]
    fn a_longer_way_is_no_queue() {
        let mut bench = Bench::new(1);
        bench.seconds(10, FREE, 0.0);
        bench.seconds(25, FREE + DELAYED * 2, 0.0);
        let limit = bench.link.limit();
        assert!(
            bench.seconds(60, FREE + DELAYED * 2, 0.0).1 > limit,
            "it is known after a while"
        );
    }

    #[test]
    fn receivers_without_feedback_are_judged_by_their_reports() {
        let mut bench = Bench::new(1);
        bench.link.settle(bench.now, 1);
        for _ in 0..30 {
            bench.now += ROUND;
            bench.link.measured(bench.now, None, None, None);
            bench.link.reported(bench.now, Some(FREE), Some(0.5));
            bench.link.settle(bench.now, 1);
        }
        assert!(bench.link.limit() < 800);
    }
}
