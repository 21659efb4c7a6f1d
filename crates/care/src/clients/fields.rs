//! What is written about a client: how it is typed, and how it is kept once it was checked.

use std::borrow::Cow;

use jiff::{SignedDuration, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::clients::{Kind, MOST_ANIMALS};
use kernel::{
    addresses::Email,
    clock::Time,
    error::{Error, Fault, FieldError, Result},
    search, text,
};

/// A client as someone typed it.
#[derive(Clone, Debug, Default)]
pub struct ClientInput {
    /// What they are to the group.
    pub kind: Option<Kind>,
    /// One line, up to 200 characters.
    pub name: String,
    /// The group's own file number.
    pub reference: String,
    /// Their address for mail.
    pub email: String,
    /// As it was entered.
    pub phone: String,
    /// Where they live.
    pub address: String,
    /// `2019-05-01`; empty where unknown.
    pub birth_date: String,
    /// Whatever else.
    pub remarks: String,
    /// In the order in which they were added.
    pub animals: Vec<AnimalInput>,
}

/// An animal as someone typed it.
#[derive(Clone, Debug, Default)]
pub struct AnimalInput {
    /// One line, up to 200 characters.
    pub name: String,
    /// Dog, cat …
    pub species: String,
    /// As it was entered.
    pub breed: String,
    /// `2019-05-01`; empty where unknown.
    pub birth_date: String,
}

/// A client whose fields were checked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Draft {
    /// What they are to the group.
    pub kind: Kind,
    /// One line, up to 200 characters.
    pub name: String,
    /// The group's own file number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// Their address for mail.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// As it was entered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Where they live.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// When they were born.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// Whatever else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remarks: String,
    /// In the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub animals: Vec<AnimalDraft>,
}

/// An animal whose fields were checked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AnimalDraft {
    /// One line, up to 200 characters.
    pub name: String,
    /// Dog, cat …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub species: String,
    /// As it was entered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub breed: String,
    /// When it was born.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
}

/// Collects faults of fields whose names are made as they are met.
#[derive(Default)]
struct Faults {
    prefix: String,
    found: Vec<FieldError>,
}

impl Faults {
    fn take<T: Default>(&mut self, field: &str, value: Result<T, impl Into<Fault>>) -> T {
        value.unwrap_or_else(|fault| {
            self.found.push(FieldError::new(format!("{}{field}", self.prefix), fault));
            T::default()
        })
    }

    fn line(&mut self, field: &str, value: &str) -> String {
        self.take(field, text::optional_line(value)).unwrap_or_default()
    }

    fn done<T>(self, value: T) -> Result<T> {
        if self.found.is_empty() { Ok(value) } else { Err(Error::invalid(self.found)) }
    }
}

/// Checks a client.
///
/// # Errors
/// Fields that can't be used, all at once.
pub(super) fn check(input: &ClientInput, now: Time) -> Result<Draft> {
    let mut faults = Faults::default();
    let mut draft = Draft {
        kind: faults
            .take("kind", input.kind.map(Some).ok_or(Fault::required("Choose the kind of client.")))
            .unwrap_or(Kind::Owner),
        name: faults.take("name", text::line(&input.name)),
        reference: faults.line("reference", &input.reference),
        email: faults.take("email", email(&input.email)),
        phone: faults.line("phone", &input.phone),
        address: faults.take("address", text::prose(&input.address)),
        birth_date: faults.take("birth_date", birth_date(&input.birth_date, now)),
        remarks: faults.take("remarks", text::prose(&input.remarks)),
        animals: Vec::new(),
    };
    if input.animals.len() > MOST_ANIMALS {
        faults.take("animals", Err::<(), _>(format!("A client can have up to {MOST_ANIMALS} animals.")));
    }
    for (at, animal) in input.animals.iter().take(MOST_ANIMALS).enumerate() {
        faults.prefix = format!("animals[{at}].");
        draft.animals.push(animal_of(&mut faults, animal, now));
    }
    faults.done(draft)
}

/// Checks an animal.
///
/// # Errors
/// Fields that can't be used, all at once.
pub(super) fn check_animal(input: &AnimalInput, now: Time) -> Result<AnimalDraft> {
    let mut faults = Faults::default();
    let draft = animal_of(&mut faults, input, now);
    faults.done(draft)
}

fn animal_of(faults: &mut Faults, input: &AnimalInput, now: Time) -> AnimalDraft {
    AnimalDraft {
        name: faults.take("name", text::line(&input.name)),
        species: faults.line("species", &input.species),
        breed: faults.line("breed", &input.breed),
        birth_date: faults.take("birth_date", birth_date(&input.birth_date, now)),
    }
}

fn email(text: &str) -> Result<String, Cow<'static, str>> {
    match text.trim() {
        "" => Ok(String::new()),
        text => Email::read(text).map(|email| email.shown),
    }
}

/// A date as it is kept: `2019-05-01`. Not in the future anywhere on Earth, nor before 1850.
fn birth_date(text: &str, now: Time) -> Result<Option<String>, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    let date = date.ok_or(Fault::new("not_a_date", "Enter a date as year-month-day, such as 2019-05-01."))?;
    let latest = now.timestamp() + SignedDuration::from_hours(14);
    if date > latest.to_zoned(TimeZone::UTC).date() {
        return Err(Fault::new("in_the_future", "This date is in the future."));
    }
    if date.year() < 1850 {
        return Err(Fault::new("too_long_ago", "This date is too long ago. Check the year."));
    }
    Ok(Some(date.to_string()))
}

/// What a search for a client looks through: every word that one might know them by.
pub(super) fn search_text<'a>(row: &[&'a str], animals: impl Iterator<Item = &'a str>) -> String {
    let mut words = row.iter().copied().chain(animals).flat_map(search::index).collect::<Vec<_>>();
    // A phone is typed with any spaces or none.
    let digits = row.iter().map(|text| text.chars().filter(char::is_ascii_digit).collect::<String>());
    words.extend(digits.filter(|digits| digits.len() > 5));
    words.dedup();
    words.join(" ")
}

impl Draft {
    pub(super) fn search(&self) -> String {
        let Self { name, reference, email, phone, .. } = self;
        search_text(&[name, reference, email, phone], self.animals.iter().map(|animal| animal.name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_birth_are_days_that_were() {
        let now = Time::from_micros(1_772_442_000_000_000);
        assert_eq!(birth_date(" 2019-05-01 ", now).unwrap().unwrap(), "2019-05-01");
        assert_eq!(birth_date("", now).unwrap(), None);
        assert_eq!(birth_date("2026-03-02", now).unwrap().unwrap(), "2026-03-02");
        for bad in
            ["2026-03-04", "2019-02-30", "31.12.2019", "1492-10-12", "2019-5-1", "20190501", "-002019-01"]
        {
            assert!(birth_date(bad, now).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_phone_is_found_however_it_is_written() {
        let found = search_text(&["Änne Müller", "A-12", "a@x.org", "+49 (30) 123-456"], ["Rex"].into_iter());
        assert_eq!(found, "anne muller aenne mueller a 12 a x org 49 30 123 456 rex 4930123456");
    }
}
