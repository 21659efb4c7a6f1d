//! Charts, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::notes::{
    AddendumRow, Attendance, Chart, NoteRow,
    actions::{self, Draft},
    facts::{self, Given},
    names::Named,
};
use access::{ClientEditor, ClientReader, NoteEditor, NoteReader, NoteReleaser};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, AddendumId, GroupId, GroupNoteId, LocationId, NoteId},
};
use storage::{ExpectedVersion, Weight};
use web::{Answer, Body, Json, Lists, May, NoContent, Page, Tagged};

/// A client by id and name.
pub type ChartClient = web::Named<kernel::id::Client>;

/// A person by id and name.
pub type ChartPerson = web::Named<kernel::id::User>;

/// A location by id and name.
pub type ChartLocation = web::Named<kernel::id::Location>;

/// Who released a note, and when.
#[derive(Serialize, ToSchema)]
#[schema(as = NoteRelease)]
pub struct ChartRelease {
    by: ChartPerson,
    at: Time,
}

/// An addendum to a released note.
#[derive(Serialize, ToSchema)]
#[schema(as = Addendum)]
pub struct ChartAddendum {
    id: AddendumId,
    author: ChartPerson,
    body: String,
    created_at: Time,
}

impl From<AddendumRow> for ChartAddendum {
    fn from(row: AddendumRow) -> Self {
        let author = ChartPerson { id: row.author, name: row.author_name };
        Self { id: row.id, author, body: row.body, created_at: row.created_at }
    }
}

/// A note in a chart.
#[derive(Serialize, ToSchema)]
#[schema(as = NoteSummary)]
pub struct ChartNote {
    id: NoteId,
    account: AccountId,
    group: GroupId,
    client: ChartClient,
    /// The group note that it was created from.
    group_note: Option<GroupNoteId>,
    /// The name of its note type; empty for none.
    note_type: String,
    description: String,
    /// The day of the session: `2026-03-02`.
    service_date: String,
    minutes: Option<i64>,
    location: Option<ChartLocation>,
    attendance: Option<Attendance>,
    comment: String,
    body: String,
    /// Whether its text was personalized, so it no longer follows its group note.
    personalized: bool,
    author: ChartPerson,
    created_at: Time,
    updated_at: Time,
    /// Released notes can't be edited.
    released: Option<ChartRelease>,
    version: i64,
}

pub(super) fn location(id: Option<LocationId>, name: Option<String>) -> Option<ChartLocation> {
    id.zip(name).map(|(id, name)| ChartLocation { id, name })
}

impl From<NoteRow> for ChartNote {
    fn from(row: NoteRow) -> Self {
        let by = row.released_by.zip(row.releaser_name).map(|(id, name)| ChartPerson { id, name });
        Self {
            id: row.id,
            account: row.account,
            group: row.group,
            client: ChartClient { id: row.client, name: row.client_name },
            group_note: row.group_note,
            note_type: row.note_type,
            description: row.description,
            service_date: row.service_date,
            minutes: row.minutes,
            location: location(row.location, row.location_name),
            attendance: row.attendance,
            comment: row.comment,
            body: row.body,
            personalized: row.personalized,
            author: ChartPerson { id: row.author, name: row.author_name },
            created_at: row.created_at,
            updated_at: row.updated_at,
            released: by.zip(row.released_at).map(|(by, at)| ChartRelease { by, at }),
            version: row.version,
        }
    }
}

/// A note in a chart with its addenda.
#[derive(Serialize, ToSchema)]
#[schema(as = NoteWithAddenda)]
pub struct ChartEntry {
    #[serde(flatten)]
    note: ChartNote,
    addenda: Vec<ChartAddendum>,
}

impl From<actions::Entry> for ChartEntry {
    fn from(entry: actions::Entry) -> Self {
        let addenda = entry.addenda.into_iter().map(Into::into).collect();
        Self { note: entry.note.into(), addenda }
    }
}

pub(crate) async fn index(
    may: May<ClientReader>,
    Lists { listing, limit, .. }: Lists<Chart>,
) -> Result<Json<Page<ChartEntry>>> {
    let from = listing.clone();
    let rows = may
        .read_noted("chart", Weight::Light, async move |tx, by| actions::chart(tx, by, &from, limit).await)
        .await?;
    Ok(Json(Page::sorted(rows, limit, &listing, |entry, by| entry.note.place(by)).map(Into::into)))
}

