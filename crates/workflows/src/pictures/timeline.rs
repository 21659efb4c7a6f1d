//! One person's access over time, as a picture: a line for the account and for each group, with the periods in which
//! they had a role.

use askama::{Template, filters::HtmlSafe};

use crate::pictures::store::{self, PeriodRow};
use access::{AccountAdmin, GroupRole, Role};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::UserId,
};
use storage::Tx;

/// The most periods of a person that are shown.
const PERIODS: i64 = 1_000;

/// The width of the picture in its own units, and the height of a line.
const WIDTH: f64 = 340.0;
const ROW: f64 = 42.0;

/// From when until when they had a role.
struct Span {
    left: f64,
    width: f64,
    top: f64,
    height: f64,
    /// "Administrator, March 3, 2026 to now".
    words: String,
}

/// The account, or a group.
struct Track {
    name: String,
    words: f64,
    top: f64,
    spans: Vec<Span>,
}

/// A line of the table.
struct Told {
    place: String,
    role: &'static str,
    since: String,
    until: String,
}

/// The picture, with its table.
#[derive(Template)]
#[template(path = "pictures/templates/timeline.html")]
pub(super) struct Timeline {
    about: String,
    height: f64,
    from: String,
    until: String,
    tracks: Vec<Track>,
    rows: Vec<Told>,
}

impl HtmlSafe for Timeline {}

/// When someone had which role in the account and in its groups.
///
/// # Errors
/// They never were in the account.
pub(super) async fn periods(tx: &Tx, by: &AccountAdmin, user: UserId) -> Result<Vec<PeriodRow>> {
    let rows = store::periods(tx, by, user, PERIODS).await?;
    if rows.is_empty() { Err(Error::not_found()) } else { Ok(rows) }
}

/// What a role is called: the account's roles, and those in groups.
fn label(row: &PeriodRow) -> &'static str {
    match row.group {
        None => Role::read(&row.role).map_or("", Role::label),
        Some(_) => GroupRole::read(&row.role).map_or("", GroupRole::label),
    }
}

/// Whether the role manages: it is drawn thicker.
fn manages(row: &PeriodRow) -> bool {
    matches!(row.role.as_str(), "owner" | "administrator")
}

impl Timeline {
    /// The picture of these periods, in their order, up to now; nothing where there are none. `day` writes a moment's
    /// date.
    pub(super) fn new(
        rows: &[PeriodRow],
        account: &str,
        person: &str,
        now: Time,
        day: impl Fn(Time) -> String,
    ) -> Option<Self> {
        let first = rows.iter().map(|row| row.since).min()?;
        let span = now.since(first).max(1) as f64;
        let x = |at: Time| (at.since(first) as f64 / span).clamp(0.0, 1.0) * WIDTH;
        let place = |row: &PeriodRow| if row.group.is_none() { account.to_owned() } else { row.name.clone() };
        let until = |row: &PeriodRow| row.until.map_or_else(|| "now".to_owned(), &day);
        let mut tracks: Vec<Track> = Vec::new();
        let mut last = None;
        for row in rows {
            if last != Some(row.group) {
                let top = tracks.len() as f64 * ROW;
                tracks.push(Track {
                    name: place(row),
                    words: top + 14.0,
                    top: top + 20.0,
                    spans: Vec::new(),
                });
                last = Some(row.group);
            }
            let Some(track) = tracks.last_mut() else { continue };
            let (left, right) = (x(row.since), x(row.until.unwrap_or(now)));
            let (lower, height) = if manages(row) { (0.0, 14.0) } else { (4.0, 6.0) };
            track.spans.push(Span {
                left,
                // However short it was, it is seen.
                width: (right - left).max(2.0),
                top: track.top + lower,
                height,
                words: format!("{}, {} to {}", label(row), day(row.since), until(row)),
            });
        }
        let told = |row: &PeriodRow| Told {
            place: place(row),
            role: label(row),
            since: day(row.since),
            until: until(row),
        };
        Some(Self {
            about: format!("{person}’s roles in {account} and its groups from {} to now.", day(first)),
            height: tracks.len() as f64 * ROW + 18.0,
            from: day(first),
            until: day(now),
            tracks,
            rows: rows.iter().map(told).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{clock::DAY, id::GroupId};

    fn row(group: Option<GroupId>, role: &str, since: i64, until: Option<i64>) -> PeriodRow {
        let at = |days: i64| Time::from_micros(days * DAY);
        let name = if group.is_some() { "Alder <b>" } else { "" };
        PeriodRow {
            group,
            name: name.to_owned(),
            role: role.to_owned(),
            since: at(since),
            until: until.map(at),
        }
    }

    #[test]
    fn periods_are_drawn_in_their_place_and_told_in_a_table() {
        let group = Some(GroupId::last());
        let rows = [
            row(None, "member", 0, None),
            row(group, "member", 50, Some(50)),
            row(group, "administrator", 50, Some(75)),
        ];
        let now = Time::from_micros(100 * DAY);
        let picture = Timeline::new(&rows, "Riverside", "Ann", now, |at| at.to_string()).unwrap();
        assert_eq!(picture.tracks.len(), 2);
        let spans = picture.tracks[1].spans.iter().map(|span| (span.left, span.width)).collect::<Vec<_>>();
        assert_eq!(spans, [(170.0, 2.0), (170.0, 85.0)]);
        let html = picture.to_string();
        assert!(
            html.contains("View as table") && html.contains("Group administrator") && !html.contains("<b>"),
            "{html}"
        );
        assert!(Timeline::new(&[], "Riverside", "Ann", now, |at| at.to_string()).is_none());
    }
}
