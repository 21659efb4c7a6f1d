//! The small pieces that pages are made of: icons, people, moments, form fields, pagers. Each is a
//! template of its own that escapes what it shows, so pages may insert it as it is.

use askama::{Template, filters::HtmlSafe};
use jiff::tz::TimeZone;

use crate::{assets, cookies::Flash};
use kernel::{
    clock::{Time, ago},
    text::{counted, grouped, initials},
};

macro_rules! pieces {
    ($($name:ident)*) => {$(impl HtmlSafe for $name {})*};
}
pieces! { Icon Avatar Person Badge Moment Pager Field Summary }

/// An icon out of the sheet.
#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<svg class="{{ class }}" aria-hidden="true"><use href="{{ sheet }}#i-{{ name }}"/></svg>"##
)]
pub struct Icon {
    name: String,
    class: String,
    sheet: String,
}

/// The icon of this name.
pub fn icon(name: &str) -> Icon {
    icon_as(name, "icon")
}

pub(super) fn icon_as(name: &str, class: &str) -> Icon {
    Icon { name: name.to_owned(), class: class.to_owned(), sheet: assets::url("icons.svg") }
}

/// Initials on a color that stays the same for a name.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="avatar avatar-{{ tint }}{{ class }}" aria-hidden="true">{{ letters }}</span>"#
)]
pub struct Avatar {
    letters: String,
    tint: u32,
    class: String,
}

impl Avatar {
    fn new(name: &str, class: &str) -> Self {
        let sum = name.chars().fold(7_u32, |sum, c| sum.wrapping_mul(31).wrapping_add(c as u32));
        let class = if class.is_empty() { String::new() } else { format!(" {class}") };
        Self { letters: initials(name), tint: sum % 8, class }
    }
}

/// A person, or a group, with a line beneath the name.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="person">
  {{ avatar }}
  <div>
    <span class="person-name" dir="auto">{{ name }}</span>
    {% if !sub.is_empty() %}<span class="person-sub" dir="auto">{{ sub }}</span>{% endif %}
  </div>
</div>"#
)]
pub struct Person {
    avatar: Avatar,
    name: String,
    sub: String,
}

/// A word on a colored ground.
#[derive(Template)]
#[template(ext = "html", source = r#"<span class="badge badge-{{ kind }}">{{ text }}</span>"#)]
pub struct Badge {
    kind: String,
    text: String,
}

/// A moment: in words, with the exact time at hand.
#[derive(Template)]
#[template(ext = "html", source = r#"<time datetime="{{ at }}" title="{{ exact }}">{{ words }}</time>"#)]
pub struct Moment {
    at: Time,
    exact: String,
    words: String,
}

/// What every page has at hand: the present moment, the zone in which times are shown, the message
/// that the page before left.
#[derive(Clone, Debug)]
pub struct Kit {
    /// The present moment.
    pub now: Time,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The message of the page before.
    pub flash: Option<Flash>,
    /// Whether anything is sold here: without, no page speaks of prices, plans or invoices.
    pub sells: bool,
}

impl Kit {
    /// An icon.
    pub fn icon(&self, name: &str) -> Icon {
        icon(name)
    }

    /// An icon with further classes.
    pub fn icon_as(&self, name: &str, class: &str) -> Icon {
        icon_as(name, class)
    }

    /// The address of an asset.
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// Initials on a color.
    pub fn avatar(&self, name: &str, class: &str) -> Avatar {
        Avatar::new(name, class)
    }

    /// A person with a line beneath.
    pub fn person(&self, name: &str, sub: &str) -> Person {
        Person { avatar: Avatar::new(name, ""), name: name.to_owned(), sub: sub.to_owned() }
    }

    /// A word on a colored ground.
    pub fn badge(&self, kind: &str, text: &str) -> Badge {
        Badge { kind: kind.to_owned(), text: text.to_owned() }
    }

    /// A moment in words: "2 hours ago".
    pub fn time(&self, at: &Time) -> Moment {
        Moment { at: *at, exact: self.exact(at), words: self.words(*at) }
    }