/// A note to write.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNote)]
pub struct NewChartNote {
    /// The name of one of the account's note types.
    note_type: Option<String>,
    #[serde(default)]
    description: String,
    service_date: String,
    minutes: Option<i64>,
    location: Option<LocationId>,
    /// Can be empty in a draft.
    #[serde(default)]
    body: String,
}

pub(crate) async fn write(
    may: May<ClientEditor>,
    Body(input): Body<NewChartNote>,
) -> Result<Answer<ChartNote>> {
    let facts = facts::Changes {
        note_type: input.note_type,
        description: Some(input.description),
        service_date: Some(input.service_date),
        minutes: Given::To(input.minutes),
        location: Given::To(input.location),
    };
    let draft = Draft { facts, body: Some(input.body), personalized: None };
    may.post(async move |tx, by| actions::write(tx, by, &draft).await.map(ChartNote::from)).await
}

/// A note with its addenda, and the other clients that it mentions.
#[derive(Serialize, ToSchema)]
#[schema(as = Note)]
pub struct ShownNote {
    #[serde(flatten)]
    entry: ChartEntry,
    /// Other clients of its group note whom the text mentions. Releasing it then needs `despite`.
    names: Vec<Named>,
}

pub(crate) async fn show(may: May<NoteReader>) -> Result<Tagged<ShownNote>> {
    let (entry, names) =
        may.read_noted("note", Weight::Light, async |tx, by| actions::show(tx, by).await).await?;
    Ok(Tagged(entry.note.version, ShownNote { entry: entry.into(), names }))
}

/// Changes to a draft. Absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoteUpdate)]
pub struct ChartNoteChanges {
    #[serde(default, deserialize_with = "web::text_or_null")]
    note_type: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    description: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    service_date: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    minutes: Given<i64>,
    #[serde(default)]
    #[schema(value_type = Option<LocationId>)]
    location: Given<LocationId>,
    /// Changing the text of a note created from a group note personalizes it.
    #[serde(default, deserialize_with = "web::text_or_null")]
    body: Option<String>,
    /// `false` replaces the text with its group note's.
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    personalized: Option<bool>,
}

pub(crate) async fn change(
    may: May<NoteEditor>,
    seen: ExpectedVersion,
    Body(input): Body<ChartNoteChanges>,
) -> Result<Tagged<ChartNote>> {
    let ChartNoteChanges { note_type, description, service_date, minutes, location, body, personalized } =
        input;
    let facts = facts::Changes { note_type, description, service_date, minutes, location };
    let draft = Draft { facts, body, personalized };
    let row = may.write(async move |tx, by| actions::change(tx, by, &draft, seen).await).await?;
    Ok(Tagged(row.version, row.into()))
}

pub(crate) async fn delete(may: May<NoteEditor>, seen: ExpectedVersion) -> Result<NoContent> {
    may.write(async move |tx, by| actions::delete(tx, by, seen).await).await?;
    Ok(NoContent)
}

/// How a note is released.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoteReleaseOptions)]
pub struct ReleaseNote {
    /// Release it even if it mentions another client.
    #[serde(default)]
    despite: bool,
}

pub(crate) async fn release(
    may: May<NoteReleaser>,
    seen: ExpectedVersion,
    Body(input): Body<ReleaseNote>,
) -> Result<Answer<ChartNote, 200>> {
    may.post(async move |tx, by| actions::release(tx, by, input.despite, seen).await.map(ChartNote::from))
        .await
}

/// An addendum to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAddendum {
    body: String,
    /// Add it even if it mentions another client in the group.
    #[serde(default)]
    despite: bool,
}

/// The id of what was created.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedAddendum)]
pub struct MadeAddendum {
    id: AddendumId,
}

pub(crate) async fn add(
    may: May<NoteEditor>,
    Body(input): Body<NewAddendum>,
) -> Result<Answer<MadeAddendum>> {
    may.post(async move |tx, by| {
        Ok(MadeAddendum { id: actions::add(tx, by, &input.body, input.despite).await? })
    })
    .await
}
