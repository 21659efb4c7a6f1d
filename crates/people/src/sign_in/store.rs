//! The statements of people, sessions and links.

use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, SessionId, UserId},
    random::Token,
};
use storage::{Hash, Tx, row, sql, word};

row! {
    /// What a sign-in is checked against.
    #[derive(Clone)]
    pub(super) struct Secret {
        pub(super) user: UserId = "id",
        pub(super) hash: Option<String> = "password_hash",
    }
}

pub(super) async fn secret(tx: &Tx, email_key: &str) -> Result<Option<Secret>> {
    tx.maybe(sql!("SELECT {} FROM users WHERE email_key = $1", Secret), &[&email_key]).await
}

pub(super) async fn secret_of(tx: &Tx, user: UserId) -> Result<Secret> {
    tx.one(sql!("SELECT {} FROM users WHERE id = $1", Secret), &[&user]).await
}

row! {
    /// A sign-in that is still good.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    pub struct SessionRow {
        /// Its id.
        pub id: SessionId,
        /// When it began.
        pub created_at: Time,
        /// When it was last used, to within five minutes.
        pub seen_at: Time,
        /// When it ends in any case.
        pub expires_at: Time,
        /// What the browser says it is.
        pub device: String,
        /// Where it was made from.
        pub address: String,
    }
}

/// Opens a session for a person and gives its secret.
///
/// # Errors
/// The database fails.
pub async fn open_session(
    tx: &Tx,
    user: UserId,
    length: i64,
    device: &str,
    address: &str,
) -> Result<(Token, SessionRow)> {
    let token = tx.token();
    let session = SessionRow {
        id: tx.id(),
        created_at: tx.now(),
        seen_at: tx.now(),
        expires_at: tx.now().plus(length),
        device: device.to_owned(),
        address: address.to_owned(),
    };
    tx.exec(
        sql!(
            "INSERT INTO sessions (token_hash, id, user_id, created_at, seen_at, expires_at, device, address)
             VALUES ($1, $2, $3, $4, $4, $5, $6, $7)"
        ),
        &[&Hash(token.digest()), &session.id, &user, &tx.now(), &session.expires_at, &device, &address],
    )
    .await?;
    tx.exec(sql!("UPDATE users SET seen_at = $2 WHERE id = $1"), &[&user, &tx.now()]).await?;
    Ok((token, session))
}

pub(super) async fn sessions(tx: &Tx, user: UserId, idle: i64) -> Result<Vec<SessionRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM sessions
             WHERE user_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, id",
            SessionRow
        ),
        &[&user, &tx.now(), &tx.now().plus(-idle)],
    )
    .await
}

pub(super) async fn end_session(tx: &Tx, user: UserId, session: SessionId) -> Result<bool> {
    let ended =
        tx.exec(sql!("DELETE FROM sessions WHERE user_id = $1 AND id = $2"), &[&user, &session]).await?;
    Ok(ended == 1)
}

/// Ends a person's sessions, except one; and voids the links that were sent to them.
///
/// # Errors
/// The database fails.
pub async fn end_sessions(tx: &Tx, user: UserId, except: Option<SessionId>) -> Result<u64> {
    tx.exec(sql!("DELETE FROM links WHERE user_id = $1 AND used_at IS NULL"), &[&user]).await?;
    let except = except.unwrap_or(SessionId::nil());
    tx.exec(sql!("DELETE FROM sessions WHERE user_id = $1 AND id <> $2"), &[&user, &except]).await
}

/// Whether the person signed in from this browser before.
pub(super) async fn known_device(tx: &Tx, user: UserId, device: &Token) -> Result<bool> {
    tx.value(
        sql!("SELECT EXISTS (SELECT 1 FROM devices WHERE token_hash = $1 AND user_id = $2)"),
        &[&Hash(device.digest()), &user],
    )
    .await
}

/// Notes that the person signed in from this browser.
pub(super) async fn know_device(tx: &Tx, user: UserId, device: &Token) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO devices (token_hash, user_id, seen_at) VALUES ($1, $2, $3)
             ON CONFLICT (token_hash, user_id) DO UPDATE SET seen_at = excluded.seen_at"
        ),
        &[&Hash(device.digest()), &user, &tx.now()],
    )
    .await?;
    Ok(())
}

word! {
    /// What a link is for.
    pub(super) enum Purpose {
        /// To choose a new password.
        Reset = "reset",
        /// To take a new address.
        Address = "address",
    }
}

