//! The buttons that change or end a membership.

use axum::response::Response;

use access::{AccountAdmin, AccountMember, AccountOwner, Role};
use billing::Shop;
use kernel::{
    error::{Error, Result},
    id::{AccountId, UserId},
};
use people::{
    members::{self, pages::page_of},
    users,
};
use web::{
    Form, May,
    cookies::Flash,
    page::{self, confirm, go_with, settle},
};

use crate::departure::actions;

pub(crate) async fn change_role(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (account, user): (AccountId, UserId) = (may.id("account")?, may.id("user")?);
    let role = Role::read(form.get("role"));
    if role.is_some_and(Role::manages) {
        may.fresh().await?;
    }
    let site = may.app().site.clone();
    let changed = may.write(async move |tx, by| {
        let role = role.ok_or_else(|| Error::field("role", "Choose a role."))?;
        let before = members::current_role(tx, by.account(), user).await?;
        actions::change_role(tx, by, user, role, &site).await?;
        Ok((users::user(tx, user).await?.name, role, before))
    });
    let (own, back) = (may.request().path.clone(), page_of(account, &form));
    let changed = match changed.await {
        Err(error) if no_place(&error) => {
            return go_with(&may, &back, &way_out(account, &error, may.app().config.sells()));
        }
        changed => changed,
    };
    settle(&may, &back, changed, |(name, role, before)| {
        let done = Flash::done(format!("{name}’s role is now {}.", role.label().to_lowercase()));
        // Someone who became support staff left their groups, which giving the old role back would not mend.
        match before.filter(|before| role.works() && *before != role && *before != Role::SupportStaff) {
            Some(before) => done.undo(own, &[("role", before.word()), ("back", form.get("back"))]),
            None => done,
        }
    })
}

/// Whether the subscription has no place for what was wanted.
fn no_place(error: &Error) -> bool {
    matches!(error.code(), "no_license" | "support_staff_needs_pro")
}

/// Why there is no place, with the page where one can be had.
fn way_out(account: AccountId, error: &Error, sells: bool) -> Flash {
    if !sells {
        return Flash::trouble(error.public());
    }
    let label = if error.code() == "no_license" { "Add a license" } else { "Change the plan" };
    Flash::trouble(error.public()).link(label, format!("/a/{account}/licenses"))
}

pub(crate) async fn remove(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (account, user): (AccountId, UserId) = (may.id("account")?, may.id("user")?);
    let back = page_of(account, &form);
    let question = page::Question {
        ask: "Remove this person from the account?".to_owned(),
        detail: "They lose access to everything in it right away.",
        action: "Remove",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let site = may.app().site.clone();
    let told = site.told();
    let removed = may.write(async move |tx, by| {
        actions::remove(tx, by, user, &site).await?;
        Ok(users::user(tx, user).await?.name)
    });
    settle(&may, &back, removed.await, |name| {
        Flash::done(format!("{name} was removed from the account. {told}"))
    })
}

pub(crate) async fn leave(may: May<AccountMember>, form: Form) -> Result<Response> {
    let question = page::Question {
        ask: "Leave this account?".to_owned(),
        detail: "You lose access to everything in it right away.",
        action: "Leave account",
        back: "/profile",
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let site = may.app().site.clone();
    let left = may.write(async move |tx, by| actions::remove(tx, by, by.user(), &site).await).await;
    settle(&may, "/profile", left, |()| Flash::done("You left the account."))
}

pub(crate) async fn close_account(may: May<AccountOwner>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let back = format!("/a/{account}/settings");
    let question = page::Question {
        ask: "Permanently close this account?".to_owned(),
        detail: "No one, including you, will be able to open its groups, cases, or handouts. Export what you \
                 need first.",
        action: "Close account",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    let closed = may.write(async move |tx, by| actions::close_account(tx, by, &shop, &site).await).await;
    match closed {
        Ok(()) => go_with(&may, "/profile", &Flash::done("Account closed.")),
        Err(error) => settle(&may, &back, Err::<(), _>(error), |()| Flash::done("")),
    }
}
