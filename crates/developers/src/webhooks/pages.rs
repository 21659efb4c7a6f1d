//! The pages of webhooks.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::{
    events::types,
    webhooks::{
        Attempt, Delivery, DeliveryKind, DeliveryState, Targets, Webhook, WebhookState, actions,
        actions::Fields, store,
    },
};
use access::AccountAdmin;
use kernel::{
    error::Result,
    id::{self, AccountId, WebhookId},
};
use storage::{ExpectedVersion, list::Listing};
use web::{
    Form, May, Page, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Crumb, Frame, Here, Question, confirm, crumb, go_with, settle},
    parts::{Badge, Pager},
};

/// How many deliveries a page shows.
const LIMIT: i64 = 25;

fn list_path(account: AccountId) -> String {
    format!("/a/{account}/developers/webhooks")
}

/// The steps to a page below the list.
fn steps(account: AccountId) -> [Crumb; 2] {
    [crumb("Developers", format!("/a/{account}/developers")), crumb("Webhooks", list_path(account))]
}

/// What an endpoint's state is called, and its color.
fn state_badge(frame: &Frame, state: WebhookState) -> Badge {
    match state {
        WebhookState::Active => frame.badge("active", "Active"),
        WebhookState::Paused => frame.badge("amber", "Paused"),
        WebhookState::Disabled => frame.badge("failed", "Disabled"),
    }
}

fn delivery_badge(frame: &Frame, state: DeliveryState) -> Badge {
    match state {
        DeliveryState::Pending => frame.badge("pending", "Pending"),
        DeliveryState::Delivered => frame.badge("green", "Delivered"),
        DeliveryState::Failed => frame.badge("failed", "Failed"),
    }
}

#[derive(Template)]
#[template(path = "webhooks/templates/list.html")]
struct ListPage {
    frame: Frame,
    account: AccountId,
    tab: &'static str,
    rows: Vec<Webhook>,
}

impl ListPage {
    fn state(&self, row: &Webhook) -> Badge {
        state_badge(&self.frame, row.state)
    }
}

pub(crate) async fn index(may: May<AccountAdmin>) -> Result<Response> {
    let (frame, account, rows) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, by.account(), actions::list(tx, by.account()).await?))
        })
        .await?;
    let between = [crumb("Developers", format!("/a/{account}/developers"))];
    let frame = frame.page(&may, "developers", between, "Webhooks");
    page::ok(&may, &ListPage { frame, account, tab: "webhooks", rows })
}

/// The types of one noun, to be chosen from.
struct Kinds {
    noun: String,
    kinds: Vec<(&'static str, &'static str)>,
}

fn by_noun(sells: bool) -> Vec<Kinds> {
    let mut found: Vec<Kinds> = Vec::new();
    for (kind, about) in types::told(sells) {
        let noun = kind.split('.').next().unwrap_or_default().replace('_', " ");
        match found.last_mut().filter(|last| last.noun == noun) {
            Some(last) => last.kinds.push((kind, about)),
            None => found.push(Kinds { noun, kinds: vec![(kind, about)] }),
        }
    }
    found
}

#[derive(Template)]
#[template(path = "webhooks/templates/form.html")]
struct FormPage {
    frame: Frame,
    action: String,
    back: String,
    button: &'static str,
    kinds: Vec<Kinds>,
    entry: Entry,
}

impl FormPage {
    /// Whether one of these types is selected.
    fn chosen(&self, group: &Kinds) -> bool {
        group.kinds.iter().any(|(kind, _)| self.entry.has("types", kind))
    }
}

async fn new_page(may: &May<AccountAdmin>, entry: Entry) -> Result<Response> {
    let (frame, account) = may
        .read(async |tx, by| Ok((may.frame(tx, by.user(), Here::Account(by.account())).await?, by.account())))
        .await?;
    let (kinds, status) = (by_noun(frame.kit.sells), entry.status());
    let frame = frame.page(may, "developers", steps(account), "Add webhook");
    let path = list_path(account);
    page::show(
        may,
        status,
        &FormPage { frame, action: path.clone(), back: path, button: "Add webhook", kinds, entry },
    )
}

pub(crate) async fn new(may: May<AccountAdmin>) -> Result<Response> {
    new_page(&may, Entry::default()).await
}

fn fields(form: &Form) -> Fields {
    Fields {
        url: Some(form.get("url").to_owned()),
        description: Some(form.get("description").to_owned()),
        types: Some(form.all("types").to_vec()),
    }
}

/// A secret, shown this once.
#[derive(Template)]
#[template(path = "webhooks/templates/secret.html")]
struct SecretPage {
    frame: Frame,
    rotated: bool,
    path: String,
    secret: String,
    until: String,
}

async fn secret_page(may: &May<AccountAdmin>, made: actions::Made, rotated: bool) -> Result<Response> {
    let (frame, account) = may
        .read(async |tx, by| Ok((may.frame(tx, by.user(), Here::Account(by.account())).await?, by.account())))
        .await?;
    let until = made.webhook.old_secret_until.map(|at| frame.exact(&at)).unwrap_or_default();
    let title = if rotated { "New secret" } else { "Webhook added" };
    let path = format!("{}/{}", list_path(account), made.webhook.id);
    let frame = frame.page(may, "developers", steps(account), title);
    page::ok(may, &SecretPage { frame, rotated, path, secret: made.secret, until })
}

