//! Issuing documents, and which invoices the money goes to.

use jiff::tz::TimeZone;

use crate::{
    details,
    invoices::{
        InvoiceKind, Line, mail,
        store::{self, InvoiceRow},
    },
    ledger::{self, EntryKind},
    paths, periods,
    shop::Shop,
};
use kernel::{clock::Time, error::Result, id::AccountId, links::Site, money::Money};
use people::plans::{Standing, State, Subscription};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// What is to be issued.
pub(crate) struct Draft {
    pub(crate) kind: InvoiceKind,
    pub(crate) lines: Vec<Line>,
    pub(crate) due_at: Time,
}

/// Issues an invoice or a credit note, enters it in the ledger, and mails it.
pub(crate) async fn issue(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    has: &Subscription,
    draft: Draft,
) -> Result<InvoiceRow> {
    let year = tx.now().timestamp().to_zoned(TimeZone::UTC).year();
    let details = details::of(tx, has.account).await?;
    let total: i64 = draft.lines.iter().map(|line| line.amount).sum();
    let credit = ledger::credit(tx, has.account).await?;
    let canceled = match draft.kind {
        InvoiceKind::Invoice => 0,
        InvoiceKind::CreditNote => allocate(tx, has.account, -total, Order::NewestFirst).await?,
    };
    let row = InvoiceRow {
        account: has.account,
        id: tx.id(),
        number: format!("{year}-{:05}", store::next_number(tx).await?),
        kind: draft.kind,
        bill_to: details.on_invoice(),
        currency: has.currency,
        total,
        open: (total - credit).max(0),
        canceled,
        issued_at: tx.now(),
        due_at: draft.due_at,
        settled_at: (draft.kind == InvoiceKind::CreditNote).then_some(tx.now()),
    };
    store::insert(tx, &row, &draft.lines).await?;
    let kind = match draft.kind {
        InvoiceKind::Invoice => EntryKind::Invoice,
        InvoiceKind::CreditNote => EntryKind::CreditNote,
    };
    ledger::enter(tx, has.account, kind, row.money(), &row.id.to_string(), &row.number).await?;
    let detail = serde_json::json!({ "name": row.number, "total": row.money() });
    audit::record(tx, Event::unattended(has.account, Action::InvoiceIssued, row.id).with(detail)).await?;
    enqueue(tx, &mail::issued(&row, &details.email, shop, &site.page(&paths::invoice(row.id)))).await?;
    Ok(row)
}

/// Which invoices an amount goes to first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// A payment: it pays the oldest debt first.
    OldestFirst,
    /// A credit note: it takes back what was charged last, so an old debt keeps its age.
    NewestFirst,
}

/// Takes an amount off what is open, and says how much that was. What is left over is the account's credit.
async fn allocate(tx: &Tx, account: AccountId, amount: i64, order: Order) -> Result<i64> {
    let mut open = store::open(tx, account).await?;
    if order == Order::OldestFirst {
        open.reverse();
    }
    let mut rest = amount;
    for invoice in open {
        let part = rest.min(invoice.open);
        if part > 0 {
            let canceled = if order == Order::NewestFirst { part } else { 0 };
            store::take_off(tx, account, invoice.id, part, canceled).await?;
            rest -= part;
        }
    }
    Ok(amount - rest)
}

/// Enters money that moved: above zero toward us, below zero back.
pub(crate) async fn enter_payment(
    tx: &Tx,
    account: AccountId,
    paid: Money,
    object: &str,
    note: &str,
) -> Result<()> {
    let kind = if paid.amount > 0 { EntryKind::Payment } else { EntryKind::Refund };
    ledger::enter(tx, account, kind, paid.opposite(), object, note).await?;
    allocate(tx, account, paid.amount, Order::OldestFirst).await?;
    Ok(())
}

/// Marks the invoices that are paid by now, and brings up to date since when money is owed.
pub(crate) async fn settle(tx: &Tx, shop: &Shop, has: &mut Subscription) -> Result<()> {
    let missed = has.standing(tx.now()) == Standing::ReadOnly && has.period_end <= tx.now();
    let mut oldest = None;
    for invoice in store::open(tx, has.account).await? {
        if invoice.open > 0 {
            oldest = Some(invoice.due_at);
        } else {
            store::mark_settled(tx, has.account, invoice.id).await?;
        }
    }
    match has.state {
        State::Trial | State::Unbilled => {}
        State::Active => {
            has.due_at = oldest;
            has.read_only_from = oldest.map(|due| due.plus(shop.grace));
            if missed && has.standing(tx.now()) != Standing::ReadOnly {
                periods::resume(has, tx.now());
            }
        }
        State::Ended => {
            has.due_at = oldest;
            has.read_only_from = has.ended_at;
        }
    }
    Ok(())
}
