//! The emails about payments.

use crate::mail::letter;
use kernel::{id::AccountId, money::Money};
use platform::jobs::Letter;

/// A payment came in.
pub(super) fn paid(account: AccountId, to: &str, money: Money, link: &str) -> Letter {
    Letter {
        button: Some(("View invoices".to_owned(), link.to_owned())),
        ..letter(
            account,
            to,
            format!("Payment received: {money}"),
            vec![format!("We received your payment of {money}. Thank you.")],
        )
    }
}

/// A card was refused at a renewal.
pub(super) fn declined(account: AccountId, to: &str, money: Money, why: &str, link: &str) -> Letter {
    Letter {
        button: Some(("View subscription".to_owned(), link.to_owned())),
        ..letter(
            account,
            to,
            format!("We couldn't charge your card {money}"),
            vec![
                format!("The card company's answer: {why}"),
                "We'll try again in a few days. Everything keeps working until then. You can also enter \
                 another card."
                    .to_owned(),
            ],
        )
    }
}

/// A refund was paid out.
pub(super) fn refunded(account: AccountId, to: &str, money: Money, note: &str, link: &str) -> Letter {
    let reference = if note.is_empty() { String::new() } else { format!(" Reference: {note}.") };
    Letter {
        button: Some(("View refunds".to_owned(), format!("{link}#refunds"))),
        ..letter(
            account,
            to,
            format!("Your refund of {money} was paid out"),
            vec![format!("We transferred {money} to you.{reference} It can take a few days to arrive.")],
        )
    }
}
