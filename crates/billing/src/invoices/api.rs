//! Invoices, in JSON.

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    invoices::{InvoiceKind, InvoiceRow, LineRow, Shown, actions, pages, store},
    ledger::PageQuery,
};
use access::{AccountAdmin, InvoiceAdmin};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, InvoiceId},
    money::Money,
};
use web::{Json, May, Page, Query, answer::cursor_id};

/// An invoice or a credit note.
#[derive(Serialize, ToSchema)]
pub struct Invoice {
    id: InvoiceId,
    account: AccountId,
    number: String,
    kind: InvoiceKind,
    /// `open`, `overdue`, `paid`, `canceled` (before it was paid), or `credit`.
    state: String,
    total: Money,
    /// How much of it was canceled before it was paid; of a credit note, how much it canceled so. The rest of a credit
    /// note is credited.
    canceled: Money,
    issued_at: Time,
    due_at: Time,
    settled_at: Option<Time>,
}

impl Invoice {
    fn of(row: &InvoiceRow, now: Time) -> Self {
        Self {
            id: row.id,
            account: row.account,
            number: row.number.clone(),
            kind: row.kind,
            state: row.state(now).to_owned(),
            total: row.money(),
            canceled: Money::new(row.canceled, row.currency),
            issued_at: row.issued_at,
            due_at: row.due_at,
            settled_at: row.settled_at,
        }
    }
}

/// An invoice with its lines.
#[derive(Serialize, ToSchema)]
pub struct WholeInvoice {
    #[serde(flatten)]
    invoice: Invoice,
    bill_to: String,
    lines: Vec<LineRow>,
    /// What is still to be paid of it.
    open: Money,
}

pub(crate) async fn index(
    may: May<AccountAdmin>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Invoice>>> {
    let (before, limit) = (cursor_id(query.cursor.as_deref())?, query.limit.0);
    may.read(async |tx, by| {
        let rows = store::list(tx, by.account(), before, limit + 1).await?;
        let now = tx.now();
        Ok(Json(Page::cut(rows, limit, |row| row.id.to_string()).map(|row| Invoice::of(&row, now))))
    })
    .await
}

pub(crate) async fn show(may: May<InvoiceAdmin>) -> Result<Response> {
    let seller = may.app().config.seller.clone();
    let (shown, now) = may.read(async |tx, by| Ok((actions::show(tx, by).await?, tx.now()))).await?;
    if may.text("format").is_ok() {
        return pages::pdf(&shown, &seller, now);
    }
    let Shown { row, lines, open, .. } = shown;
    let invoice = Invoice::of(&row, now);
    let open = Money::new(open, row.currency);
    Ok(Json(WholeInvoice { invoice, bill_to: row.bill_to, lines, open }).into_response())
}
