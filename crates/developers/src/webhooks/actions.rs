//! The verbs of webhooks.

use serde_json::json;

use crate::{
    events,
    webhooks::{
        Delivery, DeliveryKind, MOST, OVERLAP, REPLAY_MOST, TOPIC, Targets, Webhook, WebhookState, secret,
        store::{self, Endpoint},
    },
};
use access::AccountAdmin;
use kernel::{
    clock::Time,
    error::{Checks, Error, FieldError, Result},
    id::{AccountId, DeliveryId, WebhookId},
    text,
};
use people::plans;
use platform::audit::{self, Action, Event};
use storage::{ExpectedVersion, Tx, many};

/// A secret as it is shown once, and what it is for.
pub(super) struct Made {
    pub(super) webhook: Webhook,
    pub(super) secret: String,
}

/// What people say of an endpoint. What is absent stays, or is empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) url: Option<String>,
    pub(super) description: Option<String>,
    pub(super) types: Option<Vec<String>>,
}

impl Fields {
    fn apply(&self, row: &mut Endpoint, targets: &Targets) -> Result<()> {
        let mut checks = Checks::default();
        if let Some(url) = &self.url {
            let url = targets.read(url).map(String::from);
            row.url = checks.take("url", url).unwrap_or_default();
        }
        if let Some(description) = &self.description {
            let line = text::optional_line(description);
            row.description = checks.take("description", line).flatten().unwrap_or_default();
        }
        checks.done()?;
        if let Some(types) = &self.types {
            let kinds = events::types::read("types", types.iter().map(String::as_str))?;
            row.types = many(kinds.into_iter().map(str::to_owned));
        }
        Ok(())
    }
}

/// An event in the trail about an endpoint. Only its host is named: the rest of its URL may hold a secret.
fn event(by: &AccountAdmin, action: Action, row: &Endpoint) -> Event {
    Event::new(by.account(), by.user(), action, row.id).with(json!({ "name": row.host() }))
}

/// Adds an endpoint. It hears of what happens from now on.
///
/// # Errors
/// A field can't be used, there are as many as an account may have, or the account is read-only.
pub(super) async fn create(tx: &Tx, by: &AccountAdmin, targets: &Targets, fields: &Fields) -> Result<Made> {
    plans::must_be_open(tx, by.account()).await?;
    let id = tx.id();
    let (secret, sealed) = secret::new(tx, id)?;
    let mut row = fresh(tx, by, id, sealed);
    fields.apply(&mut row, targets)?;
    if store::endpoints(tx, by.account()).await?.len() >= MOST {
        let why = format!("An account can have {MOST} webhooks. Delete one first.");
        return Err(Error::conflict("too_many_webhooks", why));
    }
    audit::record(tx, event(by, Action::WebhookAdded, &row)).await?;
    row.position = events::head(tx, by.account()).await?;
    store::insert(tx, by.account(), &row).await?;
    Ok(Made { webhook: row.shown(tx.now()), secret })
}

fn fresh(tx: &Tx, by: &AccountAdmin, id: WebhookId, secret: String) -> Endpoint {
    Endpoint {
        id,
        url: String::new(),
        description: String::new(),
        types: "[]".to_owned(),
        state: WebhookState::Active,
        state_since: tx.now(),
        secret,
        old_secret: None,
        old_secret_until: None,
        position: 0,
        last_attempt_at: None,
        last_status: None,
        last_succeeded: None,
        created_by: by.user(),
        created_at: tx.now(),
        version: 1,
    }
}

/// An endpoint with its version.
pub(super) async fn show(tx: &Tx, account: AccountId, id: WebhookId) -> Result<(i64, Webhook)> {
    let row = store::endpoint(tx, account, id).await?;
    Ok((row.version, row.shown(tx.now())))
}

/// An account's endpoints, the oldest first.
pub(super) async fn list(tx: &Tx, account: AccountId) -> Result<Vec<Webhook>> {
    Ok(store::endpoints(tx, account).await?.iter().map(|row| row.shown(tx.now())).collect())
}

