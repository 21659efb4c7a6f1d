//! Answers that are kept, so that a repeated request has one effect.

use crate::{Hash, Tx, sql};
use kernel::{
    clock::{DAY, Time},
    error::{Error, Result},
    id::UserId,
};

/// How long an answer is kept.
const KEPT_FOR: i64 = DAY;

/// An answer as it was first given.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its HTTP status.
    pub status: u16,
    /// Its JSON.
    pub body: String,
}

/// The answer that was kept for an `Idempotency-Key`, if the request is the same.
///
/// # Errors
/// The key was used for another request, or the database fails.
pub async fn kept(tx: &Tx, user: UserId, key: &str, request: Hash) -> Result<Option<Kept>> {
    let found = tx
        .maybe::<(Hash, i64, String)>(
            sql!(
                "SELECT request_hash, status, body FROM idempotency_keys
                 WHERE user_id = $1 AND name = $2 AND created_at > $3"
            ),
            &[&user, &key, &Time::from_micros(tx.now().micros() - KEPT_FOR)],
        )
        .await?;
    match found {
        None => Ok(None),
        Some((first, ..)) if first != request => Err(Error::field(
            "idempotency-key",
            "This key was used for another request. Use a new key for each new request.",
        )),
        Some((_, status, body)) => Ok(Some(Kept { status: u16::try_from(status).unwrap_or(200), body })),
    }
}

/// Keeps an answer, in the transaction of what it tells.
///
/// # Errors
/// The database fails.
pub async fn keep(tx: &Tx, user: UserId, key: &str, request: Hash, answer: &Kept) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO idempotency_keys (user_id, name, request_hash, status, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (user_id, name) DO UPDATE SET request_hash = excluded.request_hash,
                 status = excluded.status, body = excluded.body, created_at = excluded.created_at"
        ),
        &[&user, &key, &request, &i64::from(answer.status), &answer.body, &tx.now()],
    )
    .await?;
    Ok(())
}
