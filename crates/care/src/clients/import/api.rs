//! Imports, in JSON.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::clients::{
    Kind,
    import::{
        About, LineRow, Outcome, State,
        actions::{self, Preview},
        upload::{Sent, read_in},
    },
};
use access::{ClientKeeper, ImportKeeper};
use kernel::{
    clock::Time,
    error::Result,
    id::{ClientId, GroupId, ImportId},
};
use web::{Answer, Json, Limit, May, NoContent, Page, Query};

/// How many lines have which outcome.
#[derive(Serialize, ToSchema)]
pub struct Counts {
    new: i64,
    duplicate: i64,
    broken: i64,
    added: i64,
}

/// A file of clients on its way in.
#[derive(Serialize, ToSchema)]
pub struct Import {
    id: ImportId,
    group: GroupId,
    /// The file's name.
    name: String,
    state: State,
    /// How many lines it has, besides the headings.
    lines: i64,
    counts: Counts,
    /// How the file was read.
    read: About,
    created_at: Time,
    settled_at: Option<Time>,
}

impl From<Preview> for Import {
    fn from(found: Preview) -> Self {
        let counts = Counts {
            new: found.count(Outcome::New),
            duplicate: found.count(Outcome::Duplicate),
            broken: found.count(Outcome::Broken),
            added: found.count(Outcome::Added),
        };
        let Preview { row, about, .. } = found;
        Self {
            id: row.id,
            group: row.group,
            name: row.name,
            state: row.state,
            lines: row.lines,
            counts,
            read: about,
            created_at: row.created_at,
            settled_at: row.settled_at,
        }
    }
}

/// What clients are whose line does not say it.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// Owner, unless said otherwise.
    #[param(value_type = Option<String>)]
    kind: Option<Kind>,
}

pub(crate) async fn create(
    may: May<ClientKeeper>,
    Query(query): Query<UploadQuery>,
    sent: Sent,
) -> Result<Answer<Import>> {
    // Read to its end first: whether the same request came before is told by all of it.
    let upload = sent.read(query.kind.unwrap_or(Kind::Owner)).await?;
    if let Some(kept) = may.kept().await? {
        return Ok(kept);
    }
    let id = read_in(&may, upload).await?;
    may.post(StatusCode::CREATED, async move |tx, by| {
        actions::finish_reading(tx, by, id).await.map(Import::from)
    })
    .await
}

pub(crate) async fn show(may: May<ImportKeeper>) -> Result<Json<Import>> {
    may.read(async |tx, by| Ok(Json(actions::show(tx, by).await?.into()))).await
}

/// A line of a file.
#[derive(Serialize, ToSchema)]
pub struct ImportLine {
    /// Its number in the file, from 1.
    line: i64,
    /// Its cells, as they are written.
    cells: Vec<String>,
    outcome: Outcome,
    /// Why.
    detail: String,
    /// The client that it became, or that it is a duplicate of.
    client: Option<ClientId>,
}

impl ImportLine {
    fn new(row: LineRow) -> Result<Self> {
        let cells = row.cells()?;
        Ok(Self { line: row.number, cells, outcome: row.outcome, detail: row.detail, client: row.client })
    }
}

/// Which lines to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct LineQuery {
    #[param(value_type = Option<String>)]
    outcome: Option<Outcome>,
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn lines(
    may: May<ImportKeeper>,
    Query(query): Query<LineQuery>,
) -> Result<Json<Page<ImportLine>>> {
    let after = actions::after(query.cursor.as_deref())?;
    let LineQuery { outcome, limit: Limit(limit), .. } = query;
    let rows = may.read(async |tx, by| actions::lines(tx, by, outcome, after, limit).await).await?;
    let page = Page::cut(rows, limit, |row| row.number.to_string());
    let items = page.items.into_iter().map(ImportLine::new).collect::<Result<_>>()?;
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

pub(crate) async fn run(may: May<ImportKeeper>) -> Result<Answer<Import>> {
    if let Some(kept) = may.kept().await? {
        return Ok(kept);
    }
    while may.write(async |tx, by| actions::run_piece(tx, by).await).await? {}
    may.post(StatusCode::OK, async |tx, by| actions::show(tx, by).await.map(Import::from)).await
}

pub(crate) async fn discard(may: May<ImportKeeper>) -> Result<NoContent> {
    may.write(async |tx, by| actions::discard(tx, by).await).await?;
    Ok(NoContent)
}
