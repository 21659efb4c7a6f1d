//! The panel on a page that tells who can see what the page shows, and why; now, on another day or in a range of days.

use std::collections::HashSet;

use askama::{Template, filters::HtmlSafe};

use crate::sight::{When, WhenQuery};
use access::explain::Seen;
use kernel::{clock::Time, error::Result};
use storage::Tx;
use web::{Form, entry::Entry, page::Frame, parts::Kit};

/// One who can see it, in words.
struct Sight {
    name: String,
    sub: String,
    from_parent: bool,
    reason: String,
}

/// Who can see a record, and why; see the template.
#[derive(Template)]
#[template(path = "sight/templates/panel.html")]
pub(crate) struct Panel {
    frame: Kit,
    /// What it is about: `case`.
    what: &'static str,
    /// Where the page is.
    path: String,
    /// Everyone who sees all of it.
    sights: Vec<Sight>,
    /// How many people these are.
    people: usize,
    /// Who else sees what a request shows of it.
    asked: Vec<Sight>,
    /// "On March 3, 2026"; empty for now.
    time: String,
    entry: Entry,
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
        Asked { when, entry }: Asked,
        logged: bool,
    ) -> Self {
        let people = seen.whole.iter().map(|period| period.user).collect::<HashSet<_>>().len();
        let whole = seen.whole.into_iter().map(|period| Sight {
            sub: held(&frame.kit, &when, period.since, period.until),
            reason: period.reason(group),
            from_parent: period.from_parent(),
            name: period.name,
        });
        let asked = seen.through_requests.into_iter().map(|period| Sight {
            sub: held(&frame.kit, &when, period.since, period.until),
            reason: period.reason(),
            from_parent: false,
            name: period.name,
        });
        Self {
            frame: frame.kit.clone(),
            what,
            path: path.to_owned(),
            sights: whole.collect(),
            people,
            asked: asked.collect(),
            time: told(&frame.kit, &when),
            entry,
            logged,
        }
    }
}

/// The time that the panel tells of, as a heading; empty for now.
fn told(kit: &Kit, when: &When) -> String {
    // The end is not in the span any more.
    let [first, last] = [when.span.from, when.span.until.plus(-1)];
    match (when.past, when.at) {
        (false, _) => String::new(),
        (true, Some(at)) => format!("As of {}", kit.exact(&at)),
        (true, None) if when.long => format!("From {} to {}", kit.day(&first), kit.day(&last)),
        (true, None) => format!("On {}", kit.day(&first)),
    }
}

/// How long it held, as far as the time asked for tells: "since March 3, 2024", "until 2:11 PM".
fn held(kit: &Kit, when: &When, since: Time, until: Option<Time>) -> String {
    let exact = |at: Time| if when.long { kit.exact(&at) } else { kit.clock(&at) };
    let began = when.at.is_none() && since > when.span.from;
    let ended = until.filter(|until| when.at.is_none() && *until <= when.span.until);
    match (began, ended) {
        (false, None) => format!("since {}", kit.day(&since)),
        (true, None) => format!("from {}", exact(since)),
        (false, Some(until)) => format!("until {}", exact(until)),
        (true, Some(until)) => format!("from {} until {}", exact(since), exact(until)),
    }
}

/// The time that a page asks of, and its forms.
pub(crate) struct Asked {
    pub(crate) when: When,
    entry: Entry,
}

impl Asked {
    /// The time that was asked for in the frame's zone. What can't be meant is told beside its field, and the panel
    /// tells of now.
    ///
    /// # Errors
    /// None but those of the form.
    pub(crate) fn read(query: &WhenQuery, kit: &Kit, tx: &Tx) -> Result<Self> {
        let when = query.in_zone(&kit.zone, tx.now());
        let fields = [("at", &query.at), ("from", &query.from), ("to", &query.to)];
        let form = Form::of(fields.map(|(name, text)| (name.to_owned(), text.clone().unwrap_or_default())));
        Ok(match when {
            Ok(when) => Self { when, entry: form.into() },
            Err(error) => Self { when: When::now(tx.now()), entry: Entry::again(form, error)? },
        })
    }
}
