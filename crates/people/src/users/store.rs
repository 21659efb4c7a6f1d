//! The statements of users.

use crate::users::UserType;
use kernel::{addresses::Email, error::Result, id::UserId, search};
use storage::{One, Tx, row, sql};

row! {
    /// A person.
    #[derive(Clone, Debug)]
    pub struct UserRow {
        /// Their id.
        pub id: UserId,
        /// Their address, as they write it.
        pub email: String,
        /// Their name.
        pub name: String,
        /// What they are in the practice.
        pub user_type: UserType,
        /// Counts the changes.
        pub version: i64,
    }
}

/// A person by id.
///
/// # Errors
/// There is none, or the database fails.
pub async fn user(tx: &Tx, id: UserId) -> Result<UserRow> {
    tx.one(sql!("SELECT {} FROM users WHERE id = $1", UserRow), &[&id]).await
}

/// A person by address.
///
/// # Errors
/// The database fails.
pub async fn by_email(tx: &Tx, key: &str) -> Result<Option<UserRow>> {
    tx.maybe(sql!("SELECT {} FROM users WHERE email_key = $1", UserRow), &[&key]).await
}

/// What everyone knows of a person, and nobody should make a password of: their address, their name,
/// their practices' names and addresses.
///
/// # Errors
/// The database fails.
pub async fn known_words(tx: &Tx, person: &UserRow) -> Result<Vec<String>> {
    let practices: Vec<One<String>> = tx
        .all(
            sql!(
                "SELECT a.name || ' ' || a.practice_details FROM members m JOIN accounts a ON a.id = m.account_id
                 WHERE m.user_id = $1 AND m.until IS NULL ORDER BY m.since LIMIT 100"
            ),
            &[&person.id],
        )
        .await?;
    let practices = practices.into_iter().map(|One(practice)| practice);
    Ok([person.email.clone(), person.name.clone()].into_iter().chain(practices).collect())
}

/// Adds a person whose address is proved.
///
/// # Errors
/// The address is taken, or the database fails.
pub async fn insert(
    tx: &Tx,
    id: UserId,
    email: &Email,
    name: &str,
    user_type: UserType,
    password_hash: Option<&str>,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO users (id, email, email_key, name, name_key, user_type, password_hash, created_at, proved_at,
                                version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 1)"
        ),
        &[&id, &email.shown, &email.key, &name, &search::key(name), &user_type, &password_hash, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Adds the author of what a program does, whom no one can sign in as: the row has no address and no password.
///
/// # Errors
/// The database fails.
pub async fn insert_machine(tx: &Tx, id: UserId, name: &str) -> Result<()> {
    // A key of addresses always has an @, so this is nobody's.
    let no_address = id.to_string();
    tx.exec(
        sql!(
            "INSERT INTO users (id, email, email_key, name, name_key, user_type, created_at, version)
             VALUES ($1, '', $2, $3, $4, $5, $6, 1)"
        ),
        &[&id, &no_address, &name, &search::key(name), &UserType::Other, &tx.now()],
    )
    .await
    .map(drop)
}

/// Whether anyone is known to this server yet.
pub async fn anybody(tx: &Tx) -> Result<bool> {
    tx.value(sql!("SELECT EXISTS (SELECT 1 FROM users)"), &[]).await
}

/// Changes what a person says of themselves.
///
/// # Errors
/// None but the database's.
pub async fn update(tx: &Tx, id: UserId, name: &str, user_type: UserType) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE users SET name = $2, name_key = $3, user_type = $4, version = version + 1 WHERE id = $1"
        ),
        &[&id, &name, &search::key(name), &user_type],
    )
    .await?;
    Ok(())
}

/// Marks an address as unproved: its link did not travel by mail, so its sender could have opened it as well.
///
/// # Errors
/// The database fails.
pub async fn mark_unproved(tx: &Tx, id: UserId) -> Result<()> {
    tx.exec(sql!("UPDATE users SET proved_at = NULL WHERE id = $1"), &[&id]).await?;
    Ok(())
}

/// Notes that a mail reached a person's address: a link that was in it alone was used.
///
/// # Errors
/// The database fails.
pub async fn prove(tx: &Tx, id: UserId) -> Result<()> {
    tx.exec(sql!("UPDATE users SET proved_at = $2 WHERE id = $1 AND proved_at IS NULL"), &[&id, &tx.now()])
        .await?;
    Ok(())
}

/// Keeps a new password, which nobody has guessed at yet.
///
/// # Errors
/// The database fails.
pub async fn set_password(tx: &Tx, id: UserId, hash: &str) -> Result<()> {
    tx.exec(sql!("UPDATE users SET password_hash = $2, version = version + 1 WHERE id = $1"), &[&id, &hash])
        .await?;
    tx.exec(sql!("DELETE FROM wrong_passwords WHERE user_id = $1"), &[&id]).await?;
    Ok(())
}

/// Notes whether a password is too short to stand without a second factor.
///
/// # Errors
/// The database fails.
pub async fn mark_password(tx: &Tx, id: UserId, short: bool) -> Result<()> {
    tx.exec(sql!("UPDATE users SET short_password = $2 WHERE id = $1"), &[&id, &short]).await.map(drop)
}

/// Changes an address; says whether it was free.
pub async fn set_email(tx: &Tx, id: UserId, email: &Email) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE users SET email = $2, email_key = $3, version = version + 1
             WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM users WHERE email_key = $3 AND id <> $1)"
            ),
            &[&id, &email.shown, &email.key],
        )
        .await?;
    Ok(changed == 1)
}
