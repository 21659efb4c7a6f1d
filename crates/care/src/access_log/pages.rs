//! The access log on a page, as CSV and as PDF.

use askama::Template;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::access_log::{
    OpeningRow, Openings,
    actions::{Logged, Shown, begin_export},
    document, label,
};
use access::{AccountAdmin, CaseOverseer, ClientOverseer};
use kernel::{
    error::{Error, Result},
    id::{User, UserId},
};
use storage::{Tx, list::Listing};
use web::{
    May, Page, Pdf, Query, csv,
    page::{self, Frame, Here, crumb},
    parts::{Pager, link},
};

/// How many openings a page shows.
const LIMIT: i64 = 50;
/// How many are on paper at most, and in one part of a CSV file, which holds all.
const PART: i64 = 10_000;

/// Which part, and in which form: a page, `csv` or `pdf`.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct LogQuery {
    cursor: Option<String>,
    format: Option<String>,
}

struct OpeningView {
    row: OpeningRow,
    label: &'static str,
}

#[derive(Template)]
#[template(path = "access_log/templates/log.html")]
struct LogPage {
    frame: Frame,
    title: String,
    back: Option<(String, String)>,
    openings: Vec<OpeningView>,
    pager: Pager,
    csv: String,
    pdf: String,
}

/// Whose log it is: of a person or a record; the way back; the page's address.
struct Of {
    person: Option<UserId>,
    /// The label of the way back, and what of the path leads there.
    back: Option<&'static str>,
    tab: &'static str,
}

async fn log<P: Logged>(
    may: &May<P>,
    of: Of,
    query: LogQuery,
    here: fn(&P) -> (UserId, Here),
) -> Result<Response> {
    may.app().access_log().flush(&may.app().db).await?;
    match query.format.as_deref() {
        None | Some("") => show(may, of, query, here).await,
        Some("csv" | "pdf") => export(may, of, query.format.as_deref() == Some("pdf"), here).await,
        Some(_) => Err(Error::field("format", "Use csv or pdf.")),
    }
}

async fn load<P: Logged>(
    may: &May<P>,
    person: Option<UserId>,
    listing: Listing<Openings>,
    limit: i64,
    here: fn(&P) -> (UserId, Here),
) -> Result<(Frame, Shown)> {
    let shell = may.shell();
    may.read_heavy(async move |tx: &Tx, by: &P| {
        let (user, here) = here(by);
        let frame = shell.frame(tx, user, here).await?;
        Ok((frame, by.openings(tx, person, &listing, limit).await?))
    })
    .await
}

fn title(of: &Of, name: &str) -> String {
    match of.person {
        Some(_) => format!("What {name} opened"),
        None => format!("Who opened {name}"),
    }
}

async fn show<P: Logged>(
    may: &May<P>,
    of: Of,
    query: LogQuery,
    here: fn(&P) -> (UserId, Here),
) -> Result<Response> {
    let listing = Listing::from_cursor(query.cursor.as_deref())?;
    let (frame, shown) = load(may, of.person, listing, LIMIT + 1, here).await?;
    let path = may.request().path.clone();
    let rows = Page::cut(shown.rows, LIMIT, |row| row.id.to_string());
    let pager = Pager::new(&path, &[], query.cursor.as_deref(), rows.next_cursor.as_deref());
    let back = of.back.map(|_| (shown.name.clone(), path.trim_end_matches("/access-log").to_owned()));
    let title = title(&of, &shown.name);
    let between = back.iter().map(|(name, href)| crumb(name.clone(), href.clone())).collect::<Vec<_>>();
    let page = LogPage {
        frame: frame.page(may, of.tab, between, title.clone()),
        title,
        back,
        openings: rows.items.into_iter().map(|row| OpeningView { label: label(row.record), row }).collect(),
        pager,
        csv: link(&path, &[("format", "csv")]),
        pdf: link(&path, &[("format", "pdf")]),
    };
    page::ok(may, &page)
}

async fn export<P: Logged>(
    may: &May<P>,
    of: Of,
    paper: bool,
    here: fn(&P) -> (UserId, Here),
) -> Result<Response> {
    let path = may.request().path.clone();
    let object = path.trim_end_matches("/access-log").rsplit('/').next().unwrap_or_default().to_owned();
    may.write(async move |tx: &Tx, by: &P| begin_export(tx, by, object.clone()).await).await?;
    let (frame, shown) = load(may, of.person, Listing::default(), PART + 1, here).await?;
    let title = title(&of, &shown.name);
    let mut part = Page::cut(shown.rows, PART, |row| row.id.to_string());
    if paper {
        let cut = part.next_cursor.is_some();
        let bytes = document::document(&title, &part.items, cut, &frame.kit.zone, frame.kit.now)
            .write(&may.app().fonts)?;
        return Ok(Pdf::new(&title, bytes).into_response());
    }
    let headings =
        ["first", "last", "times", "person", "person id", "record", "name", "object"].map(str::to_owned);
    let mut parts = Vec::new();
    loop {
        parts.push(Ok(part.items.into_iter().map(cells).collect::<Vec<_>>()));
        let Some(next) = part.next_cursor else { break };
        let (_, shown) = load(may, of.person, Listing::from_cursor(Some(&next))?, PART + 1, here).await?;
        part = Page::cut(shown.rows, PART, |row| row.id.to_string());
    }
    Ok(csv::download("access-log.csv", &headings, futures_util::stream::iter(parts)).into())
}

fn cells(row: OpeningRow) -> Vec<String> {
    vec![
        row.first_at.to_string(),
        row.last_at.to_string(),
        row.times.to_string(),
        row.user_name,
        row.user.to_string(),
        row.record.to_string(),
        row.name,
        row.record.id(row.object),
    ]
}

pub(crate) async fn of_case(may: May<CaseOverseer>, Query(query): Query<LogQuery>) -> Result<Response> {
    let of = Of { person: None, back: Some("case"), tab: "cases" };
    log(&may, of, query, |by| (by.user(), Here::Group(by.account(), by.group()))).await
}

pub(crate) async fn of_client(may: May<ClientOverseer>, Query(query): Query<LogQuery>) -> Result<Response> {
    let of = Of { person: None, back: Some("client"), tab: "clients" };
    log(&may, of, query, |by| (by.user(), Here::Group(by.account(), by.group()))).await
}

pub(crate) async fn of_member(may: May<AccountAdmin>, Query(query): Query<LogQuery>) -> Result<Response> {
    let of = Of { person: Some(may.id::<User>("user")?), back: None, tab: "users" };
    log(&may, of, query, |by| (by.user(), Here::Account(by.account()))).await
}
