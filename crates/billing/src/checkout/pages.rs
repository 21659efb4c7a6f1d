//! The button *Confirm purchase*.

use axum::response::Response;

use crate::{
    checkout::{begin_purchase, complete_purchase},
    paths,
    quotes::quote_page,
    shop::Shop,
};
use access::AccountAdmin;
use kernel::{
    error::Result,
    id::{AccountId, QuoteId},
};
use web::{Form, May, entry::Entry, page::go};

pub(crate) async fn purchase(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (account, quote): (AccountId, QuoteId) = (may.id("account")?, may.id("quote")?);
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    let agreed = form.ticked("accept_terms");
    let begun =
        may.write(async move |tx, by| begin_purchase(tx, by, &shop, &site, quote, agreed).await).await;
    let bought = match begun {
        Ok(begun) => complete_purchase(may.app(), begun).await,
        Err(error) => Err(error),
    };
    match bought {
        // The quote's own page tells what became of it, also to who pressed twice.
        Ok(_) => go(&paths::quote(account, quote)),
        Err(error) => quote_page(&may, quote, Entry::again(form, error)?).await,
    }
}
