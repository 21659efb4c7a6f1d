//! What stands in line for an endpoint: which delivery is next, and what comes of it. Each function is a part of one
//! short transaction; the request itself goes out between two of them.

use serde_json::json;

use crate::{
    events,
    webhooks::{
        Attempt, DeliveryKind, DeliveryState, PAUSES, WebhookState, mail, secret,
        send::{Message, Outcome},
        store::{self, Endpoint, Lane, Pending},
    },
};
use kernel::{
    clock::{MINUTE, SKEW, Time},
    error::{Error, Result},
    id::{AccountId, DeliveryId},
    links::Site,
};
use people::activity;
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// How long a worker may hold a delivery before another may take it: longer than any request takes.
const LEASE: i64 = MINUTE;

/// A delivery that a worker holds.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) lane: Lane,
    pub(super) id: DeliveryId,
    pub(super) message: Message,
}

/// Takes the next delivery of a lane, if one is due: what waits there, or the next event of the account's trail. The
/// endpoint's place moves with it, so it is taken up once, whatever ends this process.
pub(super) async fn claim(tx: &Tx, lane: Lane) -> Result<Option<Held>> {
    let (account, webhook, kind) = lane;
    let Some(endpoint) = store::find(tx, account, webhook).await? else { return Ok(None) };
    if endpoint.state != WebhookState::Active && kind != DeliveryKind::Test {
        return Ok(None);
    }
    let first = match store::first(tx, lane).await? {
        Some(first) => Some(first),
        None if kind == DeliveryKind::Event => take_up(tx, account, &endpoint).await?,
        None => None,
    };
    let Some(first) = first.filter(|first| is_due(tx.now(), first)) else { return Ok(None) };
    let (attempts, until) = (first.attempts + 1, tx.now().plus(LEASE));
    store::set(tx, (account, webhook), first.id, DeliveryState::Pending, attempts, until).await?;
    let message = message(tx, lane, &endpoint, &first).await?;
    Ok(Some(Held { lane, id: first.id, message }))
}

fn is_due(now: Time, delivery: &Pending) -> bool {
    delivery.next_at <= now || delivery.waits_since > now.plus(SKEW)
}

/// Puts the next event that the endpoint hears of in line. If there is none, its place is the end of the trail.
async fn take_up(tx: &Tx, account: AccountId, endpoint: &Endpoint) -> Result<Option<Pending>> {
    let next = events::next(tx, account, endpoint.position, &endpoint.kinds()).await?;
    let Some((seq, event)) = next else {
        store::advance(tx, account, endpoint.id, events::head(tx, account).await?).await?;
        return Ok(None);
    };
    let id = tx.id();
    store::advance(tx, account, endpoint.id, seq).await?;
    store::queue(tx, (account, endpoint.id, DeliveryKind::Event), id, seq, &event.kind).await?;
    Ok(Some(Pending { id, seq, attempts: 0, next_at: tx.now(), waits_since: tx.now() }))
}

async fn message(tx: &Tx, lane: Lane, endpoint: &Endpoint, delivery: &Pending) -> Result<Message> {
    let (account, webhook, kind) = lane;
    let (id, body) = if kind == DeliveryKind::Test {
        let id = delivery.id.to_string();
        let ping = json!({ "id": id, "type": "ping", "created_at": tx.now(), "account": account, "object": webhook,
                           "group": null, "actor": null });
        (id, ping.to_string())
    } else {
        let event = events::numbered(tx, account, delivery.seq).await?;
        (event.id.to_string(), serde_json::to_string(&event).map_err(Error::internal)?)
    };
    let old =
        endpoint.old_secret.as_ref().filter(|_| endpoint.old_secret_until.is_some_and(|at| at > tx.now()));
    let mut secrets = Vec::new();
    for sealed in std::iter::once(&endpoint.secret).chain(old) {
        secrets.push(secret::open(tx, webhook, sealed)?);
    }
    Ok(Message { url: endpoint.url.clone(), id, body, secrets })
}

/// Gives a delivery back that was not sent, to be taken again at once.
pub(super) async fn release(tx: &Tx, held: &Held) -> Result<()> {
    let (account, webhook, _) = held.lane;
    let Some(row) = store::pending(tx, account, webhook, held.id).await? else { return Ok(()) };
    let attempts = (row.attempts - 1).max(0);
    store::set(tx, (account, webhook), held.id, DeliveryState::Pending, attempts, tx.now()).await
}

/// Writes down what came of an attempt: it is done, or tried again, or the endpoint stops.
pub(super) async fn settle(tx: &Tx, site: &Site, held: &Held, outcome: &Outcome) -> Result<()> {
    let (account, webhook, kind) = held.lane;
    let place = (account, webhook);
    // It may have been deleted meanwhile.
    let Some(endpoint) = store::find(tx, account, webhook).await? else { return Ok(()) };
    let Some(row) = store::pending(tx, account, webhook, held.id).await? else { return Ok(()) };
    store::note(tx, place, held.id, &attempt(tx, outcome)).await?;
    let set = async |state, next_at| store::set(tx, place, held.id, state, row.attempts, next_at).await;
    let pause = usize::try_from(row.attempts - 1).ok().and_then(|tried| PAUSES.get(tried));
    match pause {
        _ if outcome.error.is_none() => set(DeliveryState::Delivered, tx.now()).await,
        _ if kind == DeliveryKind::Test => set(DeliveryState::Failed, tx.now()).await,
        _ if outcome.gone() => {
            set(DeliveryState::Failed, tx.now()).await?;
            stop(tx, site, account, endpoint, WebhookState::Disabled).await
        }
        Some(pause) => set(DeliveryState::Pending, tx.now().plus(*pause)).await,
        None if kind == DeliveryKind::Replay => set(DeliveryState::Failed, tx.now()).await,
        // The event stays first in line for the day when the endpoint is resumed.
        None => {
            set(DeliveryState::Pending, tx.now()).await?;
            stop(tx, site, account, endpoint, WebhookState::Paused).await
        }
    }
}

fn attempt(tx: &Tx, outcome: &Outcome) -> Attempt {
    let Outcome { status, milliseconds, answer, error } = outcome.clone();
    Attempt { number: 0, at: tx.now(), milliseconds, status, answer, error }
}

/// Stops deliveries to an endpoint that is active, and tells the owner.
async fn stop(
    tx: &Tx,
    site: &Site,
    account: AccountId,
    endpoint: Endpoint,
    state: WebhookState,
) -> Result<()> {
    if endpoint.state != WebhookState::Active {
        return Ok(());
    }
    let gone = state == WebhookState::Disabled;
    let action = if gone { Action::WebhookDisabled } else { Action::WebhookPaused };
    let host = endpoint.host();
    if !store::update(tx, account, &Endpoint { state, state_since: tx.now(), ..endpoint.clone() }).await? {
        return Err(Error::stale());
    }
    let event = Event::unattended(account, action, endpoint.id).with(json!({ "name": host }));
    audit::record(tx, event).await?;
    if let Some(owner) = activity::owner(tx, account).await? {
        let letter = if gone { mail::disabled } else { mail::paused };
        enqueue(tx, &letter(site, account, endpoint.id, &owner, &host)).await?;
    }
    Ok(())
}
