//! The pages of an import: choose a file, give its columns a meaning, look at what would come of its lines, add
//! them, see what became of each.

pub(crate) mod columns;

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::clients::{
    Draft,
    import::{
        ImportRow, LARGEST, LineRow, MOST_LINES, Outcome, Plan,
        actions::{self, Deciding, Line, Preview, Which},
        intake, running,
        upload::{read_in, taken},
    },
    pages::{kinds, list_crumb},
};
use access::{ClientKeeper, ImportKeeper};
use kernel::{
    clock::date_words,
    error::{Error, Result},
    id::{GroupId, ImportId},
    practice::PracticeKind,
    text,
};
use web::{
    FileForm, Form, May, Page, Query, SentFile,
    cookies::Flash,
    csv,
    entry::Entry,
    page::{self, Frame, Here, confirm, crumb, go, go_with, settle},
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
    let kinds = kinds(frame.kind, None);
    let page = UploadPage {
        kinds,
        frame: frame.page(may, "clients", [list_crumb(group)], "Import clients"),
        group,
        entry,
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
        let upload = taken(SentFile::Form(form), None).await?;
        let id = read_in(&may, upload).await?;
        may.write(async move |tx, by| intake::finish_reading(tx, by, id).await).await?;
        Ok(id)
    };
    let read: Result<ImportId> = read.await;
    match read {
        Ok(id) => go(&format!("/g/{group}/clients/imports/{id}/columns")),
        Err(error) => upload_page(&may, Entry::again(Form::default(), error)?).await,
    }
}

/// A tab over the lines: those of one outcome, or those of which a cell was left out.
struct Tab {
    label: &'static str,
    count: i64,
    href: String,
    current: bool,
}

/// A line, as people read it.
struct Shown {
    line: Line,
    /// What the client would be, on a line: kind, file number, date of birth.
    facts: String,
    /// Email, phone, address, remarks.
    contact: Vec<String>,
    /// Each with what it is.
    animals: Vec<String>,
}

impl Shown {
    fn of(line: Line, practice: PracticeKind) -> Self {
        let Some(draft) = &line.client else {
            return Self { line, facts: String::new(), contact: Vec::new(), animals: Vec::new() };
        };
        let Draft { kind, reference, email, phone, address, birth_date, remarks, animals, .. } = draft;
        let born = birth_date.as_deref().map(|date| format!("born {}", date_words(date)));
        let number = Some(format!("File {reference}")).filter(|_| !reference.is_empty());
        let kind = kind.shown(practice).then(|| kind.label(practice).to_owned());
        let facts = [kind, number, born].into_iter().flatten();
        let contact = [email, phone, address, remarks].into_iter().filter(|text| !text.is_empty());
        let own = animals.iter().map(|animal| {
            let born = animal.birth_date.as_deref().map(|date| format!("born {}", date_words(date)));
            let parts = [Some(animal.species.clone()), Some(animal.breed.clone()), born];
            let parts = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            match parts.is_empty() {
                true => animal.name.clone(),
                false => format!("{} ({})", animal.name, parts.join(", ")),
            }
        });
        let joined = line.joined.iter().map(|name| format!("{name} (from a line below)"));
        Self {
            facts: facts.collect::<Vec<_>>().join(" · "),
            contact: contact.cloned().collect(),
            animals: own.chain(joined).collect(),
            line,
        }
    }

    /// Whether there is anything to say of it.
    fn speaks(&self) -> bool {
        let row = &self.line.row;
        !row.detail.is_empty() || !self.line.notices.is_empty() || row.client.is_some() || self.asks()
    }

    /// Whether someone can decide what the run does with it.
    fn asks(&self) -> bool {
        matches!(self.line.row.outcome, Outcome::Likely | Outcome::Duplicate)
            && self.line.row.plan != Plan::Done
    }
}

/// What someone may choose for a line that is, or may be, someone already.
const CHOICES: [(Plan, &str); 3] = [(Plan::Add, "Add anyway"), (Plan::Merge, "Merge"), (Plan::Skip, "Skip")];

#[derive(Template)]
#[template(path = "clients/templates/import.html")]
struct ImportPage {
    frame: Frame,
    path: String,
    found: Preview,
    /// What the run will add, in words.
    adds: String,
    /// What it leaves out, in sentences.
    losses: Vec<String>,
    tabs: Vec<Tab>,
    outcome: Outcome,
    noticed: bool,
    cursor: String,
    lines: Vec<Shown>,
    pager: Pager,
}

