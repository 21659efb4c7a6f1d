//! The mail to someone who was removed.

use kernel::id::AccountId;
use people::users::UserRow;
use platform::jobs::Letter;

pub(super) fn removed(account: AccountId, name: &str, user: &UserRow, sign_in: &str, sold: bool) -> Letter {
    let own = if sold { ", and take a subscription of your own" } else { "" };
    Letter {
        account: Some(account),
        to: user.email.clone(),
        subject: format!("You were removed from {name}"),
        paragraphs: vec![
            format!("Hello {},", user.name),
            format!(
                "you no longer belong to {name}, so its groups and cases are closed to you from now on. Your own \
                 sign-in stays, and so do your favorites and private notes: you can still sign in, change your \
                 address, use whatever else you belong to{own}."
            ),
        ],
        button: Some(("Sign in".to_owned(), sign_in.to_owned())),
        small: Vec::new(),
    }
}
