//! The trail's statements.

use crate::audit::{Action, Sealed};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, UserId},
};
use storage::{Hash, One, Tx, row, sql};

/// How many events a check reads at a time.
const PAGE: i64 = 1000;

row! {
    /// The end of a chain.
    pub(super) struct Head {
        pub(super) seq: i64 = "seq",
        pub(super) hash: Hash = "hash",
        pub(super) seal: Hash = "seal",
    }
}

/// Takes the next number of a chain and locks its head; gives the code before it, and the seal of the head before.
pub(super) async fn next(tx: &Tx, account: AccountId) -> Result<Head> {
    tx.one(
        sql!(
            "INSERT INTO audit_heads (account_id, seq, hash, seal, receipted_seq, receipted_at)
             VALUES ($1, 1, $2, $2, 0, $3)
             ON CONFLICT (account_id) DO UPDATE SET seq = audit_heads.seq + 1
             RETURNING seq, hash, seal"
        ),
        &[&account, &Hash([0; 32]), &tx.now()],
    )
    .await
}

pub(super) async fn append(
    tx: &Tx,
    event: &Sealed<'_>,
    hash: Hash,
    seal: Hash,
    salt: &[u8; 32],
    detail: &str,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO audit_events
                 (account_id, seq, at, actor_id, action, object, in_group, personal_digest, previous, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        &[
            &event.account,
            &event.seq,
            &event.at,
            &event.actor,
            &event.action,
            &event.object,
            &event.group,
            &event.personal,
            &event.previous,
            &hash,
        ],
    )
    .await?;
    tx.exec(
        sql!("INSERT INTO audit_personal (account_id, seq, salt, detail) VALUES ($1, $2, $3, $4)"),
        &[&event.account, &event.seq, &Hash(*salt), &detail],
    )
    .await?;
    let head = sql!("UPDATE audit_heads SET hash = $2, seal = $3 WHERE account_id = $1");
    tx.exec(head, &[&event.account, &hash, &seal]).await?;
    Ok(())
}

/// Whether someone did something to an object since then, for what is noted once in a while only.
///
/// # Errors
/// The database fails.
pub async fn said_since(
    tx: &Tx,
    account: AccountId,
    object: &str,
    actor: UserId,
    since: Time,
) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM audit_events
             WHERE account_id = $1 AND object = $2 AND actor_id = $3 AND at > $4)"
        ),
        &[&account, &object, &actor, &since],
    )
    .await
}

row! {
    /// An event with all that its code covers.
    pub(super) struct Link {
        pub(super) seq: i64 = "e.seq",
        pub(super) at: Time = "e.at",
        pub(super) actor: Option<UserId> = "e.actor_id",
        pub(super) action: String = "e.action",
        pub(super) object: String = "e.object",
        pub(super) group: String = "e.in_group",
        pub(super) personal: Hash = "e.personal_digest",
        pub(super) previous: Hash = "e.previous",
        pub(super) hash: Hash = "e.hash",
        pub(super) salt: Option<Hash> = "p.salt",
        pub(super) detail: Option<String> = "p.detail",
    }
}

pub(super) async fn chain(tx: &Tx, account: AccountId, after: i64) -> Result<Vec<Link>> {
    tx.all(
        sql!(
            "SELECT {} FROM audit_events e
             LEFT JOIN audit_personal p ON p.account_id = e.account_id AND p.seq = e.seq
             WHERE e.account_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3",
            Link
        ),
        &[&account, &after, &PAGE],
    )
    .await
}

pub(super) async fn head(tx: &Tx, account: AccountId) -> Result<Option<Head>> {
    tx.maybe(sql!("SELECT {} FROM audit_heads WHERE account_id = $1", Head), &[&account]).await
}

/// The erasures in a chain, to be proved each by its code.
pub(super) async fn erasures(tx: &Tx, account: AccountId) -> Result<Vec<Link>> {
    tx.all(
        sql!(
            "SELECT {} FROM audit_events e
             LEFT JOIN audit_personal p ON p.account_id = e.account_id AND p.seq = e.seq
             WHERE e.account_id = $1 AND e.action = $2 ORDER BY e.seq",
            Link
        ),
        &[&account, &Action::DetailsErased.key()],
    )
    .await
}

/// Whether there is a chain that must have events: the account is there, or the server's trail has begun.
pub(super) async fn expected(tx: &Tx, account: AccountId) -> Result<bool> {
    if account == AccountId::nil() {
        return Ok(fingerprint(tx).await?.is_some());
    }
    tx.value(sql!("SELECT EXISTS (SELECT 1 FROM accounts WHERE id = $1)"), &[&account]).await
}

