//! The buttons beside a member, and the page of an offer of ownership. The list of people is a workflow.

use crate::users;
use askama::Template;
use axum::response::Response;

use crate::{
    accounts,
    members::{actions, pending_transfer},
};
use access::{AccountAdmin, AccountOwner, TransferParty};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, TransferId, UserId},
    links,
};
use web::{
    Form, May,
    cookies::Flash,
    page::{self, Frame, Here, Notice, confirm, go_with, plain, settle},
};

/// The page of an account's people.
pub fn users_path(account: AccountId) -> String {
    format!("/a/{account}/users")
}

/// The page that a button stood on: the account's people, or its dashboard.
pub fn page_of(account: AccountId, form: &Form) -> String {
    match form.get("back") {
        "dashboard" => format!("/a/{account}/dashboard"),
        _ => users_path(account),
    }
}

pub(crate) async fn send_password_reset(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (account, user): (AccountId, UserId) = (may.id("account")?, may.id("user")?);
    let site = may.app().site.clone();
    let leaves = site.mail_leaves;
    let sent = may.write(async move |tx, by| {
        actions::send_password_reset(tx, by, user, &site).await?;
        Ok(users::user(tx, user).await?.name)
    });
    settle(&may, &page_of(account, &form), sent.await, |name| match leaves {
        true => Flash::done(format!("We emailed {name} a link to reset their password.")),
        false => Flash::done(format!("A password reset link for {name} was created. {}", links::KEPT)),
    })
}

pub(crate) async fn offer_ownership(may: May<AccountOwner>, form: Form) -> Result<Response> {
    let (account, user): (AccountId, UserId) = (may.id("account")?, may.id("user")?);
    let back = page_of(account, &form);
    let question = page::Question {
        ask: "Offer ownership to this person?".to_owned(),
        detail: "When they accept, they become the owner, responsible for billing, and you become an \
                 administrator.",
        action: "Offer ownership",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let site = may.app().site.clone();
    let offered = may.write(async move |tx, by| actions::offer_ownership(tx, by, user, &site).await).await;
    match offered {
        Ok(id) => go_with(
            &may,
            &format!("/transfers/{id}"),
            &Flash::done(
                "Ownership offered. Nothing changes \
            until they accept.",
            ),
        ),
        Err(error) => settle(&may, &back, Err::<(), _>(error), |()| Flash::done("")),
    }
}

#[derive(Template)]
#[template(path = "members/templates/transfer.html")]
struct TransferPage {
    frame: Frame,
    transfer: TransferId,
    account: String,
    from: String,
    to: String,
    mine: bool,
    since: Time,
}

pub(crate) async fn transfer(may: May<TransferParty>) -> Result<Response> {
    let page = may
        .read(async |tx, by| {
            let pending = pending_transfer(tx, by.account()).await?;
            let Some(pending) = pending.filter(|pending| pending.id == by.transfer()) else {
                return Ok(None);
            };
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok(Some(TransferPage {
                frame: frame.page(&may, "", [], "Transfer ownership"),
                transfer: by.transfer(),
                account: accounts::account_name(tx, by.account()).await?,
                from: users::user(tx, by.from()).await?.name,
                to: pending.to_name,
                mine: pending.to == by.user(),
                since: pending.created_at,
            }))
        })
        .await?;
    if let Some(page) = page {
        return page::ok(&may, &page);
    }
    let frame = plain(&may, "This offer is closed");
    let text = "It was already accepted, declined, or withdrawn. There’s nothing left to do.";
    page::ok(&may, &Notice { frame, text, links: &[("Go home", "/")] })
}

pub(crate) async fn answer_transfer(may: May<TransferParty>, form: Form) -> Result<Response> {
    let back = may.request().path.clone();
    if form.get("answer") == "accept" {
        let accepted = may.write(async |tx, by| {
            actions::accept_ownership(tx, by).await?;
            Ok(by.account())
        });
        return match accepted.await {
            Ok(account) => {
                let flash = Flash::done("You are now the owner of the account.");
                go_with(&may, &users_path(account), &flash)
            }
            Err(error) => settle(&may, &back, Err::<(), _>(error), |()| Flash::done("")),
        };
    }
    let dropped = may.write(async |tx, by| {
        actions::drop_offer(tx, by).await?;
        Ok(by.user() == by.to())
    });
    settle(&may, "/profile", dropped.await, |declined| {
        Flash::done(if declined { "You declined ownership." } else { "The offer was withdrawn." })
    })
}
