//! Imports, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::clients::{
    Draft, Kind,
    import::{
        About, DateOrder, Field, Mapping, Outcome, Plan, State,
        actions::{self, Deciding, Line, Preview, Which},
        intake, running,
        upload::{read_again, read_in, taken},
    },
};
use access::{ClientKeeper, ImportKeeper};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{ClientId, GroupId, ImportId},
};
use web::{Answer, Body, Json, Limit, May, NoContent, Page, Query, SentFile};

/// How many lines have which outcome.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientImportCounts)]
pub struct Counts {
    new: i64,
    /// Lines that add an animal to an existing client, or to an earlier line's.
    animal: i64,
    likely: i64,
    duplicate: i64,
    broken: i64,
    added: i64,
    merged: i64,
    /// Lines with a cell that was left out, whatever their outcome.
    noticed: i64,
}

/// What the run will add.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientImportPlan)]
pub struct ImportPlan {
    /// New clients.
    clients: i64,
    /// Lines that are merged into a client.
    merges: i64,
    /// Animals of both.
    animals: i64,
}

/// A file of clients that is being imported.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientImport)]
pub struct Import {
    id: ImportId,
    group: GroupId,
    /// The file's name.
    name: String,
    state: State,
    /// How many lines it has, not counting the headings.
    lines: i64,
    counts: Counts,
    planned: ImportPlan,
    /// How the file was read.
    read: About,
    created_at: Time,
    settled_at: Option<Time>,
}

impl From<Preview> for Import {
    fn from(found: Preview) -> Self {
        let counts = Counts {
            new: found.count(Outcome::New),
            animal: found.count(Outcome::Animal),
            likely: found.count(Outcome::Likely),
            duplicate: found.count(Outcome::Duplicate),
            broken: found.count(Outcome::Broken),
            added: found.count(Outcome::Added),
            merged: found.count(Outcome::Merged),
            noticed: found.noticed(),
        };
        let coming = found.coming();
        let planned = ImportPlan { clients: coming.clients, merges: coming.merges, animals: coming.animals };
        let Preview { row, about, .. } = found;
        Self {
            id: row.id,
            group: row.group,
            name: row.name,
            state: row.state,
            lines: row.lines,
            counts,
            planned,
            read: about,
            created_at: row.created_at,
            settled_at: row.settled_at,
        }
    }
}

/// The kind of client for lines that don't say.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// Owner by default, and patient where the practice keeps no animals.
    #[param(inline)]
    kind: Option<Kind>,
}

pub(crate) async fn create(
    may: May<ClientKeeper>,
    Query(query): Query<UploadQuery>,
    sent: SentFile,
) -> Result<Answer<Import>> {
    // Read to its end first: whether the same request came before is told by all of it.
    let upload = taken(sent, query.kind).await?;
    if let Some(kept) = may.kept().await? {
        return Ok(kept);
    }
    let id = read_in(&may, upload).await?;
    may.post(async move |tx, by| intake::finish_reading(tx, by, id).await.map(Import::from)).await
}

pub(crate) async fn show(may: May<ImportKeeper>) -> Result<Json<Import>> {
    may.read(async |tx, by| Ok(Json(actions::show(tx, by).await?.into()))).await
}

/// What each column becomes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientImportMapping)]
pub struct ImportMapping {
    /// A field for each column, such as `name`, `email` or `animal_2_name`; null leaves it out.
    columns: Vec<Option<String>>,
    /// The order of day and month, if the file doesn't make it clear.
    date_order: Option<DateOrder>,
}

pub(crate) async fn map(may: May<ImportKeeper>, Body(input): Body<ImportMapping>) -> Result<Json<Import>> {
    let read = |(at, word): (usize, Option<String>)| match word {
        None => Ok(None),
        Some(word) => match Field::read(&word) {
            Some(field) => Ok(Some(field)),
            None => Err(Error::field(format!("columns[{at}]"), "This is not a field of a client.")),
        },
    };
    let columns = input.columns.into_iter().enumerate().map(read).collect::<Result<_>>()?;
    let head = read_again(&may, Mapping { columns, order: input.date_order }).await?;
    let found = may.write(async move |tx, by| intake::finish_again(tx, by, &head).await).await?;
    Ok(Json(found.into()))
}