/// The events about an object that still say something about people.
pub(super) async fn details_about(tx: &Tx, account: AccountId, object: &str) -> Result<Vec<i64>> {
    let statement = sql!(
        "SELECT e.seq FROM audit_events e
         JOIN audit_personal p ON p.account_id = e.account_id AND p.seq = e.seq
         WHERE e.account_id = $1 AND e.object = $2 ORDER BY e.seq"
    );
    let found = tx.all::<One<i64>>(statement, &[&account, &object]).await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

pub(super) async fn wipe(tx: &Tx, account: AccountId, object: &str) -> Result<u64> {
    tx.exec(
        sql!(
            "DELETE FROM audit_personal WHERE account_id = $1 AND seq IN
                 (SELECT seq FROM audit_events WHERE account_id = $1 AND object = $2)"
        ),
        &[&account, &object],
    )
    .await
}

/// What the trail's key is known by.
pub(super) async fn fingerprint(tx: &Tx) -> Result<Option<Hash>> {
    Ok(tx.maybe::<One<Hash>>(sql!("SELECT fingerprint FROM audit_key"), &[]).await?.map(|one| one.0))
}

/// Notes what the trail's key is known by, unless that was noted before.
pub(super) async fn note_fingerprint(tx: &Tx, fingerprint: Hash) -> Result<bool> {
    let statement = sql!(
        "INSERT INTO audit_key (one, fingerprint, since) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING"
    );
    Ok(tx.exec(statement, &[&fingerprint, &tx.now()]).await? == 1)
}

/// Whether anything was ever recorded here, or anyone is here of whom something must have been.
pub(super) async fn begun(tx: &Tx) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM audit_events) OR EXISTS (SELECT 1 FROM audit_heads)
                 OR EXISTS (SELECT 1 FROM users)"
        ),
        &[],
    )
    .await
}

pub(super) async fn receipts_due(tx: &Tx, midnight: Time) -> Result<Vec<AccountId>> {
    let statement = sql!(
        "SELECT account_id FROM audit_heads
         WHERE receipted_at < $1 AND receipted_seq < seq AND account_id <> $2 ORDER BY account_id"
    );
    let found = tx.all::<One<AccountId>>(statement, &[&midnight, &AccountId::nil()]).await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

pub(super) async fn claim_receipt(
    tx: &Tx,
    account: AccountId,
    midnight: Time,
) -> Result<Option<(i64, Hash)>> {
    tx.maybe(
        sql!(
            "UPDATE audit_heads SET receipted_at = $2, receipted_seq = seq
             WHERE account_id = $1 AND receipted_at < $2 AND receipted_seq < seq RETURNING seq, hash"
        ),
        &[&account, &midnight],
    )
    .await
}

pub(super) async fn chains(tx: &Tx) -> Result<Vec<AccountId>> {
    let found = tx
        .all::<One<AccountId>>(
            sql!(
                "SELECT account_id FROM audit_heads UNION SELECT account_id FROM audit_events
             UNION SELECT id FROM accounts ORDER BY 1"
            ),
            &[],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

row! {
    /// An event as people read it.
    #[derive(Debug)]
    pub struct EventRow {
        /// Its number in the account's chain, from 1.
        pub seq: i64 = "e.seq",
        /// When.
        pub at: Time = "e.at",
        /// Who.
        pub actor: Option<UserId> = "e.actor_id",
        /// Their name.
        pub actor_name: Option<String> = "u.name",
        /// What.
        pub action: String = "e.action",
        /// To what.
        pub object: String = "e.object",
        /// The group's id where it happened in one, else empty.
        pub group: String = "e.in_group",
        /// The detail, as JSON; absent where it was erased.
        pub detail: Option<String> = "p.detail",
    }
}

/// Which events to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only by this person.
    pub actor: Option<UserId>,
    /// Only about this object.
    pub object: Option<String>,
    /// Not before.
    pub from: Option<Time>,
    /// Before.
    pub to: Option<Time>,
    /// Only before this number: where the page before ended.
    pub before: Option<i64>,
}

/// An account's events after a number, oldest first. The caller proves the right to see them.
///
/// # Errors
/// The database fails.
pub async fn list_after(
    tx: &Tx,
    account: AccountId,
    filter: &Filter,
    after: i64,
    limit: i64,
) -> Result<Vec<EventRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM audit_events e
             LEFT JOIN users u ON u.id = e.actor_id
             LEFT JOIN audit_personal p ON p.account_id = e.account_id AND p.seq = e.seq
             WHERE e.account_id = $1 AND e.seq > $2 AND e.at >= $3 AND e.at < $4
               AND (CAST($5 AS TEXT) IS NULL OR e.object = $5)
               AND ($6 OR e.actor_id = $7)
             ORDER BY e.seq LIMIT $8",
            EventRow
        ),
        &[
            &account,
            &after,
            &filter.from.unwrap_or(Time::from_micros(0)),
            &filter.to.unwrap_or(Time::from_micros(i64::MAX)),
            &filter.object,
            &filter.actor.is_none(),
            &filter.actor,
            &limit,
        ],
    )
    .await
}

/// A page of an account's events, newest first. The caller proves the right to see them.
///
/// # Errors
/// The database fails.
pub async fn list(tx: &Tx, account: AccountId, filter: &Filter, limit: i64) -> Result<Vec<EventRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM audit_events e
             LEFT JOIN users u ON u.id = e.actor_id
             LEFT JOIN audit_personal p ON p.account_id = e.account_id AND p.seq = e.seq
             WHERE e.account_id = $1 AND e.seq < $2 AND e.at >= $3 AND e.at < $4
               AND (CAST($5 AS TEXT) IS NULL OR e.object = $5)
               AND ($6 OR e.actor_id = $7)
             ORDER BY e.seq DESC LIMIT $8",
            EventRow
        ),
        &[
            &account,
            &filter.before.unwrap_or(i64::MAX),
            &filter.from.unwrap_or(Time::from_micros(0)),
            &filter.to.unwrap_or(Time::from_micros(i64::MAX)),
            &filter.object,
            &filter.actor.is_none(),
            &filter.actor,
            &limit,
        ],
    )
    .await
}
