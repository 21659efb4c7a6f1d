//! The panel on a page that tells who can see what the page shows, and why; today or on another day.

use askama::{Template, filters::HtmlSafe};
use jiff::tz::TimeZone;

use access::explain::Seen;
use kernel::clock::{DAY, Time};
use web::{entry::Entry, page::Frame, parts::Kit};

/// One who can see it, in words.
struct Sight {
    name: String,
    sub: String,
    from_parent: bool,
    reason: String,
}

/// The panel.
#[derive(Template)]
#[template(path = "sight/templates/panel.html")]
pub(crate) struct Panel {
    frame: Kit,
    /// What it is about: `case`.
    what: &'static str,
    /// Where the page is.
    path: String,
    /// Whoever sees it whole.
    sights: Vec<Sight>,
    /// Who else sees what a request shows of it.
    asked: Vec<Sight>,
    /// The end of the day that it tells of; none for now.
    at: Option<Time>,
    day: Entry,
    /// Whether who looks may see who opened it.
    logged: bool,
}

impl HtmlSafe for Panel {}

impl Panel {
    /// Those who manage the group also see who opened it (`logged`). What the panel says of `what` the page at `path` shows, in the group of this name.
    pub(crate) fn new(
        frame: &Frame,
        what: &'static str,
        path: &str,
        group: &str,
        seen: Seen,
        day: Day,
        logged: bool,
    ) -> Self {
        let since = |at: Time| format!("since {}", frame.day(&at));
        let whole = seen.whole.into_iter().map(|period| Sight {
            sub: since(period.reason_since()),
            reason: period.reason(group),
            from_parent: period.from_parent(),
            name: period.name,
        });
        let asked = seen.through_requests.into_iter().map(|period| Sight {
            sub: since(period.reason_since()),
            reason: period.reason(),
            from_parent: false,
            name: period.name,
        });
        Self {
            frame: frame.kit.clone(),
            what,
            path: path.to_owned(),
            sights: whole.collect(),
            asked: asked.collect(),
            at: day.end,
            day: Entry::of(&[("at", &day.asked)]),
            logged,
        }
    }
}

/// The day that the panel tells of.
pub(crate) struct Day {
    /// As it was asked for.
    asked: String,
    /// Its last moment, or now if that is yet to come; none where it tells of now.
    pub(crate) end: Option<Time>,
}

impl Day {
    /// The day that was asked for in this zone. What is no day asks of now.
    pub(crate) fn read(asked: Option<&str>, zone: &TimeZone, now: Time) -> Self {
        let first = asked.and_then(|day| Time::read(day, zone).ok());
        let end = first.map(|first| first.plus(DAY - 1).min(now));
        Self { asked: asked.unwrap_or_default().to_owned(), end }
    }
}
