//! The emails about a subscription.

use crate::{invoices::GivenBack, mail::letter, periods::day};
use kernel::{clock::Time, id::AccountId};
use platform::jobs::Letter;

/// Money is owed: what happens when.
pub(super) fn overdue(account: AccountId, to: &str, trial: bool, read_only_from: Time, link: &str) -> Letter {
    let (subject, text, cure) = match trial {
        true => (
            "Your trial has ended",
            "Your trial of Covey has ended. Choose a plan to continue.",
            "choose \
            a plan",
        ),
        false => ("A payment is overdue", "You have an overdue invoice. Please pay it.", "pay"),
    };
    let then = format!(
        "Everything works until {}. After that, the account is read-only until you {}. Nothing is deleted.",
        day(read_only_from),
        cure
    );
    Letter {
        button: Some(("View subscription".to_owned(), link.to_owned())),
        ..letter(account, to, subject.to_owned(), vec![text.to_owned(), then])
    }
}

/// A planned reduction was not possible.
pub(super) fn kept(account: AccountId, to: &str, wanted: i64, kept: i64, link: &str) -> Letter {
    Letter {
        button: Some(("View subscription".to_owned(), link.to_owned())),
        ..letter(
            account,
            to,
            format!("Your subscription was renewed with {kept} licenses"),
            vec![format!(
                "You planned to renew with {wanted} licenses, but {kept} are in use, and we don't remove \
                 people for \
                 you. Remove people, then reduce your licenses again. The change starts at the next renewal."
            )],
        )
    }
}

/// A subscription has ended.
pub(super) fn ended(account: AccountId, to: &str, name: &str, given: GivenBack, link: &str) -> Letter {
    let mut paragraphs = vec![format!(
        "The subscription of {name} has ended. The account is now read-only. Nothing is deleted."
    )];
    paragraphs.extend(Some(given.sentence()).filter(|sentence| !sentence.is_empty()));
    Letter {
        button: Some(("View subscription".to_owned(), link.to_owned())),
        ..letter(account, to, format!("The subscription of {name} has ended"), paragraphs)
    }
}
