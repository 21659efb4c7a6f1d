//! The form of a handout, its versions, archiving.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::{ROWS, any, languages, library, load, own, species, topics};
use crate::handouts::{
    HandoutRow, Language, Species, Topic, VersionRow,
    actions::{self, Changes, Draft},
};
use access::{HandoutAuthor, HandoutEditor, HandoutReader};
use kernel::{
    error::Result,
    id::{AccountId, HandoutId},
    text,
};
use platform::prose;
use storage::ExpectedVersion;
use web::{
    Form, May, Page, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, confirm, crumb, go_with, settle},
    parts::{Choice, link},
};

#[derive(Template)]
#[template(path = "handouts/templates/form.html")]
struct FormPage {
    frame: Frame,
    /// Where the form goes, and the way back.
    action: String,
    back: String,
    /// The version of the row that is edited; none for a new one.
    version: Option<i64>,
    entry: Entry,
    /// Whether one can choose among animals.
    animals: bool,
    species: Vec<Choice>,
    topics: Vec<Choice>,
    languages: Vec<Choice>,
    limit: usize,
}

impl FormPage {
    fn new(frame: Frame, action: String, back: String, version: Option<i64>, entry: Entry) -> Self {
        let practice = frame.kind;
        let first = |rest| if version.is_none() { any("Choose…", rest) } else { rest };
        Self {
            frame,
            action,
            back,
            version,
            animals: practice.has_animals() || Species::read(entry.get("species")).is_some(),
            species: match (version, entry.get("species")) {
                (Some(_), "") => any("No specific animal", species()),
                _ => first(species()),
            },
            topics: first(topics(practice, Topic::read(entry.get("topic")))),
            languages: languages(),
            limit: text::PROSE_LIMIT,
            entry,
        }
    }
}

async fn new_page(may: &May<HandoutAuthor>, entry: Entry) -> Result<Response> {
    let (frame, account) = may
        .read(async |tx, by| Ok((may.frame(tx, by.user(), Here::Account(by.account())).await?, by.account())))
        .await?;
    let (path, status) = (format!("/a/{account}/handouts"), entry.status());
    let frame = frame.page(may, "handouts", [library(account)], "New handout");
    page::show(may, status, &FormPage::new(frame, path.clone(), path, None, entry))
}

pub(crate) async fn new(may: May<HandoutAuthor>) -> Result<Response> {
    new_page(&may, Entry::of(&[("language", "en")])).await
}

fn draft(form: &Form) -> Draft {
    Draft {
        title: form.get("title").to_owned(),
        summary: form.get("summary").to_owned(),
        body: form.get("body").to_owned(),
        species: Species::read(form.get("species")),
        topic: Topic::read(form.get("topic")),
        language: Language::read(form.get("language")),
    }
}

pub(crate) async fn create(may: May<HandoutAuthor>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let draft = draft(&form);
    match may.write(async move |tx, by| actions::add(tx, by, &draft).await).await {
        Ok(row) => {
            let flash = Flash::done(format!("“{}” was added to the library.", row.title));
            go_with(&may, &format!("/a/{account}/handouts/{}", row.id), &flash)
        }
        Err(error) => new_page(&may, Entry::again(form, error)?).await,
    }
}

pub(crate) async fn copy(may: May<HandoutAuthor>) -> Result<Response> {
    let (account, source): (AccountId, HandoutId) = (may.id("account")?, may.id("handout")?);
    let row = may.write(async move |tx, by| actions::copy(tx, by, source).await).await?;
    let flash = Flash::done("Copy created. You can edit it now.");
    go_with(&may, &format!("/a/{account}/handouts/{}/edit", row.id), &flash)
}

