//! The statements of people, sessions and links.

use kernel::{
    clock::{SKEW, Time},
    error::Result,
    id::{AccountId, UserId},
    practice::PracticeKind,
    random::Token,
};
use storage::{Hash, Tx, row, sql, word};

row! {
    /// What a password is checked against.
    #[derive(Clone)]
    pub(super) struct Secret {
        pub(super) hash: Option<String> = "password_hash",
        /// Wrong passwords in a row until now.
        pub(super) wrong: i64 =
            "COALESCE((SELECT w.attempts FROM wrong_passwords w WHERE w.user_id = users.id), 0)",
    }
}

row! {
    /// What is known of an attempt to sign in: the person with the address, their browser, the place.
    #[derive(Clone)]
    pub(super) struct Attempt {
        pub(super) user: Option<UserId> = "u.id",
        pub(super) hash: Option<String> = "u.password_hash",
        pub(super) wrong: Option<i64> = "(SELECT w.attempts FROM wrong_passwords w WHERE w.user_id = u.id)",
        /// Whether they signed in from this browser before, and it didn't guess since.
        pub(super) known_browser: bool =
            "EXISTS (SELECT 1 FROM devices d WHERE d.token_hash = $2 AND d.user_id = u.id AND d.wrong_passwords < $5)",
        /// How many people signed in from this place lately.
        pub(super) known_people: i64 =
            "(SELECT count(DISTINCT d.user_id) FROM devices d WHERE d.place = $3 AND d.seen_at > $4)",
    }
}

/// What is known of an attempt, in one statement whether or not there is such a person.
pub(super) async fn attempt(
    tx: &Tx,
    email_key: &str,
    browser: Option<&Token>,
    place: &str,
    lately: Time,
    most_wrong: i64,
) -> Result<Attempt> {
    tx.one(
        sql!("SELECT {} FROM (SELECT 1 AS one) o LEFT JOIN users u ON u.email_key = $1", Attempt),
        &[&email_key, &Hash(browser.map(Token::digest).unwrap_or_default()), &place, &lately, &most_wrong],
    )
    .await
}

/// Counts a wrong password ahead. A right one starts the count anew.
pub(super) async fn count_wrong(tx: &Tx, user: UserId) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO wrong_passwords (user_id, attempts) SELECT u.id, 1 FROM users u WHERE u.id = $1
             ON CONFLICT (user_id) DO UPDATE SET attempts = wrong_passwords.attempts + 1"
        ),
        &[&user],
    )
    .await?;
    Ok(())
}

/// Starts a person's count anew, unless it has reached `most`: then only a new password does.
pub(super) async fn forget_wrong(tx: &Tx, user: UserId, most: i64) -> Result<()> {
    tx.exec(sql!("DELETE FROM wrong_passwords WHERE user_id = $1 AND attempts <= $2"), &[&user, &most])
        .await?;
    Ok(())
}

/// Counts a wrong password ahead that a known browser tries.
pub(super) async fn count_wrong_of_browser(tx: &Tx, user: UserId, browser: &Token) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE devices SET wrong_passwords = wrong_passwords + 1 WHERE token_hash = $1 AND user_id = $2"
        ),
        &[&Hash(browser.digest()), &user],
    )
    .await?;
    Ok(())
}

pub(super) async fn secret_of(tx: &Tx, user: UserId) -> Result<Secret> {
    tx.one(sql!("SELECT {} FROM users WHERE id = $1", Secret), &[&user]).await
}

/// Whether this server gave out the mark of a browser. One that a caller made up is worth nothing.
pub(super) async fn gave_device(tx: &Tx, device: &Token) -> Result<bool> {
    tx.value(sql!("SELECT EXISTS (SELECT 1 FROM devices WHERE token_hash = $1)"), &[&Hash(device.digest())])
        .await
}

/// Notes that the person signed in from this browser, at this place.
pub(super) async fn know_device(tx: &Tx, user: UserId, device: &Token, place: &str) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO devices (token_hash, user_id, seen_at, place, wrong_passwords) VALUES ($1, $2, $3, $4, 0)
             ON CONFLICT (token_hash, user_id) DO UPDATE
                 SET seen_at = excluded.seen_at, place = excluded.place, wrong_passwords = 0"
        ),
        &[&Hash(device.digest()), &user, &tx.now(), &place],
    )
    .await?;
    Ok(())
}

/// Forgets a person's browsers beyond so many, those that were used longest ago first.
pub(super) async fn forget_oldest_devices(tx: &Tx, user: UserId, keep: &Token, most: i64) -> Result<()> {
    tx.exec(
        sql!(
            "DELETE FROM devices WHERE user_id = $1 AND token_hash <> $2 AND token_hash NOT IN (
                 SELECT token_hash FROM devices WHERE user_id = $1 AND token_hash <> $2
                 ORDER BY seen_at DESC LIMIT $3)"
        ),
        &[&user, &Hash(keep.digest()), &(most - 1)],
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
        pub(super) mailed: bool,
    }
}

/// A link as it is made.
pub(super) struct NewLink<'a> {
    pub(super) purpose: Purpose,
    pub(super) user: UserId,
    pub(super) email: &'a str,
    pub(super) lasts: i64,
    /// Whether it leaves by mail alone.
    pub(super) mailed: bool,
}

/// Keeps a link for a person; for nobody, the same statement keeps one that belongs to no person.
pub(super) async fn insert_link(tx: &Tx, token: &Token, new: &NewLink<'_>) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO links (token_hash, purpose, user_id, email, created_at, expires_at, mailed)
             VALUES ($1, $2, (SELECT u.id FROM users u WHERE u.id = $3), $4, $5, $6, $7)"
        ),
        &[
            &Hash(token.digest()),
            &new.purpose,
            &new.user,
            &new.email,
            &tx.now(),
            &tx.now().plus(new.lasts),
            &new.mailed,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn link(tx: &Tx, token: &Token, purpose: Purpose) -> Result<Option<Link>> {
    tx.maybe(
        sql!("SELECT {} FROM links WHERE token_hash = $1 AND purpose = $2 AND user_id IS NOT NULL", Link),
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
        pub(super) practice_kind: PracticeKind,
        pub(super) password_hash: String,
        pub(super) expires_at: Time,
    }
}

pub(super) async fn insert_sign_up(tx: &Tx, token: &Token, key: &str, sign_up: &SignUpRow) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO sign_ups (token_hash, user_id, account_id, email, email_key, name, account_name,
                                   practice_kind, password_hash, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        &[
            &Hash(token.digest()),
            &sign_up.user,
            &sign_up.account,
            &sign_up.email,
            &key,
            &sign_up.name,
            &sign_up.account_name,
            &sign_up.practice_kind,
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

/// Counts one more; after a quiet time of `forget` the count begins anew, as it does where the clock was set back.
pub(super) async fn count(tx: &Tx, name: &str, forget: i64) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO throttles (name, failures, last_at) VALUES ($1, 1, $2)
             ON CONFLICT (name) DO UPDATE SET last_at = $2,
                 failures = CASE WHEN throttles.last_at < $3 OR throttles.last_at > $4 THEN 1
                                 ELSE throttles.failures + 1 END"
        ),
        &[&name, &tx.now(), &tx.now().plus(-forget), &tx.now().plus(SKEW)],
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
