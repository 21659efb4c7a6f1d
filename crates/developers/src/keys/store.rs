//! The statements of API keys.

use access::{AccountMember, Scope};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, ApiKeyId, GroupId, UserId},
    random::Token,
};
use storage::{
    Hash, Param, Tx, ids,
    list::{Listing, Statements},
    orders, row, sorted, sql,
};

row! {
    /// An API key.
    #[derive(Clone, Debug)]
    pub struct KeyRow {
        pub id: ApiKeyId = "k.id",
        pub name: String = "k.name",
        /// How its secret begins.
        pub hint: String = "k.hint",
        pub(super) scopes: String = "k.scopes",
        pub all_groups: bool = "k.all_groups",
        pub created_by: UserId = "k.created_by",
        pub creator: String = "u.name",
        pub created_at: Time = "k.created_at",
        pub expires_at: Option<Time> = "k.expires_at",
        pub revoked_at: Option<Time> = "k.until",
        pub last_used_at: Option<Time> = "k.used_at",
        /// The network address from which it was last used; empty before.
        pub last_used_from: String = "k.used_from",
        /// When the secret ends that its newest one replaced.
        pub old_secret_until: Option<Time> =
            "(SELECT max(s.expires_at) FROM api_key_secrets s WHERE s.account_id = k.account_id AND s.key_id = k.id)",
    }
}

impl KeyRow {
    /// What it may be used for.
    pub fn scopes(&self) -> Vec<Scope> {
        Scope::list(&self.scopes)
    }

    /// Whether it still opens anything.
    pub fn works(&self, now: Time) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

/// A key that is to be.
pub(super) struct NewKey<'a> {
    pub(super) id: ApiKeyId,
    /// As whom it acts.
    pub(super) acts_as: UserId,
    pub(super) name: &'a str,
    pub(super) hint: &'a str,
    pub(super) scopes: &'a str,
    pub(super) all_groups: bool,
    pub(super) expires_at: Option<Time>,
}

pub(super) async fn insert(tx: &Tx, by: &AccountMember, key: &NewKey<'_>) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO api_keys (account_id, id, user_id, name, hint, scopes, all_groups, created_by, created_at,
                                   expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        &[
            &by.account(),
            &key.id,
            &key.acts_as,
            &key.name,
            &key.hint,
            &key.scopes,
            &key.all_groups,
            &by.user(),
            &tx.now(),
            &key.expires_at,
        ],
    )
    .await
    .map(drop)
}

/// Opens these groups to a key, as far as the account has them. Returns how many.
pub(super) async fn open_groups(
    tx: &Tx,
    account: AccountId,
    key: ApiKeyId,
    groups: &[GroupId],
) -> Result<u64> {
    tx.exec(
        sql!(
            sqlite: "INSERT INTO api_key_groups (account_id, key_id, group_id)
                     SELECT account_id, $2, id FROM groups
                     WHERE account_id = $1 AND id IN (SELECT unhex(value) FROM json_each($3))",
            postgres: "INSERT INTO api_key_groups (account_id, key_id, group_id)
                     SELECT account_id, $2, id FROM groups
                     WHERE account_id = $1 AND id IN (SELECT CAST(t.value AS UUID)
                         FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS t(value))"
        ),
        &[&account, &key, &ids(groups)],
    )
    .await
}

pub(super) async fn add_secret(tx: &Tx, account: AccountId, key: ApiKeyId, secret: &Token) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO api_key_secrets (account_id, key_id, token_hash, created_at) VALUES ($1, $2, $3, $4)"
        ),
        &[&account, &key, &Hash(secret.digest()), &tx.now()],
    )
    .await
    .map(drop)
}

/// Ends the secrets of a key at this moment, unless they end before.
pub(super) async fn end_secrets(tx: &Tx, account: AccountId, key: ApiKeyId, at: Time) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE api_key_secrets SET expires_at = $3
             WHERE account_id = $1 AND key_id = $2 AND (expires_at IS NULL OR expires_at > $3)"
        ),
        &[&account, &key, &at],
    )
    .await
    .map(drop)
}

pub(super) async fn set_hint(tx: &Tx, account: AccountId, key: ApiKeyId, hint: &str) -> Result<()> {
    let text = sql!("UPDATE api_keys SET hint = $3, version = version + 1 WHERE account_id = $1 AND id = $2");
    tx.exec(text, &[&account, &key, &hint]).await.map(drop)
}

/// Ends a key now. Whether it was in use until then.
pub(super) async fn revoke(tx: &Tx, account: AccountId, key: ApiKeyId) -> Result<bool> {
    let text = sql!("UPDATE api_keys SET until = $3 WHERE account_id = $1 AND id = $2 AND until IS NULL");
    Ok(tx.exec(text, &[&account, &key, &tx.now()]).await? == 1)
}

/// How many keys of an account are in use.
pub(super) async fn in_use(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT count(*) FROM api_keys WHERE account_id = $1 AND until IS NULL
               AND (expires_at IS NULL OR expires_at > $2)"
        ),
        &[&account, &tx.now()],
    )
    .await
}

orders! {
    /// The keys of an account.
    pub Keys of ApiKey: "-created_at" ["created_at" Created];
}

macro_rules! listed {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM api_keys k JOIN users u ON u.id = k.created_by
                 WHERE k.account_id = $4 AND k.id > $3 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $5"
            ),
            KeyRow
        )
    };
}

const LISTED: Statements = sorted!(listed; "k.id"; Created);

/// A page of an account's keys, the ended ones too.
pub(super) async fn list(
    tx: &Tx,
    account: AccountId,
    listing: &Listing<Keys>,
    limit: i64,
) -> Result<Vec<KeyRow>> {
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &limit]);
    tx.all(listing.statement(LISTED)?, &params).await
}

pub(super) async fn show(tx: &Tx, account: AccountId, key: ApiKeyId) -> Result<KeyRow> {
    tx.one(
        sql!(
            "SELECT {} FROM api_keys k JOIN users u ON u.id = k.created_by
             WHERE k.account_id = $1 AND k.id = $2",
            KeyRow
        ),
        &[&account, &key],
    )
    .await
}

row! {
    /// A group that a key is for.
    pub(super) struct KeyGroup {
        pub(super) key: ApiKeyId = "x.key_id",
        pub(super) group: GroupId = "g.id",
        pub(super) name: String = "g.name",
    }
}

/// The groups of all keys of an account that are for some groups alone, by name.
pub(super) async fn groups(tx: &Tx, account: AccountId) -> Result<Vec<KeyGroup>> {
    tx.all(
        sql!(
            "SELECT {} FROM api_key_groups x JOIN groups g ON g.account_id = x.account_id AND g.id = x.group_id
             WHERE x.account_id = $1 ORDER BY g.name_key",
            KeyGroup
        ),
        &[&account],
    )
    .await
}
