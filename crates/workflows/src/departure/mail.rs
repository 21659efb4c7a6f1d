//! The emails to people who were removed, whose role changed, or who closed their account.

use access::Role;
use kernel::id::AccountId;
use people::users::UserRow;
use platform::jobs::Letter;

/// A role that someone was given.
pub(super) struct Given<'a> {
    pub(super) account: AccountId,
    pub(super) account_name: &'a str,
    pub(super) by: &'a str,
    pub(super) role: Role,
    /// How many groups the role ended.
    pub(super) groups_left: u64,
}

pub(super) fn role_changed(to: &UserRow, given: &Given<'_>, home: &str) -> Letter {
    let Given { account, account_name, by, role, groups_left } = *given;
    let label = role.label().to_lowercase();
    let means = match role {
        Role::Owner | Role::Administrator => "You can manage its groups and people.",
        Role::Member => "You work in the groups that you are added to.",
        Role::SupportStaff if groups_left > 0 => {
            "You can find, print, and email handouts. You can no longer open the groups that you were in."
        }
        Role::SupportStaff => "You can find, print, and email handouts.",
    };
    Letter {
        account: Some(account),
        to: to.email.clone(),
        subject: format!("Your role at {account_name} is now {label}"),
        paragraphs: vec![
            format!("Hi {},", to.name),
            format!("{by} changed your role at {account_name} to {label}. {means}"),
        ],
        button: Some(("Open Covey".to_owned(), home.to_owned())),
        small: Vec::new(),
    }
}

/// What someone was removed from, by whom.
pub(super) struct Gone<'a> {
    pub(super) account: AccountId,
    pub(super) account_name: &'a str,
    pub(super) by: &'a str,
    /// Whether they can buy a subscription here.
    pub(super) sold: bool,
}

pub(super) fn removed(user: &UserRow, gone: &Gone<'_>, sign_in: &str) -> Letter {
    let Gone { account, account_name: name, by, sold } = *gone;
    let own = if sold { ", or start your own subscription" } else { "" };
    Letter {
        account: Some(account),
        to: user.email.clone(),
        subject: format!("You were removed from {name}"),
        paragraphs: vec![
            format!("Hi {},", user.name),
            format!(
                "{by} removed you from {name}. You can no longer open its groups and cases. You keep your sign-in, \
                 your favorites, and your private notes. You can still use the other practices that you belong \
                 to{own}."
            ),
            format!("If this was a mistake, reply to this email. Your reply goes to {by}."),
        ],
        button: Some(("Sign in".to_owned(), sign_in.to_owned())),
        small: Vec::new(),
    }
}

pub(super) fn closed(account: AccountId, name: &str, user: &UserRow, home: &str) -> Letter {
    Letter {
        account: Some(account),
        to: user.email.clone(),
        subject: format!("Your account {name} was closed"),
        paragraphs: vec![
            format!("Hi {},", user.name),
            format!(
                "You closed your account {name}. No one can open it anymore, and links that you shared from \
                 it no longer work. You can still sign in and use the practices that you belong to."
            ),
            "If you didn’t do this, reset your password right away and contact the operator of this server."
                .to_owned(),
        ],
        button: Some(("Open Covey".to_owned(), home.to_owned())),
        small: Vec::new(),
    }
}
