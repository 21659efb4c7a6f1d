//! A change of address: asked for with the password, completed by a link to the new address.

use serde_json::json;

use super::{dead_link, passwords::again};
use crate::{
    sessions,
    sign_in::{
        CONFIRM_LASTS, mail,
        store::{self, NewLink, Purpose},
    },
    users,
};
use access::SignedIn;
use kernel::{
    addresses::Email,
    error::{Error, Result},
    id::AccountId,
    random::Token,
};
use platform::{
    Services,
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// Begins a change of address: the new one must confirm, the old one is told.
///
/// # Errors
/// The password is wrong.
pub async fn change_address(services: &Services, by: SignedIn, current: &str, email: Email) -> Result<()> {
    again(services, by.user(), current).await?;
    let site = services.site.clone();
    services
        .db
        .write(async move |tx| {
            let person = users::user(tx, by.user()).await?;
            enqueue(tx, &mail::address_changing(&person, &email.shown)).await?;
            // An address that belongs to someone gets the email that they have an account already.
            let letter = if let Some(other) = users::by_email(tx, &email.key).await? {
                mail::known_already(&other, &site.page("/sign-in"))
            } else {
                let token = tx.token();
                let new = NewLink {
                    purpose: Purpose::Address,
                    user: by.user(),
                    email: &email.shown,
                    lasts: CONFIRM_LASTS,
                    mailed: site.mail_leaves,
                };
                store::insert_link(tx, &token, &new).await?;
                mail::confirm_address(&email.shown, &site.link("addresses", &token))
            };
            enqueue(tx, &letter).await?;
            let detail = json!({ "to": email.shown });
            audit::record(
                tx,
                Event::new(AccountId::nil(), by.user(), Action::AddressChangeAsked, by.user()).with(detail),
            )
            .await
        })
        .await
}

/// Which address a link confirms; opening it changes nothing.
///
/// # Errors
/// The link is no longer good.
pub async fn look_at_address(tx: &Tx, token: &Token) -> Result<String> {
    let link = store::link(tx, token, Purpose::Address).await?.ok_or_else(dead_link)?;
    if link.used_at.is_some() || link.expires_at <= tx.now() {
        return Err(dead_link());
    }
    Ok(link.email)
}

/// Completes a change of address; ends all sessions.
///
/// # Errors
/// The link is no longer good, or someone took the address meanwhile.
pub async fn confirm_address(tx: &Tx, token: &Token) -> Result<()> {
    let link = store::link(tx, token, Purpose::Address).await?.ok_or_else(dead_link)?;
    let email = Email::read(&link.email).map_err(|_| dead_link())?;
    if !store::use_link(tx, token, Purpose::Address).await? {
        return Err(dead_link());
    }
    if !users::set_email(tx, link.user, &email).await? {
        return Err(Error::conflict(
            "address_taken",
            "Someone else uses this address now. Choose another one.",
        ));
    }
    match link.mailed {
        true => users::prove(tx, link.user).await?,
        false => users::mark_unproved(tx, link.user).await?,
    }
    sessions::end_sessions(tx, link.user, None).await?;
    let detail = json!({ "to": email.shown });
    audit::record(tx, Event::new(AccountId::nil(), link.user, Action::AddressChanged, link.user).with(detail))
        .await
}
