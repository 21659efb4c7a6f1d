//! The verbs of note types.

use serde_json::json;

use crate::notes::types::{
    first_types,
    store::{self, NoteTypeRow},
};
use access::{AccountAdmin, AccountMember, NoteTypeAdmin};
use kernel::{
    error::{Checks, Error, Result},
    id::AccountId,
    text,
};
use people::{accounts, plans};
use platform::audit::{self, Action, Event};
use storage::{ExpectedVersion, Tx};

/// An account's types by name, archived ones last; none before anyone asked to write them down.
pub async fn list(tx: &Tx, by: &AccountMember) -> Result<Vec<NoteTypeRow>> {
    store::list(tx, by.account()).await
}

/// As [`list`], after the types that every account begins with were written down, if none were.
pub async fn ensured(tx: &Tx, by: &AccountMember) -> Result<Vec<NoteTypeRow>> {
    ensure(tx, by.account()).await?;
    store::list(tx, by.account()).await
}

async fn ensure(tx: &Tx, account: AccountId) -> Result<()> {
    if store::list(tx, account).await?.is_empty() {
        for (name, body) in first_types(accounts::practice_kind(tx, account).await?) {
            store::insert(tx, account, tx.id(), name, body).await?;
        }
    }
    Ok(())
}

fn taken() -> Error {
    Error::field(
        "name",
        "A note type with this name already exists. It may be archived. Choose another name.",
    )
}

/// Adds a type.
///
/// # Errors
/// A field can't be used, or the name is taken.
pub async fn add(tx: &Tx, by: &AccountAdmin, name: &str, body: &str) -> Result<NoteTypeRow> {
    plans::must_be_open(tx, by.account()).await?;
    let mut checks = Checks::default();
    let name = checks.take("name", text::line(name));
    let body = checks.take("body", text::prose(body));
    checks.done()?;
    ensure(tx, by.account()).await?;
    let (id, name) = (tx.id(), name.unwrap_or_default());
    if !store::insert(tx, by.account(), id, &name, &body.unwrap_or_default()).await? {
        return Err(taken());
    }
    let detail = json!({ "name": name });
    audit::record(tx, Event::new(by.account(), by.user(), Action::NoteTypeAdded, id).with(detail)).await?;
    store::show(tx, by.account(), id).await
}

/// What may be changed of a type. What is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Its name. Notes that were written keep the name that they have.
    pub name: Option<String>,
    /// The text that a new note begins with.
    pub body: Option<String>,
    /// Whether it is no longer offered.
    pub archived: Option<bool>,
}

/// Renames, rewrites, archives or restores a type.
///
/// # Errors
/// A field can't be used, the name is taken, or someone changed it first.
pub async fn change(
    tx: &Tx,
    by: &NoteTypeAdmin,
    input: &Changes,
    seen: ExpectedVersion,
) -> Result<NoteTypeRow> {
    plans::must_be_open(tx, by.account()).await?;
    let before = store::show(tx, by.account(), by.note_type()).await?;
    seen.check(before.version)?;
    let mut row = before.clone();
    let mut checks = Checks::default();
    if let Some(name) = &input.name {
        row.name = checks.take("name", text::line(name)).unwrap_or_default();
    }
    if let Some(body) = &input.body {
        row.body = checks.take("body", text::prose(body)).unwrap_or_default();
    }
    checks.done()?;
    if let Some(archived) = input.archived {
        row.archived_at = archived.then(|| row.archived_at.unwrap_or(tx.now()));
    }
    if store::name_is_taken(tx, by.account(), row.id, &row.name).await? {
        return Err(taken());
    }
    if row == before {
        return Ok(row);
    }
    if !store::update(tx, by.account(), &row).await? {
        return Err(Error::stale());
    }
    let detail = json!({ "name": row.name, "archived": row.archived_at.is_some() });
    let event = Event::new(by.account(), by.user(), Action::NoteTypeChanged, row.id);
    audit::record(tx, event.with(detail)).await?;
    store::show(tx, by.account(), row.id).await
}

/// A type, for the form that changes it.
pub async fn show(tx: &Tx, by: &NoteTypeAdmin) -> Result<NoteTypeRow> {
    store::show(tx, by.account(), by.note_type()).await
}
