//! One case: its notes and files, and who can see it.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use serde::Deserialize;

use super::own_path;
use crate::{
    cases::{
        CaseRow, FileRow, NoteRow, Status, SubjectRow,
        actions::{self, Changes},
    },
    sight::{Asked, Panel, WhenQuery},
};
use access::{CaseEditor, CaseReader, FileEditor, Privilege, policy::Wish};
use kernel::{
    error::{Error, Result},
    id::{CaseId, GroupId},
};
use storage::{ExpectedVersion, Weight, list::Listing};
use web::{
    FileForm, Form, May, Page, Query,
    cookies::Flash,
    entry::Entry,
    files::{self, Attached, Files},
    page::{self, Frame, Here, confirm, crumb, go_with, settle},
    parts::{Pager, link},
};

/// How many notes a case shows at once.
const NOTES: i64 = 50;
/// How many files it shows.
const FILES: i64 = 50;

impl From<FileRow> for Attached {
    fn from(FileRow { id, name, size, uploader, created_at, .. }: FileRow) -> Self {
        Self { id, name, size, uploader, created_at }
    }
}

#[derive(Template)]
#[template(path = "cases/templates/show.html")]
struct ShowPage {
    frame: Frame,
    case: CaseRow,
    path: String,
    works: bool,
    from_parent: bool,
    notes: Vec<NoteRow>,
    older: Option<String>,
    note: Entry,
    files: Files,
    subject: Option<SubjectRow>,
    /// The form that asks a user group about it, for those who may.
    ask: Option<String>,
    panel: Panel,
}

/// The day that the panel is for, and where notes and files begin.
#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct CaseQuery {
    at: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
    files: Option<String>,
}

async fn show_page(may: &May<CaseReader>, query: CaseQuery, note: Entry, upload: Entry) -> Result<Response> {
    let CaseQuery { at, from, to, cursor, files: files_cursor } = query;
    let files_from = Listing::from_cursor(files_cursor.as_deref())?;
    let when = WhenQuery { at, from, to };
    let (shell, from) = (may.shell(), Listing::from_cursor(cursor.as_deref())?);
    let (frame, (case, seen), day, notes, files, subject, works, from_parent, (asks, manages)) = may
        .read_noted("case", Weight::Light, async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let day = Asked::read(&when, &frame.kit, tx)?;
            let seen = actions::access(tx, by, day.when.span).await?;
            let notes = actions::notes(tx, by, &from, NOTES).await?;
            let files = actions::files(tx, by, &files_from, FILES).await?;
            let works = by.may(Wish::Work);
            let asks = works && by.holds(tx, Privilege::RequestsSend).await?;
            let asks = (asks, by.may(Wish::Manage));
            let subject = actions::subject_of(tx, by).await?;
            Ok((frame, seen, day, notes, files, subject, works, by.from_parent(), asks))
        })
        .await?;
    let between = [crumb("Cases", format!("/g/{}/cases", case.group))];
    let path = format!("/g/{}/cases/{}", case.group, case.id);
    let panel = Panel::new(&frame, "case", &path, &case.group_name, seen, day, manages);
    let notes = Page::cut(notes, NOTES, |note| note.id.to_string());
    let status = [&note, &upload].into_iter().map(Entry::status).find(|status| *status != StatusCode::OK);
    let files = Page::cut(files, FILES, |file| file.id.to_string());
    let pager = Pager::named("files", &path, files_cursor.as_deref(), files.next_cursor.as_deref());
    let files = Files::new(&frame.kit, format!("/g/{}/case-files", case.group), files.items).pager(pager);
    let files = if works { files.removable("the case").upload(may.app(), &path, upload) } else { files };
    let page = ShowPage {
        frame: frame.page(may, "cases", between, case.name.clone()),
        works,
        from_parent,
        older: notes.next_cursor.as_deref().map(|cursor| link(&path, &[("cursor", cursor)])),
        notes: notes.items,
        note,
        files,
        subject,
        ask: asks
            .then(|| link(&format!("/a/{}/requests/new", case.account), &[("case", &case.id.to_string())])),
        panel,
        case,
        path,
    };
    page::show(may, status.unwrap_or_default(), &page)
}

pub(crate) async fn show(may: May<CaseReader>, Query(query): Query<CaseQuery>) -> Result<Response> {
    show_page(&may, query, Entry::default(), Entry::default()).await
}

/// The same case for its page, after a form on it was not accepted.
fn reader(may: &May<CaseEditor>) -> Result<May<CaseReader>> {
    let (group, case): (GroupId, CaseId) = (may.id("group")?, may.id("case")?);
    Ok(may.within(&[("group", group.to_string()), ("case", case.to_string())]))
}

pub(crate) async fn set_status(may: May<CaseEditor>, form: Form) -> Result<Response> {
    let status = Status::read(form.get("status"));
    let changed = may.write(async move |tx, by| {
        let status = status.ok_or_else(|| Error::field("status", "Choose open or closed."))?;
        let changes = Changes { status: Some(status), ..Changes::default() };
        actions::change(tx, by, &changes, ExpectedVersion::ANY).await
    });
    let (own, changed) = (may.request().path.clone(), changed.await);
    settle(&may, &own_path(&may)?, changed, |row| match row.status {
        Status::Closed => Flash::done("Case closed.").undo(own, &[("status", "open")]),
        Status::Open => Flash::done("Case reopened.").undo(own, &[("status", "closed")]),
    })
}

pub(crate) async fn add_note(may: May<CaseEditor>, form: Form) -> Result<Response> {
    let body = form.get("body").to_owned();
    match may.write(async move |tx, by| actions::add_note(tx, by, &body).await).await {
        Ok(_) => go_with(&may, &format!("{}#notes", own_path(&may)?), &Flash::done("The note was added.")),
        Err(error) => {
            let entry = Entry::again(form, error)?;
            show_page(&reader(&may)?, CaseQuery::default(), entry, Entry::default()).await
        }
    }
}

pub(crate) async fn add_file(may: May<CaseEditor>, form: FileForm) -> Result<Response> {
    let (path, reader) = (own_path(&may)?, reader(&may)?);
    match files::attach(may, form, actions::add_file).await {
        Ok(_) => go_with(&reader, &format!("{path}#files"), &Flash::done("The file was attached.")),
        Err(error) => {
            let entry = Entry::again(Form::default(), error)?;
            show_page(&reader, CaseQuery::default(), Entry::default(), entry).await
        }
    }
}

pub(crate) async fn remove_file(may: May<FileEditor>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let case = may.read(async |_, by| Ok(by.case())).await?;
    let back = format!("/g/{group}/cases/{case}");
    let question = page::Question {
        ask: "Remove this file?".to_owned(),
        detail: "It can no longer be opened from this case.",
        action: "Remove file",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let removed = may.write(async |tx, by| actions::remove_file(tx, by).await).await;
    settle(&may, &back, removed, |()| Flash::done("The file was removed from the case."))
}
