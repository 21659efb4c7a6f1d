//! The pages of an import: choose a file, look at its lines, add them, see what became of each.

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::clients::{
    Kind,
    import::{
        ImportRow, LARGEST, LineRow, MOST_LINES, Outcome,
        actions::{self, Preview},
        upload::{Sent, read_in},
    },
    pages::{kinds, list_crumb},
};
use access::{ClientKeeper, ImportKeeper};
use kernel::{
    error::{Error, Result},
    id::{GroupId, ImportId},
    text,
};
use web::{
    FileForm, Form, May, Page, Query,
    cookies::Flash,
    csv,
    entry::Entry,
    page::{self, Frame, Here, confirm, crumb, go_with, settle},
    parts::{Choice, Pager, link},
};

/// How many lines a page shows.
const LIMIT: i64 = 50;
/// How many lines one part of a download holds.
const PART: i64 = 1_000;

#[derive(Template)]
#[template(path = "clients/templates/upload.html")]
struct UploadPage {
    frame: Frame,
    group: GroupId,
    entry: Entry,
    kinds: Vec<Choice>,
    recent: Vec<ImportRow>,
    mebibytes: usize,
    lines: String,
}

async fn upload_page(may: &May<ClientKeeper>, entry: Entry) -> Result<Response> {
    let (frame, group, recent) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            Ok((frame, by.group(), actions::recent(tx, by).await?))
        })
        .await?;
    let page = UploadPage {
        frame: frame.page(may, "clients", [list_crumb(group)], "Import clients"),
        group,
        entry,
        kinds: kinds(),
        recent,
        mebibytes: LARGEST >> 20,
        lines: text::grouped(i64::try_from(MOST_LINES).unwrap_or_default()),
    };
    page::show(may, page.entry.status(), &page)
}

pub(crate) async fn choose(may: May<ClientKeeper>) -> Result<Response> {
    upload_page(&may, Entry::default()).await
}

pub(crate) async fn upload(may: May<ClientKeeper>, form: FileForm) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let read = async {
        let upload = Sent::Form(form).read(Kind::Owner).await?;
        let id = read_in(&may, upload).await?;
        may.write(async move |tx, by| actions::finish_reading(tx, by, id).await).await?;
        Ok(id)
    };
    let read: Result<ImportId> = read.await;
    match read {
        Ok(id) => page::go(&format!("/g/{group}/clients/imports/{id}")),
        Err(error) => upload_page(&may, Entry::again(Form::default(), error)?).await,
    }
}

/// A tab over the lines: those of one outcome.
struct Tab {
    label: &'static str,
    count: i64,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "clients/templates/import.html")]
struct ImportPage {
    frame: Frame,
    path: String,
    found: Preview,
    fresh: i64,
    added: i64,
    duplicates: i64,
    broken: i64,
    tabs: Vec<Tab>,
    outcome: Outcome,
    lines: Vec<(LineRow, Vec<String>)>,
    pager: Pager,
}

impl ImportPage {
    fn letters(&self) -> String {
        match self.found.about.encoding.as_str() {
            "windows-1252" => "Western European (Windows-1252), assumed because it is no UTF-8".to_owned(),
            encoding => encoding.to_owned(),
        }
    }
}

/// Which lines to show: the first outcome that any line has, unless one is chosen.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct LinesQuery {
    #[param(value_type = Option<String>)]
    outcome: Option<Outcome>,
    cursor: Option<String>,
}

const TABS: [(Outcome, &str); 4] = [
    (Outcome::Added, "Added"),
    (Outcome::New, "New"),
    (Outcome::Duplicate, "Duplicates"),
    (Outcome::Broken, "Broken"),
];

