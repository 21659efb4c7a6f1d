//! The emails about a subscription.

use crate::{invoices::GivenBack, mail::letter, periods::day};
use kernel::{clock::Time, id::AccountId};
use platform::jobs::Letter;

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
pub(super) fn ended(account: AccountId, to: &str, name: &str, given: GivenBack, link: &str) -> Letter {
    let mut paragraphs =
        vec![format!("The subscription of {name} has ended. Everything in it stays, and can be read.")];
    paragraphs.extend(Some(given.sentence()).filter(|sentence| !sentence.is_empty()));
    Letter {
        button: Some(("Look at your subscription".to_owned(), link.to_owned())),
        ..letter(account, to, format!("The subscription of {name} has ended"), paragraphs)
    }
}
