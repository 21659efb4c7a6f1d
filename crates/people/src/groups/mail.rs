//! The emails to people who were added to a group or removed from one.

use crate::users::UserRow;
use kernel::{id::AccountId, text};
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

/// Tells a member that they are in further groups.
pub(crate) fn added(account: AccountId, email: &str, by: &str, groups: &[String], link: &str) -> Letter {
    let groups = text::all_of(groups);
    Letter {
        account: Some(account),
        to: email.to_owned(),
        subject: format!("You were added to {groups}"),
        paragraphs: vec![format!("{by} added you to {groups}. You can now see and edit its cases.")],
        button: Some(("View group".to_owned(), link.to_owned())),
        small: Vec::new(),
    }
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
                "You are still a member of {account_name}. If this was a mistake, reply to this email. Your reply \
                 goes to {by}."
            ),
        ],
        button: Some(("Open Covey".to_owned(), home.to_owned())),
        small: Vec::new(),
    }
}