pub(crate) async fn show(may: May<ImportKeeper>, Query(query): Query<LinesQuery>) -> Result<Response> {
    let after = actions::after(query.cursor.as_deref())?;
    let asked = query.outcome;
    let (frame, found, outcome, lines) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let found = actions::show(tx, by).await?;
            let first = TABS.iter().find(|(outcome, _)| found.count(*outcome) > 0);
            let outcome = asked.or(first.map(|(outcome, _)| *outcome)).unwrap_or(Outcome::New);
            let lines = actions::lines(tx, by, Some(outcome), after, LIMIT).await?;
            Ok((frame, found, outcome, lines))
        })
        .await?;
    let group = found.row.group;
    let between = [list_crumb(group), crumb("Import clients", format!("/g/{group}/clients/import"))];
    let path = may.request().path.clone();
    let tabs = TABS.iter().filter(|(each, _)| found.count(*each) > 0 || *each == outcome);
    let tabs = tabs.map(|(each, label)| Tab {
        label,
        count: found.count(*each),
        href: link(&path, &[("outcome", each.word())]),
        current: *each == outcome,
    });
    let rows = Page::cut(lines, LIMIT, |row| row.number.to_string());
    let filters = [("outcome", outcome.word())];
    let with_cells = |row: LineRow| row.cells().map(|cells| (row, cells));
    let page = ImportPage {
        tabs: tabs.collect(),
        pager: Pager::new(&path, &filters, query.cursor.as_deref(), rows.next_cursor.as_deref()),
        lines: rows.items.into_iter().map(with_cells).collect::<Result<_>>()?,
        frame: frame.page(&may, "clients", between, found.row.name.clone()),
        path,
        fresh: found.count(Outcome::New),
        added: found.count(Outcome::Added),
        duplicates: found.count(Outcome::Duplicate),
        broken: found.count(Outcome::Broken),
        found,
        outcome,
    };
    page::ok(&may, &page)
}

/// The import's own page.
fn own_path(may: &May<ImportKeeper>) -> Result<String> {
    let (group, import): (GroupId, ImportId) = (may.id("group")?, may.id("import")?);
    Ok(format!("/g/{group}/clients/imports/{import}"))
}

async fn run_whole(may: &May<ImportKeeper>) -> Result<()> {
    while may.write(async |tx, by| actions::run_piece(tx, by).await).await? {}
    Ok(())
}

pub(crate) async fn run(may: May<ImportKeeper>) -> Result<Response> {
    let ran = run_whole(&may).await;
    let found = may.read(async |tx, by| actions::show(tx, by).await).await?;
    settle(&may, &own_path(&may)?, ran, |()| {
        let added = text::counted(found.count(Outcome::Added), "client was", "clients were");
        Flash::done(format!("{added} added."))
    })
}

pub(crate) async fn discard(may: May<ImportKeeper>, form: Form) -> Result<Response> {
    let (group, back): (GroupId, String) = (may.id("group")?, own_path(&may)?);
    let question = page::Question {
        ask: "Discard this file?".to_owned(),
        detail: "What stands in its lines is forgotten. Clients that were added stay.",
        action: "Discard the file",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    may.write(async |tx, by| actions::discard(tx, by).await).await?;
    go_with(&may, &format!("/g/{group}/clients"), &Flash::done("The file was discarded."))
}

/// The lines that did not become clients, as they were written, each with why: to be mended and imported again.
pub(crate) async fn left_over(may: May<ImportKeeper>) -> Result<Response> {
    let found = may.read(async |tx, by| actions::show(tx, by).await).await?;
    let mut headings = found.about.headings;
    let columns = headings.len();
    headings.push("why".to_owned());
    let parts = futures_util::stream::try_unfold((Arc::new(may), 0), move |(may, after)| async move {
        let part = async move |tx: &_, by: &_| actions::left_over(tx, by, columns, after, PART).await;
        let (rows, last) = may.read_heavy(part).await?;
        Ok::<_, Error>(last.map(|last| (rows, (may, last))))
    });
    Ok(csv::download("not-added.csv", &headings, parts))
}
