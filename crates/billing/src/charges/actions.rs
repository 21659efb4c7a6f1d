//! The verbs of payments: recording what was paid outside of Covey, and paying with the card at once.

use serde_json::json;

use crate::{
    charges::{
        PaymentKind, PaymentState, TOPIC, mail, refunds,
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
    clock::{DAY, Time},
    error::{Error, Result},
    id::{AccountId, PaymentId, UserId},
    links::Site,
    money::{Currency, Money},
    text,
};
use people::{accounts, plans};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// Reports that an invoice was paid outside of Covey: all that is open of it, unless said otherwise. Nothing is credited
/// until the operator confirms it.
///
/// # Errors
/// Nothing is open, more than what is owed was given, or people here pay by card.
pub async fn report_payment(
    tx: &Tx,
    by: &InvoiceAdmin,
    shop: &Shop,
    amount: Option<i64>,
    note: &str,
) -> Result<PaymentId> {
    let row = invoices::invoice(tx, by.account(), by.invoice()).await?;
    if shop.by_card && row.open > 0 {
        return Err(Error::conflict(
            "paid_by_card",
            "Invoices here are paid by card, and those payments are recorded automatically.",
        ));
    }
    let (money, note) = checked(tx, &row, amount, note).await?;
    let id = store::insert(tx, row.account, &outside(PaymentState::Reported, money, &note, tx.now())).await?;
    let event = Event::new(row.account, by.user(), Action::PaymentReported, id);
    audit::record(tx, event.with(json!({ "amount": money, "note": note }))).await?;
    Ok(id)
}

/// Confirms a payment that was reported: now it is credited. The operator does that: at the command line they have no
/// name.
///
/// # Errors
/// It is no report, or no longer; or more than what is owed by now.
pub async fn confirm(tx: &Tx, shop: &Shop, site: &Site, by: Option<UserId>, id: PaymentId) -> Result<Money> {
    let payment = store::payment(tx, id).await?.ok_or_else(Error::not_found)?;
    if !store::settle_report(tx, id, PaymentState::Succeeded).await? {
        return Err(not_reported());
    }
    cancel_retry_or_refuse(tx, payment.account).await?;
    let owed = ledger::balance(tx, payment.account).await?;
    if payment.amount > owed {
        let owed = Money::new(owed.max(0), payment.currency);
        return Err(Error::conflict(
            "more_than_owed",
            format!("Only {owed} is still owed. Reject this report."),
        ));
    }
    credited(tx, shop, site, by, payment.account, id, payment.money(), "").await?;
    Ok(payment.money())
}

/// Rejects a payment that was reported: the money did not arrive.
///
/// # Errors
/// It is no report, or no longer.
pub async fn reject(tx: &Tx, by: Option<UserId>, id: PaymentId) -> Result<()> {
    let payment = store::payment(tx, id).await?.ok_or_else(Error::not_found)?;
    if !store::settle_report(tx, id, PaymentState::Failed).await? {
        return Err(not_reported());
    }
    let event = by_operator(by, payment.account, Action::PaymentRejected, id);
    audit::record(tx, event.with(json!({ "amount": payment.money() }))).await
}

/// An event that the operator did: by name on their page, without one at the command line.
fn by_operator(by: Option<UserId>, account: AccountId, action: Action, id: PaymentId) -> Event {
    match by {
        Some(user) => Event::new(account, user, action, id),
        None => Event::unattended(account, action, id),
    }
}

fn not_reported() -> Error {
    Error::conflict("not_reported", "This payment isn't waiting to be confirmed.")
}

/// Records what was paid for an invoice outside of Covey, for the operator, by the invoice's number.
///
/// # Errors
/// There is no such invoice, nothing is open of it, or more than what is owed was given.
pub async fn record_by_operator(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    number: &str,
    amount: Option<i64>,
    note: &str,
) -> Result<PaymentId> {
    let row = invoices::by_number(tx, number).await?;
    let row = row.ok_or_else(|| Error::field("invoice", "No invoice has this number."))?;
    record(tx, shop, site, &row, amount, note).await
}

/// Records that all invoices were paid which have been open for ten days, as a bookkeeper does who goes
/// through the bank's statement.
pub async fn record_all(tx: &Tx, shop: &Shop, site: &Site, account: AccountId, note: &str) -> Result<()> {
    for row in invoices::open(tx, account).await?.into_iter().rev() {
        if tx.now().since(row.issued_at) > 10 * DAY {
            record(tx, shop, site, &row, None, note).await?;
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
) -> Result<PaymentId> {
    let (money, note) = checked(tx, row, amount, note).await?;
    moved(tx, shop, site, None, row.account, money, &note).await
}

/// An amount that can have been paid for an invoice, and its note.
async fn checked(tx: &Tx, row: &InvoiceRow, amount: Option<i64>, note: &str) -> Result<(Money, String)> {
    let note = text::optional_line(note).map_err(|why| Error::field("note", why))?.unwrap_or_default();
    if row.open == 0 {
        return Err(Error::conflict("nothing_open", "This invoice is already paid."));
    }
    cancel_retry_or_refuse(tx, row.account).await?;
    let owed = ledger::balance(tx, row.account).await?;
    let amount = amount.unwrap_or(row.open);
    if !(1..=owed).contains(&amount) {
        return Err(out_of_range(owed, row.currency));
    }
    Ok((Money::new(amount, row.currency), note))
}

fn out_of_range(most: i64, currency: Currency) -> Error {
    let [least, most] = [1, most].map(|amount| Money::new(amount, currency));
    Error::field("amount", format!("Enter an amount from {least} to {most}."))
}

/// Records that credit was paid out to the account outside of Covey.
///
/// # Errors
/// The account is not owed as much.
pub async fn record_payout(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    by: Option<UserId>,
    account: AccountId,
    amount: Option<i64>,
    note: &str,
) -> Result<PaymentId> {
    let credit = ledger::credit(tx, account).await?;
    if credit == 0 {
        return Err(Error::conflict(
            "nothing_owed",
            "This account has no credit to refund. It was already paid out.",
        ));
    }
    let amount = amount.unwrap_or(credit);
    let has = plans::subscription(tx, account).await?;
    if !(1..=credit).contains(&amount) {
        return Err(out_of_range(credit, has.currency));
    }
    let note = text::optional_line(note).map_err(|why| Error::field("note", why))?.unwrap_or_default();
    let (paid, back) = (has.money(amount), has.money(-amount));
    let id = match refunds::answered(tx, account, paid, &note).await? {
        Some(request) => {
            credited(tx, shop, site, by, account, request.id, back, &note).await?;
            request.id
        }
        None => moved(tx, shop, site, by, account, back, &note).await?,
    };
    let to = details::of(tx, account).await?.email;
    enqueue(tx, &mail::refunded(account, &to, paid, &note, &subscription_page(site, account))).await?;
    Ok(id)
}

/// A payment outside of Covey: above zero toward us.
pub(super) fn outside(state: PaymentState, money: Money, note: &str, now: Time) -> NewPayment<'_> {
    NewPayment {
        kind: if money.amount > 0 { PaymentKind::Charge } else { PaymentKind::Refund },
        state,
        provider: "invoice",
        amount: Money::new(money.amount.abs(), money.currency),
        quote: None,
        charge: None,
        requested_by: None,
        note,
        next_at: now,
    }
}

/// Notes money that moved outside of Covey: above zero toward us.
async fn moved(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    by: Option<UserId>,
    account: AccountId,
    money: Money,
    note: &str,
) -> Result<PaymentId> {
    let id = store::insert(tx, account, &outside(PaymentState::Succeeded, money, note, tx.now())).await?;
    credited(tx, shop, site, by, account, id, money, note).await?;
    Ok(id)
}

/// Enters money that moved outside of Covey, which the operator says.
#[expect(clippy::too_many_arguments, reason = "each is a part of one entry")]
async fn credited(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    by: Option<UserId>,
    account: AccountId,
    id: PaymentId,
    money: Money,
    note: &str,
) -> Result<()> {
    let towards_us = money.amount > 0;
    invoices::enter_payment(tx, account, money, &id.to_string(), note).await?;
    refresh(tx, shop, account).await?;
    if towards_us {
        accounts::admit(tx, account).await?;
        let to = details::of(tx, account).await?.email;
        enqueue(tx, &mail::paid(account, &to, money, &subscription_page(site, account))).await?;
    }
    let action = if towards_us { Action::PaymentRecorded } else { Action::RefundRecorded };
    let event = by_operator(by, account, action, id);
    audit::record(tx, event.with(json!({ "amount": money, "note": note }))).await
}

/// Charges the card now with all that is owed, as after a refusal.
///
/// # Errors
/// Nothing is owed, there is no card, or it is being charged already.
pub async fn pay_now(tx: &Tx, by: &InvoiceAdmin, shop: &Shop) -> Result<()> {
    let has = plans::subscription(tx, by.account()).await?;
    if !shop.by_card || ledger::balance(tx, by.account()).await? <= 0 {
        return Err(Error::conflict("nothing_open", "There's nothing to charge to a card."));
    }
    if has.payment_method.is_none() {
        return Err(Error::conflict("no_card", "Enter a card first."));
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
