//! The way of a refund. Where people pay by card, it goes back to the card by itself. Where they pay by invoice, it is
//! *requested* when a subscription ends with credit, and the operator pays it out.
//!
//! A request holds no money: until it is paid out, the credit pays whatever the account buys, and the request becomes as
//! much smaller.

use crate::{
    charges::{
        PaymentRow, PaymentState,
        actions::outside,
        store::{self, NewPayment},
    },
    ledger,
    shop::Shop,
};
use kernel::{
    error::Result,
    id::{AccountId, UserId},
    money::Money,
};
use people::plans::{self, State};
use storage::Tx;

/// Makes the request of an account what it is owed, now that its credit or its subscription is another.
pub(crate) async fn match_request(
    tx: &Tx,
    shop: &Shop,
    account: AccountId,
    by: Option<UserId>,
) -> Result<()> {
    if shop.by_card {
        return Ok(());
    }
    let has = plans::subscription(tx, account).await?;
    let owed = if has.state == State::Ended { ledger::credit(tx, account).await? } else { 0 };
    match store::requested(tx, account).await? {
        Some(request) if owed == 0 => {
            store::settle(tx, request.id, PaymentState::Failed, None, Some("used for a purchase")).await?;
        }
        Some(request) => store::change_request(tx, request.id, owed).await?,
        None if owed > 0 => {
            let back = outside(PaymentState::Requested, has.money(-owed), "", tx.now());
            store::insert(tx, account, &NewPayment { requested_by: by, ..back }).await?;
        }
        None => {}
    }
    Ok(())
}

/// Takes up the request that a payout of this amount answers, if it answers it whole.
pub(super) async fn answered(
    tx: &Tx,
    account: AccountId,
    amount: Money,
    note: &str,
) -> Result<Option<PaymentRow>> {
    let whole = store::requested(tx, account).await?.filter(|request| request.money() == amount);
    if let Some(request) = &whole {
        store::settle(tx, request.id, PaymentState::Succeeded, Some(note), None).await?;
    }
    Ok(whole)
}
