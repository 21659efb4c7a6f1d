//! The forms of an invoice's page that pay it.

use axum::response::Response;

use crate::{charges::actions, invoices, paths, shop::Shop};
use access::InvoiceAdmin;
use kernel::{
    error::{Error, Result},
    id::InvoiceId,
    money::Money,
};
use web::{
    Form, May,
    cookies::Flash,
    entry::Entry,
    page::{go_with, settle},
};

pub(crate) async fn report(may: May<InvoiceAdmin>, form: Form) -> Result<Response> {
    let invoice: InvoiceId = may.id("invoice")?;
    let shop = Shop::of(&may.app().config);
    let (amount, note) = (form.get("amount").to_owned(), form.get("note").to_owned());
    let recorded = may.write(async move |tx, by| {
        let currency = invoices::show(tx, by).await?.row.currency;
        let amount = Money::read(&amount, currency)
            .ok_or_else(|| Error::field("amount", "Enter an amount, such as 1,234.50."))?;
        actions::report_payment(tx, by, &shop, Some(amount.amount), &note).await?;
        Ok(amount)
    });
    match recorded.await {
        Ok(amount) => go_with(
            &may,
            &paths::invoice(invoice),
            &Flash::done(format!(
                "You reported a payment of {amount}. The invoice counts as paid when the \
                                  payment is confirmed."
            )),
        ),
        Err(error) => invoices::invoice_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

pub(crate) async fn charge(may: May<InvoiceAdmin>) -> Result<Response> {
    let invoice: InvoiceId = may.id("invoice")?;
    let shop = Shop::of(&may.app().config);
    let asked = may.write(async move |tx, by| actions::pay_now(tx, by, &shop).await).await;
    settle(&may, &paths::invoice(invoice), asked, |()| {
        Flash::done("Your card is being charged. Reload this page in a moment.")
    })
}
