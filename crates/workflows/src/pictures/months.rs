//! A group's year as a picture: cases opened and closed in each of the last twelve months.

use askama::{Template, filters::HtmlSafe};
use jiff::{ToSpan, Zoned, tz::TimeZone};

use crate::pictures::store::{self, MonthRow};
use access::GroupScope;
use kernel::{
    clock::Time,
    error::{Error, Result},
    text::grouped,
};
use storage::Tx;

/// A month with its counts.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct Month {
    /// `2026-03`, in the account's time zone.
    pub(super) month: String,
    /// How many cases were opened.
    pub(super) opened: i64,
    /// How many of the group's cases that are closed now were closed then.
    pub(super) closed: i64,
}

/// The beginnings of the last twelve months, the oldest first. The last is the current month.
fn starts(now: Time, zone: &TimeZone) -> Result<[Zoned; 12]> {
    let present = now.timestamp().to_zoned(zone.clone());
    let first = present.first_of_month().and_then(|day| day.start_of_day()).map_err(Error::internal)?;
    let mut starts = std::array::from_fn(|_| first.clone());
    for (back, start) in (0_i64..12).rev().zip(&mut starts) {
        let day = first.checked_sub(back.months()).and_then(|day| day.start_of_day());
        *start = day.map_err(Error::internal)?;
    }
    Ok(starts)
}

/// The last twelve months of a group, the oldest first.
pub(super) async fn year(tx: &Tx, scope: &GroupScope, zone: &TimeZone) -> Result<Vec<Month>> {
    let starts = starts(tx.now(), zone)?;
    let times = std::array::from_fn(|at| Time::from(starts[at].timestamp()));
    let rows = store::cases_by_month(tx, scope, &times).await?;
    Ok(months(&starts, &rows))
}

fn months(starts: &[Zoned; 12], rows: &[MonthRow]) -> Vec<Month> {
    let month = |(at, start): (i64, &Zoned)| {
        let row = rows.iter().find(|row| row.month == at);
        Month {
            month: start.strftime("%Y-%m").to_string(),
            opened: row.map_or(0, |row| row.opened),
            closed: row.map_or(0, |row| row.closed),
        }
    };
    (0..).zip(starts).map(month).collect()
}

/// The drawing's edges: left, right, top, bottom.
const PLOT: (f64, f64, f64, f64) = (30.0, 336.0, 10.0, 128.0);

/// Two columns of a month.
struct Pair {
    /// "Mar".
    short: String,
    /// "March 2026".
    long: String,
    opened: Column,
    closed: Column,
    /// Where the month's name stands.
    middle: f64,
}

struct Column {
    left: f64,
    top: f64,
    height: f64,
    figure: String,
}

/// The year, as two columns for each month.
#[derive(Template)]
#[template(path = "pictures/templates/months.html")]
pub(super) struct Year {
    about: String,
    grid: Vec<(f64, String)>,
    width: f64,
    pairs: Vec<Pair>,
}

impl HtmlSafe for Year {}

/// A round number that holds everything, and its half.
fn scale(most: i64) -> (i64, i64) {
    let half = match most {
        ..=2 => 1,
        3..=20 => (most + 1) / 2,
        21..=200 => (most + 19) / 20 * 10,
        _ => (most + 199) / 200 * 100,
    };
    (half, half * 2)
}

/// "Mar" and "March 2026" of `2026-03`.
fn names(month: &str) -> (String, String) {
    let day = format!("{month}-01").parse::<jiff::civil::Date>();
    day.map_or_else(
        |_| (month.to_owned(), month.to_owned()),
        |day| (day.strftime("%b").to_string(), day.strftime("%B %Y").to_string()),
    )
}

impl Year {
    /// The picture of these months.
    pub(super) fn new(months: &[Month]) -> Self {
        let most = months.iter().map(|month| month.opened.max(month.closed)).max().unwrap_or(0);
        let (half, top) = scale(most);
        let (left, right, above, below) = PLOT;
        let step = (right - left) / months.len().max(1) as f64;
        let width = (step - 7.0) / 2.0;
        let column = |left: f64, count: i64| {
            let height = count as f64 / top as f64 * (below - above);
            // Something is never drawn as nothing.
            let height = if count == 0 { 0.0 } else { height.max(2.0) };
            Column { left, top: below - height, height, figure: grouped(count) }
        };
        let pair = |(at, month): (usize, &Month)| {
            let start = left + at as f64 * step + 2.5;
            let (short, long) = names(&month.month);
            Pair {
                short,
                long,
                opened: column(start, month.opened),
                closed: column(start + width + 2.0, month.closed),
                middle: start + width + 1.0,
            }
        };
        let sum = |of: fn(&Month) -> i64| grouped(months.iter().map(of).sum::<i64>());
        let y = |count: i64| below - count as f64 / top as f64 * (below - above);
        Self {
            about: format!(
                "In twelve months, {} cases were opened and {} closed.",
                sum(|month| month.opened),
                sum(|month| month.closed)
            ),
            grid: [0, half, top].map(|count| (y(count), grouped(count))).to_vec(),
            width,
            pairs: months.iter().enumerate().map(pair).collect(),
        }
    }

    /// What it shows, in a sentence.
    pub(super) fn sentence(&self) -> &str {
        &self.about
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn months_begin_at_midnight_of_the_zone_and_go_over_the_year() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        // Still February there.
        let starts = starts(at("2026-03-01T03:00:00Z"), &zone).unwrap();
        let told = starts.each_ref().map(|start| start.timestamp().to_string());
        assert_eq!(told[11], "2026-02-01T06:00:00Z");
        assert_eq!(told[0], "2025-03-01T06:00:00Z");
        assert_eq!(told[4], "2025-07-01T05:00:00Z", "in summer time");
        let months = months(&starts, &[MonthRow { month: 11, opened: 3, closed: 1 }]);
        assert_eq!(months[11], Month { month: "2026-02".to_owned(), opened: 3, closed: 1 });
        assert_eq!(months[0], Month { month: "2025-03".to_owned(), opened: 0, closed: 0 });
    }

    #[test]
    fn the_picture_says_what_it_shows_and_has_its_table() {
        let month = |month: &str, opened, closed| Month { month: month.to_owned(), opened, closed };
        let year = Year::new(&[month("2026-01", 1200, 0), month("2026-02", 3, 1)]);
        let html = year.to_string();
        assert!(html.contains("1,203 cases were opened and 1 closed"), "{html}");
        assert!(html.contains("February 2026") && html.contains("View as table") && !html.contains("style="));
        assert!(year.pairs[1].closed.height >= 2.0, "one is not drawn as nothing");
    }
}
