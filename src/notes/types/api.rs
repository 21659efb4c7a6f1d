//! Note types, in JSON.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{AccountAdmin, AccountMember, AccountWorker, NoteTypeAdmin, Proof},
    error::Result,
    notes::types::{NoteTypeRow, actions},
    web::{Answer, Body, IfMatch, Json, May, Tagged},
};

/// An account's note types.
#[derive(Serialize, ToSchema)]
pub struct NoteTypes {
    items: Vec<NoteTypeRow>,
}

/// The types of the account in the path; those of a new account are written down at the first look.
///
/// # Errors
/// The permission is refused, or the database fails.
pub(super) async fn list<P>(may: &May<P>) -> Result<Vec<NoteTypeRow>>
where
    P: Proof + AsMember,
{
    let rows = may.read(async |tx, by: &P| actions::list(tx, by.member()).await).await?;
    if !rows.is_empty() {
        return Ok(rows);
    }
    may.write(async |tx, by: &P| actions::ensured(tx, by.member()).await).await
}

/// A proof that is one of membership, or more.
pub(super) trait AsMember {
    fn member(&self) -> &AccountMember;
}
impl AsMember for AccountWorker {
    fn member(&self) -> &AccountMember {
        self
    }
}
impl AsMember for AccountAdmin {
    fn member(&self) -> &AccountMember {
        self
    }
}

pub(crate) async fn index(may: May<AccountWorker>) -> Result<Json<NoteTypes>> {
    Ok(Json(NoteTypes { items: list(&may).await? }))
}

/// A note type to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNoteType {
    name: String,
    #[serde(default)]
    body: String,
}

pub(crate) async fn create(
    may: May<AccountAdmin>,
    Body(input): Body<NewNoteType>,
) -> Result<Answer<NoteTypeRow>> {
    may.post(StatusCode::CREATED, async move |tx, by| actions::add(tx, by, &input.name, &input.body).await)
        .await
}

/// What may be changed of a note type. What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteTypeChanges {
    name: Option<String>,
    body: Option<String>,
    archived: Option<bool>,
}

pub(crate) async fn change(
    may: May<NoteTypeAdmin>,
    seen: IfMatch,
    Body(input): Body<NoteTypeChanges>,
) -> Result<Tagged<NoteTypeRow>> {
    let NoteTypeChanges { name, body, archived } = input;
    let input = actions::Changes { name, body, archived };
    let row = may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await?;
    Ok(Tagged(row.version, row))
}
