//! The letters about money.

use jiff::tz::TimeZone;

use crate::{
    billing::{InvoiceKind, InvoiceRow, Shop},
    clock::Time,
    id::AccountId,
    jobs::Letter,
    money::Money,
};

/// A date as letters say it.
pub(super) fn day(at: Time) -> String {
    at.timestamp().to_zoned(TimeZone::UTC).strftime("%-d %B %Y").to_string()
}

fn letter(account: AccountId, to: &str, subject: String, paragraphs: Vec<String>) -> Letter {
    Letter { account: Some(account), to: to.to_owned(), subject, paragraphs, button: None, small: Vec::new() }
}

/// An invoice or a credit note was issued.
pub(super) fn issued(row: &InvoiceRow, to: &str, shop: &Shop, link: &str) -> Letter {
    let (number, money) = (&row.number, row.money());
    let (subject, text, word) = match row.kind {
        InvoiceKind::CreditNote => (
            format!("Credit note {number}: {}", Money::new(-row.total, row.currency)),
            "What you had paid for and don't use any more is credited to you.".to_owned(),
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

/// Money is owed: what happens when.
pub(super) fn overdue(account: AccountId, to: &str, trial: bool, read_only_from: Time, link: &str) -> Letter {
    let (subject, text) = match trial {
        true => ("Your trial is over".to_owned(), "Your trial of Covey is over. Choose a plan to go on."),
        false => ("A payment is overdue".to_owned(), "An invoice was not paid in time. Please look at it."),
    };
    let then = format!(
        "Everything works until {}. From then on the account can only be read, until it is paid. Nothing is \
         deleted.",
        day(read_only_from)
    );
    Letter {
        button: Some(("Look at your subscription".to_owned(), link.to_owned())),
        ..letter(account, to, subject, vec![text.to_owned(), then])
    }
}

/// A planned reduction was not possible.
pub(super) fn kept(account: AccountId, to: &str, wanted: i64, kept: i64, link: &str) -> Letter {
    Letter {
        button: Some(("Look at your subscription".to_owned(), link.to_owned())),
        ..letter(
            account,
            to,
            format!("Your subscription was renewed with {kept} licenses"),
            vec![format!(
                "You had planned to go on with {wanted} licenses, but {kept} are taken, and nobody is shut out \
                 without your word. Remove people, then lower the number again: it counts from the next renewal."
            )],
        )
    }
}

/// A subscription has ended.
pub(super) fn ended(account: AccountId, to: &str, name: &str, credit: Option<Money>, link: &str) -> Letter {
    let mut paragraphs =
        vec![format!("The subscription of {name} has ended. Everything in it stays, and can be read.")];
    if let Some(credit) = credit {
        paragraphs.push(format!("For the time that was paid and is not used, {credit} is credited to you."));
    }
    Letter {
        button: Some(("Look at your subscription".to_owned(), link.to_owned())),
        ..letter(account, to, format!("The subscription of {name} has ended"), paragraphs)
    }
}
