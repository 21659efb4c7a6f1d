//! The emails about membership.

use crate::users::UserRow;
use kernel::id::AccountId;
use platform::jobs::Letter;

fn letter(account: AccountId, to: &UserRow, subject: String, paragraph: String) -> Letter {
    Letter {
        account: Some(account),
        to: to.email.clone(),
        subject,
        paragraphs: vec![format!("Hi {},", to.name), paragraph],
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
        button: Some(("View offer".to_owned(), link.to_owned())),
        ..letter(
            account,
            to,
            format!("{} offered you ownership of {name}", from.name),
            format!(
                "{} wants you to become the owner of {name}. You would be responsible for its billing, and {} \
                 would become \
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
        format!("{} accepted ownership of {name}. You are now an administrator.", to.name),
    )
}
