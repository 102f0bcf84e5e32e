//! How much a link carries, and what is sent there (docs/adr/0006-one-encoding-with-a-send-limit.md).
//!
//! A link stands on a rung: so many pictures, each of so many kbit/s at most. It steps down when it carries less than
//! what is sent, and tries the next rung after a time without trouble, which grows when a try has failed.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::types::Quality;

/// The limits that a picture's sender is given, in kbit/s.
pub(crate) const STEPS: [u32; 6] = [150, 300, 500, 800, 1_200, 1_800];
/// Where a new link begins: 800 kbit/s.
const FIRST_STEP: usize = 3;
/// What is sent may be above the estimate for so long: one alarm is often none.
const OVER_FOR: Duration = Duration::from_millis(500);
/// Pictures that wait longer than this to be sent are too many.
const QUEUE_LONG: Duration = Duration::from_millis(200);
/// From here on there is no time to wait and see.
const QUEUE_TOO_LONG: Duration = Duration::from_millis(600);
/// A rung is held at least so long before the next one is tried.
const HOLD_MIN: Duration = Duration::from_secs(2);
/// And at most so long, however often it failed.
const HOLD_MAX: Duration = Duration::from_secs(30);
/// A step up has failed when a step down comes within this time.
const TRIAL: Duration = Duration::from_secs(8);
/// The next rung is tried when the estimate covers this part of it. It cannot cover all: without more media it
/// grows to one and a half times what is sent at most.
const COVERED: f64 = 0.8;
/// Rates are means over this time, in buckets.
const WINDOW: Duration = Duration::from_secs(1);
const BUCKETS: u32 = 10;

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
        self.buckets.iter().map(|(_, bytes)| bytes.saturating_mul(8)).sum()
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

/// What a link has to carry at the moment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Load {
    /// Sound, in bit/s.
    pub(crate) audio: u64,
    /// Pictures, in bit/s.
    pub(crate) video: u64,
    /// Bytes of pictures that wait to be sent.
    pub(crate) queued: usize,
    /// Pictures that could be sent.
    pub(crate) pictures: usize,
}

/// A link to a peer.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) audio: Meter,
    pub(crate) video: Meter,
    estimate: Option<u64>,
    rung: usize,
    pictures: usize,
    over_since: Option<Instant>,
    changed_at: Instant,
    clear_since: Instant,
    raised_at: Option<Instant>,
    hold: Duration,
    rtt: Option<Duration>,
    loss: f32,
    quality: Quality,
    quality_at: Instant,
}

impl Link {
    pub(crate) fn new(now: Instant) -> Link {
        Link {
            audio: Meter::default(),
            video: Meter::default(),
            estimate: None,
            rung: 0,
            pictures: 0,
            over_since: None,
            changed_at: now,
            clear_since: now,
            raised_at: None,
            hold: HOLD_MIN,
            rtt: None,
            loss: 0.0,
            quality: Quality::Good,
            quality_at: now,
        }
    }

    /// What the link is believed to carry, in bit/s of payload.
    pub(crate) fn estimate(&mut self, _now: Instant, estimate: u64) {
        self.estimate = Some(estimate);
    }

    /// What was measured of late.
    pub(crate) fn measured(
        &mut self,
        now: Instant,
        rtt: Option<Duration>,
        sent_lost: Option<f32>,
        received_lost: Option<f32>,
    ) {
        self.rtt = rtt.or(self.rtt);
        self.loss = sent_lost.unwrap_or(0.0).max(received_lost.unwrap_or(0.0));
        let _ = now;
    }

    /// How many of the pictures are sent.
    pub(crate) fn carried(&self) -> usize {
        self.rung.min(self.pictures)
    }

    /// What each of them may need at most, in kbit/s.
    pub(crate) fn limit(&self) -> u32 {
        let step = self.rung.saturating_sub(self.pictures.max(1));
        STEPS.get(step).copied().unwrap_or(STEPS[0])
    }

    /// What a rung needs, in bit/s.
    fn cost(&self, rung: usize) -> u64 {
        let each = STEPS.get(rung.saturating_sub(self.pictures)).copied().unwrap_or(STEPS[0]);
        rung.min(self.pictures) as u64 * u64::from(each) * 1_000
    }

    fn top(&self) -> usize {
        self.pictures + STEPS.len() - 1
    }

    fn set_pictures(&mut self, pictures: usize) {
        if pictures == self.pictures {
            return;
        }
        let step = match self.rung.checked_sub(self.pictures) {
            _ if self.pictures == 0 => Some(FIRST_STEP),
            step => step,
        };
        self.rung = match step {
            Some(step) => pictures + step,
            None => self.rung.min(pictures),
        };
        self.pictures = pictures;
        if pictures == 0 {
            self.rung = 0;
        }
    }

    /// Looks whether the rung is right.
    pub(crate) fn settle(&mut self, now: Instant, load: Load) {
        self.set_pictures(load.pictures);
        let Some(estimate) = self.estimate else { return };
        if self.pictures == 0 {
            return;
        }
        let for_video = estimate.saturating_sub(load.audio);
        let queue = Duration::from_secs_f64(load.queued as f64 * 8.0 / estimate.max(10_000) as f64);
        let sent = load.video.min(self.cost(self.rung));
        let over = (sent > for_video || queue > QUEUE_LONG) && self.rung > 0;
        if !over {
            self.over_since = None;
        } else {
            self.over_since.get_or_insert(now);
            self.clear_since = now;
        }
        let long = self.over_since.is_some_and(|since| now.duration_since(since) >= OVER_FOR);
        if long || queue > QUEUE_TOO_LONG {
            self.step_down(now, for_video);
        } else if now.saturating_duration_since(self.clear_since) >= self.hold
            && self.rung < self.top()
            && for_video as f64 >= self.cost(self.rung + 1) as f64 * COVERED
        {
            self.rung += 1;
            self.raised_at = Some(now);
            self.clear_since = now;
        } else if self.raised_at.is_some_and(|at| now.saturating_duration_since(at) > TRIAL) {
            self.raised_at = None;
            self.hold = HOLD_MIN;
        }
    }

    fn step_down(&mut self, now: Instant, for_video: u64) {
        let fitting = (0..self.rung).rev().find(|rung| self.cost(*rung) <= for_video).unwrap_or(0);
        if self.raised_at.take().is_some() {
            self.hold = (self.hold * 2).min(HOLD_MAX);
        }
        self.rung = fitting;
        self.over_since = None;
        self.clear_since = now;
        self.changed_at = now;
    }

    /// How well packets get through.
    pub(crate) fn quality(&self) -> Quality {
        self.quality
    }
}
