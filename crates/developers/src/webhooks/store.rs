//! The statements of webhooks.

use crate::webhooks::{
    Attempt, Delivery, DeliveryKind, DeliveryState, KEPT, LastAttempt, REPLAY_MOST, Webhook, WebhookState,
};
use kernel::{
    clock::{SKEW, Time},
    error::{Error, Result},
    id::{AccountId, DeliveryId, EventId, UserId, WebhookId},
};
use storage::{
    Hash, Param, Tx,
    list::{Listing, Statements},
    orders, row, sorted, sql,
};

row! {
    /// An endpoint.
    #[derive(Clone)]
    pub(super) struct Endpoint {
        pub(super) id: WebhookId,
        pub(super) url: String,
        pub(super) description: String,
        pub(super) types: String,
        pub(super) state: WebhookState,
        pub(super) state_since: Time,
        pub(super) secret: String,
        pub(super) old_secret: Option<String>,
        pub(super) old_secret_until: Option<Time>,
        pub(super) position: i64,
        pub(super) last_attempt_at: Option<Time>,
        pub(super) last_status: Option<i64>,
        pub(super) last_succeeded: Option<bool>,
        pub(super) created_by: UserId,
        pub(super) created_at: Time,
        pub(super) version: i64,
    }
}

impl Endpoint {
    /// The types of events that it hears of; none means all.
    pub(super) fn kinds(&self) -> Vec<&'static str> {
        let names = serde_json::from_str::<Vec<String>>(&self.types).unwrap_or_default();
        names.iter().filter_map(|name| crate::events::types::known(name)).collect()
    }

    /// What the trail and mails call it: the rest of a URL may hold a secret.
    pub(super) fn host(&self) -> String {
        let host = reqwest::Url::parse(&self.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        host.unwrap_or_default()
    }

    /// As people see it at this moment.
    pub(super) fn shown(&self, now: Time) -> Webhook {
        let last = self.last_attempt_at.zip(self.last_succeeded);
        Webhook {
            id: self.id,
            url: self.url.clone(),
            description: self.description.clone(),
            types: self.kinds().into_iter().map(str::to_owned).collect(),
            state: self.state,
            state_since: self.state_since,
            last_attempt: last.map(|(at, succeeded)| LastAttempt { at, succeeded, status: self.last_status }),
            old_secret_until: self.old_secret_until.filter(|until| *until > now),
            created_at: self.created_at,
        }
    }
}

pub(super) async fn insert(tx: &Tx, account: AccountId, row: &Endpoint) -> Result<()> {
    let statement = sql!(
        "INSERT INTO webhook_endpoints
             (account_id, id, url, description, types, state, state_since, secret, position, created_by, created_at,
              version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)"
    );
    tx.exec(
        statement,
        &[
            &account,
            &row.id,
            &row.url,
            &row.description,
            &row.types,
            &row.state,
            &row.state_since,
            &row.secret,
            &row.position,
            &row.created_by,
            &row.created_at,
        ],
    )
    .await?;
    Ok(())
}

/// Writes what people change of an endpoint. False if someone else did meanwhile.
pub(super) async fn update(tx: &Tx, account: AccountId, row: &Endpoint) -> Result<bool> {
    let statement = sql!(
        "UPDATE webhook_endpoints
         SET url = $3, description = $4, types = $5, state = $6, state_since = $7, secret = $8, old_secret = $9,
             old_secret_until = $10, version = version + 1
         WHERE account_id = $1 AND id = $2 AND version = $11"
    );
    let changed = tx
        .exec(
            statement,
            &[
                &account,
                &row.id,
                &row.url,
                &row.description,
                &row.types,
                &row.state,
                &row.state_since,
                &row.secret,
                &row.old_secret,
                &row.old_secret_until,
                &row.version,
            ],
        )
        .await?;
    Ok(changed == 1)
}

