//! Pages of accounts: settings with the protocols, and mail.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::accounts::{Kind, Protocol, actions, protocols, zones};
use access::{AccountAdmin, ProtocolAdmin, Role};
use kernel::{
    error::{Error, Result},
    id::{AccountId, MailId},
    practice::PracticeKind,
};
use platform::jobs::{self, MailState};
use storage::{ExpectedVersion, list::Listing};
use web::{
    Form, May, Page, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, go_with, settle},
    parts::{Choice, Pager, choices},
};

/// How many entries a page of a list shows.
const LIMIT: i64 = 25;

#[derive(Template)]
#[template(path = "accounts/templates/settings.html")]
struct SettingsPage {
    frame: Frame,
    account: AccountId,
    version: i64,
    entry: Entry,
    zones: Vec<Choice>,
    protocols: Vec<Protocol>,
    added: Entry,
    role: Role,
    /// Whether it is one person's account, which its owner can close.
    closes: bool,
}

async fn settings_page(may: &May<AccountAdmin>, entry: Option<Entry>, added: Entry) -> Result<Response> {
    let (frame, account, protocols, role) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, actions::show(tx, by).await?, protocols(tx, by.account()).await?, by.role()))
        })
        .await?;
    let status = match entry.as_ref().map(Entry::status) {
        Some(status) => status,
        None => added.status(),
    };
    let zones = choices(zones(frame.kit.now, &account.time_zone));
    let (version, closes) = (account.version, account.kind == Kind::Individual && role == Role::Owner);
    let entry = entry.unwrap_or_else(|| {
        Entry::of(&[
            ("name", &account.name),
            ("practice_kind", account.practice_kind.word()),
            ("practice", &account.practice),
            ("time_zone", &account.time_zone),
            ("group_admins_add_groups", if account.group_admins_add_groups { "yes" } else { "" }),
        ])
    });
    let frame = frame.page(may, "settings", [], "Settings");
    let page =
        SettingsPage { frame, account: account.id, version, entry, zones, protocols, added, role, closes };
    page::show(may, status, &page)
}

pub(crate) async fn settings(may: May<AccountAdmin>) -> Result<Response> {
    settings_page(&may, None, Entry::default()).await
}

pub(crate) async fn change_settings(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let input = actions::Settings {
        name: Some(form.get("name").to_owned()),
        practice_kind: PracticeKind::read(form.get("practice_kind")),
        practice: Some(form.get("practice").to_owned()),
        time_zone: Some(form.get("time_zone").to_owned()),
        // An empty box is not sent; a form that lacks the box, such as a bookmarked one, changes nothing.
        group_admins_add_groups: form
            .ticked("asks_group_admins")
            .then(|| form.ticked("group_admins_add_groups")),
    };
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    let changed = may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await;
    match changed {
        Ok(row) => go_with(&may, &format!("/a/{}/settings", row.id), &Flash::done("Settings saved.")),
        Err(error) => settings_page(&may, Some(Entry::again(form, error)?), Entry::default()).await,
    }
}

pub(crate) async fn add_protocol(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let name = form.get("protocol").to_owned();
    let added =
        may.write(async move |tx, by| Ok((by.account(), actions::add_protocol(tx, by, &name).await?)));
    match added.await {
        Ok((account, protocol)) => {
            let flash =
                Flash::done(format!("“{}” was added. You can choose it for new cases.", protocol.name));
            go_with(&may, &format!("/a/{account}/settings"), &flash)
        }
        Err(error) => {
            let field = error.fields().first().map(|fault| Error::field("protocol", fault.detail.clone()));
            settings_page(&may, None, Entry::again(form, field.unwrap_or(error))?).await
        }
    }
}

pub(crate) async fn change_protocol(may: May<ProtocolAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let name = form.ticked("name").then(|| form.get("name").to_owned());
    let archived = form.ticked("archived").then(|| form.get("archived") == "true");
    let changed = may
        .write(async move |tx, by| actions::change_protocol(tx, by, name.as_deref(), archived).await)
        .await;
    let own = may.request().path.clone();
    settle(&may, &format!("/a/{account}/settings"), changed, |now| match archived {
        Some(true) => Flash::done(format!("“{}” was archived. Existing cases keep it.", now.name))
            .undo(own, &[("archived", "false")]),
        Some(false) => Flash::done(format!("“{}” was restored. You can choose it for new cases.", now.name)),
        None => Flash::done(format!("The protocol was renamed to “{}”.", now.name)),
    })
}

/// Which emails to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct MailQuery {
    #[param(inline)]
    state: Option<MailState>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/templates/mail.html")]
struct MailPage {
    frame: Frame,
    path: String,
    state: String,
    rows: Vec<jobs::MailRow>,
    pager: Pager,
    leaves: bool,
}

pub(crate) async fn mail(may: May<AccountAdmin>, Query(query): Query<MailQuery>) -> Result<Response> {
    let listing = Listing::from_cursor(query.cursor.as_deref())?;
    let (frame, rows) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, jobs::list(tx, by.account(), query.state, &listing, LIMIT + 1).await?))
        })
        .await?;
    let path = may.request().path.clone();
    let state = query.state.map(MailState::word).unwrap_or_default().to_owned();
    let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
    let pager = Pager::new(&path, &[("state", &state)], query.cursor.as_deref(), rows.next_cursor.as_deref());
    let frame = frame.page(&may, "mail", [], "Mail");
    let leaves = may.app().site.mail_leaves;
    page::ok(&may, &MailPage { frame, path, state, rows: rows.items, pager, leaves })
}

pub(crate) async fn retry_mail(may: May<AccountAdmin>) -> Result<Response> {
    let (account, id): (AccountId, MailId) = (may.id("account")?, may.id("mail")?);
    if !may.write(async move |tx, by| jobs::retry(tx, by.account(), id).await).await? {
        return Err(Error::not_found());
    }
    go_with(&may, &format!("/a/{account}/mail"), &Flash::done("The email is being retried."))
}