pub(crate) async fn create(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (fields, targets) = (fields(&form), Targets::of(&may.app().config));
    match may.write(async move |tx, by| actions::create(tx, by, &targets, &fields).await).await {
        Ok(made) => secret_page(&may, made, false).await,
        Err(error) => new_page(&may, Entry::again(form, error)?).await,
    }
}

/// Which deliveries to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct WebhookQuery {
    state: Option<DeliveryState>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "webhooks/templates/webhook.html")]
struct WebhookPage {
    frame: Frame,
    path: String,
    row: Webhook,
    state: &'static str,
    deliveries: Vec<Delivery>,
    pager: Pager,
    entry: Entry,
}

impl WebhookPage {
    fn badge(&self) -> Badge {
        state_badge(&self.frame, self.row.state)
    }

    fn delivery(&self, row: &Delivery) -> Badge {
        delivery_badge(&self.frame, row.state)
    }

    fn active(&self) -> bool {
        self.row.state == WebhookState::Active
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn kind(&self, row: &Delivery) -> &'static str {
        kind_words(row.kind)
    }

    /// Why it is not active.
    fn stopped(&self) -> Option<&'static str> {
        match self.row.state {
            WebhookState::Active => None,
            WebhookState::Paused => {
                Some("Events are kept and follow in order when you resume it. They are kept for 90 days.")
            }
            WebhookState::Disabled => Some(
                "The receiver answered that it is gone for good (410). Delete this webhook, or fix the receiver and \
                 resume.",
            ),
        }
    }
}

const fn kind_words(kind: DeliveryKind) -> &'static str {
    match kind {
        DeliveryKind::Event => "",
        DeliveryKind::Replay => "Replay",
        DeliveryKind::Test => "Test",
    }
}

async fn webhook_page(may: &May<AccountAdmin>, query: &WebhookQuery, entry: Entry) -> Result<Response> {
    let id = may.id::<id::Webhook>("webhook")?;
    let (state, listing) = (query.state, Listing::from_cursor(query.cursor.as_deref())?);
    let (frame, account, row, rows) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            let (_, row) = actions::show(tx, by.account(), id).await?;
            let rows = store::deliveries(tx, by.account(), id, state, &listing, LIMIT + 1).await?;
            Ok((frame, by.account(), row, rows))
        })
        .await?;
    let path = format!("{}/{id}", list_path(account));
    let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
    let state = query.state.map_or("", DeliveryState::word);
    let pager = Pager::new(&path, &[("state", state)], query.cursor.as_deref(), rows.next_cursor.as_deref());
    let status = entry.status();
    let frame = frame.page(may, "developers", steps(account), title(&row));
    let page = WebhookPage { frame, path, row, state, deliveries: rows.items, pager, entry };
    page::show(may, status, &page)
}

/// What the page of an endpoint is called: its description, or its host.
fn title(row: &Webhook) -> String {
    let host = || reqwest::Url::parse(&row.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    if row.description.is_empty() { host().unwrap_or_default() } else { row.description.clone() }
}

pub(crate) async fn show(may: May<AccountAdmin>, Query(query): Query<WebhookQuery>) -> Result<Response> {
    webhook_page(&may, &query, Entry::default()).await
}

async fn edit_page(may: &May<AccountAdmin>, entry: Option<Entry>) -> Result<Response> {
    let id = may.id::<id::Webhook>("webhook")?;
    let (frame, account, version, row) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            let (version, row) = actions::show(tx, by.account(), id).await?;
            Ok((frame, by.account(), version, row))
        })
        .await?;
    let path = format!("{}/{id}", list_path(account));
    let mut between = steps(account).to_vec();
    between.push(crumb(title(&row), path.clone()));
    let entry = entry.unwrap_or_else(|| filled(version, &row));
    let (kinds, status) = (by_noun(frame.kit.sells), entry.status());
    let frame = frame.page(may, "developers", between, "Edit webhook");
    let action = format!("{path}/edit");
    page::show(may, status, &FormPage { frame, action, back: path, button: "Save", kinds, entry })
}

fn filled(version: i64, row: &Webhook) -> Entry {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut fields = vec![
        field("url", &row.url),
        field("description", &row.description),
        field("version", &version.to_string()),
    ];
    fields.extend(row.types.iter().map(|kind| field("types", kind)));
    Entry::from(Form::of(fields))
}

pub(crate) async fn edit(may: May<AccountAdmin>) -> Result<Response> {
    edit_page(&may, None).await
}

