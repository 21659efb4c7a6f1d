//! The letters about membership.

use crate::users::UserRow;
use kernel::id::AccountId;
use platform::jobs::Letter;

fn letter(account: AccountId, to: &UserRow, subject: String, paragraph: String) -> Letter {
    Letter {
        account: Some(account),
        to: to.email.clone(),
        subject,
        paragraphs: vec![format!("Hello {},", to.name), paragraph],
        button: None,
        small: Vec::new(),
    }
}

pub(super) fn transfer_offered(
    account: AccountId,
    name: &str,
    to: &UserRow,
    from: &UserRow,
    link: &str,
) -> Letter {
    Letter {
        button: Some(("Look at the offer".to_owned(), link.to_owned())),
        ..letter(
            account,
            to,
            format!("{} offers you the ownership of {name}", from.name),
            format!(
                "{} would like you to become the owner of {name}: you would hold its billing, and {} would become \
                 an administrator. Nothing changes until you accept.",
                from.name, from.name
            ),
        )
    }
}

pub(super) fn transfer_accepted(account: AccountId, name: &str, from: &UserRow, to: &UserRow) -> Letter {
    letter(
        account,
        from,
        format!("{} is now the owner of {name}", to.name),
        format!("{} has accepted the ownership of {name}. You are an administrator from now on.", to.name),
    )
}
