//! Time: microseconds since 1970 in UTC, and the clock that is passed in.
//!
//! Nothing else in the crate asks the operating system for the time (`clippy.toml` forbids it), so
//! that a test or the demo can play through a year in a second.

pub use jiff::tz::TimeZone;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::text::counted;

/// A moment, in microseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 with `Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Time(i64);

/// One second, in the unit of [`Time`].
pub const SECOND: i64 = 1_000_000;
/// One minute.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour.
pub const HOUR: i64 = 60 * MINUTE;
/// One day of 24 hours.
pub const DAY: i64 = 24 * HOUR;

/// How moments are written in names of files.
const STAMP: &str = "%Y%m%dT%H%M%S%.6fZ";

/// By how much the clocks of several servers on one database may differ. What lies further in the future was
/// written before the clock was set back.
pub const SKEW: i64 = MINUTE;

impl Time {
    /// The moment so many microseconds after 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The moment `micros` later (earlier where negative), at the ends of time if it overflows.
    #[must_use]
    pub const fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this moment; negative where `earlier` is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Microseconds that a wait has lasted which began at `since`.
    ///
    /// If the clock was set back meanwhile, nobody knows how long it was. Then it is over, so that no wait is ever
    /// longer than it was meant to be. Differences below [`SKEW`] are those between several servers' clocks.
    pub const fn waited(self, since: Self) -> i64 {
        let waited = self.since(since);
        if waited < -SKEW {
            i64::MAX
        } else if waited < 0 {
            0
        } else {
            waited
        }
    }

    /// The same moment for jiff, for calendars and zones.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }

    /// The moment as the beginning of a file's name, which sorts by time: `20260302T090000.000000Z`.
    pub fn stamp(self) -> String {
        self.timestamp().strftime(STAMP).to_string()
    }

    /// Reads what [`stamp`](Self::stamp) wrote.
    pub fn stamped(text: &str) -> Option<Self> {
        let at = jiff::civil::DateTime::strptime(STAMP, text).ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(Self::from_micros(at.timestamp().as_microsecond()))
    }

    /// Reads RFC 3339, or a bare date, which means its first moment in `zone`.
    ///
    /// # Errors
    /// The text is neither.
    pub fn read(text: &str, zone: &jiff::tz::TimeZone) -> Result<Self, jiff::Error> {
        if let Ok(date) = text.parse::<jiff::civil::Date>()
            && !text.contains('T')
        {
            return Ok(date.to_zoned(zone.clone())?.timestamp().into());
        }
        Ok(text.parse::<jiff::Timestamp>()?.into())
    }
}

/// The end of a time that has none yet.
pub const NEVER: Time = Time(i64::MAX);

/// A stretch of time: from a moment, up to one that is not in it any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// Its first moment.
    pub from: Time,
    /// The first moment after it; [`NEVER`] while it goes on.
    pub until: Time,
}

impl Span {
    /// A moment alone.
    pub const fn moment(at: Time) -> Self {
        Self { from: at, until: at.plus(1) }
    }

    /// A day by the clocks of a zone, of 23 hours or 25 where they are changed in it.
    ///
    /// # Errors
    /// It is at the end of all days.
    pub fn day(date: jiff::civil::Date, zone: &TimeZone) -> Result<Self, jiff::Error> {
        let [from, until] = [date, date.tomorrow()?].map(|date| date.to_zoned(zone.clone()));
        Ok(Self { from: from?.timestamp().into(), until: until?.timestamp().into() })
    }

    /// Whether no moment is in it.
    pub fn is_empty(&self) -> bool {
        self.from >= self.until
    }

    /// What both have in common.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), until: self.until.min(other.until) }
    }

    /// The same time in as few spans as possible, in order.
    pub fn joined(mut spans: Vec<Self>) -> Vec<Self> {
        spans.retain(|span| !span.is_empty());
        spans.sort_by_key(|span| span.from);
        let mut joined = Vec::<Self>::new();
        for span in spans {
            match joined.last_mut().filter(|last| span.from <= last.until) {
                Some(last) => last.until = last.until.max(span.until),
                None => joined.push(span),
            }
        }
        joined
    }

    /// The parts of it that lie in none of `others`.
    pub fn without(self, others: &[Self]) -> Vec<Self> {
        let (mut parts, mut from) = (Vec::new(), self.from);
        for other in Self::joined(others.to_vec()) {
            parts.push(Self { from, until: self.until.min(other.from) });
            from = from.max(other.until);
        }
        parts.push(Self { from, until: self.until });
        parts.retain(|part| !part.is_empty());
        parts
    }
}

impl From<jiff::Timestamp> for Time {
    fn from(stamp: jiff::Timestamp) -> Self {
        Self(stamp.as_microsecond())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.timestamp(), f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::read(&text, &jiff::tz::TimeZone::UTC)
            .map_err(|_| de::Error::custom("not_a_time: Use a time such as 2026-03-01T09:30:00Z."))
    }
}

