//! The emails about payments.

use crate::mail::letter;
use kernel::{id::AccountId, money::Money};
use platform::jobs::Letter;

/// A payment came in.
pub(super) fn paid(account: AccountId, to: &str, money: Money, link: &str) -> Letter {
    Letter {
        button: Some(("Look at your invoices".to_owned(), link.to_owned())),
        ..letter(
            account,
            to,
            format!("Thank you: {money} paid"),
            vec![format!("We have received your payment of {money}. Nothing else is to be done.")],
        )
    }
}

/// A card was refused at a renewal.
pub(super) fn declined(account: AccountId, to: &str, money: Money, why: &str, link: &str) -> Letter {
    Letter {
        button: Some(("Look at your subscription".to_owned(), link.to_owned())),
        ..letter(
            account,
            to,
            format!("Your card could not be charged {money}"),
            vec![
                format!("The card company said: {why}"),
                "We try again in a few days. Everything keeps working meanwhile; you can also enter another card."
                    .to_owned(),
            ],
        )
    }
}

/// A refund was paid out.
pub(super) fn refunded(account: AccountId, to: &str, money: Money, note: &str, link: &str) -> Letter {
    let reference = if note.is_empty() { String::new() } else { format!(" Reference: {note}.") };
    Letter {
        button: Some(("Look at your refunds".to_owned(), format!("{link}#refunds"))),
        ..letter(
            account,
            to,
            format!("Your refund of {money} was paid out"),
            vec![format!("{money} was transferred to you.{reference} It can take some days to arrive.")],
        )
    }
}
