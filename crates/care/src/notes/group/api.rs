//! Group notes, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::notes::{
    Attendance,
    api::{ChartClient, ChartLocation, ChartPerson, location},
    facts::{self, Given},
    group::{
        GroupNoteRow, GroupNotes,
        actions::{self, Attend, Draft, Whole},
        create::{self, Outcome},
        release::{self, Kept, Released},
    },
    names::Named,
};
use access::{ClientGroupEditor, ClientGroupReader, GroupNoteEditor, GroupNoteReader, GroupNoteReleaser};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, ClientId, GroupId, GroupNoteId, LocationId, NoteId},
};
use storage::{ExpectedVersion, Weight};
use web::{Answer, Body, Json, Lists, May, NoContent, Page, Tagged};

/// A client group by id and name.
pub type NotedClientGroup = web::Named<kernel::id::ClientGroup>;

/// A group note.
#[derive(Serialize, ToSchema)]
#[schema(as = GroupNoteSummary)]
pub struct GroupNoteHead {
    id: GroupNoteId,
    account: AccountId,
    group: GroupId,
    client_group: NotedClientGroup,
    /// The name of its note type; empty for none.
    note_type: String,
    description: String,
    /// The day of the session: `2026-03-02`.
    service_date: String,
    minutes: Option<i64>,
    location: Option<ChartLocation>,
    /// The shared text. `{name}`, `{attendance}` and `{comment}` are filled in when the notes are created.
    body: String,
    author: ChartPerson,
    created_at: Time,
    updated_at: Time,
    /// When notes were last created from it.
    notes_created_at: Option<Time>,
    /// How many notes there are from it.
    notes_created: i64,
    /// How many of them were released.
    notes_released: i64,
    version: i64,
}

impl From<GroupNoteRow> for GroupNoteHead {
    fn from(row: GroupNoteRow) -> Self {
        Self {
            id: row.id,
            account: row.account,
            group: row.group,
            client_group: NotedClientGroup { id: row.client_group, name: row.client_group_name },
            note_type: row.note_type,
            description: row.description,
            service_date: row.service_date,
            minutes: row.minutes,
            location: location(row.location, row.location_name),
            body: row.body,
            author: ChartPerson { id: row.author, name: row.author_name },
            created_at: row.created_at,
            updated_at: row.updated_at,
            notes_created_at: row.notes_created_at,
            notes_created: row.notes,
            notes_released: row.released,
            version: row.version,
        }
    }
}

/// One client's attendance.
#[derive(Serialize, ToSchema)]
pub struct GroupNoteAttendance {
    client: ClientId,
    name: String,
    attendance: Attendance,
    comment: String,
    /// Whether they attend this session only.
    guest: bool,
    archived: bool,
}

/// A note created from the group note.
#[derive(Serialize, ToSchema)]
#[schema(as = GroupNoteEntry)]
pub struct GroupNotePart {
    note: NoteId,
    client: ClientId,
    personalized: bool,
    released_at: Option<Time>,
    /// Other clients whom it mentions. Releasing it then needs `despite`.
    names: Vec<Named>,
    version: i64,
}

/// A group note with its attendance and its notes.
#[derive(Serialize, ToSchema)]
#[schema(as = GroupNote)]
pub struct WholeGroupNote {
    #[serde(flatten)]
    head: GroupNoteHead,
    attendance: Vec<GroupNoteAttendance>,
    /// Clients in the client group who are missing from the attendance.
    joined: Vec<ChartClient>,
    /// Clients in the attendance who have left the client group.
    left: Vec<ChartClient>,
    notes: Vec<GroupNotePart>,
}

