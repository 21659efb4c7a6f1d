//! Who a person is: signing up and in, sessions, passwords, addresses.
//!
//! - A sign-up becomes a person only when its link is used by who knows its password, so an address
//!   that nobody proved is never anyone's, and nobody can prepare an account for someone else.
//! - Answers and work are the same for known and unknown addresses.
//! - Five wrong passwords in a row slow an address down, and many from one place slow that place
//!   down; a browser that signed in before is never shut out by strangers' attempts.
//! - A change of password or address ends every other session, and the person is told by mail.

pub mod actions;
pub mod api;
mod attempts;
mod mail;
pub mod pages;
mod store;

use crate::users;
use kernel::{
    clock::{DAY, HOUR},
    error::Result,
    id::UserId,
    links::Site,
};
use storage::Tx;

/// How long a link to reset a password is good.
pub const RESET_LASTS: i64 = HOUR;
/// How long a link to confirm an address is good.
pub const CONFIRM_LASTS: i64 = DAY;

/// Makes a link to choose a new password without sending it: for the operator at the console.
///
/// # Errors
/// The person is unknown, or the database fails.
pub async fn reset_link(tx: &Tx, user: UserId, base_url: &str) -> Result<String> {
    let user = users::user(tx, user).await?;
    let token = tx.token();
    store::insert_link(tx, &token, &reset_of(&user, false)).await?;
    Ok(format!("{base_url}/password-resets/{}", token.reveal()))
}

fn reset_of(user: &users::UserRow, mailed: bool) -> store::NewLink<'_> {
    let (purpose, lasts) = (store::Purpose::Reset, RESET_LASTS);
    store::NewLink { purpose, user: user.id, email: &user.email, lasts, mailed }
}

/// Sends a person the link to reset their password, which an administrator asked for, in the caller's transaction.
///
/// # Errors
/// The person is unknown, or the database fails.
pub async fn send_reset(tx: &Tx, site: &Site, user: UserId, by: &users::UserRow) -> Result<()> {
    let user = users::user(tx, user).await?;
    let token = tx.token();
    store::insert_link(tx, &token, &reset_of(&user, site.mail_leaves)).await?;
    let letter = mail::reset(&user, &site.link("password-resets", &token), Some(&by.name));
    platform::jobs::enqueue_from(tx, &letter, &by.email).await?;
    Ok(())
}
