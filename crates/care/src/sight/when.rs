//! Of when it is asked who could see something: now, at a moment, on a day, from one day to another.

use jiff::{civil::Date, tz::TimeZone};
use serde::Deserialize;
use utoipa::IntoParams;

use kernel::{
    clock::{SKEW, Span, Time},
    error::{Error, Result},
    id::AccountId,
};
use people::accounts;
use storage::Tx;

/// A moment, a day or several days, as they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhenQuery {
    /// A moment such as `2026-03-01T09:30:00Z`, or a day such as `2026-03-01`: the whole of it in the account's time
    /// zone.
    pub(crate) at: Option<String>,
    /// The first day, or moment.
    pub(crate) from: Option<String>,
    /// The last day, or moment. Without it, until now.
    pub(crate) to: Option<String>,
}

/// What was asked for, in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When {
    /// The time: what of it is yet to come is left out.
    pub(crate) span: Span,
    /// The moment, where it is one alone.
    pub(crate) at: Option<Time>,
    /// Whether it is more than a day.
    pub(crate) long: bool,
    /// Whether it was asked for, and is not the present.
    pub(crate) past: bool,
}

impl When {
    /// This moment.
    pub(crate) const fn now(now: Time) -> Self {
        Self { span: Span::moment(now), at: Some(now), long: false, past: false }
    }
}

impl WhenQuery {
    /// Whether a day has to be told, for which one needs a time zone.
    fn names_a_day(&self) -> bool {
        [&self.at, &self.from, &self.to].into_iter().flatten().any(|text| text.parse::<Date>().is_ok())
    }

    /// As [`in_zone`](Self::in_zone), in the time zone of an account that the caller proved to know of.
    pub(crate) async fn of_account(&self, tx: &Tx, account: AccountId) -> Result<When> {
        let zone = match self.names_a_day() {
            true => accounts::letterhead(tx, account).await?.zone(),
            false => TimeZone::UTC,
        };
        self.in_zone(&zone, tx.now())
    }

    /// What is asked for, with the days of this zone.
    ///
    /// # Errors
    /// A field is no day and no moment, lies in the future, or does not go with the others.
    pub(crate) fn in_zone(&self, zone: &TimeZone, now: Time) -> Result<When> {
        match (&self.at, &self.from, &self.to) {
            (None, None, None) => Ok(When::now(now)),
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                Err(Error::field("at", "Give a moment or a day, or a range of days: not both."))
            }
            (Some(at), None, None) => one("at", at, zone, now),
            (None, None, Some(_)) => Err(Error::field("from", "Give the first day, too.")),
            (None, Some(from), to) => {
                let first = one("from", from, zone, now)?;
                let last = match to {
                    Some(to) => read("to", to, zone)?.0,
                    None => Span::moment(now),
                };
                let until = last.until.min(now.plus(1)).max(first.span.until);
                if last.until < first.span.until {
                    return Err(Error::field("to", "The last day can’t be before the first."));
                }
                let long = until > first.span.until || first.at.is_some();
                Ok(When { span: Span { until, ..first.span }, at: None, long, past: true })
            }
        }
    }
}

fn one(field: &'static str, text: &str, zone: &TimeZone, now: Time) -> Result<When> {
    let (span, at) = read(field, text, zone)?;
    if span.from > now.plus(SKEW) {
        return Err(Error::field(field, "This is in the future. Choose today or a day in the past."));
    }
    let span = Span { until: span.until.min(now.plus(1)).max(span.from.plus(1)), ..span };
    Ok(When { span, at, long: false, past: true })
}

/// A moment, or a whole day.
fn read(field: &'static str, text: &str, zone: &TimeZone) -> Result<(Span, Option<Time>)> {
    if let Ok(date) = text.parse::<Date>()
        && !text.contains('T')
        && let Ok(day) = Span::day(date, zone)
    {
        return Ok((day, None));
    }
    let at = Time::read(text, zone);
    let at = at.map_err(|_| {
        Error::field(field, "Give a day such as 2026-03-01, or a time such as 2026-03-01T09:30:00Z.")
    })?;
    Ok((Span::moment(at), Some(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(at: &str, from: &str, to: &str) -> Result<When> {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let zone = TimeZone::get("America/Chicago").unwrap();
        let now = Time::read("2026-11-05T18:00:00Z", &zone).unwrap();
        WhenQuery { at: given(at), from: given(from), to: given(to) }.in_zone(&zone, now)
    }

    fn span(at: &str, from: &str, to: &str) -> (String, String) {
        let Span { from, until } = asked(at, from, to).unwrap().span;
        (from.to_string(), until.to_string())
    }

    #[test]
    fn days_are_whole_also_where_the_clocks_are_changed() {
        let whole = ("2026-11-01T05:00:00Z".to_owned(), "2026-11-02T06:00:00Z".to_owned());
        assert_eq!(span("2026-11-01", "", ""), whole);
        assert_eq!(span("", "2026-11-01", "2026-11-01"), whole);
        let spring = ("2026-03-08T06:00:00Z".to_owned(), "2026-03-10T05:00:00Z".to_owned());
        assert_eq!(span("", "2026-03-08", "2026-03-09"), spring);
    }

    #[test]
    fn what_is_yet_to_come_is_left_out() {
        assert_eq!(span("2026-11-05", "", "").1, "2026-11-05T18:00:00.000001Z");
        assert_eq!(span("", "2026-11-04", "2027-01-01").1, "2026-11-05T18:00:00.000001Z");
        assert_eq!(span("", "2026-11-04", "").1, "2026-11-05T18:00:00.000001Z");
    }

    #[test]
    fn what_cannot_be_meant_names_its_field() {
        for (at, from, to, field) in [
            ("junk", "", "", "at"),
            ("2026-11-06", "", "", "at"),
            ("2026-11-01", "2026-11-01", "", "at"),
            ("2026-11-01", "", "2026-11-01", "at"),
            ("", "", "2026-11-01", "from"),
            ("", "2026-11-06", "2026-11-07", "from"),
            ("", "2026-11-02", "2026-11-01", "to"),
            ("", "2026-11-02", "x", "to"),
            ("", "9999-12-31", "", "from"),
        ] {
            let error = asked(at, from, to).unwrap_err();
            assert_eq!(error.fields()[0].field, field, "{at} {from} {to}");
        }
    }
}
