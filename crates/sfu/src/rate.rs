//! How much a link carries, and what is sent there (docs/adr/0006-one-encoding-with-a-send-limit.md).
//!
//! A link stands on a rung: so many pictures, each of so many kbit/s at most. Delay and loss tell when that is too much:
//! it steps down. After a time without trouble it tries the next rung, and one that failed only after longer and longer
//! times. Sound is never traded.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::meter::{Meter, Verdict};
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
/// After we ourselves were late, delays and losses of so long are our own.
const DEAF: Duration = Duration::from_millis(1_200);
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
    deaf_until: Option<Instant>,
    clear_since: Instant,
    shed_until: Option<Instant>,
    delays: VecDeque<(Instant, Duration)>,
    feedback: bool,
    sent_lost: f32,
    received_lost: f32,
    verdict: Verdict,
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
            deaf_until: None,
            clear_since: now,
            shed_until: None,
            delays: VecDeque::new(),
            feedback: false,
            sent_lost: 0.0,
            received_lost: 0.0,
            verdict: Verdict::default(),
        }
    }

    /// We were late ourselves: what is measured of that time says nothing about the link.
    pub(crate) fn stalled(&mut self, now: Instant) {
        self.deaf_until = Some(now + DEAF);
        self.trouble_since = None;
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
        self.verdict.quality()
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

    /// More or fewer pictures. Each keeps its limit as far as all together are not more than before, or what a new
    /// link begins with.
    fn set_pictures(&mut self, now: Instant, pictures: usize) {
        if pictures == self.pictures {
            return;
        }
        let before = self.cost(self.rung);
        let step = self.rung.checked_sub(self.pictures);
        let first = self.pictures == 0;
        self.pictures = pictures;
        let fitting = (0..=self.top())
            .rev()
            .find(|rung| self.cost(*rung) <= before)
            .unwrap_or(0);
        self.rung = match step {
            _ if pictures == 0 => 0,
            _ if first => pictures + FIRST_STEP,
            Some(step) if step >= FIRST_STEP => {
                fitting.clamp(pictures + FIRST_STEP, pictures + step)
            }
            Some(step) => fitting.min(pictures + step),
            None => self.rung.min(pictures),
        };
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
        let deaf = self.deaf_until.is_some_and(|until| now < until);
        let settled = !deaf && self.lowered_at.is_none_or(|at| passed(at) >= SETTLE);
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
        self.verdict.judge(now, quality);
    }
}

#[cfg(test)]
mod tests;
