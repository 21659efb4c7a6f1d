//! Cases, notes and files, in JSON.

use axum::{extract::Multipart, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::{
        AccountAdmin, CaseEditor, CaseReader, FileEditor, FileReader, GroupMember, GroupReader, SignedIn,
        explain::{AskedSpell, Spell},
    },
    cases::{CaseRow, FileRow, Filter, NoteRow, Status, actions},
    clock::Time,
    error::Result,
    id::{AccountId, CaseId, GroupId, LocationId, NoteId, ProtocolId, UserGroupId, UserId},
    web::{
        Answer, Body, IfMatch, Json, Limit, May, NoContent, Page, Query, Tagged, Weight,
        answer::cursor_id,
        files::{self, Upload},
    },
};

/// A thing by id and name.
#[derive(Serialize, ToSchema)]
pub struct CaseGroup {
    id: GroupId,
    name: String,
}

/// A thing by id and name.
#[derive(Serialize, ToSchema)]
pub struct CaseProtocol {
    id: ProtocolId,
    name: String,
}

/// A thing by id and name.
#[derive(Serialize, ToSchema)]
pub struct CaseLocation {
    id: LocationId,
    name: String,
}

/// A person by id and name.
#[derive(Serialize, ToSchema)]
pub struct CasePerson {
    id: UserId,
    name: String,
}

/// A case.
#[derive(Serialize, ToSchema)]
pub struct Case {
    id: CaseId,
    account: AccountId,
    group: CaseGroup,
    number: i64,
    name: String,
    status: Status,
    protocol: CaseProtocol,
    location: CaseLocation,
    created_by: CasePerson,
    created_at: Time,
    updated_at: Time,
    closed_at: Option<Time>,
}

impl From<CaseRow> for Case {
    fn from(row: CaseRow) -> Self {
        Self {
            id: row.id,
            account: row.account,
            group: CaseGroup { id: row.group, name: row.group_name },
            number: row.number,
            name: row.name,
            status: row.status,
            protocol: CaseProtocol { id: row.protocol, name: row.protocol_name },
            location: CaseLocation { id: row.location, name: row.location_name },
            created_by: CasePerson { id: row.created_by, name: row.creator },
            created_at: row.created_at,
            updated_at: row.updated_at,
            closed_at: row.closed_at,
        }
    }
}

fn page(rows: Vec<CaseRow>, limit: i64) -> Json<Page<Case>> {
    Json(Page::cut(rows, limit, |row| row.id.to_string()).map(Into::into))
}

/// Which cases to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CaseQuery {
    #[param(value_type = Option<String>)]
    status: Option<Status>,
    q: Option<String>,
    #[param(value_type = Option<String>)]
    location: Option<LocationId>,
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    cursor: Option<String>,
}

impl CaseQuery {
    fn filter(self) -> Result<(Filter, i64)> {
        let before = Some(cursor_id(self.cursor.as_deref())?);
        let CaseQuery { status, q: search, location, limit: Limit(limit), .. } = self;
        Ok((Filter { status, search, location, before }, limit))
    }
}

pub(crate) async fn index(may: May<GroupReader>, Query(query): Query<CaseQuery>) -> Result<Json<Page<Case>>> {
    let (filter, limit) = query.filter()?;
    let weight = filter.weight();
    let list = async move |tx: &_, by: &_| actions::list(tx, by, &filter, limit).await;
    may.read_noted("cases", weight, list).await.map(|rows| page(rows, limit))
}

/// Which cases to list, over all groups.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AllCasesQuery {
    /// The parent account, whose owner and administrators see all groups of it.
    #[param(value_type = Option<String>)]
    account: Option<AccountId>,
    #[param(value_type = Option<String>)]
    status: Option<Status>,
    q: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn index_of_all(
    may: May<SignedIn>,
    Query(query): Query<AllCasesQuery>,
) -> Result<Json<Page<Case>>> {
    let before = Some(cursor_id(query.cursor.as_deref())?);
    let AllCasesQuery { account, status, q: search, limit: Limit(limit), .. } = query;
    let filter = Filter { status, search, location: None, before };
    let rows = match account {
        None => list_mine(&may, filter, limit).await?,
        Some(account) => {
            may.within::<AccountAdmin>(&[("account", account.to_string())])
                .write(async move |tx, by| actions::list_from_parent(tx, by, &filter, limit).await)
                .await?
        }
    };
    Ok(page(rows, limit))
}

/// A page of the cases of all of the caller's groups; searches run aside.
///
/// # Errors
/// The database fails.
pub(super) async fn list_mine(may: &May<SignedIn>, filter: Filter, limit: i64) -> Result<Vec<CaseRow>> {
    if filter.search.is_some() {
        may.read_heavy(async move |tx, by| actions::list_mine(tx, by, &filter, limit).await).await
    } else {
        may.read(async |tx, by| actions::list_mine(tx, by, &filter, limit).await).await
    }
}

/// A case to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    protocol: ProtocolId,
    location: LocationId,
    #[serde(default)]
    name: String,
}

pub(crate) async fn create(may: May<GroupMember>, Body(input): Body<NewCase>) -> Result<Answer<Case>> {
    let NewCase { protocol, location, name } = input;
    let new = actions::NewCase { protocol, location, name };
    may.post(StatusCode::CREATED, async move |tx, by| actions::create(tx, by, &new).await.map(Case::from))
        .await
}

