//! Note types, in JSON.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::notes::types::{NoteTypeRow, NoteTypes, actions};
use access::{AccountAdmin, AccountWorker, NoteTypeAdmin};
use kernel::error::Result;
use storage::ExpectedVersion;
use web::{Answer, Body, Json, Lists, May, Page, Tagged};

/// A new account's are stored when they are first listed.
pub(crate) async fn index(
    may: May<AccountWorker>,
    Lists { listing, limit, .. }: Lists<NoteTypes>,
) -> Result<Json<Page<NoteTypeRow>>> {
    let mut items = may.read(async |tx, by| actions::list(tx, by).await).await?;
    if items.is_empty() {
        items = may.write(async |tx, by| actions::ensured(tx, by).await).await?;
    }
    Ok(Json(Page::arranged(items, limit, &listing, NoteTypeRow::place)))
}

/// A note type to add.
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
    may.post(async move |tx, by| actions::add(tx, by, &input.name, &input.body).await).await
}

/// Changes to a note type. Absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoteTypeUpdate)]
pub struct NoteTypeChanges {
    #[serde(default, deserialize_with = "web::text_or_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    body: Option<String>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    archived: Option<bool>,
}

pub(crate) async fn change(
    may: May<NoteTypeAdmin>,
    seen: ExpectedVersion,
    Body(input): Body<NoteTypeChanges>,
) -> Result<Tagged<NoteTypeRow>> {
    let NoteTypeChanges { name, body, archived } = input;
    let input = actions::Changes { name, body, archived };
    let row = may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await?;
    Ok(Tagged(row.version, row))
}