impl ImportPage {
    fn encoding(&self) -> String {
        match self.found.about.encoding.as_str() {
            "windows-1252" => "Western European (Windows-1252), assumed because it isn’t UTF-8".to_owned(),
            encoding => encoding.to_owned(),
        }
    }

    fn of(&self, outcome: &str) -> i64 {
        Outcome::read(outcome).map_or(0, |outcome| self.found.count(outcome))
    }

    /// Whether animals are shown.
    fn animals(&self) -> bool {
        self.frame.kind.has_animals() || self.found.coming().animals > 0
    }

    /// Whether the lines of this tab can be decided on.
    fn asks(&self) -> bool {
        !self.noticed && self.lines.iter().any(Shown::asks)
    }
}

/// What the run will add, in words: "2 clients and 3 animals".
fn adds(found: &Preview) -> String {
    let coming = found.coming();
    let clients = text::counted(coming.clients, "client", "clients");
    let animals = text::counted(coming.animals, "animal", "animals");
    match (coming.clients, coming.animals, coming.merges) {
        (0, 0, merges) => text::counted(merges, "line to a client", "lines to clients"),
        (_, 0, _) => clients,
        (0, ..) => animals,
        _ => format!("{clients} and {animals}"),
    }
}

/// What the run leaves out, in sentences.
fn losses(found: &Preview) -> Vec<String> {
    let mut losses = Vec::new();
    let ignored = &found.about.ignored;
    if !ignored.is_empty() {
        let named = ignored.iter().map(|heading| if heading.is_empty() { "(no heading)" } else { heading });
        let named = named.take(12).collect::<Vec<_>>().join(", ");
        let more = ignored.len().saturating_sub(12);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let columns = text::counted(ignored.len(), "column is", "columns are");
        losses.push(format!("{columns} left out: {named}{more}."));
    }
    let others = &found.about.other_sheets;
    if !others.is_empty() {
        let sheets = text::counted(others.len(), "other sheet is", "other sheets are");
        losses.push(format!("{sheets} left out: {}.", others.join(", ")));
    }
    if found.noticed() > 0 {
        losses.push(format!(
            "Cells that couldn’t be read are left out in {}.",
            text::counted(found.noticed(), "line", "lines")
        ));
    }
    for (outcome, one, many) in [
        (Outcome::Likely, "likely duplicate is skipped", "likely duplicates are skipped"),
        (Outcome::Duplicate, "duplicate is skipped", "duplicates are skipped"),
        (Outcome::Broken, "line can’t be used", "lines can’t be used"),
    ] {
        let skipped = found.skipped(outcome);
        if skipped > 0 {
            losses.push(format!("{}.", text::counted(skipped, one, many)));
        }
    }
    losses
}

/// Which lines to show: the first outcome that any line has, unless one is chosen.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct LinesQuery {
    #[param(inline)]
    outcome: Option<Outcome>,
    noticed: Option<String>,
    cursor: Option<String>,
}

const TABS: [(Outcome, &str); 7] = [
    (Outcome::Added, "Added"),
    (Outcome::Merged, "Merged"),
    (Outcome::New, "New"),
    (Outcome::Animal, "Animals"),
    (Outcome::Likely, "Likely duplicates"),
    (Outcome::Duplicate, "Duplicates"),
    (Outcome::Broken, "Can’t be used"),
];

