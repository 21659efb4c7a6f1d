//! How long ago something was, in words.

use jiff::tz::TimeZone;

use kernel::clock::{DAY, HOUR, MINUTE, Time};

/// "2 hours ago"; by the date in UTC, once that is more than a week.
pub(super) fn ago(at: Time, now: Time) -> String {
    let past = now.since(at);
    match past {
        ..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => format!("{} ago", counted(past / MINUTE, "minute")),
        HOUR..DAY => format!("{} ago", counted(past / HOUR, "hour")),
        _ if past < 2 * DAY => "yesterday".to_owned(),
        _ if past < 7 * DAY => format!("{} days ago", past / DAY),
        _ => day(at, now),
    }
}

fn day(at: Time, now: Time) -> String {
    let [at, now] = [at, now].map(|time| time.timestamp().to_zoned(TimeZone::UTC));
    let form = if at.year() == now.year() { "%-d %b" } else { "%-d %b %Y" };
    at.strftime(form).to_string()
}

fn counted(number: i64, unit: &str) -> String {
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_words() {
        let now = Time::from_micros(1_772_357_400_000_000);
        let told = |micros: i64| ago(now.plus(-micros), now);
        assert_eq!(told(MINUTE / 2), "just now");
        assert_eq!(told(MINUTE), "1 minute ago");
        assert_eq!(told(5 * HOUR), "5 hours ago");
        assert_eq!(told(30 * HOUR), "yesterday");
        assert_eq!(told(6 * DAY), "6 days ago");
        assert_eq!(told(20 * DAY), "9 Feb");
        assert_eq!(told(400 * DAY), "25 Jan 2025");
    }
}
