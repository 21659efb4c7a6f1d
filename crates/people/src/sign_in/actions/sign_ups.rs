//! Signing up: noted by a stranger, completed by the person who has both the link and the password.

use serde_json::json;

use super::{Mailed, dead_link, mail_allowed};
use crate::{
    sign_in::{
        CONFIRM_LASTS,
        attempts::{FREE_FAILURES, FREE_FAILURES_OF_PLACE, From, flow, place, take_anonymous_try, take_try},
        mail,
        store::{self, SignUpRow},
    },
    users::{self, UserType},
};
use kernel::{
    addresses::Email,
    error::{Error, Result},
    id::{AccountId, UserId},
    links::Site,
    practice::PracticeKind,
    random::Token,
};
use platform::{
    Services,
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::{Db, Tx};

/// Someone who wants an account of their own.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// Their address.
    pub email: Email,
    /// Their name.
    pub name: String,
    /// The account's name.
    pub account_name: String,
    /// What kind of practice it is.
    pub practice_kind: PracticeKind,
}

/// Notes a sign-up and sends the link that completes it. An address that is known already gets a
/// email instead that says so; the answer is the same.
///
/// # Errors
/// The database fails.
pub async fn sign_up(
    services: &Services,
    sign_up: SignUp,
    password: &str,
    from: From,
) -> Result<(UserId, AccountId)> {
    let flow = flow(&from, &sign_up.email.key);
    services.db.write(async move |tx| take_anonymous_try(tx, &from).await).await?;
    let password_hash = services.passwords.hash(&flow, password).await?;
    let site = services.site.clone();
    services
        .db
        .write(async move |tx| {
            let (token, row) = (
                tx.token(),
                SignUpRow {
                    user: tx.id(),
                    account: tx.id(),
                    email: sign_up.email.shown.clone(),
                    name: sign_up.name.clone(),
                    account_name: sign_up.account_name.clone(),
                    practice_kind: sign_up.practice_kind,
                    password_hash: password_hash.clone(),
                    expires_at: tx.now().plus(CONFIRM_LASTS),
                },
            );
            store::insert_sign_up(tx, &token, &sign_up.email.key, &row).await?;
            let asked = Event::unattended(AccountId::nil(), Action::SignUpAsked, row.user);
            audit::record(tx, asked.with(json!({ "email": row.email, "name": row.name }))).await?;
            let (mailed, letter) = match users::by_email(tx, &sign_up.email.key).await? {
                Some(user) => (Mailed::KnownAlready, mail::known_already(&user, &site.page("/sign-in"))),
                None => (Mailed::SignUp, mail::confirm_sign_up(&row.email, &site.link("verify", &token))),
            };
            if mail_allowed(tx, &sign_up.email.key, mailed).await? {
                enqueue(tx, &letter).await?;
            }
            Ok((row.user, row.account))
        })
        .await
}

/// A sign-up whose link and password met: the right to complete it.
pub struct ProvedSignUp {
    token: Token,
    place: String,
}

/// Checks who would complete a sign-up: who has the link and knows the password proves both the address and
/// that the sign-up is their own.
///
/// # Errors
/// The link is no longer good, or the password is wrong.
pub async fn prove_sign_up(
    services: &Services,
    token: &Token,
    password: &str,
    from: &From,
) -> Result<ProvedSignUp> {
    let place = place(&from.address);
    let (name, link) = (place.clone(), token.clone());
    let of_link = format!("sign-up:{}", data_encoding::HEXLOWER.encode(&token.digest()));
    let found = services.db.write(async move |tx| {
        take_try(tx, &name, FREE_FAILURES_OF_PLACE).await?;
        take_try(tx, &of_link, FREE_FAILURES).await?;
        store::sign_up(tx, &link).await
    });
    let found = found.await?;
    let hash = found.as_ref().map(|sign_up| sign_up.password_hash.clone());
    let account = found.as_ref().map_or_else(String::new, |sign_up| Email::key_of(&sign_up.email));
    let right = services.passwords.matches(&flow(from, &account), password, hash.as_deref()).await?;
    if found.is_none() {
        return Err(dead_link());
    }
    if !right {
        return Err(Error::field("password", "Enter the password that you chose at sign-up."));
    }
    Ok(ProvedSignUp { token: token.clone(), place })
}

/// What a completed sign-up made of a stranger, and the account that they asked for.
pub struct Completed {
    /// The new person.
    pub user: UserId,
    /// The id that the account is to have.
    pub account: AccountId,
    /// The name that it is to have.
    pub account_name: String,
    /// What kind of practice it is to be.
    pub practice_kind: PracticeKind,
}

/// Completes a proved sign-up in the caller's transaction: the person is there from now on.
///
/// # Errors
/// The link was used meanwhile, or the address is someone's.
pub async fn complete_sign_up(tx: &Tx, proved: &ProvedSignUp, site: &Site) -> Result<Completed> {
    let found = store::sign_up(tx, &proved.token).await?.filter(|sign_up| sign_up.expires_at > tx.now());
    let sign_up = found.ok_or_else(dead_link)?;
    let email = Email::read(&sign_up.email).map_err(|_| dead_link())?;
    if users::by_email(tx, &email.key).await?.is_some() {
        return Err(dead_link());
    }
    let hash = Some(sign_up.password_hash.as_str());
    users::insert(tx, sign_up.user, &email, &sign_up.name, UserType::Other, hash).await?;
    if !site.mail_leaves {
        users::mark_unproved(tx, sign_up.user).await?;
    }
    store::forget_sign_ups(tx, &email.key).await?;
    store::count_back(tx, &proved.place).await?;
    let SignUpRow { user, account, account_name, practice_kind, .. } = sign_up;
    Ok(Completed { user, account, account_name, practice_kind })
}

/// Whether a link completes a sign-up; opening it changes nothing.
///
/// # Errors
/// The link is no longer good.
pub async fn look_at_sign_up(tx: &Tx, token: &Token) -> Result<String> {
    let found = store::sign_up(tx, token).await?.filter(|sign_up| sign_up.expires_at > tx.now());
    found.map(|sign_up| sign_up.email).ok_or_else(dead_link)
}

/// Whether the server still waits for its first person.
///
/// # Errors
/// The database fails.
pub async fn untouched(db: &Db) -> Result<bool> {
    db.read(async |tx| untouched_in(tx).await).await
}

/// As [`untouched`], within a transaction.
///
/// # Errors
/// The database fails.
pub async fn untouched_in(tx: &Tx) -> Result<bool> {
    Ok(!users::anybody(tx).await?)
}

/// Forgets the unproved sign-ups of an address that someone else has proved.
///
/// # Errors
/// The database fails.
pub async fn forget_sign_ups(tx: &Tx, email: &Email) -> Result<()> {
    store::forget_sign_ups(tx, &email.key).await
}
