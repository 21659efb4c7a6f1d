//! The purchase, in two steps: one transaction that begins it, and the charge, if there is one.

use crate::{
    charges::{self, PaymentState, cancel_retry_or_refuse, charge_for_quote},
    ledger,
    quotes::{self, Quote, QuoteState, must_not_be_ending},
    shop::Shop,
};
use access::AccountAdmin;
use kernel::{
    clock::SECOND,
    error::{Error, Result},
    id::{AccountId, InvoiceId, PaymentId, QuoteId},
    links::Site,
};
use people::plans::{self, Subscription};
use platform::Services;
use storage::Tx;

/// A purchase that was begun, for [`complete_purchase`].
#[must_use = "a card may still be to be charged"]
#[derive(Debug)]
pub struct Begun(Stage);

#[derive(Debug)]
enum Stage {
    /// There is nothing left to do.
    Settled(Purchased),
    /// The card is to be charged.
    Charging { account: AccountId, quote: QuoteId, payment: PaymentId },
}

/// What came of a purchase.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purchased {
    /// It is done; with its invoice, unless it begins with the renewal.
    Done(Option<InvoiceId>),
    /// The card is still being charged.
    Confirming,
}

/// Buys what a quote offers. Asking again gives the same answer and buys nothing more.
///
/// # Errors
/// There is no such quote, it no longer holds, the terms were not agreed to, or there is no card.
pub async fn begin_purchase(
    tx: &Tx,
    by: &AccountAdmin,
    shop: &Shop,
    site: &Site,
    id: QuoteId,
    agreed: bool,
) -> Result<Begun> {
    let settled = |purchased| Ok(Begun(Stage::Settled(purchased)));
    let quote = quotes::show(tx, by, id).await?;
    match quote.state {
        QuoteState::Used => return settled(Purchased::Done(quote.invoice)),
        QuoteState::Confirming => return settled(Purchased::Confirming),
        QuoteState::Open => {}
    }
    if !agreed {
        return Err(Error::field("accept_terms", "Agree to the terms of use to buy."));
    }
    let has = plans::subscription(tx, by.account()).await?;
    must_not_be_ending(&has, by)?;
    must_still_hold(tx, &has, &quote)?;
    if quote.credit > ledger::credit(tx, by.account()).await? {
        return Err(outdated());
    }
    cancel_retry_or_refuse(tx, by.account()).await?;
    quotes::agree(tx, by.account(), id, &shop.terms, by.user()).await?;
    if shop.by_card && quote.due() > 0 {
        let payment = charge_for_quote(tx, &has, &quote).await?;
        return Ok(Begun(Stage::Charging { account: has.account, quote: id, payment }));
    }
    let invoice = quotes::apply(tx, shop, site, has, &quote, by.user()).await?;
    charges::match_request(tx, shop, by.account(), None).await?;
    settled(Purchased::Done(invoice))
}

/// Charges the card for a purchase, where there is something to charge, and waits for what comes of it. If this
/// breaks off, the scheduler goes on with it.
///
/// # Errors
/// The card was refused, with the reason.
pub async fn complete_purchase(services: &Services, begun: Begun) -> Result<Purchased> {
    match begun.0 {
        Stage::Settled(purchased) => Ok(purchased),
        Stage::Charging { account, quote, payment } => {
            charges::charge_now(services, payment).await?;
            services.db.read(async |tx| outcome(tx, account, quote, payment).await).await
        }
    }
}

/// What came of the charge for a quote.
async fn outcome(tx: &Tx, account: AccountId, quote: QuoteId, payment: PaymentId) -> Result<Purchased> {
    let row = quotes::quote(tx, account, quote).await?;
    if row.state == QuoteState::Used {
        return Ok(Purchased::Done(row.invoice));
    }
    match charges::payment(tx, payment).await? {
        Some(payment) if payment.state == PaymentState::Failed => Err(Error::conflict(
            "card_declined",
            format!("Nothing was charged. {}", payment.failure.unwrap_or_default()),
        )),
        _ => Ok(Purchased::Confirming),
    }
}

fn must_still_hold(tx: &Tx, has: &Subscription, quote: &Quote) -> Result<()> {
    if quote.expires_at <= tx.now() || tx.now() < quote.made_at.plus(-SECOND) {
        return Err(Error::conflict(
            "quote_expired",
            "This quote has expired. Nothing was charged. Check the new price.",
        ));
    }
    if quote.version != has.version {
        return Err(outdated());
    }
    Ok(())
}

fn outdated() -> Error {
    Error::conflict(
        "quote_outdated",
        "The subscription has changed since this quote. Nothing was charged. Check the new price.",
    )
}
