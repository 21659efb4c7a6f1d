//! Issuing invoices and credit notes, and telling which are paid.
//!
//! Money that comes in pays the oldest invoice first; a credit note takes back what was charged last. What
//! no invoice needs is the account's credit, and pays the next one.

mod document;
pub mod pages;

use jiff::tz::TimeZone;

use crate::{
    accounts,
    billing::{
        EntryKind, InvoiceKind, Line, Shop, mail,
        store::{self, Details, InvoiceRow},
    },
    clock::Time,
    db::Tx,
    error::Result,
    id::AccountId,
    jobs::enqueue,
    money::Money,
    plans::{State, Subscription},
    sign_in,
    web::Site,
};

/// What is to be issued.
pub(super) struct Draft {
    pub(super) kind: InvoiceKind,
    pub(super) lines: Vec<Line>,
    pub(super) due_at: Time,
}

/// To whom the account's invoices go: as it said, or to its owner.
pub(super) async fn details(tx: &Tx, account: AccountId) -> Result<Details> {
    if let Some(given) = store::details(tx, account).await? {
        return Ok(given);
    }
    let owner = sign_in::user(tx, store::owner(tx, account).await?).await?;
    let name = accounts::account_name(tx, account).await?;
    Ok(Details { name, email: owner.email, ..Details::default() })
}

impl Details {
    /// As it stands on an invoice, a line each.
    fn on_invoice(&self) -> String {
        let tax = if self.tax_id.is_empty() { String::new() } else { format!("Tax number {}", self.tax_id) };
        let parts = [self.name.as_str(), self.address.as_str(), tax.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// Issues an invoice or a credit note, enters it in the ledger, and mails it. Who pays by card hears of
/// the payment instead.
///
/// # Errors
/// The database fails.
pub(super) async fn issue(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    has: &Subscription,
    draft: Draft,
) -> Result<InvoiceRow> {
    let year = tx.now().timestamp().to_zoned(TimeZone::UTC).year();
    let details = details(tx, has.account).await?;
    let total: i64 = draft.lines.iter().map(|line| line.amount).sum();
    let credit = store::credit(tx, has.account).await?;
    let row = InvoiceRow {
        account: has.account,
        id: tx.id(),
        number: format!("{year}-{:05}", store::next_number(tx).await?),
        kind: draft.kind,
        bill_to: details.on_invoice(),
        currency: has.currency,
        total,
        open: (total - credit).max(0),
        issued_at: tx.now(),
        due_at: draft.due_at,
        settled_at: (draft.kind == InvoiceKind::CreditNote).then_some(tx.now()),
    };
    store::insert_invoice(tx, &row, &draft.lines).await?;
    let kind = match draft.kind {
        InvoiceKind::Invoice => EntryKind::Invoice,
        InvoiceKind::CreditNote => EntryKind::CreditNote,
    };
    store::enter(tx, has.account, kind, row.money(), &row.id.to_string(), &row.number).await?;
    if draft.kind == InvoiceKind::CreditNote {
        allocate(tx, has.account, -total, Order::NewestFirst).await?;
    }
    enqueue(tx, &mail::issued(&row, &details.email, shop, &site.page(&format!("/invoices/{}", row.id))))
        .await?;
    Ok(row)
}

/// Which invoices an amount goes to first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// A payment: whoever pays, pays their oldest debt.
    OldestFirst,
    /// A credit note: it takes back what was charged last, so an old debt keeps its age.
    NewestFirst,
}

/// Takes an amount off what is open. What is left over is the account's credit.
async fn allocate(tx: &Tx, account: AccountId, amount: i64, order: Order) -> Result<()> {
    let mut open = store::open_invoices(tx, account).await?;
    if order == Order::OldestFirst {
        open.reverse();
    }
    let mut rest = amount;
    for invoice in open {
        let part = rest.min(invoice.open);
        if part > 0 {
            store::take_off(tx, account, invoice.id, part).await?;
            rest -= part;
        }
    }
    Ok(())
}

/// Enters money that moved: above zero towards us, below zero back.
///
/// # Errors
/// The database fails.
pub(super) async fn enter(tx: &Tx, account: AccountId, paid: Money, object: &str, note: &str) -> Result<()> {
    let kind = if paid.amount > 0 { EntryKind::Payment } else { EntryKind::Refund };
    store::enter(tx, account, kind, Money::new(-paid.amount, paid.currency), object, note).await?;
    allocate(tx, account, paid.amount, Order::OldestFirst).await
}

/// Marks the invoices that are paid by now, and brings up to date since when money is owed.
///
/// # Errors
/// The database fails.
pub(super) async fn settle(tx: &Tx, shop: &Shop, has: &mut Subscription) -> Result<()> {
    let mut oldest = None;
    for invoice in store::open_invoices(tx, has.account).await? {
        if invoice.open > 0 {
            oldest = Some(invoice.due_at);
        } else {
            store::mark_settled(tx, has.account, invoice.id).await?;
        }
    }
    match has.state {
        State::Trial => {}
        State::Active => {
            has.due_at = oldest;
            has.read_only_from = oldest.map(|due| due.plus(shop.grace));
        }
        State::Ended => {
            has.due_at = oldest;
            has.read_only_from = has.ended_at;
        }
    }
    Ok(())
}
