//! The feed's statements, over the audit trail.

use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, UserId},
};
use storage::{Hash, One, Tx, row, sql};

row! {
    /// A public event as the trail has it.
    pub(super) struct Row {
        pub(super) seq: i64 = "e.seq",
        pub(super) at: Time = "e.at",
        pub(super) actor: Option<UserId> = "e.actor_id",
        pub(super) action: String = "e.action",
        pub(super) object: String = "e.object",
        pub(super) group: String = "e.in_group",
        pub(super) hash: Hash = "e.hash",
    }
}

/// The events after a number whose keys are in the JSON array `keys`, in order.
pub(super) async fn after(tx: &Tx, account: AccountId, seq: i64, keys: &str, limit: i64) -> Result<Vec<Row>> {
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM audit_events e
             WHERE e.account_id = $1 AND e.seq > $2 AND e.action IN (SELECT value FROM json_each($3))
             ORDER BY e.seq LIMIT $4",
            postgres: "SELECT {} FROM audit_events e
             WHERE e.account_id = $1 AND e.seq > $2
               AND e.action IN (SELECT jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)))
             ORDER BY e.seq LIMIT $4",
            Row,
        ),
        &[&account, &seq, &keys, &limit],
    )
    .await
}

/// As [`after`], before a number and not before a moment, newest first.
pub(super) async fn before(
    tx: &Tx,
    account: AccountId,
    seq: i64,
    keys: &str,
    since: Time,
    limit: i64,
) -> Result<Vec<Row>> {
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM audit_events e
             WHERE e.account_id = $1 AND e.seq < $2 AND e.action IN (SELECT value FROM json_each($3)) AND e.at >= $4
             ORDER BY e.seq DESC LIMIT $5",
            postgres: "SELECT {} FROM audit_events e
             WHERE e.account_id = $1 AND e.seq < $2
               AND e.action IN (SELECT jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB))) AND e.at >= $4
             ORDER BY e.seq DESC LIMIT $5",
            Row,
        ),
        &[&account, &seq, &keys, &since, &limit],
    )
    .await
}

/// The event of this number, whatever it is.
pub(super) async fn numbered(tx: &Tx, account: AccountId, seq: i64) -> Result<Option<Row>> {
    tx.maybe(
        sql!("SELECT {} FROM audit_events e WHERE e.account_id = $1 AND e.seq = $2", Row),
        &[&account, &seq],
    )
    .await
}

/// The number of the account's last event; 0 before the first.
pub(super) async fn head(tx: &Tx, account: AccountId) -> Result<i64> {
    let statement = sql!("SELECT seq FROM audit_heads WHERE account_id = $1");
    Ok(tx.maybe::<One<i64>>(statement, &[&account]).await?.map_or(0, |one| one.0))
}
