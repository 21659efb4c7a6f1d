//! The statements of invoices and credit notes.

use crate::invoices::{GivenBack, InvoiceKind, Line};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, InvoiceId},
    money::{Currency, Money},
};
use storage::{
    Param, Tx,
    list::{Key, Listing, Statements},
    orders, row, sorted, sql,
};

row! {
    /// An invoice or a credit note.
    #[derive(Clone, Debug)]
    pub struct InvoiceRow {
        /// Whose.
        pub account: AccountId = "account_id",
        /// Its id.
        pub id: InvoiceId,
        /// Its number: they run without gaps.
        pub number: String,
        /// What it is.
        pub kind: InvoiceKind,
        /// To whom, as it was then.
        pub bill_to: String,
        /// In which currency.
        pub currency: Currency,
        /// The sum of its lines; below zero on a credit note.
        pub total: i64,
        /// What is still to be paid of it.
        pub open: i64 = "amount_due",
        /// How much of it credit notes canceled before it was paid; of a credit note, how much it canceled so.
        pub canceled: i64,
        /// When it was issued.
        pub issued_at: Time,
        /// When it is to be paid.
        pub due_at: Time,
        /// When it was paid, by whatever means.
        pub settled_at: Option<Time>,
    }
}

impl InvoiceRow {
    /// Its total.
    pub fn money(&self) -> Money {
        Money::new(self.total, self.currency)
    }

    /// What a credit note gives back: what it canceled, and what it credits.
    pub fn given_back(&self) -> GivenBack {
        let money = |amount| Money::new(amount, self.currency);
        GivenBack { canceled: money(self.canceled), credited: money(-self.total - self.canceled) }
    }

    /// What it is, and whether it is paid, at a moment.
    pub fn state(&self, now: Time) -> &'static str {
        match (self.kind, self.settled_at) {
            (InvoiceKind::CreditNote, _) => "credit",
            (_, Some(_)) if self.canceled == self.total && self.total > 0 => "canceled",
            (_, Some(_)) => "paid",
            _ if self.due_at <= now => "overdue",
            _ => "open",
        }
    }
}

row! {
    /// A line of an invoice.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = InvoiceLine)]
    pub struct LineRow {
        /// What for.
        pub text: String,
        /// How it comes about.
        pub sum: String = "calculation",
        /// How much, in minor units.
        pub amount: i64,
    }
}

/// The next number of a run without gaps, from 1.
pub(super) async fn next_number(tx: &Tx) -> Result<i64> {
    tx.value(
        sql!(
            "INSERT INTO counters (name, value) VALUES ('invoices', 1)
             ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
        ),
        &[],
    )
    .await
}

pub(super) async fn insert(tx: &Tx, new: &InvoiceRow, lines: &[Line]) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO invoices (account_id, id, number, kind, bill_to, currency, total, amount_due, canceled, issued_at,
                                   due_at, settled_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        &[
            &new.account,
            &new.id,
            &new.number,
            &new.kind,
            &new.bill_to,
            &new.currency,
            &new.total,
            &new.open,
            &new.canceled,
            &new.issued_at,
            &new.due_at,
            &new.settled_at,
        ],
    )
    .await?;
    for (position, line) in (1_i64..).zip(lines) {
        tx.exec(
            sql!(
                "INSERT INTO invoice_lines (account_id, invoice_id, position, text, calculation, amount)
                 VALUES ($1, $2, $3, $4, $5, $6)"
            ),
            &[&new.account, &new.id, &position, &line.text, &line.sum, &line.amount],
        )
        .await?;
    }
    Ok(())
}

pub(crate) async fn invoice(tx: &Tx, account: AccountId, id: InvoiceId) -> Result<InvoiceRow> {
    tx.one(sql!("SELECT {} FROM invoices WHERE account_id = $1 AND id = $2", InvoiceRow), &[&account, &id])
        .await
}

