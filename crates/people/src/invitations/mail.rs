//! The emails of invitations.

use access::Role;
use kernel::id::AccountId;
use platform::jobs::Letter;

pub(super) struct Invited<'a> {
    pub(super) account: AccountId,
    pub(super) account_name: &'a str,
    pub(super) inviter: &'a str,
    pub(super) email: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) role: Role,
    pub(super) groups: &'a [&'a str],
    pub(super) link: &'a str,
    pub(super) again: bool,
    /// Whether the account is known to be a practice: else nothing that its people typed is said.
    pub(super) admitted: bool,
}

/// The offer, with its link.
pub(super) fn invited(invited: &Invited<'_>) -> Letter {
    let Invited { account, account_name, inviter, email, name, role, groups, link, again, admitted } =
        *invited;
    let (account_name, inviter, name, groups) = match admitted {
        true => (account_name, inviter, name, groups),
        false => ("a practice on Covey", "Someone", None, &[] as &[&str]),
    };
    let place = match groups {
        [] => account_name.to_owned(),
        groups => format!("{account_name} ({})", groups.join(", ")),
    };
    let role = role.label().to_lowercase();
    let article = match role.as_str() {
        "support staff" => "",
        named if named.starts_with(['a', 'o']) => "an ",
        _ => "a ",
    };
    let mut paragraphs = name.map(|name| format!("Hi {name},")).into_iter().collect::<Vec<_>>();
    paragraphs.push(format!("{inviter} invited you to join {place} as {article}{role}."));
    if again {
        paragraphs.push(
            "This replaces your previous invitation. The link in that email no longer works.".to_owned(),
        );
    }
    paragraphs
        .push("If you’re new to Covey, you’ll choose a name and a password. Otherwise, sign in.".to_owned());
    if admitted {
        paragraphs.push(format!("If you have questions, reply to this email. Your reply goes to {inviter}."));
    }
    Letter {
        account: Some(account),
        to: email.to_owned(),
        subject: format!("{inviter} invited you to {account_name}"),
        paragraphs,
        button: Some(("View invitation".to_owned(), link.to_owned())),
        small: vec![
            "The invitation is valid for 7 days. If you don't know the sender, ignore this email. Nothing \
             happens unless you accept."
                .to_owned(),
        ],
    }
}