    /// A moment by its date: "March 3, 2024".
    pub fn date(&self, at: &Time) -> Moment {
        Moment { at: *at, exact: self.exact(at), words: self.day(at) }
    }

    /// The date of a moment, as text.
    pub fn day(&self, at: &Time) -> String {
        at.timestamp().to_zoned(self.zone.clone()).strftime("%B %-d, %Y").to_string()
    }

    /// Today's date, as a letterhead has it: "March 3, 2026".
    pub fn today(&self) -> String {
        self.now.timestamp().to_zoned(self.zone.clone()).strftime("%B %-d, %Y").to_string()
    }

    /// A moment as a clock shows it, with the zone: "14:05 CET".
    pub fn clock(&self, at: &Time) -> String {
        at.timestamp().to_zoned(self.zone.clone()).strftime("%-I:%M %p %Z").to_string()
    }

    /// A moment to the minute, with the zone.
    pub fn exact(&self, at: &Time) -> String {
        at.timestamp().to_zoned(self.zone.clone()).strftime("%b %-d, %Y, %-I:%M %p %Z").to_string()
    }

    /// A moment in words, as text: "2 hours ago".
    pub fn words(&self, at: Time) -> String {
        ago(at, self.now, &self.zone)
    }

    /// A number with its thousands apart.
    pub fn number(&self, number: &i64) -> String {
        grouped(*number)
    }

    /// "1 person", "3 people".
    pub fn count(&self, number: &(impl TryInto<i64> + Copy), one: &str, many: &str) -> String {
        counted(*number, one, many)
    }

    /// A size in the unit that suits it.
    pub fn size(&self, bytes: &i64) -> String {
        match *bytes {
            ..1_000 => format!("{bytes} bytes"),
            1_000..1_000_000 => format!("{} kB", bytes / 1_000),
            _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        }
    }
}

/// Links to the newest and to older entries of a list.
#[derive(Template)]
#[template(path = "web/src/templates/pager.html")]
pub struct Pager {
    note: String,
    newest: Option<String>,
    older: Option<String>,
}

impl Pager {
    /// For a list at `path` with these filters: `cursor` is where this page began, `next` where the
    /// next begins.
    pub fn new(path: &str, filters: &[(&str, &str)], cursor: Option<&str>, next: Option<&str>) -> Self {
        let older = next.map(|next| {
            let mut filters = filters.to_vec();
            filters.push(("cursor", next));
            link(path, &filters)
        });
        Self { note: String::new(), newest: cursor.map(|_| link(path, filters)), older }
    }

    /// For one of several lists of a page at `path`: its cursor is the parameter `name`, and its place on the page has
    /// that name too.
    pub fn named(name: &str, path: &str, cursor: Option<&str>, next: Option<&str>) -> Self {
        let at = |cursor: &str| format!("{}#{name}", link(path, &[(name, cursor)]));
        Self { note: String::new(), newest: cursor.map(|_| at("")), older: next.map(at) }
    }

    /// With a note beside the links.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Whether there is anything to show.
    pub fn needed(&self) -> bool {
        self.newest.is_some() || self.older.is_some() || !self.note.is_empty()
    }
}

/// A path with those of these parameters that are not empty.
pub fn link(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()));
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// One choice of a list.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

/// A column of a file that is imported, for the table in `import_columns.html`, where its meaning is chosen.
pub struct ColumnChoice {
    /// Its heading, as people read it.
    pub name: String,
    /// Its first cells.
    pub samples: Vec<String>,
    /// What is sent of what it becomes; empty where it is left out.
    pub chosen: String,
    /// What is wrong with that.
    pub fault: Option<String>,
}

/// Choices out of pairs of what is sent and what is read.
pub fn choices<V: ToString, L: ToString>(pairs: impl IntoIterator<Item = (V, L)>) -> Vec<Choice> {
    let choice = |(value, label): (V, L)| Choice { value: value.to_string(), label: label.to_string() };
    pairs.into_iter().map(choice).collect()
}

