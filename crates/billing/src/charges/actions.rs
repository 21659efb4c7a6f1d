//! The verbs of payments: recording what was paid outside of Covey, and paying with the card at once.

use serde_json::json;

use crate::{
    charges::{
        PaymentKind, PaymentState, TOPIC, mail,
        settle::refresh,
        start::{cancel_retry_or_refuse, charge_what_is_owed},
        store::{self, NewPayment},
    },
    details,
    invoices::{self, InvoiceRow},
    ledger,
    mail::subscription_page,
    shop::Shop,
};
use access::InvoiceAdmin;
use kernel::{
    clock::DAY,
    error::{Error, Result},
    id::{AccountId, PaymentId, UserId},
    links::Site,
    money::Money,
    text,
};
use people::plans;
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// Records what was paid for an invoice outside of Covey: all that is open of it, unless said otherwise.
///
/// # Errors
/// Nothing is open, more than what is owed was given, or people here pay by card.
pub async fn record_payment(
    tx: &Tx,
    by: &InvoiceAdmin,
    shop: &Shop,
    site: &Site,
    amount: Option<i64>,
    note: &str,
) -> Result<PaymentId> {
    let row = invoices::invoice(tx, by.account(), by.invoice()).await?;
    record(tx, shop, site, &row, amount, note, Some(by.user())).await
}

/// As [`record_payment`], for the operator, by the invoice's number.
///
/// # Errors
/// As there, or there is no such invoice.
pub async fn record_by_operator(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    number: &str,
    amount: Option<i64>,
    note: &str,
) -> Result<PaymentId> {
    let row = invoices::by_number(tx, number).await?;
    let row = row.ok_or_else(|| Error::field("invoice", "There is no invoice of this number."))?;
    record(tx, shop, site, &row, amount, note, None).await
}

/// Records that all invoices were paid which have been open for ten days, as a bookkeeper does who goes
/// through the bank's statement.
pub async fn record_all(tx: &Tx, shop: &Shop, site: &Site, account: AccountId, note: &str) -> Result<()> {
    for row in invoices::open(tx, account).await?.into_iter().rev() {
        if tx.now().since(row.issued_at) > 10 * DAY {
            record(tx, shop, site, &row, None, note, None).await?;
        }
    }
    Ok(())
}

async fn record(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    row: &InvoiceRow,
    amount: Option<i64>,
    note: &str,
    by: Option<UserId>,
) -> Result<PaymentId> {
    let note = text::optional_line(note).map_err(|why| Error::field("note", why))?.unwrap_or_default();
    let open = row.open;
    if open == 0 {
        return Err(Error::conflict("nothing_open", "Nothing is open on this invoice: it is paid."));
    }
    if shop.by_card && by.is_some() {
        return Err(Error::conflict(
            "paid_by_card",
            "Here invoices are paid by card; that is recorded by itself.",
        ));
    }
    cancel_retry_or_refuse(tx, row.account).await?;
    let owed = ledger::balance(tx, row.account).await?;
    let amount = amount.unwrap_or(open);
    if !(1..=owed).contains(&amount) {
        let owed = Money::new(owed, row.currency);
        return Err(Error::field(
            "amount",
            format!("It is more than nothing, and at most the {owed} that is owed."),
        ));
    }
    let money = Money::new(amount, row.currency);
    moved(tx, shop, site, row.account, money, &note, by).await
}

/// Records that credit was paid out to the account outside of Covey.
///
/// # Errors
/// The account is not owed as much.
pub async fn record_payout(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    account: AccountId,
    amount: Option<i64>,
    note: &str,
) -> Result<PaymentId> {
    let credit = ledger::credit(tx, account).await?;
    if credit == 0 {
        return Err(Error::conflict(
            "nothing_owed",
            "Nothing is owed to this account: it was paid out already.",
        ));
    }
    let amount = amount.unwrap_or(credit);
    let has = plans::subscription(tx, account).await?;
    if !(1..=credit).contains(&amount) {
        let credit = has.money(credit);
        return Err(Error::field(
            "amount",
            format!("It is more than nothing, and at most the credit of {credit}."),
        ));
    }
    moved(tx, shop, site, account, has.money(-amount), note, None).await
}

/// Notes money that moved outside of Covey: above zero towards us.
async fn moved(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    account: AccountId,
    money: Money,
    note: &str,
    by: Option<UserId>,
) -> Result<PaymentId> {
    let towards_us = money.amount > 0;
    let new = NewPayment {
        kind: if towards_us { PaymentKind::Charge } else { PaymentKind::Refund },
        state: PaymentState::Succeeded,
        provider: "invoice",
        amount: Money::new(money.amount.abs(), money.currency),
        quote: None,
        charge: None,
        note,
        next_at: tx.now(),
    };
    let id = store::insert(tx, account, &new).await?;
    invoices::enter_payment(tx, account, money, &id.to_string(), note).await?;
    refresh(tx, shop, account).await?;
    if towards_us {
        let to = details::of(tx, account).await?.email;
        enqueue(tx, &mail::paid(account, &to, money, &subscription_page(site, account))).await?;
    }
    let action = if towards_us { Action::PaymentRecorded } else { Action::RefundRecorded };
    let mut event = Event::unattended(account, action, id);
    event.actor = by;
    audit::record(tx, event.with(json!({ "amount": money, "note": note }))).await?;
    Ok(id)
}

/// Charges the card now with all that is owed, as after a refusal.
///
/// # Errors
/// Nothing is owed, there is no card, or it is being charged already.
pub async fn pay_now(tx: &Tx, by: &InvoiceAdmin, shop: &Shop) -> Result<()> {
    let has = plans::subscription(tx, by.account()).await?;
    if !shop.by_card || ledger::balance(tx, by.account()).await? <= 0 {
        return Err(Error::conflict("nothing_open", "Nothing is to be charged to a card."));
    }
    if has.payment_method.is_none() {
        return Err(Error::conflict("no_card", "There is no card to charge yet. Please enter one first."));
    }
    match store::pending_charge(tx, by.account()).await? {
        Some(waiting) if waiting.quote.is_none() => {
            let why = waiting.failure.unwrap_or_default();
            store::reschedule(tx, waiting.id, tx.now(), &why).await?;
            tx.announce(TOPIC);
            Ok(())
        }
        Some(_) => cancel_retry_or_refuse(tx, by.account()).await,
        None => charge_what_is_owed(tx, &has).await,
    }
}