pub(super) async fn remove(tx: &Tx, account: AccountId, id: WebhookId) -> Result<()> {
    let statement = sql!("DELETE FROM webhook_endpoints WHERE account_id = $1 AND id = $2");
    tx.exec(statement, &[&account, &id]).await.map(drop)
}

pub(super) async fn find(tx: &Tx, account: AccountId, id: WebhookId) -> Result<Option<Endpoint>> {
    let statement = sql!("SELECT {} FROM webhook_endpoints WHERE account_id = $1 AND id = $2", Endpoint);
    tx.maybe(statement, &[&account, &id]).await
}

pub(super) async fn endpoint(tx: &Tx, account: AccountId, id: WebhookId) -> Result<Endpoint> {
    find(tx, account, id).await?.ok_or_else(Error::not_found)
}

pub(super) async fn endpoints(tx: &Tx, account: AccountId) -> Result<Vec<Endpoint>> {
    let statement = sql!("SELECT {} FROM webhook_endpoints WHERE account_id = $1 ORDER BY id", Endpoint);
    tx.all(statement, &[&account]).await
}

/// Takes note of how far the trail was taken up for an endpoint.
pub(super) async fn advance(tx: &Tx, account: AccountId, id: WebhookId, position: i64) -> Result<()> {
    let statement = sql!("UPDATE webhook_endpoints SET position = $3 WHERE account_id = $1 AND id = $2");
    tx.exec(statement, &[&account, &id, &position]).await.map(drop)
}

/// An account's endpoint, and what goes out to it of one kind.
pub(super) type Lane = (AccountId, WebhookId, DeliveryKind);

/// The lanes that have something to be sent now. A wait that began in the future did so before the clock was set
/// back, and is over.
pub(super) async fn due(tx: &Tx) -> Result<Vec<Lane>> {
    tx.all(
        sql!(
            "SELECT e.account_id, e.id, l.lane
             FROM webhook_endpoints e
             CROSS JOIN (SELECT 'test' AS lane UNION ALL SELECT 'event' UNION ALL SELECT 'replay') l
             JOIN webhook_deliveries d ON d.account_id = e.account_id AND d.webhook_id = e.id
                  AND d.id = (SELECT x.id FROM webhook_deliveries x
                              WHERE x.account_id = e.account_id AND x.webhook_id = e.id AND x.lane = l.lane
                                    AND x.state = 'pending' ORDER BY x.id LIMIT 1)
             WHERE (e.state = 'active' OR l.lane = 'test') AND (d.next_at <= $1 OR d.waits_since > $2)
             UNION ALL
             SELECT e.account_id, e.id, 'event'
             FROM webhook_endpoints e JOIN audit_heads h ON h.account_id = e.account_id
             WHERE e.state = 'active' AND e.position < h.seq
                   AND NOT EXISTS (SELECT 1 FROM webhook_deliveries x
                                   WHERE x.account_id = e.account_id AND x.webhook_id = e.id AND x.lane = 'event'
                                         AND x.state = 'pending')"
        ),
        &[&tx.now(), &tx.now().plus(SKEW)],
    )
    .await
}

row! {
    /// A delivery as the worker takes it.
    #[derive(Clone)]
    pub(super) struct Pending {
        pub(super) id: DeliveryId,
        pub(super) seq: i64,
        pub(super) attempts: i64,
        pub(super) next_at: Time,
        pub(super) waits_since: Time,
    }
}

/// The first delivery of a lane that is not settled.
pub(super) async fn first(tx: &Tx, (account, webhook, kind): Lane) -> Result<Option<Pending>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM webhook_deliveries
             WHERE account_id = $1 AND webhook_id = $2 AND lane = $3 AND state = 'pending' ORDER BY id LIMIT 1",
            Pending
        ),
        &[&account, &webhook, &kind],
    )
    .await
}

/// A delivery that is not settled.
pub(super) async fn pending(
    tx: &Tx,
    account: AccountId,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<Pending>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM webhook_deliveries
             WHERE account_id = $1 AND webhook_id = $2 AND id = $3 AND state = 'pending'",
            Pending
        ),
        &[&account, &webhook, &id],
    )
    .await
}