impl From<Whole> for WholeGroupNote {
    fn from(whole: Whole) -> Self {
        let clients = |list: Vec<(ClientId, String)>| {
            list.into_iter().map(|(id, name)| ChartClient { id, name }).collect::<Vec<_>>()
        };
        let left = clients(whole.left());
        let attendance = whole.attendance.into_iter().map(|row| GroupNoteAttendance {
            client: row.client,
            name: row.name,
            attendance: row.attendance,
            comment: row.comment,
            guest: row.guest,
            archived: row.archived,
        });
        let notes = whole.notes.into_iter().map(|(note, names)| GroupNotePart {
            note: note.id,
            client: note.client,
            personalized: note.personalized,
            released_at: note.released_at,
            names,
            version: note.version,
        });
        Self {
            attendance: attendance.collect(),
            joined: clients(whole.joined),
            left,
            notes: notes.collect(),
            head: whole.row.into(),
        }
    }
}

pub(crate) async fn index(
    may: May<ClientGroupReader>,
    Lists { listing, limit, .. }: Lists<GroupNotes>,
) -> Result<Json<Page<GroupNoteHead>>> {
    let from = listing.clone();
    let list = async move |tx: &_, by: &_| actions::list(tx, by, &from, limit).await;
    let (_, rows) = may.read_noted("notes", Weight::Light, list).await?;
    Ok(Json(Page::sorted(rows, limit, &listing, GroupNoteRow::place).map(Into::into)))
}

/// One client's attendance, as it should be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AttendanceUpdate)]
pub struct SetAttendance {
    client: ClientId,
    attendance: Attendance,
    #[serde(default)]
    comment: String,
    /// Accepted so that an answer can be sent back, and ignored.
    #[serde(default)]
    #[serde(rename = "guest")]
    _guest: Option<bool>,
    /// As `guest`.
    #[serde(default)]
    #[serde(rename = "name")]
    _name: Option<String>,
    /// As `guest`.
    #[serde(default)]
    #[serde(rename = "archived")]
    _archived: Option<bool>,
}

fn attend(rows: Vec<SetAttendance>) -> Vec<Attend> {
    let attend =
        |row: SetAttendance| Attend { client: row.client, attendance: row.attendance, comment: row.comment };
    rows.into_iter().map(attend).collect()
}

/// A group note to write.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroupNote {
    /// The name of one of the account's note types.
    note_type: Option<String>,
    #[serde(default)]
    description: String,
    service_date: String,
    minutes: Option<i64>,
    location: Option<LocationId>,
    /// Without it, the text of its note type.
    body: Option<String>,
    /// Without it, everyone in the client group is present.
    attendance: Option<Vec<SetAttendance>>,
}

pub(crate) async fn write(
    may: May<ClientGroupEditor>,
    Body(input): Body<NewGroupNote>,
) -> Result<Answer<GroupNoteHead>> {
    let facts = facts::Changes {
        note_type: input.note_type,
        description: Some(input.description),
        service_date: Some(input.service_date),
        minutes: Given::To(input.minutes),
        location: Given::To(input.location),
    };
    let draft = Draft { facts, body: input.body, attendance: input.attendance.map(attend) };
    may.post(async move |tx, by| actions::write(tx, by, &draft).await.map(GroupNoteHead::from)).await
}

pub(crate) async fn show(may: May<GroupNoteReader>) -> Result<Tagged<WholeGroupNote>> {
    let show = async |tx: &_, by: &_| actions::show(tx, by).await;
    let whole = may.read_noted("group_note", Weight::Light, show).await?;
    Ok(Tagged(whole.row.version, whole.into()))
}

/// Changes to a group note. Absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GroupNoteUpdate)]
pub struct GroupNoteChanges {
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
    #[serde(default, deserialize_with = "web::text_or_null")]
    body: Option<String>,
    /// The whole attendance, not only what changes.
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    attendance: Option<Vec<SetAttendance>>,
}

