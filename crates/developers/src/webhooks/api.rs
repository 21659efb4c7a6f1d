//! Webhooks, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::webhooks::{
    Attempt, Delivery, DeliveryState, Targets, Webhook, actions,
    actions::Fields,
    store::{self, Deliveries, Webhooks},
};
use access::AccountAdmin;
use kernel::{clock::Time, error::Result, id};
use storage::{ExpectedVersion, list::Key};
use web::{Answer, Body, Json, Lists, May, NoContent, Page, Tagged};

/// A webhook with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub struct WebhookWithSecret {
    webhook: Webhook,
    /// What signatures are checked with.
    secret: String,
}

impl From<actions::Made> for WebhookWithSecret {
    fn from(actions::Made { webhook, secret }: actions::Made) -> Self {
        Self { webhook, secret }
    }
}

pub(crate) async fn index(
    may: May<AccountAdmin>,
    Lists { listing, limit, .. }: Lists<Webhooks>,
) -> Result<Json<Page<Webhook>>> {
    let rows = may.read(async |tx, by| actions::list(tx, by.account()).await).await?;
    Ok(Json(Page::arranged(rows, limit, &listing, |row, _| (Key::Created, row.id))))
}

/// A webhook to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where events are sent: https, at a public address.
    url: String,
    #[serde(default)]
    description: String,
    /// The types of events that it hears of. Empty means all.
    #[serde(default)]
    types: Vec<String>,
}

pub(crate) async fn create(
    may: May<AccountAdmin>,
    Body(input): Body<NewWebhook>,
) -> Result<Answer<WebhookWithSecret>> {
    let NewWebhook { url, description, types } = input;
    let fields = Fields { url: Some(url), description: Some(description), types: Some(types) };
    let targets = Targets::of(&may.app().config);
    may.post(async move |tx, by| Ok(actions::create(tx, by, &targets, &fields).await?.into())).await
}

pub(crate) async fn show(may: May<AccountAdmin>) -> Result<Tagged<Webhook>> {
    let id = may.id::<id::Webhook>("webhook")?;
    let (version, webhook) = may.read(async |tx, by| actions::show(tx, by.account(), id).await).await?;
    Ok(Tagged(version, webhook))
}

/// What may be changed of a webhook. What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookUpdate)]
pub struct WebhookChanges {
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    url: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    description: Option<String>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    types: Option<Vec<String>>,
}

pub(crate) async fn change(
    may: May<AccountAdmin>,
    seen: ExpectedVersion,
    Body(input): Body<WebhookChanges>,
) -> Result<Tagged<Webhook>> {
    let (id, targets) = (may.id::<id::Webhook>("webhook")?, Targets::of(&may.app().config));
    let WebhookChanges { url, description, types } = input;
    let fields = Fields { url, description, types };
    let changed = may.write(async move |tx, by| actions::change(tx, by, id, &targets, &fields, seen).await);
    let (version, webhook) = changed.await?;
    Ok(Tagged(version, webhook))
}

pub(crate) async fn remove(may: May<AccountAdmin>) -> Result<NoContent> {
    let id = may.id::<id::Webhook>("webhook")?;
    may.write(async move |tx, by| actions::remove(tx, by, id).await).await?;
    Ok(NoContent)
}

pub(crate) async fn rotate(may: May<AccountAdmin>) -> Result<Answer<WebhookWithSecret, 200>> {
    let id = may.id::<id::Webhook>("webhook")?;
    may.post(async move |tx, by| Ok(actions::rotate(tx, by, id).await?.into())).await
}

pub(crate) async fn pause(may: May<AccountAdmin>) -> Result<Answer<Webhook, 200>> {
    let id = may.id::<id::Webhook>("webhook")?;
    may.post(async move |tx, by| Ok(actions::pause(tx, by, id).await?.1)).await
}

pub(crate) async fn resume(may: May<AccountAdmin>) -> Result<Answer<Webhook, 200>> {
    let id = may.id::<id::Webhook>("webhook")?;
    may.post(async move |tx, by| Ok(actions::resume(tx, by, id).await?.1)).await
}

pub(crate) async fn test(may: May<AccountAdmin>) -> Result<Answer<Delivery>> {
    let id = may.id::<id::Webhook>("webhook")?;
    may.post(async move |tx, by| actions::test(tx, by, id).await).await
}

/// Which deliveries to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DeliveryQuery {
    #[param(inline)]
    state: Option<DeliveryState>,
}

pub(crate) async fn deliveries(
    may: May<AccountAdmin>,
    Lists { listing, limit, filter: DeliveryQuery { state } }: Lists<Deliveries, DeliveryQuery>,
) -> Result<Json<Page<Delivery>>> {
    let id = may.id::<id::Webhook>("webhook")?;
    let rows = may.read(async |tx, by| {
        store::endpoint(tx, by.account(), id).await?;
        store::deliveries(tx, by.account(), id, state, &listing, limit + 1).await
    });
    Ok(Json(Page::dated(rows.await?, limit, &listing, |row| row.id)))
}

/// A delivery with its attempts.
#[derive(Serialize, ToSchema)]
pub struct DeliveryWithAttempts {
    delivery: Delivery,
    /// In order.
    attempts: Vec<Attempt>,
}

pub(crate) async fn delivery(may: May<AccountAdmin>) -> Result<Json<DeliveryWithAttempts>> {
    let (webhook, id) = (may.id::<id::Webhook>("webhook")?, may.id::<id::Delivery>("delivery")?);
    may.read(async |tx, by| {
        let (delivery, _) = store::delivery(tx, by.account(), webhook, id).await?;
        let attempts = store::attempts(tx, by.account(), webhook, id).await?;
        Ok(Json(DeliveryWithAttempts { delivery, attempts }))
    })
    .await
}

pub(crate) async fn replay(may: May<AccountAdmin>) -> Result<Answer<Delivery>> {
    let (webhook, id) = (may.id::<id::Webhook>("webhook")?, may.id::<id::Delivery>("delivery")?);
    may.post(async move |tx, by| actions::replay(tx, by, webhook, id).await).await
}

/// A span of time to be replayed: from its start, until before its end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaySpan {
    since: Time,
    until: Time,
}

/// How much is replayed.
#[derive(Serialize, ToSchema)]
pub struct Replayed {
    /// How many events were queued.
    events: usize,
}

pub(crate) async fn replay_span(
    may: May<AccountAdmin>,
    Body(ReplaySpan { since, until }): Body<ReplaySpan>,
) -> Result<Answer<Replayed, 200>> {
    let id = may.id::<id::Webhook>("webhook")?;
    may.post(async move |tx, by| {
        Ok(Replayed { events: actions::replay_span(tx, by, id, (since, until)).await? })
    })
    .await
}
