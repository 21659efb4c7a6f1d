//! The trail's statements.

use crate::audit::{Sealed, personal_digest};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, UserId},
};
use storage::{Hash, One, Tx, row, sql};

/// How many events a check reads at a time.
const PAGE: i64 = 1000;

/// Takes the next number of a chain and locks its head; gives the hash before it.
pub(super) async fn next(tx: &Tx, account: AccountId) -> Result<(i64, Hash)> {
    tx.one(
        sql!(
            "INSERT INTO audit_heads (account_id, seq, hash) VALUES ($1, 1, $2)
             ON CONFLICT (account_id) DO UPDATE SET seq = audit_heads.seq + 1
             RETURNING seq, hash"
        ),
        &[&account, &Hash([0; 32])],
    )
    .await
}

pub(super) async fn append(
    tx: &Tx,
    event: &Sealed<'_>,
    hash: Hash,
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
    tx.exec(sql!("UPDATE audit_heads SET hash = $2 WHERE account_id = $1"), &[&event.account, &hash]).await?;
    Ok(())
}

/// Whether somebody did something to an object since then, for what is noted once in a while only.
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
    /// An event with all that its hash covers.
    pub(super) struct Link {
        pub(super) seq: i64 = "e.seq",
        at: Time = "e.at",
        actor: Option<UserId> = "e.actor_id",
        action: String = "e.action",
        object: String = "e.object",
        group: String = "e.in_group",
        personal: Hash = "e.personal_digest",
        previous: Hash = "e.previous",
        pub(super) hash: Hash = "e.hash",
        salt: Option<Hash> = "p.salt",
        detail: Option<String> = "p.detail",
    }
}

impl Link {
    /// What is wrong with this event as the one after number `last`, whose hash is `previous`.
    pub(super) fn fault(
        &self,
        account: AccountId,
        last: i64,
        previous: Hash,
    ) -> Result<Option<&'static str>> {
        let sealed = Sealed {
            account,
            seq: self.seq,
            at: self.at,
            actor: self.actor,
            action: &self.action,
            object: &self.object,
            group: &self.group,
            personal: self.personal,
            previous: self.previous,
        };
        let personal = match (&self.salt, &self.detail) {
            (Some(salt), Some(detail)) => personal_digest(&salt.0, detail)? == self.personal,
            _ => true,
        };
        Ok(match () {
            () if self.seq != last + 1 => Some("it is missing"),
            () if self.previous != previous => Some("it does not follow the one before it"),
            () if sealed.hash() != self.hash => Some("it was changed"),
            () if !personal => Some("what it says about people was changed"),
            () => None,
        })
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

pub(super) async fn head(tx: &Tx, account: AccountId) -> Result<Option<(i64, Hash)>> {
    tx.maybe(sql!("SELECT seq, hash FROM audit_heads WHERE account_id = $1"), &[&account]).await
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
