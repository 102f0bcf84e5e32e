//! Who speaks: the levels that clients send with their sound (RFC 6464), smoothed.

use std::time::{Duration, Instant};

/// A level is a number of decibels above silence (127 below the loudest, RFC 6464 §3). Somebody speaks from here on…
const SPEAKS_FROM: f32 = 40.0;
/// …and has ended below this: a breath is no end.
const SPEAKS_UNTIL: f32 = 28.0;
/// Half of a step of the level is taken over within this time.
const RISE: Duration = Duration::from_millis(60);
/// Falling is slower, so that the pauses between words do not flicker.
const FALL: Duration = Duration::from_millis(350);
/// Without packets for so long there is silence.
const SILENT_AFTER: Duration = Duration::from_millis(400);

/// How loud one peer is.
#[derive(Debug, Default)]
pub(crate) struct Level {
    smoothed: f32,
    at: Option<Instant>,
    speaks: bool,
}

impl Level {
    /// A packet came with this level, in dBov: 0 is the loudest, -127 silence.
    pub(crate) fn heard(&mut self, now: Instant, decibels: i8) {
        let level = f32::from(i16::from(decibels) + 127).clamp(0.0, 127.0);
        self.approach(now, level);
    }

    /// Looks whether the peer speaks now.
    pub(crate) fn speaks(&mut self, now: Instant) -> bool {
        if self
            .at
            .is_none_or(|at| now.saturating_duration_since(at) > SILENT_AFTER)
        {
            self.smoothed = 0.0;
        }
        self.speaks = self.smoothed
            >= if self.speaks {
                SPEAKS_UNTIL
            } else {
                SPEAKS_FROM
            };
        self.speaks
    }

    /// How loud, for the order of those who speak.
    pub(crate) fn loudness(&self) -> f32 {
        self.smoothed
    }

    fn approach(&mut self, now: Instant, level: f32) {
        let passed = self
            .at
            .map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let half = if level > self.smoothed { RISE } else { FALL };
        let kept = 0.5_f32.powf(passed.as_secs_f32() / half.as_secs_f32());
        self.smoothed = level + (self.smoothed - level) * kept;
        self.at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(level: &mut Level, now: &mut Instant, decibels: i8, packets: u32) {
        for _ in 0..packets {
            *now += Duration::from_millis(20);
            level.heard(*now, decibels);
        }
    }

    #[test]
    fn words_count_clicks_and_silence_do_not() {
        let (mut level, mut now) = (Level::default(), Instant::now());
        say(&mut level, &mut now, -127, 50);
        assert!(!level.speaks(now), "a muted microphone");
        say(&mut level, &mut now, -40, 1);
        assert!(!level.speaks(now), "one click");
        say(&mut level, &mut now, -40, 10);
        assert!(level.speaks(now));
        say(&mut level, &mut now, -110, 12);
        assert!(level.speaks(now), "a pause between words");
        say(&mut level, &mut now, -110, 40);
        assert!(!level.speaks(now));
    }

    #[test]
    fn who_sends_nothing_is_silent() {
        let (mut level, mut now) = (Level::default(), Instant::now());
        say(&mut level, &mut now, -20, 20);
        assert!(level.speaks(now));
        assert!(!level.speaks(now + SILENT_AFTER + Duration::from_millis(1)));
    }
}
