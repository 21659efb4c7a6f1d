//! The statements of note types.

use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, NoteTypeId},
    text,
};
use storage::{Tx, list::Key, orders, row, sql};

row! {
    /// A kind of note.
    #[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = NoteType)]
    pub struct NoteTypeRow {
        /// Newer ones have greater ids.
        pub id: NoteTypeId,
        /// Its name, unique in the account.
        pub name: String,
        /// The text that a new note of the kind begins with.
        pub body: String,
        /// When it was added.
        pub created_at: Time,
        /// Since when it is no longer offered.
        pub archived_at: Option<Time>,
        /// Counts the changes.
        pub version: i64,
    }
}

orders! {
    /// The note types of an account.
    pub NoteTypes of NoteType: "name" ["name" Folded, "created_at" Created];
}

impl NoteTypeRow {
    /// Where it is in a list of note types that is sorted so. Archived ones come last by name.
    pub fn place(&self, by: &str) -> (Key, NoteTypeId) {
        let key = if by == "name" { Key::name(&self.name, self.archived_at.is_some()) } else { Key::Created };
        (key, self.id)
    }
}

/// An account's types by name, archived ones last.
pub(super) async fn list(tx: &Tx, account: AccountId) -> Result<Vec<NoteTypeRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM note_types
             WHERE account_id = $1 ORDER BY archived_at IS NOT NULL, name_key",
            NoteTypeRow
        ),
        &[&account],
    )
    .await
}

pub(super) async fn show(tx: &Tx, account: AccountId, id: NoteTypeId) -> Result<NoteTypeRow> {
    tx.one(
        sql!(
            "SELECT {} FROM note_types
             WHERE account_id = $1 AND id = $2",
            NoteTypeRow
        ),
        &[&account, &id],
    )
    .await
}

/// Adds a type, unless the account has one of that name.
pub(super) async fn insert(
    tx: &Tx,
    account: AccountId,
    id: NoteTypeId,
    name: &str,
    body: &str,
) -> Result<bool> {
    let added = tx
        .exec(
            sql!(
                "INSERT INTO note_types (account_id, id, name, name_key, body, created_at, version)
                 VALUES ($1, $2, $3, $4, $5, $6, 1) ON CONFLICT (account_id, name_key) DO NOTHING"
            ),
            &[&account, &id, &name, &text::fold(name), &body, &tx.now()],
        )
        .await?;
    Ok(added == 1)
}

pub(super) async fn name_is_taken(tx: &Tx, account: AccountId, id: NoteTypeId, name: &str) -> Result<bool> {
    tx.value(
        sql!("SELECT EXISTS (SELECT 1 FROM note_types WHERE account_id = $1 AND name_key = $3 AND id <> $2)"),
        &[&account, &id, &text::fold(name)],
    )
    .await
}

/// Changes a type, if it is still as it was read.
pub(super) async fn update(tx: &Tx, account: AccountId, row: &NoteTypeRow) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE note_types SET name = $3, name_key = $4, body = $5, archived_at = $6, version = version + 1
                 WHERE account_id = $1 AND id = $2 AND version = $7"
            ),
            &[
                &account,
                &row.id,
                &row.name,
                &text::fold(&row.name),
                &row.body,
                &row.archived_at,
                &row.version,
            ],
        )
        .await?;
    Ok(changed == 1)
}