async fn save(tx: &Tx, by: &AccountAdmin, row: &Endpoint, action: Action) -> Result<(i64, Webhook)> {
    if !store::update(tx, by.account(), row).await? {
        return Err(Error::stale());
    }
    audit::record(tx, event(by, action, row)).await?;
    tx.announce(TOPIC);
    show(tx, by.account(), row.id).await
}

/// Changes an endpoint.
///
/// # Errors
/// A field can't be used, or someone changed it meanwhile.
pub(super) async fn change(
    tx: &Tx,
    by: &AccountAdmin,
    id: WebhookId,
    targets: &Targets,
    fields: &Fields,
    seen: ExpectedVersion,
) -> Result<(i64, Webhook)> {
    let mut row = store::endpoint(tx, by.account(), id).await?;
    seen.check(row.version)?;
    let before = (row.url.clone(), row.description.clone(), row.types.clone());
    fields.apply(&mut row, targets)?;
    if before == (row.url.clone(), row.description.clone(), row.types.clone()) {
        return Ok((row.version, row.shown(tx.now())));
    }
    save(tx, by, &row, Action::WebhookChanged).await
}

/// Deletes an endpoint with its deliveries. What is under way may still arrive.
///
/// # Errors
/// It is not there.
pub(super) async fn remove(tx: &Tx, by: &AccountAdmin, id: WebhookId) -> Result<()> {
    let row = store::endpoint(tx, by.account(), id).await?;
    store::remove(tx, by.account(), id).await?;
    audit::record(tx, event(by, Action::WebhookRemoved, &row)).await
}

/// Gives an endpoint a new secret. The old one signs beside it for a day.
///
/// # Errors
/// It is not there.
pub(super) async fn rotate(tx: &Tx, by: &AccountAdmin, id: WebhookId) -> Result<Made> {
    let mut row = store::endpoint(tx, by.account(), id).await?;
    let (secret, sealed) = secret::new(tx, id)?;
    row.old_secret = Some(std::mem::replace(&mut row.secret, sealed));
    row.old_secret_until = Some(tx.now().plus(OVERLAP));
    let (_, webhook) = save(tx, by, &row, Action::WebhookSecretRotated).await?;
    Ok(Made { webhook, secret })
}

/// Keeps events back until the endpoint is resumed.
///
/// # Errors
/// It is not active.
pub(super) async fn pause(tx: &Tx, by: &AccountAdmin, id: WebhookId) -> Result<(i64, Webhook)> {
    let row = store::endpoint(tx, by.account(), id).await?;
    if row.state != WebhookState::Active {
        return Err(Error::conflict("not_active", "This webhook is not active."));
    }
    let row = Endpoint { state: WebhookState::Paused, state_since: tx.now(), ..row };
    save(tx, by, &row, Action::WebhookPaused).await
}

/// Delivers again, beginning with what happened since the endpoint stopped.
///
/// # Errors
/// It is active.
pub(super) async fn resume(tx: &Tx, by: &AccountAdmin, id: WebhookId) -> Result<(i64, Webhook)> {
    let row = store::endpoint(tx, by.account(), id).await?;
    if row.state == WebhookState::Active {
        return Err(Error::conflict("already_active", "This webhook is already active."));
    }
    store::hurry(tx, by.account(), id).await?;
    let row = Endpoint { state: WebhookState::Active, state_since: tx.now(), ..row };
    save(tx, by, &row, Action::WebhookResumed).await
}

/// Sends a `ping`, whatever state the endpoint is in.
///
/// # Errors
/// Another test is still waiting for its answer.
pub(super) async fn test(tx: &Tx, by: &AccountAdmin, id: WebhookId) -> Result<Delivery> {
    let row = store::endpoint(tx, by.account(), id).await?;
    let lane = (by.account(), row.id, DeliveryKind::Test);
    if store::waiting(tx, lane).await? > 0 {
        return Err(Error::conflict("test_waiting", "A test is already on its way. Wait for its answer."));
    }
    let delivery = tx.id();
    store::queue(tx, lane, delivery, 0, "ping").await?;
    tx.announce(TOPIC);
    Ok(store::delivery(tx, by.account(), id, delivery).await?.0)
}