pub(crate) async fn change(
    may: May<GroupNoteEditor>,
    seen: ExpectedVersion,
    Body(input): Body<GroupNoteChanges>,
) -> Result<Tagged<GroupNoteHead>> {
    let GroupNoteChanges { note_type, description, service_date, minutes, location, body, attendance } =
        input;
    let facts = facts::Changes { note_type, description, service_date, minutes, location };
    let draft = Draft { facts, body, attendance: attendance.map(attend) };
    let row = may.write(async move |tx, by| actions::change(tx, by, &draft, seen).await).await?;
    Ok(Tagged(row.version, row.into()))
}

pub(crate) async fn delete(may: May<GroupNoteEditor>, seen: ExpectedVersion) -> Result<NoContent> {
    may.write(async move |tx, by| actions::delete(tx, by, seen).await).await?;
    Ok(NoContent)
}

/// How notes are created.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoteCreationOptions)]
pub struct CreateNotes {
    /// Clients whose personalized text is replaced by the shared one.
    #[serde(default)]
    overwrite_personalized: Vec<ClientId>,
}

/// The result for one client.
#[derive(Serialize, ToSchema)]
#[schema(as = NoteCreationResult)]
pub struct NoteOutcome {
    client: ChartClient,
    note: Option<NoteId>,
    outcome: Outcome,
}

/// The result for each client, and the updated group note.
#[derive(Serialize, ToSchema)]
#[schema(as = NoteCreationReport)]
pub struct CreatedNotes {
    outcomes: Vec<NoteOutcome>,
    group_note: WholeGroupNote,
}

pub(crate) async fn create_notes(
    may: May<GroupNoteEditor>,
    seen: ExpectedVersion,
    Body(input): Body<CreateNotes>,
) -> Result<Answer<CreatedNotes, 200>> {
    may.post(async move |tx, by| {
        let made = create::create_notes(tx, by, &input.overwrite_personalized, seen).await?;
        let outcomes = made.results.into_iter().map(|became| NoteOutcome {
            client: ChartClient { id: became.client, name: became.name },
            note: became.note,
            outcome: became.outcome,
        });
        Ok(CreatedNotes { outcomes: outcomes.collect(), group_note: made.whole.into() })
    })
    .await
}

/// Which notes are released, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotesReleaseOptions)]
pub struct ReleaseNotes {
    /// The clients whose notes to release, all or none. Without it, every draft that can be released.
    clients: Option<Vec<ClientId>>,
    /// Release notes even if they mention another client.
    #[serde(default)]
    despite: bool,
}

/// A note that was released.
#[derive(Serialize, ToSchema)]
pub struct ReleasedNote {
    client: ChartClient,
    note: NoteId,
}

/// A note that stays a draft.
#[derive(Serialize, ToSchema)]
#[schema(as = UnreleasedNote)]
pub struct KeptNote {
    client: ChartClient,
    note: NoteId,
    /// `empty_note` or `names_another_client`.
    code: &'static str,
    /// The reason, as a sentence.
    reason: String,
}

/// The notes that were released, and those that stay drafts.
#[derive(Serialize, ToSchema)]
#[schema(as = NotesReleaseReport)]
pub struct ReleasedNotes {
    released: Vec<ReleasedNote>,
    kept: Vec<KeptNote>,
}

pub(crate) async fn release(
    may: May<GroupNoteReleaser>,
    Body(input): Body<ReleaseNotes>,
) -> Result<Answer<ReleasedNotes, 200>> {
    may.post(async move |tx, by| {
        let Released { released, kept } =
            release::release(tx, by, input.clients.as_deref(), input.despite).await?;
        let released = released.into_iter().map(|note| ReleasedNote {
            client: ChartClient { id: note.client, name: note.client_name },
            note: note.id,
        });
        let kept = kept.into_iter().map(|Kept { note, obstacle, why }| KeptNote {
            client: ChartClient { id: note.client, name: note.client_name },
            note: note.id,
            code: obstacle.code(),
            reason: why,
        });
        Ok(ReleasedNotes { released: released.collect(), kept: kept.collect() })
    })
    .await
}
