//! Note types: an account's kinds of notes, each with the text that a new note of the kind begins with.
//!
//! An account has a handful from the start, by its kind of practice. They are stored when someone first manages the
//! list; until then, they are offered from here and change with the kind of practice. A type is never deleted, only archived; notes keep the name that it
//! had when they were written.

pub mod actions;
pub mod api;
pub mod pages;
mod store;

pub use store::{NoteTypeRow, NoteTypes};

use kernel::{error::Result, id::AccountId, practice::PracticeKind};
use people::accounts;
use storage::Tx;

const PROGRESS: (&str, &str) =
    ("Progress note", "What was said and seen:\n\n\nCompared with last time:\n\n\nNext steps:\n");
const GROUP_SESSION: (&str, &str) = (
    "Group session",
    "Topic:\n\n\nWhat we did together:\n\n\n{name} was {attendance}. {comment}\n\nFor next time:\n",
);
const PHONE_CALL: (&str, &str) = ("Phone call", "Who called, and why:\n\n\nWhat was agreed on:\n");

/// The types that an account of this kind begins with: name and text. They are its own from then on.
const fn first_types(kind: PracticeKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        PracticeKind::Veterinary => &[
            PROGRESS,
            ("Examination", "Reason for the visit:\n\n\nFindings:\n\n\nAssessment:\n\n\nPlan:\n"),
            (
                "Herd visit",
                "Reason for the visit:\n\n\nAnimals seen:\n\n\nFindings:\n\n\nTreatment and withdrawal times:\n\n\nAdvice:\n",
            ),
            GROUP_SESSION,
            PHONE_CALL,
        ],
        PracticeKind::BehavioralHealth => &[
            (
                "Intake",
                "Reason for coming:\n\n\nHistory:\n\n\nStrengths and supports:\n\n\nSafety:\n\n\nFirst goals:\n",
            ),
            PROGRESS,
            GROUP_SESSION,
            (
                "Psychoeducation",
                "What was explained:\n\n\nQuestions that came up:\n\n\nMaterial handed out:\n",
            ),
            (
                "Crisis contact",
                "What happened:\n\n\nSafety now:\n\n\nWhat was agreed on, and who was told:\n\n\nNext contact:\n",
            ),
            PHONE_CALL,
        ],
        PracticeKind::Other => &[PROGRESS, GROUP_SESSION, PHONE_CALL],
    }
}

/// A type that a note may have.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Offered {
    /// One line, up to 200 characters.
    pub name: String,
    /// The text that a new note begins with.
    pub body: String,
}

/// The types that a new note of an account may have, by name.
pub async fn offered(tx: &Tx, account: AccountId) -> Result<Vec<Offered>> {
    let rows = store::list(tx, account).await?;
    if rows.is_empty() {
        let first = first_types(accounts::practice_kind(tx, account).await?);
        let offered =
            |(name, body): &(&str, &str)| Offered { name: (*name).to_owned(), body: (*body).to_owned() };
        let mut first = first.iter().map(offered).collect::<Vec<_>>();
        first.sort_by(|a, b| a.name.cmp(&b.name));
        return Ok(first);
    }
    let open = rows.into_iter().filter(|row| row.archived_at.is_none());
    Ok(open.map(|row| Offered { name: row.name, body: row.body }).collect())
}
