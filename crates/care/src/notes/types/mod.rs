//! Note types: an account's kinds of notes, each with the text that a new note of the kind begins with.
//!
//! An account has a handful from the start. They are stored when someone first manages the list; until then,
//! they are offered from here. A type is never deleted, only archived; notes keep the name that it
//! had when they were written.

pub mod actions;
pub mod api;
pub mod pages;
mod store;

pub use store::NoteTypeRow;

use kernel::{error::Result, id::AccountId};
use storage::Tx;

/// The types that an account begins with: name and text. They are its own from then on.
const FIRST_TYPES: [(&str, &str); 5] = [
    ("Progress note", "What was said and seen:\n\n\nCompared with last time:\n\n\nNext steps:\n"),
    (
        "Group session",
        "Topic:\n\n\nWhat we did together:\n\n\n{name} was {attendance}. {comment}\n\nFor next time:\n",
    ),
    ("Psychoeducation", "What was explained:\n\n\nQuestions that came up:\n\n\nMaterial handed out:\n"),
    (
        "Herd visit",
        "Reason for the visit:\n\n\nAnimals seen:\n\n\nFindings:\n\n\nTreatment and withdrawal times:\n\n\nAdvice:\n",
    ),
    ("Phone call", "Who called, and why:\n\n\nWhat was agreed on:\n"),
];

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
        let mut first =
            FIRST_TYPES.map(|(name, body)| Offered { name: name.to_owned(), body: body.to_owned() });
        first.sort_by(|a, b| a.name.cmp(&b.name));
        return Ok(first.into());
    }
    let open = rows.into_iter().filter(|row| row.archived_at.is_none());
    Ok(open.map(|row| Offered { name: row.name, body: row.body }).collect())
}
