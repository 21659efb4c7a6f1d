//! The email to the inviting side about what came along.

use access::GroupRole;
use kernel::id::AccountId;
use people::users::UserRow;
use platform::jobs::Letter;

use crate::acceptance::merge::Merge;

/// What someone brought along when they joined.
pub(super) fn brought(
    account: AccountId,
    to: &str,
    person: &UserRow,
    groups: &[String],
    merge: &Merge,
    link: &str,
) -> Letter {
    let role = match merge.role {
        GroupRole::Administrator => "an administrator",
        GroupRole::Member => "a member",
    };
    let count =
        |number: i64, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let (listed, cases) = (groups.join(", "), count(merge.cases, "case", "cases"));
    Letter {
        account: Some(account),
        to: to.to_owned(),
        subject: format!("{} joined and brought {}", person.name, count(merge.groups, "group", "groups")),
        paragraphs: vec![
            format!(
                "{} ({}) accepted an invitation and had an account of their own.",
                person.name, person.email
            ),
            format!("These groups came along, with {cases}: {listed}."),
            format!(
                "{} is {role} of them. You and the other administrators of the account manage them.",
                person.name
            ),
        ],
        button: Some(("View groups".to_owned(), link.to_owned())),
        small: Vec::new(),
    }
}
