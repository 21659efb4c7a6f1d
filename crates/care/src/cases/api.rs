//! Cases, notes and files, in JSON.

use std::sync::Arc;

use futures_util::{Stream, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    cases::{
        CaseFiles, CaseNotes, CaseRow, Cases, ExportRow, FileRow, Filter, NoteRow, Status, SubjectRow,
        actions,
    },
    clients::Subject,
    sight::{Sights, WhenQuery},
};
use access::{
    AccountAdmin, AnyWorker, CaseEditor, CaseExporter, CaseReader, ClientReader, FileEditor, FileReader,
    GroupMember, GroupReader,
};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, AnimalId, CaseId, ClientId, LocationId, NoteId, ProtocolId},
};
use storage::{ExpectedVersion, Tx, Weight, list::Listing};
use web::{
    Answer, Body, Bulk, Csv, Download, FileForm, Json, JsonLines, Lists, May, NoContent, Page, Query, Tagged,
    csv, files,
};

/// A thing by id and name.
pub type CaseGroup = web::Named<kernel::id::Group>;

/// A thing by id and name.
pub type CaseProtocol = web::Named<kernel::id::Protocol>;

/// A thing by id and name.
pub type CaseLocation = web::Named<kernel::id::Location>;

/// A person by id and name.
pub type CasePerson = web::Named<kernel::id::User>;

/// A case.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseSummary)]
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

fn page(rows: Vec<CaseRow>, limit: i64, listing: &Listing<Cases>) -> Json<Page<Case>> {
    Json(Page::sorted(rows, limit, listing, CaseRow::place).map(Into::into))
}

/// Which cases to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CaseQuery {
    #[param(inline)]
    status: Option<Status>,
    q: Option<String>,
    #[param(inline)]
    location: Option<LocationId>,
}

pub(crate) async fn index(
    may: May<GroupReader>,
    Lists { listing, limit, filter: CaseQuery { status, q: search, location } }: Lists<Cases, CaseQuery>,
) -> Result<Json<Page<Case>>> {
    let filter = Filter { status, search, location, listing: listing.clone(), before: None };
    let weight = filter.weight();
    let list = async move |tx: &_, by: &_| actions::list(tx, by, &filter, limit).await;
    may.read_noted("cases", weight, list).await.map(|rows| page(rows, limit, &listing))
}

/// Which cases to list, over all groups.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AllCasesQuery {
    /// The parent account, whose owner and administrators see all groups of it.
    #[param(inline)]
    account: Option<AccountId>,
    #[param(inline)]
    status: Option<Status>,
    q: Option<String>,
}

pub(crate) async fn index_of_all(
    may: May<AnyWorker>,
    Lists { listing, limit, filter: query }: Lists<Cases, AllCasesQuery>,
) -> Result<Json<Page<Case>>> {
    let AllCasesQuery { account, status, q: search } = query;
    let filter = Filter { status, search, location: None, listing: listing.clone(), before: None };
    let rows = match account {
        None => list_mine(&may, filter, limit).await?,
        Some(account) => {
            may.within::<AccountAdmin>(&[("account", account.to_string())])
                .write(async move |tx, by| actions::list_from_parent(tx, by, &filter, limit).await)
                .await?
        }
    };
    Ok(page(rows, limit, &listing))
}

/// A page of the cases in all of the caller's groups; searches run on another thread.
async fn list_mine(may: &May<AnyWorker>, filter: Filter, limit: i64) -> Result<Vec<CaseRow>> {
    if filter.search.is_some() {
        may.read_heavy(async move |tx, by| actions::list_mine(tx, by, &filter, limit).await).await
    } else {
        may.read(async |tx, by| actions::list_mine(tx, by, &filter, limit).await).await
    }
}

/// A client by id and name.
pub type CaseClient = web::Named<kernel::id::Client>;

/// An animal by id and name.
pub type CaseAnimal = web::Named<kernel::id::Animal>;

/// A case with its client and animal.
#[derive(Serialize, ToSchema)]
#[schema(as = Case)]
pub struct CaseDetail {
    #[serde(flatten)]
    case: Case,
    client: Option<CaseClient>,
    animal: Option<CaseAnimal>,
}

impl CaseDetail {
    fn new(row: CaseRow, subject: Option<SubjectRow>) -> Self {
        let client = subject.as_ref().map(|row| CaseClient { id: row.client, name: row.client_name.clone() });
        let animal = subject.and_then(|row| Some(CaseAnimal { id: row.animal?, name: row.animal_name? }));
        Self { case: row.into(), client, animal }
    }
}

