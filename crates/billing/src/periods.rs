//! The periods that are paid for. Pure.
//!
//! They are counted in calendar months from the anchor, in UTC, so that one that begins on the 31st
//! ends on the last day of shorter months and returns to the 31st. Periods that passed whole while no
//! server ran are skipped: nobody could use what they would pay for. So a clock that jumps charges
//! nobody for time that never was.

use jiff::{ToSpan as _, tz::TimeZone};

use kernel::{clock::Time, money::Meter};
use people::plans::{State, Subscription};

/// When a period begins: so many months after the anchor.
pub(crate) fn boundary(anchor: Time, months: i64) -> Time {
    let zoned = anchor.timestamp().to_zoned(TimeZone::UTC);
    let span = i32::try_from(months).unwrap_or(i32::MAX).months();
    zoned.saturating_add(span).timestamp().into()
}

/// Begins a subscription's first period now, paid in full.
pub(crate) fn begin(has: &mut Subscription, now: Time) {
    has.state = State::Active;
    (has.anchor_at, has.period) = (now, 0);
    (has.period_start, has.period_end) = (now, boundary(now, i64::from(has.billed.months())));
    let meter = Meter::paid(has.price, has.seconds());
    (has.exact, has.charged, has.ended_at, has.told_at) = (meter.exact, meter.charged, None, None);
}

/// Moves to the period that `now` lies in, with the length that was planned.
pub(crate) fn advance(has: &mut Subscription, now: Time) {
    // After [`resume`] the count begins anew there, and otherwise where the length changes.
    let resumed = has.anchor_at > has.period_end;
    let length = has.next_billed.take();
    has.period = if resumed || length.is_some() { 0 } else { has.period + 1 };
    if let Some(billed) = length {
        has.billed = billed;
        has.anchor_at = has.anchor_at.max(has.period_end);
    }
    let months = i64::from(has.billed.months());
    loop {
        has.period_start = boundary(has.anchor_at, has.period * months);
        has.period_end = boundary(has.anchor_at, (has.period + 1) * months);
        // The calendar ends some day; we end with it rather than count forever.
        if has.period_end > now || has.period_end <= has.period_start {
            return;
        }
        has.period += 1;
    }
}

/// Has the next period begin now: a read-only account was not renewed, and a payment pays for no time in which nobody
/// could work. The next [`advance`] counts from here.
pub(crate) fn resume(has: &mut Subscription, now: Time) {
    has.anchor_at = now;
}

/// Forgets what was planned for the renewal.
pub(crate) fn forget_plans(has: &mut Subscription) {
    (has.next_plan, has.next_billed, has.next_licenses, has.ends_at_renewal) = (None, None, None, false);
}

/// The day of a moment in UTC, in which periods are counted, as emails and invoices say it.
pub(crate) fn day(at: Time) -> String {
    at.timestamp().to_zoned(TimeZone::UTC).strftime("%B %-d, %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::read(text, &TimeZone::UTC).unwrap()
    }

    #[test]
    fn months_return_to_the_31st() {
        let anchor = at("2026-01-31T10:00:00Z");
        let ends = (1..=4).map(|n| boundary(anchor, n).to_string()).collect::<Vec<_>>();
        assert_eq!(
            ends,
            ["2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z", "2026-05-31T10:00:00Z"]
        );
    }
}