pub(crate) async fn show(may: May<ImportKeeper>, Query(query): Query<LinesQuery>) -> Result<Response> {
    let after = actions::after(query.cursor.as_deref())?;
    let (asked, noticed) = (query.outcome, query.noticed.is_some());
    let (frame, found, outcome, lines) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let found = actions::show(tx, by).await?;
            let first = TABS.iter().find(|(outcome, _)| found.count(*outcome) > 0);
            let outcome = asked.or(first.map(|(outcome, _)| *outcome)).unwrap_or(Outcome::New);
            let which = Which { outcome: Some(outcome), noticed, after };
            let lines = actions::lines(tx, by, which, LIMIT).await?;
            Ok((frame, found, outcome, lines))
        })
        .await?;
    let group = found.row.group;
    let between = [list_crumb(group), crumb("Import clients", format!("/g/{group}/clients/import"))];
    let path = may.request().path.clone();
    let tabs = TABS.iter().filter(|(each, _)| found.count(*each) > 0 || (*each == outcome && !noticed));
    let tabs = tabs.map(|(each, label)| Tab {
        label,
        count: found.count(*each),
        href: link(&path, &[("outcome", each.word())]),
        current: *each == outcome && !noticed,
    });
    let with_notices = (found.noticed() > 0).then(|| Tab {
        label: "Cells left out",
        count: found.noticed(),
        href: link(&path, &[("noticed", "yes")]),
        current: noticed,
    });
    let rows = Page::cut(lines, LIMIT, |row| row.number.to_string());
    let filters = if noticed { [("noticed", "yes")] } else { [("outcome", outcome.word())] };
    let practice = frame.kind;
    let shown = |row: LineRow| Line::try_from(row).map(|line| Shown::of(line, practice));
    let page = ImportPage {
        tabs: tabs.chain(with_notices).collect(),
        pager: Pager::new(&path, &filters, query.cursor.as_deref(), rows.next_cursor.as_deref()),
        lines: rows.items.into_iter().map(shown).collect::<Result<_>>()?,
        frame: frame.page(&may, "clients", between, found.row.name.clone()),
        path,
        adds: adds(&found),
        losses: losses(&found),
        found,
        outcome,
        noticed,
        cursor: query.cursor.unwrap_or_default(),
    };
    page::ok(&may, &page)
}

pub(crate) async fn decide(may: May<ImportKeeper>, form: Form) -> Result<Response> {
    let plan = Plan::read(form.get("action"));
    let outcome = Outcome::read(form.get("outcome"));
    let line = form.get("line").parse::<i64>().ok();
    let decided = may
        .write(async move |tx, by| {
            let plan = plan.ok_or_else(|| Error::field("action", "Choose add, merge or skip."))?;
            let which = line.map(Deciding::Line).or(outcome.map(Deciding::All));
            let which = which.ok_or_else(|| Error::field("line", "Choose a line."))?;
            actions::decide(tx, by, plan, which).await
        })
        .await;
    let back = link(&own_path(&may)?, &[("outcome", form.get("outcome")), ("cursor", form.get("cursor"))]);
    match decided {
        Ok(_) => go(&back),
        Err(error) => settle(&may, &back, Err::<(), _>(error), |()| Flash::done("")),
    }
}

/// The import's own page.
fn own_path(may: &May<ImportKeeper>) -> Result<String> {
    let (group, import): (GroupId, ImportId) = (may.id("group")?, may.id("import")?);
    Ok(format!("/g/{group}/clients/imports/{import}"))
}

async fn run_whole(may: &May<ImportKeeper>) -> Result<()> {
    while may.write(async |tx, by| running::run_piece(tx, by).await).await? {}
    Ok(())
}

pub(crate) async fn run(may: May<ImportKeeper>) -> Result<Response> {
    let ran = run_whole(&may).await;
    let found = may.read(async |tx, by| actions::show(tx, by).await).await?;
    settle(&may, &own_path(&may)?, ran, |()| {
        let added = text::counted(found.count(Outcome::Added), "client was", "clients were");
        let merged = match found.count(Outcome::Merged) {
            0 => String::new(),
            merged => format!(" {} merged.", text::counted(merged, "line was", "lines were")),
        };
        Flash::done(format!("{added} added.{merged}"))
    })
}

pub(crate) async fn discard(may: May<ImportKeeper>, form: Form) -> Result<Response> {
    let (group, back): (GroupId, String) = (may.id("group")?, own_path(&may)?);
    let question = page::Question {
        ask: "Discard this file?".to_owned(),
        detail: "Its lines are deleted here. Clients that were already added stay.",
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
    let mut headings = found.about.headings();
    let columns = headings.len();
    headings.push("why".to_owned());
    let parts = futures_util::stream::try_unfold((Arc::new(may), 0), move |(may, after)| async move {
        let part = async move |tx: &_, by: &_| actions::left_over(tx, by, columns, after, PART).await;
        let (rows, last) = may.read_heavy(part).await?;
        Ok::<_, Error>(last.map(|last| (rows, (may, last))))
    });
    Ok(csv::download("not-added.csv", &headings, parts).into())
}
