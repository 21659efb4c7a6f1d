//! Reading the feed: from its oldest event, or after one that the reader has.

use crate::events::{
    Event, KEPT, ids,
    store::{self, Row},
    types,
};
use kernel::{
    clock::Time,
    error::{Error, FieldError, Result},
    id::{AccountId, EventId},
};
use platform::audit::Action;
use storage::{Tx, many};

/// The types that a reader wants, as the store takes them. None named means all.
fn keys(kinds: &[&'static str]) -> String {
    many(types::keys(kinds).map(str::to_owned))
}

/// The public type of an event.
fn kind(row: &Row) -> Result<&'static str> {
    Action::read(&row.action).and_then(types::of).ok_or_else(|| Error::internal("not public"))
}

fn event(tx: &Tx, account: AccountId, row: &Row) -> Result<Event> {
    Ok(Event {
        id: ids::id(tx.secret()?, row.seq, row.hash)?,
        kind: kind(row)?.to_owned(),
        created_at: row.at,
        account,
        object: row.object.clone(),
        group: row.group.parse().ok(),
        actor: row.actor,
    })
}

/// The number of the account's last event of any kind; 0 before the first.
pub(crate) async fn head(tx: &Tx, account: AccountId) -> Result<i64> {
    store::head(tx, account).await
}

/// The number of the first event of any kind that is not from before a moment; one past the last, if all are.
/// Numbers have no gaps and times rise with them, so it is found by halving.
async fn first_since(tx: &Tx, account: AccountId, since: Time) -> Result<i64> {
    let (mut low, mut high) = (1, store::head(tx, account).await? + 1);
    let mut look = low;
    while low < high {
        let old = store::numbered(tx, account, look).await?.is_some_and(|row| row.at < since);
        (low, high) = if old { (look + 1, high) } else { (low, look) };
        look = i64::midpoint(low, high);
    }
    Ok(low)
}

/// The number of the first event that is still told.
async fn first_kept(tx: &Tx, account: AccountId) -> Result<i64> {
    first_since(tx, account, tx.now().plus(-KEPT)).await
}

/// The next event of these types after a number, with its own number. What is too old to be told is passed over.
pub(crate) async fn next(
    tx: &Tx,
    account: AccountId,
    seq: i64,
    kinds: &[&'static str],
) -> Result<Option<(i64, Event)>> {
    let since = tx.now().plus(-KEPT);
    let expired = store::numbered(tx, account, seq + 1).await?.is_some_and(|row| row.at < since);
    let seq = if expired { seq.max(first_kept(tx, account).await? - 1) } else { seq };
    let found = store::after(tx, account, seq, &keys(kinds), 1).await?;
    found.first().map(|row| Ok((row.seq, event(tx, account, row)?))).transpose()
}

/// The public event of this number.
pub(crate) async fn numbered(tx: &Tx, account: AccountId, seq: i64) -> Result<Event> {
    let row = store::numbered(tx, account, seq).await?.ok_or_else(Error::not_found)?;
    event(tx, account, &row)
}

/// The events of these types in a span of time, each as its number and type, in order: at most `limit`.
pub(crate) async fn between(
    tx: &Tx,
    account: AccountId,
    kinds: &[&'static str],
    span: (Time, Time),
    limit: i64,
) -> Result<Vec<(i64, &'static str)>> {
    let first = first_since(tx, account, span.0.max(tx.now().plus(-KEPT))).await?;
    let rows = store::after(tx, account, first - 1, &keys(kinds), limit).await?;
    rows.iter().take_while(|row| row.at < span.1).map(|row| Ok((row.seq, kind(row)?))).collect()
}

/// Events of these types: those after one that the reader has, or from the oldest that is kept.
pub(super) async fn list(
    tx: &Tx,
    account: AccountId,
    after: Option<EventId>,
    kinds: &[&'static str],
    limit: i64,
) -> Result<Vec<Event>> {
    let keys = keys(kinds);
    let seq = match after {
        None => first_kept(tx, account).await? - 1,
        Some(id) => resume(tx, account, id, &keys).await?,
    };
    let rows = store::after(tx, account, seq, &keys, limit).await?;
    rows.iter().map(|row| event(tx, account, row)).collect()
}

/// The number from which a reader goes on who has this event.
async fn resume(tx: &Tx, account: AccountId, id: EventId, keys: &str) -> Result<i64> {
    let seq = ids::number(id);
    let row = store::numbered(tx, account, seq).await?;
    let known = row.map(|row| ids::id(tx.secret()?, seq, row.hash)).transpose()?;
    if known != Some(id) {
        return Err(Error::field("after", "This is not an event of this account."));
    }
    let since = tx.now().plus(-KEPT);
    let expired = store::numbered(tx, account, seq + 1).await?.is_some_and(|row| row.at < since);
    if expired {
        let kept = first_kept(tx, account).await?;
        let missed = store::after(tx, account, seq, keys, 1).await?;
        if missed.first().is_some_and(|row| row.seq < kept) {
            return Err(gone(tx, account, kept, keys).await?);
        }
    }
    Ok(seq)
}

/// Why a reader can't go on: events after theirs are told no more. Names the oldest that still is.
async fn gone(tx: &Tx, account: AccountId, kept: i64, keys: &str) -> Result<Error> {
    let oldest = store::after(tx, account, kept - 1, keys, 1).await?;
    let oldest = oldest.first().map(|row| event(tx, account, row)).transpose()?;
    let oldest = oldest.map(|event| FieldError {
        field: "oldest".into(),
        code: "oldest".into(),
        detail: event.id.to_string().into(),
    });
    Ok(Error::gone(
        "events_expired",
        "Events are kept for 90 days, and some after this one are no longer here. Leave out “after” to begin with the \
         oldest.",
    )
    .about(oldest.into_iter().collect()))
}

/// What happened last, newest first, before the event of a number; each with its number.
pub(super) async fn newest(
    tx: &Tx,
    account: AccountId,
    before: Option<i64>,
    kinds: &[&'static str],
    limit: i64,
) -> Result<Vec<(i64, Event)>> {
    let since = tx.now().plus(-KEPT);
    let rows = store::before(tx, account, before.unwrap_or(i64::MAX), &keys(kinds), since, limit).await?;
    rows.iter().map(|row| Ok((row.seq, event(tx, account, row)?))).collect()
}