/// A case to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    protocol: ProtocolId,
    location: LocationId,
    #[serde(default)]
    name: String,
    /// A client of the group.
    client: Option<ClientId>,
    /// One of the client's animals.
    animal: Option<AnimalId>,
}

/// The client and the animal of a new case.
fn subject(client: Option<ClientId>, animal: Option<AnimalId>) -> Result<Option<Subject>> {
    match (client, animal) {
        (None, Some(_)) => Err(Error::field("animal", "Choose the animal’s owner first.")),
        (client, animal) => Ok(client.map(|client| Subject { client, animal })),
    }
}

pub(crate) async fn create(may: May<GroupMember>, Body(input): Body<NewCase>) -> Result<Answer<CaseDetail>> {
    let NewCase { protocol, location, name, client, animal } = input;
    may.post(async move |tx, by| {
        let subject = subject(client, animal)?;
        let new = actions::NewCase { protocol, location, name: name.clone(), subject };
        let row = actions::create(tx, by, &new).await?;
        let subject = actions::subject_in(tx, by, row.id).await?;
        Ok(CaseDetail::new(row, subject))
    })
    .await
}

pub(crate) async fn show(may: May<CaseReader>) -> Result<Tagged<CaseDetail>> {
    let found = may.read_noted("case", Weight::Light, async |tx, by| {
        Ok((actions::show(tx, by).await?, actions::subject_of(tx, by).await?))
    });
    let (row, subject) = found.await?;
    Ok(Tagged(row.version, CaseDetail::new(row, subject)))
}

/// Changes to a case. Absent fields stay as they are. You can't move a case to another group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaseUpdate)]
#[allow(clippy::option_option, reason = "absent, null and an id mean three things")]
pub struct Changes {
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    protocol: Option<ProtocolId>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    location: Option<LocationId>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    status: Option<Status>,
    /// A client of the group; null for none.
    #[serde(default, deserialize_with = "web::double_option")]
    #[schema(value_type = Option<ClientId>)]
    client: Option<Option<ClientId>>,
    /// One of the client's animals; null for none.
    #[serde(default, deserialize_with = "web::double_option")]
    #[schema(value_type = Option<AnimalId>)]
    animal: Option<Option<AnimalId>>,
}

pub(crate) async fn change(
    may: May<CaseEditor>,
    seen: ExpectedVersion,
    Body(input): Body<Changes>,
) -> Result<Tagged<CaseDetail>> {
    let Changes { protocol, location, name, status, client, animal } = input;
    let input = actions::Changes { protocol, location, name, status, client, animal };
    let changed = may.write(async move |tx, by| {
        Ok((actions::change(tx, by, &input, seen).await?, actions::subject_of(tx, by).await?))
    });
    let (row, subject) = changed.await?;
    Ok(Tagged(row.version, CaseDetail::new(row, subject)))
}

pub(crate) async fn notes(
    may: May<CaseReader>,
    Lists { listing, limit, .. }: Lists<CaseNotes>,
) -> Result<Json<Page<NoteRow>>> {
    let from = listing.clone();
    let rows = may
        .read_noted("notes", Weight::Light, async move |tx, by| actions::notes(tx, by, &from, limit).await)
        .await?;
    Ok(Json(Page::dated(rows, limit, &listing, |row| row.id)))
}

/// A client's cases.
pub(crate) async fn of_client(
    may: May<ClientReader>,
    Lists { listing, limit, .. }: Lists<Cases>,
) -> Result<Json<Page<Case>>> {
    let from = listing.clone();
    let list = async move |tx: &_, by: &_| actions::of_client(tx, by, &from, limit).await;
    may.read_noted("cases", Weight::Light, list).await.map(|rows| page(rows, limit, &listing))
}

/// A note to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCaseNote)]
pub struct NewNote {
    body: String,
}

/// The id of what was created.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedCaseNote)]
pub struct MadeNote {
    id: NoteId,
}

pub(crate) async fn add_note(may: May<CaseEditor>, Body(input): Body<NewNote>) -> Result<Answer<MadeNote>> {
    may.post(async move |tx, by| Ok(MadeNote { id: actions::add_note(tx, by, &input.body).await? })).await
}

