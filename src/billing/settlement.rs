//! What comes of payments: from the purchase, the keeper, or the provider's notice, in any order and any
//! number, each takes effect once.

use serde_json::json;

use crate::{
    accounts,
    audit::{self, Event},
    billing::{
        PaymentKind, PaymentState, QuoteState, Shop, actions,
        invoice::{self, details},
        mail,
        renewal::{self, subscription_page},
        store::{self, PaymentRow},
    },
    clock::{DAY, HOUR, MINUTE, SECOND},
    db::Tx,
    error::{Error, Result},
    id::{AccountId, PaymentId, QuoteId},
    jobs::enqueue,
    money::Money,
    payments::{Order, Outcome},
    plans,
    web::Site,
};

/// How long whoever made a payment, or a keeper, asks the provider before another may: longer than an
/// answer is waited for.
pub(super) const LEASE: i64 = MINUTE;
/// The pauses after a renewal's card was refused; after the last, the invoice stays open.
const AFTER_REFUSAL: [i64; 3] = [2 * DAY, 3 * DAY, 5 * DAY];

/// What the provider needs to know for a charge that was begun.
///
/// # Errors
/// There is no card any more.
pub(super) async fn order(tx: &Tx, payment: &PaymentRow) -> Result<Order> {
    let has = plans::subscription(tx, payment.account).await?;
    let (Some(customer), Some(method)) = (has.customer, has.payment_method) else {
        return Err(Error::conflict("no_card", "There is no card to charge."));
    };
    let name = accounts::account_name(tx, payment.account).await?;
    Ok(Order {
        payment: payment.id,
        amount: payment.money(),
        customer,
        method,
        text: format!("Covey for {name}"),
    })
}

/// Notes what came of a payment, and does what depends on it: once, whoever tells it first, and however
/// often it is told.
///
/// # Errors
/// The database fails.
pub(super) async fn settle_payment(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    id: PaymentId,
    outcome: &Outcome,
) -> Result<()> {
    let Some(payment) = store::payment(tx, id).await? else { return Ok(()) };
    // What is told of another charge than the one that was written down for it is none of this payment's.
    if let (PaymentKind::Charge, Some(known), Outcome::Done(told)) =
        (payment.kind, &payment.reference, outcome)
        && known != told
    {
        tracing::error!(payment = %id, %told, "the payment provider told of another charge");
        return Ok(());
    }
    match (payment.state, outcome) {
        (PaymentState::Succeeded, _) => Ok(()),
        (_, Outcome::Done(reference)) => succeeded(tx, shop, site, &payment, reference).await,
        (PaymentState::Failed, _) => Ok(()),
        (_, Outcome::Declined(why)) => declined(tx, site, &payment, why).await,
        (_, Outcome::Unknown(why)) => {
            let pauses = [30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR];
            let tries = usize::try_from(payment.attempts.max(1) - 1).unwrap_or(usize::MAX);
            let pause = pauses.get(tries).copied().unwrap_or(6 * HOUR);
            store::put_off(tx, id, tx.now().plus(pause), why).await
        }
    }
}

async fn succeeded(tx: &Tx, shop: &Shop, site: &Site, payment: &PaymentRow, reference: &str) -> Result<()> {
    if !store::settle_payment(tx, payment.id, PaymentState::Succeeded, Some(reference), None).await? {
        return Ok(());
    }
    let (account, money, object) = (payment.account, payment.money(), payment.id.to_string());
    if payment.kind == PaymentKind::Refund {
        invoice::enter(tx, account, Money::new(-money.amount, money.currency), &object, reference).await?;
        return refresh(tx, shop, account).await;
    }
    invoice::enter(tx, account, money, &object, reference).await?;
    if let Some(quote) = payment.quote {
        bought(tx, shop, site, payment, quote, reference).await?;
    }
    let to = details(tx, account).await?.email;
    enqueue(tx, &mail::paid(account, &to, money, &subscription_page(site, account))).await?;
    let detail = json!({ "amount": money, "reference": reference });
    audit::record(tx, Event::unattended(account, "payment.received", payment.id).with(detail)).await?;
    refresh(tx, shop, account).await
}