/// The invoice of a number, on the whole server: for the operator.
pub(crate) async fn by_number(tx: &Tx, number: &str) -> Result<Option<InvoiceRow>> {
    tx.maybe(sql!("SELECT {} FROM invoices WHERE number = $1", InvoiceRow), &[&number]).await
}

pub(super) async fn lines(tx: &Tx, account: AccountId, id: InvoiceId) -> Result<Vec<LineRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM invoice_lines WHERE account_id = $1 AND invoice_id = $2 ORDER BY position",
            LineRow
        ),
        &[&account, &id],
    )
    .await
}

orders! {
    /// The invoices and credit notes of an account.
    pub Invoices of Invoice: "-created_at" ["created_at" Created, "due_at" Moment];
}

impl InvoiceRow {
    /// Where it is in a list of invoices that is sorted so.
    pub fn place(&self, by: &str) -> (Key, InvoiceId) {
        let key = if by == "due_at" { self.due_at.into() } else { Key::Created };
        (key, self.id)
    }
}

macro_rules! listed {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM invoices WHERE account_id = $4 AND id > $3 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $5"
            ),
            InvoiceRow
        )
    };
}

const LISTED: Statements = sorted!(listed; "id"; Created, Moment "due_at");

/// A page of an account's invoices and credit notes.
pub(crate) async fn list(
    tx: &Tx,
    account: AccountId,
    listing: &Listing<Invoices>,
    limit: i64,
) -> Result<Vec<InvoiceRow>> {
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &limit]);
    tx.all(listing.statement(LISTED)?, &params).await
}

/// What an account was issued between two moments, oldest first.
pub(super) async fn between(tx: &Tx, account: AccountId, from: Time, until: Time) -> Result<Vec<InvoiceRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM invoices WHERE account_id = $1 AND issued_at >= $2 AND issued_at < $3 ORDER BY id",
            InvoiceRow
        ),
        &[&account, &from, &until],
    )
    .await
}

/// When an account was first and last issued something, if it ever was.
pub(super) async fn first_and_last(tx: &Tx, account: AccountId) -> Result<Option<(Time, Time)>> {
    let found = tx
        .one::<(Option<Time>, Option<Time>)>(
            sql!("SELECT min(issued_at), max(issued_at) FROM invoices WHERE account_id = $1"),
            &[&account],
        )
        .await?;
    Ok(found.0.zip(found.1))
}

/// The invoices that are not settled, newest first.
pub(crate) async fn open(tx: &Tx, account: AccountId) -> Result<Vec<InvoiceRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM invoices WHERE account_id = $1 AND settled_at IS NULL AND kind = 'invoice' ORDER BY id DESC",
            InvoiceRow
        ),
        &[&account],
    )
    .await
}

/// Takes off what is still to be paid of an invoice, and notes how much of that was canceled and not paid.
pub(super) async fn take_off(
    tx: &Tx,
    account: AccountId,
    id: InvoiceId,
    amount: i64,
    canceled: i64,
) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE invoices SET amount_due = amount_due - $3, canceled = canceled + $4
             WHERE account_id = $1 AND id = $2"
        ),
        &[&account, &id, &amount, &canceled],
    )
    .await?;
    Ok(())
}

pub(super) async fn mark_settled(tx: &Tx, account: AccountId, id: InvoiceId) -> Result<()> {
    tx.exec(
        sql!("UPDATE invoices SET settled_at = $3 WHERE account_id = $1 AND id = $2 AND settled_at IS NULL"),
        &[&account, &id, &tx.now()],
    )
    .await?;
    Ok(())
}

/// What an account says it paid, and nobody has confirmed yet.
pub(super) async fn reported(tx: &Tx, account: AccountId) -> Result<Vec<Money>> {
    let found = tx
        .all::<(i64, Currency)>(
            sql!(
                "SELECT amount, currency FROM payments WHERE account_id = $1 AND state = 'reported' ORDER BY id"
            ),
            &[&account],
        )
        .await?;
    Ok(found.into_iter().map(|(amount, currency)| Money::new(amount, currency)).collect())
}
