//! The verbs of quotes.

use crate::{
    invoices, ledger,
    quotes::{
        Effect, Offer, PlanChange, offer,
        store::{self, Quote},
    },
    shop::Shop,
};
use access::{AccountAdmin, Role};
use kernel::{
    error::{Error, Result},
    id::QuoteId,
    money::Money,
};
use people::{
    accounts, licenses,
    plans::{self, Subscription},
};
use platform::audit::{self, Action, Event};
use serde_json::json;
use storage::Tx;

/// The price of a change, without fixing it.
///
/// # Errors
/// It can't be had.
pub async fn price(
    tx: &Tx,
    by: &AccountAdmin,
    shop: &Shop,
    wanted: PlanChange,
) -> Result<(Subscription, Offer)> {
    let has = plans::subscription(tx, by.account()).await?;
    let seats = licenses::seats_of(tx, by.account()).await?;
    let kind = accounts::actions::show(tx, by).await?.kind;
    let offer = offer::reckon(&has, kind, &seats, wanted, shop, tx.now())?;
    Ok((has, offer))
}

/// Fixes the price of a change for a quarter of an hour.
///
/// # Errors
/// It can't be had, or an invoice is overdue.
pub async fn make(tx: &Tx, by: &AccountAdmin, shop: &Shop, wanted: PlanChange) -> Result<Quote> {
    let (has, offer) = price(tx, by, shop, wanted).await?;
    must_not_be_ending(&has, by)?;
    let open = invoices::open(tx, by.account()).await?;
    let overdue = open.iter().any(|invoice| invoice.open > 0 && (shop.by_card || invoice.due_at <= tx.now()));
    if offer.effect == Effect::Now && overdue {
        return Err(offer::invoice_open());
    }
    store::forget_old(tx, by.account()).await?;
    let credit = offer.total.min(ledger::credit(tx, by.account()).await?);
    let id = store::insert(tx, &has, by.user(), &offer, credit, shop.prices.currency).await?;
    let detail =
        json!({ "licenses": offer.licenses, "total": Money::new(offer.total, shop.prices.currency) });
    audit::record(tx, Event::new(by.account(), by.user(), Action::QuoteMade, id).with(detail)).await?;
    store::quote(tx, by.account(), id).await
}

/// What the owner has decided to end, only the owner goes on with.
pub(crate) fn must_not_be_ending(has: &Subscription, by: &AccountAdmin) -> Result<()> {
    if has.ends_at_renewal && by.role() != Role::Owner {
        return Err(Error::conflict(
            "ending",
            "The owner canceled this subscription at period end. Only the owner can continue it.",
        ));
    }
    Ok(())
}

/// A quote of the account.
///
/// # Errors
/// There is none of this id.
pub async fn show(tx: &Tx, by: &AccountAdmin, id: QuoteId) -> Result<Quote> {
    store::quote(tx, by.account(), id).await
}
