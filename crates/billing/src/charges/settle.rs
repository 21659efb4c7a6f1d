//! What comes of payments: from the purchase, the scheduler, or the provider's notice, in any order and any
//! number, each takes effect once.

use serde_json::json;

use crate::{
    charges::{
        PaymentKind, PaymentState, mail,
        refunds::match_request,
        start,
        store::{self, PaymentRow},
    },
    details, invoices,
    mail::subscription_page,
    quotes::{self, QuoteState},
    shop::Shop,
};
use kernel::{
    clock::{DAY, HOUR, MINUTE, SECOND},
    error::Result,
    id::{AccountId, PaymentId, QuoteId},
    links::Site,
};
use people::{accounts, plans};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
    payments::Outcome,
};
use storage::Tx;

/// The pauses after a renewal's card was refused; after the last, the invoice stays open.
const AFTER_REFUSAL: [i64; 3] = [2 * DAY, 3 * DAY, 5 * DAY];
/// The pauses while nobody knows what came of a payment; then the last of them again and again.
const WHILE_UNKNOWN: [i64; 5] = [30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];

/// Notes what came of a payment, and does what depends on it: once, no matter who reports it first, and how
/// often it is told.
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
            let attempt = usize::try_from(payment.attempts.max(1) - 1).unwrap_or(usize::MAX);
            let pause = WHILE_UNKNOWN[attempt.min(WHILE_UNKNOWN.len() - 1)];
            store::reschedule(tx, id, tx.now().plus(pause), why).await
        }
    }
}

async fn succeeded(tx: &Tx, shop: &Shop, site: &Site, payment: &PaymentRow, reference: &str) -> Result<()> {
    if !store::settle(tx, payment.id, PaymentState::Succeeded, Some(reference), None).await? {
        return Ok(());
    }
    let (account, money, object) = (payment.account, payment.money(), payment.id.to_string());
    if payment.kind == PaymentKind::Refund {
        invoices::enter_payment(tx, account, money.opposite(), &object, reference).await?;
        return refresh(tx, shop, account).await;
    }
    invoices::enter_payment(tx, account, money, &object, reference).await?;
    accounts::admit(tx, account).await?;
    if let Some(quote) = payment.quote {
        bought(tx, shop, site, payment, quote, reference).await?;
    }
    let to = details::of(tx, account).await?.email;
    enqueue(tx, &mail::paid(account, &to, money, &subscription_page(site, account))).await?;
    let detail = json!({ "amount": money, "reference": reference });
    audit::record(tx, Event::unattended(account, Action::PaymentReceived, payment.id).with(detail)).await?;
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
    let quote = quotes::quote(tx, payment.account, quote).await?;
    let has = plans::subscription(tx, payment.account).await?;
    if quote.state != QuoteState::Used && quote.version == has.version {
        let by = quote.made_by;
        return quotes::apply(tx, shop, site, has, &quote, by).await.map(|_| ());
    }
    tracing::warn!(payment = %payment.id, "what was paid for is no longer to be had; the money goes back");
    start::refund_charge(tx, payment.account, payment.money(), reference, None).await
}

async fn declined(tx: &Tx, site: &Site, payment: &PaymentRow, why: &str) -> Result<()> {
    let account = payment.account;
    store::settle(tx, payment.id, PaymentState::Failed, None, Some(why)).await?;
    let detail = json!({ "amount": payment.money(), "why": why });
    audit::record(tx, Event::unattended(account, Action::PaymentRefused, payment.id).with(detail)).await?;
    match (payment.quote, payment.kind) {
        (Some(quote), _) => {
            quotes::change_state(tx, account, quote, QuoteState::Confirming, QuoteState::Open, None).await?;
            Ok(())
        }
        (None, PaymentKind::Charge) => retry_later(tx, site, payment, why).await,
        (None, PaymentKind::Refund) => {
            tracing::error!(payment = %payment.id, %why, "money could not be given back");
            Ok(())
        }
    }
}

/// Has the card charged again in some days, as a payment of its own: a provider repeats its answer to the old
/// one. Tells the people who get the invoices.
async fn retry_later(tx: &Tx, site: &Site, payment: &PaymentRow, why: &str) -> Result<()> {
    let account = payment.account;
    let refusals = usize::try_from(store::refusals(tx, account).await?).unwrap_or(usize::MAX);
    if let Some(pause) = AFTER_REFUSAL.get(refusals.saturating_sub(1)) {
        start::charge_at(tx, account, payment.money(), tx.now().plus(*pause)).await?;
    }
    let to = details::of(tx, account).await?.email;
    let link = subscription_page(site, account);
    enqueue(tx, &mail::declined(account, &to, payment.money(), why, &link)).await?;
    Ok(())
}

/// Brings an account's invoices and standing up to date with its ledger.
pub(super) async fn refresh(tx: &Tx, shop: &Shop, account: AccountId) -> Result<()> {
    let mut has = plans::subscription(tx, account).await?;
    invoices::settle(tx, shop, &mut has).await?;
    plans::save(tx, &has).await?;
    match_request(tx, shop, account, None).await
}
