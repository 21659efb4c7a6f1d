//! The email that a document was issued.

use crate::{
    invoices::{InvoiceKind, InvoiceRow},
    mail::letter,
    periods::day,
    shop::Shop,
};
use platform::jobs::Letter;

/// An invoice or a credit note was issued.
pub(super) fn issued(row: &InvoiceRow, to: &str, shop: &Shop, link: &str) -> Letter {
    let (number, money) = (&row.number, row.money());
    let (subject, text, word) = match row.kind {
        InvoiceKind::CreditNote => (
            format!("Credit note {number}: {}", money.opposite()),
            row.given_back().sentence(),
            "Credit note",
        ),
        InvoiceKind::Invoice if shop.by_card => {
            (format!("Invoice {number}: {money}"), "We'll charge it to your card.".to_owned(), "Invoice")
        }
        InvoiceKind::Invoice => (
            format!("Invoice {number}: {money}"),
            format!("Please pay it by {}.", day(row.due_at)),
            "Invoice",
        ),
    };
    let lines = format!("{word} {number} for {money} is ready.");
    Letter {
        button: Some((format!("View {}", word.to_lowercase()), link.to_owned())),
        ..letter(row.account, to, subject, vec![lines, text])
    }
}
