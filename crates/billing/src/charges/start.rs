//! The intentions to move money: committed first, carried out later.

use crate::{
    charges::{
        LEASE, PaymentKind, PaymentState, TOPIC,
        refunds::match_request,
        store::{self, NewPayment},
    },
    ledger,
    quotes::{self, Quote, QuoteState},
    shop::Shop,
};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, PaymentId, UserId},
    money::Money,
};
use people::plans::Subscription;
use storage::Tx;

/// A payment that the provider is to be asked to make.
fn pending(kind: PaymentKind, amount: Money, next_at: Time) -> NewPayment<'static> {
    NewPayment {
        kind,
        state: PaymentState::Pending,
        provider: "stripe",
        amount,
        quote: None,
        charge: None,
        requested_by: None,
        note: "",
        next_at,
    }
}

/// Begins to charge the card for a quote. Who does so asks the provider next; else the scheduler will.
///
/// # Errors
/// There is no card.
pub(crate) async fn charge_for_quote(tx: &Tx, has: &Subscription, quote: &Quote) -> Result<PaymentId> {
    if has.payment_method.is_none() {
        return Err(Error::conflict("no_card", "Enter a card first."));
    }
    let amount = Money::new(quote.due(), quote.currency);
    let charge = pending(PaymentKind::Charge, amount, tx.now().plus(LEASE));
    let new = NewPayment { quote: Some(quote.id), ..charge };
    let payment = store::insert(tx, has.account, &new).await?;
    quotes::change_state(tx, has.account, quote.id, QuoteState::Open, QuoteState::Confirming, None).await?;
    Ok(payment)
}

/// Has the scheduler charge the card with all that is owed, unless it is being charged already.
pub(crate) async fn charge_what_is_owed(tx: &Tx, has: &Subscription) -> Result<()> {
    let owed = ledger::balance(tx, has.account).await?;
    if owed <= 0 || store::pending_charge(tx, has.account).await?.is_some() {
        return Ok(());
    }
    charge_at(tx, has.account, has.money(owed), tx.now()).await
}

/// Has the scheduler charge the card at a moment.
pub(super) async fn charge_at(tx: &Tx, account: AccountId, amount: Money, next_at: Time) -> Result<()> {
    store::insert(tx, account, &pending(PaymentKind::Charge, amount, next_at)).await?;
    tx.announce(TOPIC);
    Ok(())
}

/// Has the scheduler give back some of a charge, because of what a person decided, if one did.
pub(super) async fn refund_charge(
    tx: &Tx,
    account: AccountId,
    amount: Money,
    charge: &str,
    requested_by: Option<UserId>,
) -> Result<()> {
    let new =
        NewPayment { charge: Some(charge), requested_by, ..pending(PaymentKind::Refund, amount, tx.now()) };
    store::insert(tx, account, &new).await?;
    tx.announce(TOPIC);
    Ok(())
}

/// Has the scheduler give back to the card what the account is owed, from the newest charges on; where people pay by
/// invoice, requests it of the operator.
pub(crate) async fn refund_credit(
    tx: &Tx,
    shop: &Shop,
    has: &Subscription,
    by: Option<UserId>,
) -> Result<()> {
    if !shop.by_card {
        return match_request(tx, shop, has.account, by).await;
    }
    let mut owed = ledger::credit(tx, has.account).await?;
    for (charge, left) in store::refundable(tx, has.account, "stripe").await? {
        let amount = owed.min(left);
        if amount <= 0 {
            continue;
        }
        refund_charge(tx, has.account, has.money(amount), &charge, by).await?;
        owed -= amount;
    }
    Ok(())
}

/// Clears the way for a change: a retry that still waits for its day is canceled, for who changes what it is
/// for ends it.
///
/// # Errors
/// A payment is under way, whose outcome would meet another subscription than it was for.
pub(crate) async fn cancel_retry_or_refuse(tx: &Tx, account: AccountId) -> Result<()> {
    match store::pending_charge(tx, account).await? {
        None => Ok(()),
        Some(waiting) if waiting.quote.is_none() && waiting.reference.is_none() => {
            drop_charge(tx, waiting.id).await
        }
        Some(_) => {
            Err(Error::conflict("payment_under_way", "A payment is being confirmed. Try again in a minute."))
        }
    }
}

/// Drops a charge that was not written down at the provider yet.
pub(super) async fn drop_charge(tx: &Tx, id: PaymentId) -> Result<()> {
    store::settle(tx, id, PaymentState::Failed, None, Some("no longer needed")).await?;
    Ok(())
}
