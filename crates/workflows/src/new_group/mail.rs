//! The email to an account's managers when an administrator of a group added another one.

use kernel::id::AccountId;
use people::users::UserRow;
use platform::jobs::Letter;

/// What was added, by whom.
pub(super) struct Added<'a> {
    pub(super) account: AccountId,
    pub(super) account_name: &'a str,
    pub(super) group: &'a str,
    pub(super) by: &'a str,
}

pub(super) fn added(to: &UserRow, added: &Added<'_>, link: &str) -> Letter {
    let Added { account, account_name, group, by } = *added;
    Letter {
        account: Some(account),
        to: to.email.clone(),
        subject: format!("{by} added the group {group}"),
        paragraphs: vec![
            format!("Hi {},", to.name),
            format!(
                "{by} added the group {group} to {account_name} and is its administrator. You can manage it, \
                 like every group in the account."
            ),
            "Group administrators can add groups because the account’s settings allow it. You can turn that off in \
             Settings."
                .to_owned(),
        ],
        button: Some(("View group".to_owned(), link.to_owned())),
        small: Vec::new(),
    }
}