/// Puts a delivery at the end of its lane.
pub(super) async fn queue(tx: &Tx, lane: Lane, id: DeliveryId, seq: i64, event_type: &str) -> Result<()> {
    let (account, webhook, kind) = lane;
    tx.exec(
        sql!(
            "INSERT INTO webhook_deliveries
                 (account_id, webhook_id, id, lane, seq, event_type, state, attempts, next_at, waits_since, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'pending', 0, $7, $7, $7)"
        ),
        &[&account, &webhook, &id, &kind, &seq, &event_type, &tx.now()],
    )
    .await
    .map(drop)
}

/// Sets where a delivery is, how often it was tried, and when it is tried next.
pub(super) async fn set(
    tx: &Tx,
    (account, webhook): (AccountId, WebhookId),
    id: DeliveryId,
    state: DeliveryState,
    attempts: i64,
    next_at: Time,
) -> Result<()> {
    let settled_at = (state != DeliveryState::Pending).then_some(tx.now());
    tx.exec(
        sql!(
            "UPDATE webhook_deliveries
             SET state = $4, attempts = $5, next_at = $6, waits_since = $7, settled_at = $8
             WHERE account_id = $1 AND webhook_id = $2 AND id = $3"
        ),
        &[&account, &webhook, &id, &state, &attempts, &next_at, &tx.now(), &settled_at],
    )
    .await
    .map(drop)
}

/// Has what waits for an endpoint tried at once, as if for the first time.
pub(super) async fn hurry(tx: &Tx, account: AccountId, webhook: WebhookId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE webhook_deliveries SET attempts = 0, next_at = $3, waits_since = $3
             WHERE account_id = $1 AND webhook_id = $2 AND state = 'pending'"
        ),
        &[&account, &webhook, &tx.now()],
    )
    .await
    .map(drop)
}

/// Keeps an attempt, and what came of it with its endpoint.
pub(super) async fn note(
    tx: &Tx,
    (account, webhook): (AccountId, WebhookId),
    delivery: DeliveryId,
    attempt: &Attempt,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO webhook_attempts
                 (account_id, webhook_id, delivery_id, number, at, milliseconds, status, answer, error)
             VALUES ($1, $2, $3,
                     (SELECT COALESCE(max(a.number), 0) + 1 FROM webhook_attempts a
                      WHERE a.account_id = $1 AND a.webhook_id = $2 AND a.delivery_id = $3),
                     $4, $5, $6, $7, $8)"
        ),
        &[
            &account,
            &webhook,
            &delivery,
            &attempt.at,
            &attempt.milliseconds,
            &attempt.status,
            &attempt.answer,
            &attempt.error,
        ],
    )
    .await?;
    tx.exec(
        sql!(
            "UPDATE webhook_endpoints SET last_attempt_at = $3, last_status = $4, last_succeeded = $5
             WHERE account_id = $1 AND id = $2"
        ),
        &[&account, &webhook, &attempt.at, &attempt.status, &attempt.error.is_none()],
    )
    .await
    .map(drop)
}

row! {
    /// A delivery with the code of its event.
    struct DeliveryRow {
        webhook: WebhookId = "d.webhook_id",
        id: DeliveryId = "d.id",
        kind: DeliveryKind = "d.lane",
        seq: i64 = "d.seq",
        event_type: String = "d.event_type",
        state: DeliveryState = "d.state",
        attempts: i64 = "d.attempts",
        next_at: Time = "d.next_at",
        created_at: Time = "d.created_at",
        settled_at: Option<Time> = "d.settled_at",
        hash: Option<Hash> = "e.hash",
    }
}

