//! What is known of a session beyond its text, and how it is checked: the same for a chart's note and for a
//! group note.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use crate::notes::types;
use access::GroupScope;
use kernel::{
    error::{Checks, Fault, Result},
    id::LocationId,
    text,
};
use people::locations;
use storage::Tx;

/// The longest that a session lasts, in minutes.
pub const MINUTES_LIMIT: i64 = 1440;

/// What is known of a session beyond its text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// The name of its kind of note; empty for none.
    pub note_type: String,
    /// What it was about, on one line.
    pub description: String,
    /// Its day: `2026-03-02`.
    pub service_date: String,
    /// How long it took.
    pub minutes: Option<i64>,
    /// Where; of the same group.
    pub location: Option<LocationId>,
}

/// A value that can be revoked: absent it stays as it is, null takes it back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Given<T> {
    /// It was not named.
    #[default]
    Absent,
    /// This, or nothing.
    To(Option<T>),
}

impl<T> Given<T> {
    /// The value now, where it was this before.
    pub fn or(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Absent => before,
            Self::To(value) => value,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::To)
    }
}

/// What changes of a session's facts. What is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The name of its kind of note; empty for none.
    pub note_type: Option<String>,
    /// What it was about.
    pub description: Option<String>,
    /// The day of the session: `2026-03-02`.
    pub service_date: Option<String>,
    /// How long it took.
    pub minutes: Given<i64>,
    /// Where.
    pub location: Given<LocationId>,
}

/// Reads a day, so that days sort as text.
///
/// # Errors
/// It is none, or of another age.
pub fn day(text: &str) -> Result<String, Fault> {
    let date =
        text.trim().parse::<jiff::civil::Date>().ok().filter(|date| (1900..=9998).contains(&date.year()));
    date.map(|date| date.to_string())
        .ok_or_else(|| Fault::new("not_a_date", "Enter a date as year-month-day, such as 2026-03-02."))
}

impl Facts {
    /// The facts with these changes.
    ///
    /// # Errors
    /// A field can't be used.
    pub async fn changed(&self, tx: &Tx, scope: &GroupScope, changes: &Changes) -> Result<Self> {
        let mut checks = Checks::default();
        let mut facts = self.clone();
        if let Some(description) = &changes.description {
            let line = text::optional_line(description).map(Option::unwrap_or_default);
            facts.description = checks.take("description", line).unwrap_or_default();
        }
        if changes.service_date.is_some() || self.service_date.is_empty() {
            let date = changes.service_date.as_deref().unwrap_or_default();
            facts.service_date = checks.take("service_date", day(date)).unwrap_or_default();
        }
        facts.minutes = changes.minutes.or(self.minutes);
        let fine = facts.minutes.is_none_or(|minutes| (1..=MINUTES_LIMIT).contains(&minutes));
        checks.that(fine, "minutes", format!("Enter 1 to {MINUTES_LIMIT} minutes, or leave it blank."));
        if let Some(wished) = changes.note_type.as_deref().filter(|wished| *wished != self.note_type) {
            facts.note_type = checks.take("note_type", kind(tx, scope, wished).await?).unwrap_or_default();
        }
        facts.location = changes.location.or(self.location);
        if facts.location != self.location
            && let Some(location) = facts.location
        {
            let place = locations::show(tx, scope, location).await.ok();
            let open = place.is_some_and(|place| place.archived_at.is_none());
            checks.that(open, "location", "Choose a location in this group, or none.");
        }
        checks.done()?;
        Ok(facts)
    }
}

/// The kind of note of this name, as its list writes it.
async fn kind(tx: &Tx, scope: &GroupScope, name: &str) -> Result<Result<String, Cow<'static, str>>> {
    if name.trim().is_empty() {
        return Ok(Ok(String::new()));
    }
    let key = text::fold(name.trim());
    let offered = types::offered(tx, scope.account()).await?;
    let found = offered.into_iter().find(|kind| text::fold(&kind.name) == key);
    Ok(found.map(|kind| kind.name).ok_or("Choose a note type from the list, or none.".into()))
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_written_so_that_they_sort() {
        assert_eq!(day(" 2026-03-02 ").unwrap(), "2026-03-02");
        for bad in ["", "2026-3-2", "02.03.2026", "2026-02-30", "-002026-01-01", "0001-01-01", "9999-12-31"] {
            assert!(day(bad).is_err(), "{bad}");
        }
    }
}