/// Makes the change that a charge has paid for. Where that is no longer possible, the money goes back.
async fn bought(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    payment: &PaymentRow,
    quote: QuoteId,
    reference: &str,
) -> Result<()> {
    let quote = store::quote(tx, payment.account, quote).await?;
    let has = plans::subscription(tx, payment.account).await?;
    if quote.state != QuoteState::Used && quote.version == has.version {
        let by = quote.made_by;
        return actions::apply(tx, shop, site, has, &quote, by).await.map(|_| ());
    }
    tracing::warn!(payment = %payment.id, "what was paid for is no longer to be had; the money goes back");
    renewal::give_back_to_card(tx, payment.account, payment.money(), reference).await
}

async fn declined(tx: &Tx, site: &Site, payment: &PaymentRow, why: &str) -> Result<()> {
    let account = payment.account;
    store::settle_payment(tx, payment.id, PaymentState::Failed, None, Some(why)).await?;
    let detail = json!({ "amount": payment.money(), "why": why });
    audit::record(tx, Event::unattended(account, "payment.refused", payment.id).with(detail)).await?;
    match (payment.quote, payment.kind) {
        (Some(quote), _) => {
            store::move_quote(tx, account, quote, QuoteState::Confirming, QuoteState::Open, None).await?;
            Ok(())
        }
        (None, PaymentKind::Charge) => try_later(tx, site, payment, why).await,
        (None, PaymentKind::Refund) => {
            tracing::error!(payment = %payment.id, %why, "money could not be given back");
            Ok(())
        }
    }
}

/// Has the card charged again in some days, as a try of its own: a provider repeats its answer to the old
/// one. Tells whoever the invoices go to.
async fn try_later(tx: &Tx, site: &Site, payment: &PaymentRow, why: &str) -> Result<()> {
    let account = payment.account;
    let refusals = usize::try_from(store::refusals(tx, account).await?).unwrap_or(usize::MAX);
    if let Some(pause) = AFTER_REFUSAL.get(refusals.saturating_sub(1)) {
        renewal::charge_at(tx, account, payment.money(), tx.now().plus(*pause)).await?;
    }
    let to = details(tx, account).await?.email;
    let link = subscription_page(site, account);
    enqueue(tx, &mail::declined(account, &to, payment.money(), why, &link)).await?;
    Ok(())
}

/// Brings an account's invoices and standing up to date with its ledger.
pub(super) async fn refresh(tx: &Tx, shop: &Shop, account: AccountId) -> Result<()> {
    let mut has = plans::subscription(tx, account).await?;
    invoice::settle(tx, shop, &mut has).await?;
    plans::save(tx, &has).await
}

/// Notes the provider's reference of a charge that is to be made; says whether it still is.
///
/// # Errors
/// The database fails.
pub(super) async fn written_down(tx: &Tx, id: PaymentId, reference: &str) -> Result<bool> {
    store::refer(tx, id, reference).await
}

/// Fits a charge that is not for a quote to what is owed by now, which may be less than when it was planned;
/// drops it where nothing is. Says how much is to be charged.
///
/// # Errors
/// The database fails.
pub(super) async fn fit(tx: &Tx, payment: &PaymentRow) -> Result<i64> {
    if payment.quote.is_some() {
        return Ok(payment.amount);
    }
    let owed = store::balance(tx, payment.account).await?.min(payment.amount).max(0);
    match owed {
        0 => renewal::drop_charge(tx, payment.id).await?,
        less if less < payment.amount => store::reprice(tx, payment.id, less).await?,
        _ => {}
    }
    Ok(owed)
}

/// Takes a payment in hand to ask the provider about.
///
/// # Errors
/// The database fails.
pub(super) async fn claim(tx: &Tx, id: PaymentId) -> Result<Option<PaymentRow>> {
    store::claim(tx, id, tx.now().plus(LEASE)).await
}