impl DeliveryRow {
    fn shown(self, tx: &Tx) -> Result<Delivery> {
        let event = |hash| -> Result<EventId> { crate::events::id(tx.secret()?, self.seq, hash) };
        Ok(Delivery {
            id: self.id,
            webhook: self.webhook,
            kind: self.kind,
            event: self.hash.map(event).transpose()?,
            event_type: self.event_type,
            state: self.state,
            attempts: self.attempts,
            next_at: (self.state == DeliveryState::Pending).then_some(self.next_at),
            created_at: self.created_at,
            settled_at: self.settled_at,
        })
    }
}

orders! {
    /// The webhooks of an account.
    pub Webhooks of Webhook: "created_at" ["created_at" Created];
    /// The deliveries to a webhook.
    pub Deliveries of Delivery: "-created_at" ["created_at" Created];
}

macro_rules! deliveries {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM webhook_deliveries d
                 LEFT JOIN audit_events e ON e.account_id = d.account_id AND e.seq = d.seq
                 WHERE d.account_id = $4 AND d.webhook_id = $5 AND (CAST($6 AS TEXT) IS NULL OR d.state = $6)
                   AND d.id > $3 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $7"
            ),
            DeliveryRow
        )
    };
}

const DELIVERIES: Statements = sorted!(deliveries; "d.id"; Created);

/// An endpoint's deliveries, perhaps in one state.
pub(super) async fn deliveries(
    tx: &Tx,
    account: AccountId,
    webhook: WebhookId,
    state: Option<DeliveryState>,
    listing: &Listing<Deliveries>,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &webhook, &state, &limit]);
    let rows = tx.all::<DeliveryRow>(listing.statement(DELIVERIES)?, &params).await?;
    rows.into_iter().map(|row| row.shown(tx)).collect()
}

/// One delivery, and its event's number.
pub(super) async fn delivery(
    tx: &Tx,
    account: AccountId,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<(Delivery, i64)> {
    let row: DeliveryRow = tx
        .one(
            sql!(
                "SELECT {} FROM webhook_deliveries d
                 LEFT JOIN audit_events e ON e.account_id = d.account_id AND e.seq = d.seq
                 WHERE d.account_id = $1 AND d.webhook_id = $2 AND d.id = $3",
                DeliveryRow
            ),
            &[&account, &webhook, &id],
        )
        .await?;
    let seq = row.seq;
    Ok((row.shown(tx)?, seq))
}

/// A delivery's attempts, in order.
pub(super) async fn attempts(
    tx: &Tx,
    account: AccountId,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Vec<Attempt>> {
    tx.all(
        sql!(
            "SELECT {} FROM webhook_attempts
             WHERE account_id = $1 AND webhook_id = $2 AND delivery_id = $3 ORDER BY number",
            Attempt
        ),
        &[&account, &webhook, &id],
    )
    .await
}

/// How many deliveries of a kind wait for an endpoint.
pub(super) async fn waiting(tx: &Tx, (account, webhook, kind): Lane) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT count(*) FROM webhook_deliveries
             WHERE account_id = $1 AND webhook_id = $2 AND lane = $3 AND state = 'pending'"
        ),
        &[&account, &webhook, &kind],
    )
    .await
}

/// Forgets some of the deliveries that are settled and have had their time; says how many.
pub(super) async fn tidy(tx: &Tx) -> Result<u64> {
    let old = tx
        .all::<(AccountId, WebhookId, DeliveryId)>(
            sql!(
                "SELECT account_id, webhook_id, id FROM webhook_deliveries
                 WHERE created_at < $1 AND state <> 'pending' ORDER BY created_at LIMIT $2"
            ),
            &[&tx.now().plus(-KEPT), &REPLAY_MOST],
        )
        .await?;
    let mut gone = 0;
    for (account, webhook, id) in old {
        let statement =
            sql!("DELETE FROM webhook_deliveries WHERE account_id = $1 AND webhook_id = $2 AND id = $3");
        gone += tx.exec(statement, &[&account, &webhook, &id]).await?;
    }
    Ok(gone)
}
