//! The access log's statements that write.

use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, Opening},
};
use storage::{Tx, sql};

use crate::access_log::Opened;

/// Writes an opening's row; where there is one, of another server or of before a restart, counts on it.
pub(super) async fn note(tx: &Tx, opened: &Opened, window: Time) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO access_log
                 (account_id, id, record, object_id, user_id, window_at, first_at, last_at, times)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 1)
             ON CONFLICT (account_id, object_id, record, user_id, window_at)
             DO UPDATE SET times = access_log.times + 1, last_at = excluded.last_at"
        ),
        &[
            &opened.account,
            &tx.id::<Opening>(),
            &opened.record,
            &opened.object,
            &opened.user,
            &window,
            &tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Counts further openings on a row.
pub(super) async fn count(tx: &Tx, opened: &Opened, window: Time, times: i64, last: Time) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE access_log SET times = times + $6,
                 last_at = CASE WHEN last_at < $7 THEN $7 ELSE last_at END
             WHERE account_id = $1 AND object_id = $2 AND record = $3 AND user_id = $4 AND window_at = $5"
        ),
        &[&opened.account, &opened.object, &opened.record, &opened.user, &window, &times, &last],
    )
    .await?;
    Ok(())
}

pub(super) async fn copy_all(tx: &Tx, from: AccountId, to: AccountId) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO access_log
                 (account_id, id, record, object_id, user_id, window_at, first_at, last_at, times)
             SELECT $2, id, record, object_id, user_id, window_at, first_at, last_at, times
             FROM access_log WHERE account_id = $1 AND record <> 'request'"
        ),
        &[&from, &to],
    )
    .await?;
    Ok(())
}
