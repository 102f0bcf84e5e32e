//! Points in time and the clock they are read from.

use std::{
    fmt,
    ops::{Add, Sub},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};

use crate::{FromVal, Val};

/// A point in time, UTC, in milliseconds: a `BIGINT` in the database, RFC 3339 with three digits
/// and `Z` in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// The point this many milliseconds after 1970 (before it, when negative).
    pub const fn from_millis(millis: i64) -> Time {
        Time(millis)
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Time) -> Duration {
        u64::try_from(self.0.saturating_sub(earlier.0))
            .map_or(Duration::ZERO, Duration::from_millis)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, duration: Duration) -> Time {
        Time(self.0.saturating_add(millis(duration)))
    }
}

impl Sub<Duration> for Time {
    type Output = Time;

    fn sub(self, duration: Duration) -> Time {
        Time(self.0.saturating_sub(millis(duration)))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Outside the years -9999 to 9999 there is no RFC 3339 text; the nearest end stands for it.
        let end = if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        write!(
            f,
            "{:.3}",
            Timestamp::from_millisecond(self.0).unwrap_or(end)
        )
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is not a point in time as RFC 3339 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time like 2026-11-22T09:30:00.000Z")]
pub struct TimeError;

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Time, TimeError> {
        text.parse::<Timestamp>()
            .map(|at| Time(at.as_millisecond()))
            .map_err(|_| TimeError)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl utoipa::PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("UTC, with milliseconds"))
            .examples(["2026-11-22T09:30:00.000Z"])
            .into()
    }
}

impl utoipa::ToSchema for Time {
    fn name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }
}

impl From<Time> for Val {
    fn from(time: Time) -> Val {
        Val::Int(time.0)
    }
}

impl FromVal for Time {
    const EXPECTED: &'static str = "a time in milliseconds";

    fn from_val(value: &Val) -> Option<Self> {
        i64::from_val(value).map(Time)
    }
}

/// Where the house reads the time: the system's clock, or one that a test sets.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock(Source::System)
    }

    /// A clock that stands still until its hand is moved.
    pub fn fixed(at: Time) -> (Clock, ClockHand) {
        let shared = Arc::new(AtomicI64::new(at.0));
        (Clock(Source::Fixed(shared.clone())), ClockHand(shared))
    }

    /// The time now.
    pub fn now(&self) -> Time {
        match &self.0 {
            Source::Fixed(at) => Time(at.load(Ordering::SeqCst)),
            Source::System => match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
                Ok(after) => Time(millis(after)),
                Err(before) => Time(-millis(before.duration())),
            },
        }
    }
}

/// Moves a fixed clock.
#[derive(Debug, Clone)]
pub struct ClockHand(Arc<AtomicI64>);

impl ClockHand {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// Sets the clock.
    pub fn set(&self, to: Time) {
        self.0.store(to.0, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_three_digits_and_z() {
        assert_eq!(Time::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(
            Time::from_millis(1_795_339_800_120).to_string(),
            "2026-11-22T09:30:00.120Z"
        );
        assert_eq!(
            Time::from_millis(-1).to_string(),
            "1969-12-31T23:59:59.999Z"
        );
        assert_eq!(
            serde_json::to_string(&Time::from_millis(1)).unwrap(),
            "\"1970-01-01T00:00:00.001Z\""
        );
    }

    #[test]
    fn text_is_read_with_any_offset_and_refused_when_wrong() {
        let utc: Time = "2026-11-22T09:30:00.120Z".parse().unwrap();
        assert_eq!(utc, "2026-11-22T10:30:00.12+01:00".parse().unwrap());
        assert_eq!(utc.as_millis(), 1_795_339_800_120);
        for wrong in [
            "",
            "2026-11-22",
            "2026-02-30T00:00:00Z",
            "2026-11-22T09:30:00",
            "now",
        ] {
            assert_eq!(wrong.parse::<Time>(), Err(TimeError), "{wrong}");
        }
    }

    #[test]
    fn no_value_breaks_the_text() {
        assert!(Time::from_millis(i64::MAX).to_string().starts_with("9999-"));
        assert!(
            Time::from_millis(i64::MIN)
                .to_string()
                .starts_with("-00999")
        );
    }

    #[test]
    fn arithmetic_saturates() {
        let at = Time::from_millis(5_000);
        assert_eq!(
            (at + Duration::from_secs(2)).since(at),
            Duration::from_secs(2)
        );
        assert_eq!(at.since(at + Duration::from_secs(1)), Duration::ZERO);
        assert_eq!(at - Duration::from_secs(5), Time::from_millis(0));
        assert_eq!(at + Duration::MAX, Time::from_millis(i64::MAX));
    }

    #[test]
    fn a_fixed_clock_moves_only_by_hand() {
        let (clock, hand) = Clock::fixed(Time::from_millis(10));
        let copy = clock.clone();
        hand.advance(Duration::from_millis(5));
        assert_eq!(copy.now(), Time::from_millis(15));
        hand.set(Time::from_millis(3));
        assert_eq!(clock.now(), Time::from_millis(3));
    }
}