async fn edit_page(may: &May<HandoutEditor>, entry: Option<Entry>) -> Result<Response> {
    let (account, shell): (AccountId, _) = (may.id("account")?, may.shell());
    let load = async |tx: &_, by: &HandoutEditor| load(tx, by, &shell, account).await;
    let (frame, row, version, ..) = may.read(load).await?;
    let entry = entry.unwrap_or_else(|| {
        Entry::of(&[
            ("title", &row.title),
            ("summary", &row.summary),
            ("body", &version.body),
            ("species", row.species.map_or("", Species::word)),
            ("topic", row.topic.word()),
            ("language", row.language.word()),
        ])
    });
    let back = own(may)?;
    let between = [library(account), crumb(row.title.clone(), back.clone())];
    let (frame, status) = (frame.page(may, "handouts", between, "Edit handout"), entry.status());
    page::show(may, status, &FormPage::new(frame, format!("{back}/edit"), back, Some(row.version), entry))
}

pub(crate) async fn edit(may: May<HandoutEditor>) -> Result<Response> {
    edit_page(&may, None).await
}

pub(crate) async fn change(may: May<HandoutEditor>, form: Form) -> Result<Response> {
    let Draft { title, summary, body, species, topic, language } = draft(&form);
    let (title, summary, body) = (Some(title), Some(summary), Some(body));
    let changes = Changes { title, summary, body, species, topic, language, archived: None };
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    match may.write(async move |tx, by| actions::change(tx, by, &changes, seen).await).await {
        Ok(row) => {
            let flash = Flash::done(format!("“{}” was saved as version {}.", row.title, row.number));
            go_with(&may, &own(&may)?, &flash)
        }
        Err(error) => edit_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

pub(crate) async fn archive(may: May<HandoutEditor>, form: Form) -> Result<Response> {
    let archived = form.get("archived") != "false";
    let back = own(&may)?;
    let question = page::Question {
        ask: "Archive this handout?".to_owned(),
        detail: "It’s removed from the library. Links you already sent keep working.",
        action: "Archive",
        back: &back,
    };
    if archived && let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let changes = Changes { archived: Some(archived), ..Changes::default() };
    let changed =
        may.write(async move |tx, by| actions::change(tx, by, &changes, ExpectedVersion::ANY).await).await;
    let again = may.request().path.clone();
    settle(&may, &back, changed, |row| match archived {
        true => Flash::done(format!("“{}” was archived.", row.title)).undo(again, &[("archived", "false")]),
        false => Flash::done(format!("“{}” was restored.", row.title)),
    })
}

/// Which version to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct VersionQuery {
    number: Option<i64>,
    cursor: Option<i64>,
}

#[derive(Template)]
#[template(path = "handouts/templates/versions.html")]
struct VersionsPage {
    frame: Frame,
    path: String,
    row: HandoutRow,
    versions: Vec<VersionRow>,
    older: Option<String>,
    shown: VersionRow,
    html: String,
}

pub(crate) async fn versions(may: May<HandoutReader>, Query(query): Query<VersionQuery>) -> Result<Response> {
    let (account, shell): (AccountId, _) = (may.id("account")?, may.shell());
    let before = query.cursor.unwrap_or(i64::MAX);
    let (frame, row, versions, shown) = may
        .read(async move |tx, by| {
            let (frame, row, current, ..) = load(tx, by, &shell, account).await?;
            let shown = match query.number.filter(|number| *number != row.number) {
                Some(number) => actions::version(tx, by, number).await?,
                None => current,
            };
            Ok((frame, row, actions::versions(tx, by, before, ROWS).await?, shown))
        })
        .await?;
    let path = own(&may)?;
    let versions = Page::cut(versions, ROWS, |version| version.number.to_string());
    let between = [library(account), crumb(row.title.clone(), path.clone())];
    let page = VersionsPage {
        frame: frame.page(&may, "handouts", between, "Versions"),
        older: versions.next_cursor.map(|cursor| link(&format!("{path}/versions"), &[("cursor", &cursor)])),
        versions: versions.items,
        html: prose::to_html(&shown.body),
        shown,
        row,
        path,
    };
    page::ok(&may, &page)
}
