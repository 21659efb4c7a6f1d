//! The page of an invoice, and its document.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    invoices::{InvoiceKind, Shown, actions, document, store},
    paths,
    periods::day,
};
use access::InvoiceAdmin;
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, InvoiceId},
    money::Money,
};
use web::{
    App, May,
    entry::Entry,
    page::{self, Frame, Here, crumb},
};

/// The document of an invoice, to be shown in the browser.
///
/// # Errors
/// It can't be written.
pub(super) fn pdf(shown: &Shown, app: &App, now: Time) -> Result<Response> {
    let mut response = document::document(shown, &app.config.seller, now).write(&app.fonts)?.into_response();
    let named = format!("inline; filename=\"{}\"", document::file_name(shown));
    let named = HeaderValue::from_str(&named).map_err(Error::internal)?;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, named);
    Ok(response)
}

/// The badge of an invoice: its kind and its word.
pub(crate) fn badge(state: &str) -> (&'static str, &'static str) {
    match state {
        "paid" => ("accepted", "Paid"),
        "overdue" => ("failed", "Overdue"),
        "credit" => ("blue", "Credit note"),
        "canceled" => ("closed", "Canceled"),
        _ => ("pending", "Open"),
    }
}

#[derive(Template)]
#[template(path = "invoices/templates/invoice.html")]
struct InvoicePage {
    frame: Frame,
    account: AccountId,
    invoice: InvoiceId,
    title: String,
    badge: (&'static str, &'static str),
    shown: Shown,
    seller: String,
    note: String,
    /// What is open of it; nothing where it is paid.
    open: Option<Money>,
    by_card: bool,
    /// The sums that the account says it paid, and that nobody has confirmed yet.
    reported: String,
    entry: Entry,
}

impl InvoicePage {
    /// A day as the email and the document tell it.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass by reference")]
    fn day(at: &Time) -> String {
        day(*at)
    }
}

async fn load(may: &May<InvoiceAdmin>) -> Result<(Frame, Shown, Vec<Money>, Time)> {
    may.read(async |tx, by| {
        let shown = actions::show(tx, by).await?;
        let reported = store::reported(tx, by.account()).await?;
        Ok((may.frame(tx, by.user(), Here::Account(by.account())).await?, shown, reported, tx.now()))
    })
    .await
}

/// The page of an invoice; with what was entered on it, where that was refused.
pub(crate) async fn invoice_page(may: &May<InvoiceAdmin>, entry: Option<Entry>) -> Result<Response> {
    let (frame, shown, reported, now) = load(may).await?;
    let account = shown.row.account;
    let open = Some(Money::new(shown.open, shown.row.currency)).filter(|open| open.amount > 0);
    let status = entry.as_ref().map_or(StatusCode::OK, Entry::status);
    let figure = open.map(Money::figure).unwrap_or_default();
    let between = [crumb("Subscription details", paths::subscription(account))];
    let title = document::title(&shown);
    let page = InvoicePage {
        frame: frame.page(may, "dashboard", between, title.as_str()),
        account,
        invoice: shown.row.id,
        title,
        badge: badge(shown.row.state(now)),
        seller: may.app().config.seller.clone(),
        note: document::note(&shown, now),
        open,
        by_card: may.app().payments.by_card(),
        reported: reported.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        entry: entry.unwrap_or_else(|| Entry::of(&[("amount", &figure)])),
        shown,
    };
    page::show(may, status, &page)
}

pub(crate) async fn show(may: May<InvoiceAdmin>) -> Result<Response> {
    if may.text("format").is_err() {
        return invoice_page(&may, None).await;
    }
    let (_, shown, _, now) = load(&may).await?;
    pdf(&shown, may.app(), now)
}
