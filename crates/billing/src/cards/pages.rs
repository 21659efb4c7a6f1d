//! The pages around a card: to the provider, which takes it, and back.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::{cards::actions, paths};
use access::AccountAdmin;
use kernel::{error::Result, id::AccountId};
use storage::Tx;
use web::{
    Form, May, Query,
    cookies::Flash,
    page::{self, Frame, Here, Notice, crumb, plain, settle},
};

/// Begins the entry of a card on the provider's own page. A form may not lead to another site, so a link
/// does.
pub(crate) async fn enter_card(may: May<AccountAdmin>) -> Result<Response> {
    let stripe = may.app().payments.stripe()?;
    let account = may.read(async |tx, by| actions::account(tx, by).await).await?;
    let (back, own) = (may.app().site.page(&paths::card(account.id())), paths::subscription(account.id()));
    let customer = actions::customer(may.app(), account).await?;
    let key = format!("card-{}", data_encoding::HEXLOWER.encode(&may.app().db.random().bytes::<16>()));
    let there = stripe.enter_card(&customer, &back, &key).await?;
    let frame = plain(&may, "Enter a card");
    let text = "You enter the card on our payment provider’s page. Its number never reaches this server.";
    let links = [("Go to payment provider", there.as_str()), ("Not now", own.as_str())];
    page::ok(&may, &Notice { frame, text, links: &links })
}

/// Which entry of a card the provider sends the browser back from.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct SessionQuery {
    session: Option<String>,
}

#[derive(Template)]
#[template(path = "cards/templates/card.html")]
struct CardPage {
    frame: Frame,
    tab: &'static str,
    account: AccountId,
    session: String,
}

pub(crate) async fn entered_card(
    may: May<AccountAdmin>,
    Query(query): Query<SessionQuery>,
) -> Result<Response> {
    may.app().payments.stripe()?;
    let load = async |tx: &Tx, by: &AccountAdmin| {
        Ok((by.account(), may.frame(tx, by.user(), Here::Account(by.account())).await?))
    };
    let (account, frame) = may.read(load).await?;
    let between = [crumb("Subscription details", paths::subscription(account))];
    let page = CardPage {
        frame: frame.page(&may, "dashboard", between, "Payment method"),
        tab: "subscription",
        account,
        session: query.session.unwrap_or_default(),
    };
    page::ok(&may, &page)
}

pub(crate) async fn use_card(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let stripe = may.app().payments.stripe()?;
    let account = may.read(async |tx, by| actions::account(tx, by).await).await?;
    let own = paths::subscription(account.id());
    let customer = actions::customer(may.app(), account).await?;
    let used = match stripe.entered_card(form.get("session"), &customer).await {
        Ok(method) => {
            let label = method.label.clone();
            may.write(async move |tx, by| actions::pay_with(tx, by, &customer, &method).await)
                .await
                .map(|()| label)
        }
        Err(error) => Err(error),
    };
    settle(&may, &own, used, |label| {
        Flash::done(format!(
            "Payment method saved. We’ll charge {label} from now \
        on."
        ))
    })
}