/// Sends a delivery's event again.
///
/// # Errors
/// It was a test, or too much waits already.
pub(super) async fn replay(
    tx: &Tx,
    by: &AccountAdmin,
    id: WebhookId,
    delivery: DeliveryId,
) -> Result<Delivery> {
    let (delivery, seq) = store::delivery(tx, by.account(), id, delivery).await?;
    if delivery.event.is_none() {
        return Err(Error::conflict("test_only", "A test can't be replayed. Send a new test event."));
    }
    let row = store::endpoint(tx, by.account(), id).await?;
    let queued = queue(tx, by, &row, &[(seq, &delivery.event_type)]).await?;
    Ok(store::delivery(tx, by.account(), id, queued).await?.0)
}

/// Sends again what happened in a span of time, as far as the endpoint hears of it. Says how many events that is.
///
/// # Errors
/// The span is none, has too many events, or too much waits already.
pub(super) async fn replay_span(
    tx: &Tx,
    by: &AccountAdmin,
    id: WebhookId,
    span: (Time, Time),
) -> Result<usize> {
    let row = store::endpoint(tx, by.account(), id).await?;
    if span.0 >= span.1 {
        return Err(Error::field("until", "Enter a time after the start."));
    }
    let found = events::between(tx, by.account(), &row.kinds(), span, REPLAY_MOST + 1).await?;
    if i64::try_from(found.len()).is_ok_and(|found| found > REPLAY_MOST) {
        return Err(Error::field("until", "More than 1,000 events happened then. Choose a shorter time."));
    }
    if !found.is_empty() {
        queue(tx, by, &row, &found).await?;
    }
    Ok(found.len())
}

/// Puts events, by number and type, at the end of the line of replays. Gives the last delivery.
async fn queue(tx: &Tx, by: &AccountAdmin, row: &Endpoint, events: &[(i64, &str)]) -> Result<DeliveryId> {
    let lane = (by.account(), row.id, DeliveryKind::Replay);
    let waiting = store::waiting(tx, lane).await?;
    if waiting + i64::try_from(events.len()).unwrap_or(i64::MAX) > REPLAY_MOST {
        let why = "Too many replays are waiting already. Try again when they have arrived.";
        return Err(Error::conflict("replays_waiting", why));
    }
    let mut last = DeliveryId::nil();
    // Ids of one moment are in no order, and the order of ids is the order of the line.
    let mut ids = events.iter().map(|_| tx.id()).collect::<Vec<DeliveryId>>();
    ids.sort_unstable();
    for ((seq, kind), delivery) in events.iter().zip(ids) {
        store::queue(tx, lane, delivery, *seq, kind).await?;
        last = delivery;
    }
    let noted = event(by, Action::WebhookReplayed, row);
    audit::record(tx, noted.with(json!({ "name": row.host(), "events": events.len() }))).await?;
    tx.announce(TOPIC);
    Ok(last)
}

/// A span of time as a form gives it: local times of a zone.
pub(super) fn span(since: &str, until: &str, zone: &jiff::tz::TimeZone) -> Result<(Time, Time)> {
    let mut faults = Vec::new();
    let mut read = |field: &'static str, text: &str| {
        let read = text.parse::<jiff::civil::DateTime>().and_then(|at| at.to_zoned(zone.clone()));
        let read = read.map(|at| Time::from(at.timestamp()));
        if read.is_err() {
            faults.push(FieldError {
                field: field.into(),
                code: "not_a_time".into(),
                detail: "Enter a date and a time.".into(),
            });
        }
        read.unwrap_or(Time::from_micros(0))
    };
    let span = (read("since", since), read("until", until));
    if faults.is_empty() { Ok(span) } else { Err(Error::invalid(faults)) }
}
