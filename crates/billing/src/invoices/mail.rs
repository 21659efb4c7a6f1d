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
            "credit note",
        ),
        InvoiceKind::Invoice if shop.by_card => (
            format!("Invoice {number}: {money}"),
            "It is charged to the card that you gave.".to_owned(),
            "invoice",
        ),
        InvoiceKind::Invoice => (
            format!("Invoice {number}: {money}"),
            format!("It is to be paid by {}.", day(row.due_at)),
            "invoice",
        ),
    };
    let lines = format!("Here is {word} {number} over {money}.");
    Letter {
        button: Some((format!("Look at the {word}"), link.to_owned())),
        ..letter(row.account, to, subject, vec![lines, text])
    }
}