pub(crate) async fn change(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let id = may.id::<id::Webhook>("webhook")?;
    let (fields, targets, seen) = (
        fields(&form),
        Targets::of(&may.app().config),
        ExpectedVersion::of(form.get("version").parse().ok()),
    );
    let changed = may
        .write(async move |tx, by| {
            Ok((by.account(), actions::change(tx, by, id, &targets, &fields, seen).await?))
        })
        .await;
    match changed {
        Ok((account, _)) => {
            go_with(&may, &format!("{}/{id}", list_path(account)), &Flash::done("The webhook was saved."))
        }
        Err(error) => edit_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

/// The page of the endpoint in the path.
fn own(may: &May<AccountAdmin>) -> Result<(WebhookId, String)> {
    let (account, id) = (may.id::<id::Account>("account")?, may.id::<id::Webhook>("webhook")?);
    Ok((id, format!("{}/{id}", list_path(account))))
}

pub(crate) async fn pause(may: May<AccountAdmin>, _: Form) -> Result<Response> {
    let (id, path) = own(&may)?;
    let paused = may.write(async move |tx, by| actions::pause(tx, by, id).await).await;
    let told = "The webhook is paused. Events are kept until you resume it.";
    settle(&may, &path, paused, |_| Flash::done(told))
}

pub(crate) async fn resume(may: May<AccountAdmin>, _: Form) -> Result<Response> {
    let (id, path) = own(&may)?;
    let resumed = may.write(async move |tx, by| actions::resume(tx, by, id).await).await;
    let told = "The webhook is active. Events since it stopped follow in order.";
    settle(&may, &path, resumed, |_| Flash::done(told))
}

pub(crate) async fn rotate(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (id, path) = own(&may)?;
    let question = Question {
        ask: "Rotate the secret of this webhook?".to_owned(),
        detail: "Deliveries are signed with both secrets for 24 hours, so you have time to switch.",
        action: "Rotate secret",
        back: &path,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let made = may.write(async move |tx, by| actions::rotate(tx, by, id).await).await?;
    secret_page(&may, made, true).await
}

pub(crate) async fn remove(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (id, path) = own(&may)?;
    let question = Question {
        ask: "Delete this webhook?".to_owned(),
        detail: "It gets no more events, and its list of deliveries is deleted. You can’t undo this.",
        action: "Delete webhook",
        back: &path,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let removed = may.write(async move |tx, by| actions::remove(tx, by, id).await).await;
    let list = list_path(may.id::<id::Account>("account")?);
    settle(&may, &list, removed, |()| Flash::done("The webhook was deleted."))
}

pub(crate) async fn test(may: May<AccountAdmin>, _: Form) -> Result<Response> {
    let (id, path) = own(&may)?;
    let sent = may.write(async move |tx, by| actions::test(tx, by, id).await).await;
    let told = "The test event is on its way. Its delivery is in the list below.";
    settle(&may, &path, sent, |_| Flash::done(told))
}

pub(crate) async fn replay_span(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (id, path) = own(&may)?;
    let (since, until) = (form.get("since").to_owned(), form.get("until").to_owned());
    let frame = may.read(async |tx, by| may.frame(tx, by.user(), Here::Account(by.account())).await).await?;
    let replayed = match actions::span(&since, &until, &frame.kit.zone) {
        Ok(span) => may.write(async move |tx, by| actions::replay_span(tx, by, id, span).await).await,
        Err(error) => Err(error),
    };
    match replayed {
        Ok(0) => go_with(&may, &path, &Flash::trouble("No events of this webhook happened then.")),
        Ok(number) => {
            let events = frame.count(&number, "event is", "events are");
            go_with(&may, &path, &Flash::done(format!("{events} being replayed.")))
        }
        Err(error) => {
            let query = WebhookQuery { state: None, cursor: None };
            webhook_page(&may, &query, Entry::again(form, error)?).await
        }
    }
}

pub(crate) async fn replay(may: May<AccountAdmin>, _: Form) -> Result<Response> {
    let (id, path) = own(&may)?;
    let delivery = may.id::<id::Delivery>("delivery")?;
    let replayed = may.write(async move |tx, by| actions::replay(tx, by, id, delivery).await).await;
    settle(&may, &path, replayed, |_| Flash::done("The event is being replayed."))
}

#[derive(Template)]
#[template(path = "webhooks/templates/delivery.html")]
struct DeliveryPage {
    frame: Frame,
    path: String,
    row: Delivery,
    attempts: Vec<Attempt>,
}

impl DeliveryPage {
    fn badge(&self) -> Badge {
        delivery_badge(&self.frame, self.row.state)
    }

    fn kind(&self) -> &'static str {
        match self.row.kind {
            DeliveryKind::Event => "Event",
            kind => kind_words(kind),
        }
    }
}

pub(crate) async fn delivery(may: May<AccountAdmin>) -> Result<Response> {
    let (webhook, path) = own(&may)?;
    let id = may.id::<id::Delivery>("delivery")?;
    let (frame, account, named, row, attempts) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            let (_, named) = actions::show(tx, by.account(), webhook).await?;
            let (row, _) = store::delivery(tx, by.account(), webhook, id).await?;
            let attempts = store::attempts(tx, by.account(), webhook, id).await?;
            Ok((frame, by.account(), title(&named), row, attempts))
        })
        .await?;
    let mut between = steps(account).to_vec();
    between.push(crumb(named, path.clone()));
    let frame = frame.page(&may, "developers", between, "Delivery");
    page::ok(&may, &DeliveryPage { frame, path, row, attempts })
}