pub(crate) async fn show(may: May<CaseReader>) -> Result<Tagged<Case>> {
    let row = may.read_noted("case", Weight::Light, async |tx, by| actions::show(tx, by).await).await?;
    Ok(Tagged(row.version, row.into()))
}

/// What may be changed of a case. What is absent stays; its group never changes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    protocol: Option<ProtocolId>,
    location: Option<LocationId>,
    name: Option<String>,
    status: Option<Status>,
}

pub(crate) async fn change(
    may: May<CaseEditor>,
    seen: IfMatch,
    Body(input): Body<Changes>,
) -> Result<Tagged<Case>> {
    let Changes { protocol, location, name, status } = input;
    let input = actions::Changes { protocol, location, name, status };
    let row = may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Which part of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoteQuery {
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn notes(
    may: May<CaseReader>,
    Query(query): Query<NoteQuery>,
) -> Result<Json<Page<NoteRow>>> {
    let before: NoteId = cursor_id(query.cursor.as_deref())?;
    let Limit(limit) = query.limit;
    let rows = may
        .read_noted("notes", Weight::Light, async move |tx, by| actions::notes(tx, by, before, limit).await)
        .await?;
    Ok(Json(Page::cut(rows, limit, |row| row.id.to_string())))
}

/// A note to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    body: String,
}

/// The id of what was made.
#[derive(Serialize, ToSchema)]
pub struct MadeNote {
    id: NoteId,
}

pub(crate) async fn add_note(may: May<CaseEditor>, Body(input): Body<NewNote>) -> Result<Answer<MadeNote>> {
    may.post(StatusCode::CREATED, async move |tx, by| {
        Ok(MadeNote { id: actions::add_note(tx, by, &input.body).await? })
    })
    .await
}

/// A case's files.
#[derive(Serialize, ToSchema)]
pub struct Files {
    items: Vec<FileRow>,
}

pub(crate) async fn files(may: May<CaseReader>) -> Result<Json<Files>> {
    let items = may.read_noted("files", Weight::Light, async |tx, by| actions::files(tx, by).await).await?;
    Ok(Json(Files { items }))
}

pub(crate) async fn add_file(may: May<CaseEditor>, form: Multipart) -> Result<Answer<FileRow>> {
    let upload = Upload::read(form, may.app().config.file_limit()).await?;
    actions::attach(may, upload).await
}

pub(crate) async fn open_file(may: May<FileReader>) -> Result<Response> {
    let blobs = may.app().blobs.clone();
    let (row, bytes) = actions::open_file(&may, &blobs).await?;
    files::served(&row.name, &row.content_type, bytes)
}

pub(crate) async fn remove_file(may: May<FileEditor>) -> Result<NoContent> {
    may.write(async |tx, by| actions::remove_file(tx, by).await).await?;
    Ok(NoContent)
}

/// Who can see a case, and why.
#[derive(Serialize, ToSchema)]
pub struct Sight {
    user: CasePerson,
    /// `member of Riverside`, `administrator of the account; reads from the parent account`.
    why: String,
    /// Since when that holds.
    since: Time,
    /// Whether they can only read.
    read_only: bool,
}

/// A user group by id and name.
#[derive(Serialize, ToSchema)]
pub struct CaseUserGroup {
    id: UserGroupId,
    name: String,
}

/// Who sees what a request shows of a case: its name, number and status, and nothing else.
#[derive(Serialize, ToSchema)]
pub struct SightThroughRequest {
    user: CasePerson,
    user_group: CaseUserGroup,
    why: String,
    /// Since when that holds.
    since: Time,
}

/// Who can see a case at a moment.
#[derive(Serialize, ToSchema)]
pub struct Sights {
    at: Time,
    items: Vec<Sight>,
    /// Who else sees what a request shows of it.
    through_requests: Vec<SightThroughRequest>,
}

fn through_request(spell: AskedSpell) -> SightThroughRequest {
    SightThroughRequest {
        why: spell.reason(),
        since: spell.reason_since(),
        user: CasePerson { id: spell.user, name: spell.name },
        user_group: CaseUserGroup { id: spell.user_group, name: spell.user_group_name },
    }
}

fn sight(spell: Spell, group: &str) -> Sight {
    Sight {
        why: spell.reason(group),
        since: spell.reason_since(),
        read_only: spell.from_parent(),
        user: CasePerson { id: spell.user, name: spell.name },
    }
}

/// At which moment.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AtQuery {
    #[param(value_type = Option<String>)]
    at: Option<Time>,
}

pub(crate) async fn access(may: May<CaseReader>, Query(query): Query<AtQuery>) -> Result<Json<Sights>> {
    let at = query.at;
    let (now, sights) = may
        .read_noted("access", Weight::Light, async move |tx, by| {
            Ok((tx.now(), actions::access(tx, by, at).await?))
        })
        .await?;
    let items = sights.spells.into_iter().map(|spell| sight(spell, &sights.case.group_name)).collect();
    let through_requests = sights.through_requests.into_iter().map(through_request).collect();
    Ok(Json(Sights { at: at.unwrap_or(now), items, through_requests }))
}
