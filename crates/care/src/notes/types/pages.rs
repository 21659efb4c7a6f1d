//! The page of an account's note types.

use askama::Template;
use axum::response::Response;

use crate::notes::types::{NoteTypeRow, actions};
use access::{AccountAdmin, NoteTypeAdmin};
use kernel::{error::Result, id::AccountId, text};
use storage::ExpectedVersion;
use web::{
    Form, May,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, crumb, go_with, settle},
};

#[derive(Template)]
#[template(path = "notes/templates/types.html")]
struct TypesPage {
    frame: Frame,
    account: AccountId,
    types: Vec<NoteTypeRow>,
    entry: Entry,
    limit: usize,
}

async fn types_page(may: &May<AccountAdmin>, entry: Entry) -> Result<Response> {
    let (frame, account, mut types) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, by.account(), actions::list(tx, by).await?))
        })
        .await?;
    if types.is_empty() {
        types = may.write(async |tx, by| actions::ensured(tx, by).await).await?;
    }
    let between = [crumb("Settings", format!("/a/{account}/settings"))];
    let (frame, status) = (frame.page(may, "settings", between, "Note types"), entry.status());
    page::show(may, status, &TypesPage { frame, account, types, entry, limit: text::PROSE_LIMIT })
}

pub(crate) async fn index(may: May<AccountAdmin>) -> Result<Response> {
    types_page(&may, Entry::default()).await
}

pub(crate) async fn add(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (name, body) = (form.get("name").to_owned(), form.get("body").to_owned());
    match may.write(async move |tx, by| actions::add(tx, by, &name, &body).await).await {
        Ok(row) => go_with(&may, &path(&may)?, &Flash::done(format!("“{}” was added.", row.name))),
        Err(error) => types_page(&may, Entry::again(form, error)?).await,
    }
}

fn path<P: access::Proof>(may: &May<P>) -> Result<String> {
    let account: AccountId = may.id("account")?;
    Ok(format!("/a/{account}/note-types"))
}

pub(crate) async fn change(may: May<NoteTypeAdmin>, form: Form) -> Result<Response> {
    let given = |field: &str| form.ticked(field).then(|| form.get(field).to_owned());
    let changes = actions::Changes {
        name: given("name"),
        body: given("body"),
        archived: given("archived").map(|archived| archived == "true"),
    };
    let archiving = changes.archived;
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    let changed = may.write(async move |tx, by| actions::change(tx, by, &changes, seen).await).await;
    let (own, back) = (may.request().path.clone(), path(&may)?);
    settle(&may, &back, changed, |row| match archiving {
        Some(true) => Flash::done(format!("“{}” was archived. Existing notes keep it.", row.name))
            .undo(own, &[("archived", "false")]),
        Some(false) => Flash::done(format!("“{}” was restored.", row.name)),
        None => Flash::done(format!("“{}” was saved.", row.name)),
    })
}
