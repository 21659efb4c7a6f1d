//! Where the pages of this wing are.

use kernel::id::{AccountId, InvoiceId, QuoteId};

pub(crate) fn subscription(account: AccountId) -> String {
    format!("/a/{account}/subscription")
}

pub(crate) fn licenses(account: AccountId) -> String {
    format!("/a/{account}/licenses")
}

pub(crate) fn quote(account: AccountId, quote: QuoteId) -> String {
    format!("/a/{account}/quotes/{quote}")
}

pub(crate) fn invoice(invoice: InvoiceId) -> String {
    format!("/invoices/{invoice}")
}

pub(crate) fn details(account: AccountId) -> String {
    format!("/a/{account}/billing")
}

pub(crate) fn practice(account: AccountId) -> String {
    format!("/a/{account}/practice")
}

pub(crate) fn card(account: AccountId) -> String {
    format!("/a/{account}/payment-method")
}
