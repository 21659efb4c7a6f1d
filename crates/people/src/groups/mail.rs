//! The email to someone who was removed from a group.

use crate::users::UserRow;
use kernel::id::AccountId;
use platform::jobs::Letter;

/// What someone was removed from, by whom.
pub(super) struct Removed<'a> {
    pub(super) account: AccountId,
    pub(super) account_name: &'a str,
    pub(super) group: &'a str,
    pub(super) by: &'a str,
    /// Where they go on: the home that suits what they still belong to.
    pub(super) home: &'a str,
}

pub(super) fn removed(to: &UserRow, removed: &Removed<'_>) -> Letter {
    let Removed { account, account_name, group, by, home } = *removed;
    Letter {
        account: Some(account),
        to: to.email.clone(),
        subject: format!("You were removed from {group}"),
        paragraphs: vec![
            format!("Hi {},", to.name),
            format!(
                "{by} removed you from the group {group} at {account_name}. You can no longer open its cases and \
                 clients."
            ),
            format!(
                "You are still a member of {account_name}. If this was a mistake, ask {by} to add you again."
            ),
        ],
        button: Some(("Open Covey".to_owned(), home.to_owned())),
        small: Vec::new(),
    }
}