impl utoipa::PartialSchema for Time {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}
impl utoipa::ToSchema for Time {}

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The operating system.
    System,
    /// Set by hand. Each reading is a microsecond later than the one before, as real ones are.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `start` until it is moved.
    pub fn manual(start: Time) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.0)))
    }

    /// The time.
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    pub fn now(&self) -> Time {
        match self {
            Self::System => jiff::Timestamp::now().into(),
            Self::Manual(micros) => Time(micros.fetch_add(1, Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock by so many microseconds; a system clock can't be moved.
    pub fn advance(&self, micros: i64) {
        if let Self::Manual(now) = self {
            now.fetch_add(micros, Ordering::SeqCst);
        }
    }
}

/// A date as it is kept, `2019-05-01`, as Americans read it: "May 1, 2019". What is no date stays as it is.
pub fn date_words(date: &str) -> String {
    let read = date.parse::<jiff::civil::Date>();
    read.map_or_else(|_| date.to_owned(), |date| date.strftime("%B %-d, %Y").to_string())
}

/// A moment in words, seen from another: "2 hours ago", "in 3 days"; by its date once that is more than a week.
pub fn ago(at: Time, now: Time, zone: &TimeZone) -> String {
    let past = now.since(at);
    match past {
        0.. if past < MINUTE => "just now".to_owned(),
        0.. if past < HOUR => format!("{} ago", counted(past / MINUTE, "minute", "minutes")),
        0.. if past < DAY => format!("{} ago", counted(past / HOUR, "hour", "hours")),
        0.. if past < 2 * DAY => "yesterday".to_owned(),
        0.. if past < 7 * DAY => format!("{} days ago", past / DAY),
        ..0 if past > -HOUR => format!("in {}", counted((-past / MINUTE).max(1), "minute", "minutes")),
        ..0 if past > -DAY => format!("in {}", counted(-past / HOUR, "hour", "hours")),
        ..0 if past > -8 * DAY => format!("in {}", counted(-past / DAY, "day", "days")),
        _ => {
            let [at, now] = [at, now].map(|time| time.timestamp().to_zoned(zone.clone()));
            let form = if at.year() == now.year() { "%b %-d" } else { "%b %-d, %Y" };
            at.strftime(form).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_wait_is_longer_than_it_was_meant_to_be_whatever_the_clock_does() {
        let began = Time::from_micros(1_772_357_400_000_000);
        assert_eq!(began.plus(5 * SECOND).waited(began), 5 * SECOND);
        assert_eq!(began.plus(-SECOND).waited(began), 0, "servers' clocks differ a little");
        assert_eq!(began.plus(-DAY).waited(began), i64::MAX, "the clock was set back: the wait is over");
    }

    #[test]
    fn times_are_written_in_utc_and_read_back() {
        let time = Time::from_micros(1_772_357_400_000_001);
        let text = time.to_string();
        assert_eq!(text, "2026-03-01T09:30:00.000001Z");
        assert_eq!(Time::read(&text, &jiff::tz::TimeZone::UTC).unwrap(), time);
        assert_eq!(time.stamp(), "20260301T093000.000001Z");
        assert_eq!(Time::stamped(&time.stamp()), Some(time));
        assert_eq!(Time::stamped("notes"), None);
    }

    #[test]
    fn a_day_lasts_as_long_as_the_clocks_of_its_zone_say() {
        let hours = |date: &str, zone: &str| {
            let zone = jiff::tz::TimeZone::get(zone).unwrap();
            let day = Span::day(date.parse().unwrap(), &zone).unwrap();
            day.until.since(day.from) / HOUR
        };
        assert_eq!(hours("2026-03-08", "America/Chicago"), 23);
        assert_eq!(hours("2026-03-09", "America/Chicago"), 24);
        assert_eq!(hours("2026-11-01", "America/Chicago"), 25);
        // In Cairo this day begins at one o'clock.
        assert_eq!(hours("2026-04-24", "Africa/Cairo"), 23);
        assert!(Span::day("9999-12-31".parse().unwrap(), &jiff::tz::TimeZone::UTC).is_err());
    }

    #[test]
    fn spans_are_joined_and_cut() {
        let span = |from, until| Span { from: Time(from), until: Time(until) };
        let joined = Span::joined(vec![span(5, 7), span(1, 3), span(3, 4), span(6, 6), span(2, 3)]);
        assert_eq!(joined, [span(1, 4), span(5, 7)]);
        assert_eq!(span(0, 9).without(&joined), [span(0, 1), span(4, 5), span(7, 9)]);
        assert_eq!(span(2, 6).without(&joined), [span(4, 5)]);
        assert_eq!(span(1, 4).without(&joined), []);
        assert_eq!(span(8, 9).without(&joined), [span(8, 9)]);
    }

    #[test]
    fn a_bare_date_is_its_first_moment_in_the_zone() {
        let zone = jiff::tz::TimeZone::get("America/Chicago").unwrap();
        assert_eq!(Time::read("2026-03-01", &zone).unwrap().to_string(), "2026-03-01T06:00:00Z");
    }

    #[test]
    fn moments_are_told_in_words() {
        let now = Time::from_micros(1_772_357_400_000_000);
        let told = |micros: i64| ago(now.plus(-micros), now, &TimeZone::UTC);
        assert_eq!(told(MINUTE / 2), "just now");
        assert_eq!(told(MINUTE), "1 minute ago");
        assert_eq!(told(5 * HOUR), "5 hours ago");
        assert_eq!(told(30 * HOUR), "yesterday");
        assert_eq!(told(6 * DAY), "6 days ago");
        assert_eq!(told(20 * DAY), "Feb 9");
        assert_eq!(told(400 * DAY), "Jan 25, 2025");
    }
}