/// What the run does with lines that are, or may be, existing clients.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientImportDecision)]
pub struct ImportDecision {
    /// `add`, `merge` or `skip`.
    action: Plan,
    /// All lines of this outcome: `likely` or `duplicate`.
    outcome: Option<Outcome>,
    /// Or one line.
    line: Option<i64>,
}

pub(crate) async fn decide(
    may: May<ImportKeeper>,
    Body(input): Body<ImportDecision>,
) -> Result<Answer<Import, 200>> {
    let which = match (input.outcome, input.line) {
        (Some(outcome), None) => Deciding::All(outcome),
        (None, Some(line)) => Deciding::Line(line),
        _ => return Err(Error::field("line", "Give either a line or an outcome.")),
    };
    may.post(async move |tx, by| actions::decide(tx, by, input.action, which).await.map(Import::from)).await
}

/// An animal that a line would add.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientImportAnimal)]
pub struct ImportedAnimal {
    name: String,
    species: String,
    breed: String,
    birth_date: Option<String>,
}

/// The client that a line would add.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientImportClient)]
pub struct ImportedClient {
    kind: Kind,
    name: String,
    reference: String,
    email: String,
    phone: String,
    address: String,
    birth_date: Option<String>,
    remarks: String,
    animals: Vec<ImportedAnimal>,
}

impl From<Draft> for ImportedClient {
    fn from(draft: Draft) -> Self {
        let Draft { kind, name, reference, email, phone, address, birth_date, remarks, animals } = draft;
        let animals = animals.into_iter().map(|animal| ImportedAnimal {
            name: animal.name,
            species: animal.species,
            breed: animal.breed,
            birth_date: animal.birth_date,
        });
        let animals = animals.collect();
        Self { kind, name, reference, email, phone, address, birth_date, remarks, animals }
    }
}

/// A line of a file.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientImportLine)]
pub struct ImportLine {
    /// Its number in the file, from 1.
    line: i64,
    /// Its cells, as they are written.
    cells: Vec<String>,
    outcome: Outcome,
    /// What the run does with it.
    action: Plan,
    /// The reason, as a sentence.
    detail: String,
    /// Notices about cells that were left out.
    notices: Vec<String>,
    /// The client and animals that it would add.
    result: Option<ImportedClient>,
    /// The client that it added, or that it matches.
    client: Option<ClientId>,
    /// The earlier line that is, or may be, the same person.
    earlier_line: Option<i64>,
}

impl From<Line> for ImportLine {
    fn from(line: Line) -> Self {
        let Line { row, cells, client, notices, .. } = line;
        Self {
            line: row.number,
            cells,
            outcome: row.outcome,
            action: row.plan,
            detail: row.detail,
            notices,
            result: client.map(ImportedClient::from),
            client: row.client,
            earlier_line: row.earlier,
        }
    }
}

/// Which lines to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct LineQuery {
    #[param(inline)]
    outcome: Option<Outcome>,
    /// Only lines with a cell that was left out.
    #[serde(default)]
    noticed: bool,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn lines(
    may: May<ImportKeeper>,
    Query(query): Query<LineQuery>,
) -> Result<Json<Page<ImportLine>>> {
    let after = actions::after(query.cursor.as_deref())?;
    let LineQuery { outcome, noticed, limit: Limit(limit), .. } = query;
    let which = Which { outcome, noticed, after };
    let rows = may.read(async |tx, by| actions::lines(tx, by, which, limit).await).await?;
    let page = Page::cut(rows, limit, |row| row.number.to_string());
    let items = page.items.into_iter().map(|row| Line::try_from(row).map(ImportLine::from));
    Ok(Json(Page { items: items.collect::<Result<_>>()?, next_cursor: page.next_cursor }))
}

pub(crate) async fn run(may: May<ImportKeeper>) -> Result<Answer<Import, 200>> {
    if let Some(kept) = may.kept().await? {
        return Ok(kept);
    }
    while may.write(async |tx, by| running::run_piece(tx, by).await).await? {}
    may.post(async |tx, by| actions::show(tx, by).await.map(Import::from)).await
}

pub(crate) async fn discard(may: May<ImportKeeper>) -> Result<NoContent> {
    may.write(async |tx, by| actions::discard(tx, by).await).await?;
    Ok(NoContent)
}