row! {
    /// A link as it was sent.
    pub(super) struct Link {
        pub(super) user: UserId = "user_id",
        pub(super) email: String,
        pub(super) expires_at: Time,
        pub(super) used_at: Option<Time>,
    }
}

pub(super) async fn insert_link(
    tx: &Tx,
    token: &Token,
    purpose: Purpose,
    user: UserId,
    email: &str,
    lasts: i64,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO links (token_hash, purpose, user_id, email, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        &[&Hash(token.digest()), &purpose, &user, &email, &tx.now(), &tx.now().plus(lasts)],
    )
    .await?;
    Ok(())
}

pub(super) async fn link(tx: &Tx, token: &Token, purpose: Purpose) -> Result<Option<Link>> {
    tx.maybe(
        sql!("SELECT {} FROM links WHERE token_hash = $1 AND purpose = $2", Link),
        &[&Hash(token.digest()), &purpose],
    )
    .await
}

/// Uses a link up; says whether it was still good, so that of two uses at once one succeeds.
pub(super) async fn use_link(tx: &Tx, token: &Token, purpose: Purpose) -> Result<bool> {
    let used = tx
        .exec(
            sql!(
                "UPDATE links SET used_at = $3
             WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3"
            ),
            &[&Hash(token.digest()), &purpose, &tx.now()],
        )
        .await?;
    Ok(used == 1)
}

row! {
    /// A sign-up whose address is not proved yet.
    #[derive(Clone)]
    pub(super) struct SignUpRow {
        pub(super) user: UserId = "user_id",
        pub(super) account: AccountId = "account_id",
        pub(super) email: String,
        pub(super) name: String,
        pub(super) account_name: String,
        pub(super) password_hash: String,
        pub(super) expires_at: Time,
    }
}

pub(super) async fn insert_sign_up(tx: &Tx, token: &Token, key: &str, sign_up: &SignUpRow) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO sign_ups (token_hash, user_id, account_id, email, email_key, name, account_name,
                                   password_hash, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        &[
            &Hash(token.digest()),
            &sign_up.user,
            &sign_up.account,
            &sign_up.email,
            &key,
            &sign_up.name,
            &sign_up.account_name,
            &sign_up.password_hash,
            &tx.now(),
            &sign_up.expires_at,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn sign_up(tx: &Tx, token: &Token) -> Result<Option<SignUpRow>> {
    tx.maybe(sql!("SELECT {} FROM sign_ups WHERE token_hash = $1", SignUpRow), &[&Hash(token.digest())]).await
}

/// Forgets every sign-up of an address, once one of them, or an invitation, has proved it.
pub(super) async fn forget_sign_ups(tx: &Tx, email_key: &str) -> Result<()> {
    tx.exec(sql!("DELETE FROM sign_ups WHERE email_key = $1"), &[&email_key]).await?;
    Ok(())
}

row! {
    /// Failures in a row under one name.
    pub(super) struct Throttle {
        pub(super) failures: i64,
        pub(super) last_at: Time,
    }
}

pub(super) async fn throttle(tx: &Tx, name: &str) -> Result<Option<Throttle>> {
    tx.maybe(sql!("SELECT {} FROM throttles WHERE name = $1", Throttle), &[&name]).await
}

/// Counts one more; after a quiet time of `forget` the count begins anew.
pub(super) async fn count(tx: &Tx, name: &str, forget: i64) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO throttles (name, failures, last_at) VALUES ($1, 1, $2)
             ON CONFLICT (name) DO UPDATE SET last_at = $2,
                 failures = CASE WHEN throttles.last_at < $3 THEN 1 ELSE throttles.failures + 1 END"
        ),
        &[&name, &tx.now(), &tx.now().plus(-forget)],
    )
    .await?;
    Ok(())
}

/// Takes one back that was counted ahead and turned out well.
pub(super) async fn count_back(tx: &Tx, name: &str) -> Result<()> {
    tx.exec(sql!("UPDATE throttles SET failures = failures - 1 WHERE name = $1 AND failures > 0"), &[&name])
        .await?;
    Ok(())
}

pub(super) async fn forget(tx: &Tx, name: &str) -> Result<()> {
    tx.exec(sql!("DELETE FROM throttles WHERE name = $1"), &[&name]).await?;
    Ok(())
}
