//! Notes: the chart of a client, and notes written once for a client group.
//!
//! - People who work in the group write and change drafts; the parent account reads, which is noted.
//! - A released note never changes: what comes later is an addendum, signed with name and time. The statements
//!   ask for it, and triggers in the database hold it.
//! - The author releases their own; others need the privilege `notes.release`.
//! - Everything about notes is named in the audit trail by id alone.
//! - [`types`]: the account's kinds of notes, with the text that a new note of the kind begins with.
//! - [`group`]: group notes. *Generate* makes one note per attending client; a note of its own text stays so.
//! - [`names`]: tells whether a text names another client, so that it is not released unawares.

pub mod actions;
pub mod api;
pub mod facts;
pub mod group;
pub mod names;
pub mod pages;
mod store;
pub mod types;

pub use store::{AddendumRow, Chart, NoteRow, copy_all, forget_all};

use kernel::clock::HOUR;
use storage::word;

/// How often at most the trail names the same person as changing the same note: autosave would flood it.
const CHANGES_NOTED_EVERY: i64 = HOUR;

word! {
    /// Whether a client was there.
    pub enum Attendance {
        /// They were.
        Present = "present",
        /// They came late.
        Late = "late",
        /// They were not: they get no note.
        Absent = "absent",
    }
}

impl Attendance {
    /// The word that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Present => "Present",
            Self::Late => "Late",
            Self::Absent => "Absent",
        }
    }

    /// Whether they get a note.
    pub const fn attends(self) -> bool {
        !matches!(self, Self::Absent)
    }
}

/// The shared text as one client's note has it. Each place is filled once: what is filled in is not looked
/// through again. Ends are trimmed, as those of every text are.
pub fn fill(text: &str, name: &str, attendance: Attendance, comment: &str) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let places = [("{name}", name), ("{attendance}", attendance.word()), ("{comment}", comment)];
        let place = places.into_iter().find(|(place, _)| rest.starts_with(place));
        let (place, with) = place.unwrap_or(("{", "{"));
        filled.push_str(with);
        rest = &rest[place.len()..];
    }
    filled.push_str(rest);
    filled.trim().to_owned()
}

/// Whether a text says nothing: white space, or characters that don't show.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_once_and_the_rest_stays() {
        let text = "{name} was {attendance}: {comment} {nobody} {";
        assert_eq!(
            fill(text, "Ann", Attendance::Late, "said {name}"),
            "Ann was late: said {name} {nobody} {"
        );
        assert_eq!(fill("", "Ann", Attendance::Present, ""), "");
    }

    #[test]
    fn a_text_of_nothing_is_blank() {
        for blank in ["", " \n\t", "\u{200b}\u{feff} "] {
            assert!(is_blank(blank));
        }
        for text in ["x", "—", "👍"] {
            assert!(!is_blank(text));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_filled(text: String, name: String, comment: String) {
            let filled = fill(&text, &name, Attendance::Present, &comment);
            let has_place = text.contains('{');
            proptest::prop_assert!(has_place || filled == text.trim());
        }
    }
}