pub(crate) async fn files(
    may: May<CaseReader>,
    Lists { listing, limit, .. }: Lists<CaseFiles>,
) -> Result<Json<Page<FileRow>>> {
    let from = listing.clone();
    let list = async move |tx: &_, by: &_| actions::files(tx, by, &from, limit).await;
    let rows = may.read_noted("files", Weight::Light, list).await?;
    Ok(Json(Page::dated(rows, limit, &listing, |row| row.id)))
}

pub(crate) async fn add_file(may: May<CaseEditor>, form: FileForm) -> Result<Answer<FileRow>> {
    files::attach(may, form, actions::add_file).await
}

pub(crate) async fn open_file(may: May<FileReader>) -> Result<Download> {
    let row = may.read_noted("file", Weight::Light, async |tx, by| actions::file(tx, by).await).await?;
    files::serve(may.app(), row.id, &row.name, &row.content_type).await
}

pub(crate) async fn remove_file(may: May<FileEditor>) -> Result<NoContent> {
    may.write(async |tx, by| actions::remove_file(tx, by).await).await?;
    Ok(NoContent)
}

pub(crate) async fn access(may: May<CaseReader>, Query(query): Query<WhenQuery>) -> Result<Json<Sights>> {
    let found = may.read_noted("access", Weight::Light, async move |tx, by| {
        let when = query.of_account(tx, by.account()).await?;
        Ok((when, actions::access(tx, by, when.span).await?))
    });
    let (when, (case, seen)) = found.await?;
    Ok(Json(Sights::new(&when, seen, &case.group_name)))
}

/// The columns of an export of cases.
const COLUMNS: [&str; 12] = [
    "number",
    "name",
    "status",
    "protocol",
    "location",
    "client",
    "animal",
    "created by",
    "created at",
    "updated at",
    "closed at",
    "id",
];

/// The cells of a case in an export.
fn cells(row: ExportRow) -> Vec<String> {
    let closed_at = row.closed_at.map(|at| at.to_string());
    vec![
        row.number.to_string(),
        row.name,
        row.status.to_string(),
        row.protocol,
        row.location,
        row.client.unwrap_or_default(),
        row.animal.unwrap_or_default(),
        row.creator,
        row.created_at.to_string(),
        row.updated_at.to_string(),
        closed_at.unwrap_or_default(),
        row.id.to_string(),
    ]
}

/// The group's cases as CSV, newest first.
pub(crate) async fn export(may: May<CaseExporter>) -> Result<Csv> {
    may.write(async |tx, by| actions::begin_export(tx, by).await).await?;
    let parts = exported(may).map_ok(|rows| rows.into_iter().map(cells).collect());
    Ok(csv::download("cases.csv", &COLUMNS.map(str::to_owned), parts))
}

/// The group's cases as JSON lines, newest first.
pub(crate) async fn export_lines(may: May<CaseExporter>) -> Result<JsonLines<ExportRow>> {
    may.write(async |tx, by| actions::begin_export(tx, by).await).await?;
    Ok(csv::lines("cases.jsonl", exported(may)))
}

/// The group's cases, newest first, a part at a time.
fn exported(may: May<CaseExporter>) -> impl Stream<Item = Result<Vec<ExportRow>>> + Send + 'static {
    let from = (Arc::new(may), CaseId::last());
    futures_util::stream::try_unfold(from, async |(may, before)| {
        let part = async move |tx: &_, by: &_| actions::export(tx, by, before, 1_000).await;
        let rows = may.read_heavy(part).await?;
        let last = rows.last().map(|row| row.id);
        Ok::<_, Error>(last.map(|last| (rows, (may, last))))
    })
}

/// A case to close.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseToClose {
    case: CaseId,
}

/// Cases of the group to close.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CasesToClose {
    /// At most 500.
    items: Vec<CaseToClose>,
}

/// Each case is changed under the permission that changing it alone asks for.
pub(crate) async fn close_many(may: May<GroupMember>, Body(input): Body<CasesToClose>) -> Result<Bulk<Case>> {
    let group = may.id::<kernel::id::Group>("group")?;
    let close = async move |tx: &Tx, by: &CaseEditor, _: &CaseToClose| {
        if by.group() != group {
            return Err(Error::not_found());
        }
        let closed = actions::Changes { status: Some(Status::Closed), ..actions::Changes::default() };
        actions::change(tx, by, &closed, ExpectedVersion::ANY).await.map(Case::from)
    };
    let each = |item: &CaseToClose| may.within::<CaseEditor>(&[("case", item.case.to_string())]);
    may.bulk_of(input.items, 200, each, close, |_, outcome| outcome).await
}
