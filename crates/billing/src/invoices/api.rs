//! Invoices, in JSON.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::invoices::{InvoiceKind, InvoiceRow, Invoices, LineRow, Shown, actions, pages, store, year};
use access::{AccountAdmin, InvoiceAdmin};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, InvoiceId},
    money::Money,
};
use web::{Csv, Json, JsonLines, Lists, May, OrPdf, Page, PdfFile, Query, csv};

/// An invoice or a credit note.
#[derive(Serialize, ToSchema)]
#[schema(as = InvoiceSummary)]
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
#[schema(as = Invoice)]
pub struct WholeInvoice {
    #[serde(flatten)]
    invoice: Invoice,
    bill_to: String,
    lines: Vec<LineRow>,
    /// What is still to be paid of it.
    open: Money,
}

impl WholeInvoice {
    fn of(shown: Shown, now: Time) -> Self {
        let Shown { row, lines, open, .. } = shown;
        let invoice = Invoice::of(&row, now);
        Self { invoice, bill_to: row.bill_to, lines, open: Money::new(open, row.currency) }
    }
}

pub(crate) async fn index(
    may: May<AccountAdmin>,
    Lists { listing, limit, .. }: Lists<Invoices>,
) -> Result<Json<Page<Invoice>>> {
    may.read(async |tx, by| {
        let rows = store::list(tx, by.account(), &listing, limit + 1).await?;
        let now = tx.now();
        Ok(Json(Page::sorted(rows, limit, &listing, InvoiceRow::place).map(|row| Invoice::of(&row, now))))
    })
    .await
}

pub(crate) async fn show(may: May<InvoiceAdmin>) -> Result<OrPdf<Json<WholeInvoice>>> {
    let (shown, now) = may.read(async |tx, by| Ok((actions::show(tx, by).await?, tx.now()))).await?;
    if may.text("format").is_ok() {
        return pages::pdf(&shown, may.app(), now).map(|file| OrPdf::Pdf(PdfFile(file)));
    }
    Ok(OrPdf::Object(Json(WholeInvoice::of(shown, now))))
}

/// Which year's invoices.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct YearQuery {
    /// The year of their dates, in UTC. The current year if absent.
    year: Option<i16>,
}

fn file(year: i16, kind: &str, media: &'static str, body: impl IntoResponse) -> Result<Response> {
    let mut response = body.into_response();
    let named = format!("attachment; filename=\"invoices-{year}.{kind}\"");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&named).map_err(Error::internal)?);
    Ok(response)
}

pub(crate) async fn year_csv(may: May<AccountAdmin>, Query(query): Query<YearQuery>) -> Result<Csv> {
    let year = may.read(async |tx, by| year::load(tx, by, query.year).await).await?;
    file(year.year, "csv", "text/csv; charset=utf-8", year.csv()).map(Csv)
}

/// A year's invoices as JSON lines, each as a call for one of them answers.
pub(crate) async fn year_lines(
    may: May<AccountAdmin>,
    Query(query): Query<YearQuery>,
) -> Result<JsonLines<WholeInvoice>> {
    let (year, now) = may.read(async |tx, by| Ok((year::load(tx, by, query.year).await?, tx.now()))).await?;
    let name = format!("invoices-{}.jsonl", year.year);
    let lines = year.documents.into_iter().map(|shown| WholeInvoice::of(shown, now)).collect();
    Ok(csv::lines(&name, futures_util::stream::iter([Ok(lines)])))
}

pub(crate) async fn year_pdf(may: May<AccountAdmin>, Query(query): Query<YearQuery>) -> Result<PdfFile> {
    let year = may.read(async |tx, by| year::load(tx, by, query.year).await).await?;
    file(
        year.year,
        "pdf",
        "application/pdf",
        year.document(&may.app().config.seller).write(&may.app().fonts)?,
    )
    .map(PdfFile)
}
