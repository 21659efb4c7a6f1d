//! Pages of invoices: the invoice, its document, and recording what was paid.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    access::InvoiceAdmin,
    accounts::{Here, frame},
    billing::{
        InvoiceKind, Shop,
        books::{self, Shown},
        invoice::document,
        mail::day,
        pages::invoice_badge,
    },
    clock::Time,
    error::{Error, Result},
    id::{AccountId, InvoiceId},
    money::Money,
    web::{
        Form, May,
        cookies::Flash,
        entry::Entry,
        page::{self, Frame, crumb, go_with, settle},
    },
};

/// The document of an invoice, to be shown in the browser.
///
/// # Errors
/// It can't be written.
pub(in crate::billing) fn pdf(shown: &Shown, seller: &str, now: Time) -> Result<Response> {
    let mut response = document::document(shown, seller, now).write()?.into_response();
    let named = format!("inline; filename=\"{}\"", document::file_name(shown));
    let named = HeaderValue::from_str(&named).map_err(Error::internal)?;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, named);
    Ok(response)
}

#[derive(Template)]
#[template(path = "billing/templates/invoice.html")]
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
    entry: Entry,
}

impl InvoicePage {
    /// A day as the letter and the document tell it.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass by reference")]
    fn day(at: &Time) -> String {
        day(*at)
    }
}

async fn load(may: &May<InvoiceAdmin>) -> Result<(Frame, Shown, Time)> {
    may.read(async |tx, by| {
        let shown = books::show_invoice(tx, by).await?;
        Ok((frame(tx, by.id(), Here::Account(by.account())).await?, shown, tx.now()))
    })
    .await
}

async fn invoice_page(may: &May<InvoiceAdmin>, entry: Option<Entry>) -> Result<Response> {
    let (frame, shown, now) = load(may).await?;
    let account = shown.row.account;
    let open = Some(Money::new(shown.open, shown.row.currency)).filter(|open| open.amount > 0);
    let status = entry.as_ref().map_or(StatusCode::OK, Entry::status);
    let figure = open.map(Money::figure).unwrap_or_default();
    let between = [crumb("Subscription details", format!("/a/{account}/subscription"))];
    let title = document::title(&shown);
    let page = InvoicePage {
        frame: frame.page(may, "dashboard", between, title.as_str()),
        account,
        invoice: shown.row.id,
        title,
        badge: invoice_badge(shown.row.state(now)),
        seller: may.app().config.seller.clone(),
        note: document::note(&shown, now),
        open,
        by_card: may.app().payments.by_card(),
        entry: entry.unwrap_or_else(|| Entry::of(&[("amount", &figure)])),
        shown,
    };
    page::show(may, status, &page)
}

pub(crate) async fn show(may: May<InvoiceAdmin>) -> Result<Response> {
    if may.text("format").is_err() {
        return invoice_page(&may, None).await;
    }
    let (_, shown, now) = load(&may).await?;
    pdf(&shown, &may.app().config.seller, now)
}

fn invoice_path(invoice: InvoiceId) -> String {
    format!("/invoices/{invoice}")
}

pub(crate) async fn record(may: May<InvoiceAdmin>, form: Form) -> Result<Response> {
    let invoice: InvoiceId = may.id("invoice")?;
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    let (amount, note) = (form.get("amount").to_owned(), form.get("note").to_owned());
    let recorded = may.write(async move |tx, by| {
        let currency = books::show_invoice(tx, by).await?.row.currency;
        let amount = Money::read(&amount, currency)
            .ok_or_else(|| Error::field("amount", "Please give an amount such as 1,234.50."))?;
        books::record_payment(tx, by, &shop, &site, Some(amount.amount), &note).await?;
        Ok(amount)
    });
    match recorded.await {
        Ok(amount) => {
            go_with(&may, &invoice_path(invoice), &Flash::done(format!("{amount} was recorded as paid.")))
        }
        Err(error) => invoice_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

pub(crate) async fn charge(may: May<InvoiceAdmin>) -> Result<Response> {
    let invoice: InvoiceId = may.id("invoice")?;
    let shop = Shop::of(&may.app().config);
    let asked = may.write(async move |tx, by| books::pay_now(tx, by, &shop).await).await;
    settle(&may, &invoice_path(invoice), asked, |()| {
        Flash::done("The card is being charged. Look at this page again in a moment.")
    })
}