/// A field of a form with its label, hint and error.
#[derive(Template)]
#[template(path = "web/src/templates/field.html")]
#[allow(clippy::struct_excessive_bools, reason = "they are the attributes of HTML")]
pub struct Field {
    kind: &'static str,
    id: String,
    name: String,
    label: String,
    value: String,
    hint: String,
    error: Option<String>,
    choices: Vec<Choice>,
    required: bool,
    optional: bool,
    autosubmit: bool,
    autofocus: bool,
    autocomplete: String,
    class: String,
    count: String,
    limit: usize,
}

macro_rules! told {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self) -> Self {
            self.$name = true;
            self
        }
    )*};
}

macro_rules! given {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, text: &str) -> Self {
            text.clone_into(&mut self.$name);
            self
        }
    )*};
}

impl Field {
    pub(super) fn new(
        kind: &'static str,
        name: &str,
        label: &str,
        value: &str,
        error: Option<String>,
    ) -> Self {
        Self {
            kind,
            id: name.to_owned(),
            name: name.to_owned(),
            label: label.to_owned(),
            value: value.to_owned(),
            hint: String::new(),
            error,
            choices: Vec::new(),
            required: false,
            optional: false,
            autosubmit: false,
            autofocus: false,
            autocomplete: String::new(),
            class: String::new(),
            count: String::new(),
            limit: 0,
        }
    }

    told! {
        /// The browser asks for it.
        required;
        /// Says that it may stay empty.
        optional;
        /// A change sends the form.
        autosubmit;
        /// The page begins here.
        autofocus;
    }

    given! {
        /// A line beneath that helps.
        hint;
        /// What the browser may fill in.
        autocomplete;
        /// A further class.
        class;
        /// Another id than the name, where a page has the name twice.
        id;
        /// Where it is asked how many addresses the text has.
        count;
    }

    /// What can be chosen.
    #[must_use]
    pub fn among(mut self, choices: &[Choice]) -> Self {
        self.choices = choices.to_vec();
        self
    }

    /// The longest text.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    fn described(&self) -> String {
        let hint = if self.hint.is_empty() && self.count.is_empty() {
            String::new()
        } else {
            format!("{}-hint", self.id)
        };
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id)).unwrap_or_default();
        format!("{hint} {error}").trim().to_owned()
    }

    fn chosen(&self, choice: &Choice) -> bool {
        choice.value == self.value
    }
}

/// What is wrong with a form, above it: each line leads to its field.
#[derive(Template)]
#[template(path = "web/src/templates/summary.html")]
pub struct Summary {
    pub(super) heading: String,
    pub(super) faults: Vec<(String, String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::clock::{DAY, HOUR, MINUTE};

    fn kit() -> Kit {
        Kit { now: Time::from_micros(1_772_357_400_000_000), zone: TimeZone::UTC, flash: None, sells: true }
    }

    #[test]
    fn moments_are_told_in_words() {
        let kit = kit();
        let ago = |micros: i64| kit.words(kit.now.plus(-micros));
        assert_eq!(ago(MINUTE / 2), "just now");
        assert_eq!(ago(MINUTE), "1 minute ago");
        assert_eq!(ago(5 * HOUR), "5 hours ago");
        assert_eq!(ago(30 * HOUR), "yesterday");
        assert_eq!(ago(20 * DAY), "Feb 9");
        assert_eq!(ago(-7 * DAY), "in 7 days");
    }

    #[test]
    fn numbers_and_sizes_are_easy_to_read() {
        let kit = kit();
        assert_eq!(kit.number(&1_234_567), "1,234,567");
        assert_eq!(kit.number(&12), "12");
        assert_eq!(kit.count(&1, "person", "people"), "1 person");
        assert_eq!(kit.size(&4_250_000), "4.2 MB");
    }

    #[test]
    fn links_leave_out_what_is_empty_and_escape_the_rest() {
        assert_eq!(link("/x", &[("q", "a b&c"), ("role", "")]), "/x?q=a+b%26c");
        assert_eq!(link("/x", &[]), "/x");
    }

    #[test]
    fn pieces_escape_what_they_show() {
        let html = kit().person("<b>Ann</b>", "").to_string();
        assert!(!html.contains("<b>"), "{html}");
    }
}
