//! The email to the inviting side about what came along.

use access::GroupRole;
use kernel::{
    id::AccountId,
    text::{self, counted},
};
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
    let mut what = Vec::new();
    let mut paragraphs = vec![format!(
        "{} ({}) accepted an invitation and already had their own account.",
        person.name, person.email
    )];
    if merge.groups > 0 {
        what.push(counted(merge.groups, "group", "groups"));
        let (listed, cases) = (groups.join(", "), counted(merge.cases, "case", "cases"));
        paragraphs.push(format!("These groups came along, with {cases}: {listed}."));
        paragraphs.push(format!(
            "{} is {role} of them. You and the other administrators of the account manage them.",
            person.name
        ));
    }
    if merge.handouts > 0 {
        what.push(counted(merge.handouts, "handout", "handouts"));
        paragraphs.push(format!(
            "Everyone in the account can now read {} that they wrote.",
            counted(merge.handouts, "handout", "handouts")
        ));
    }
    Letter {
        account: Some(account),
        to: to.to_owned(),
        subject: format!("{} joined and brought {}", person.name, text::all_of(&what)),
        paragraphs,
        button: Some((
            format!("View {}", if merge.groups > 0 { "groups" } else { "handouts" }),
            link.to_owned(),
        )),
        small: Vec::new(),
    }
}
