//! The one list of users: of an account, of a group, on the dashboard. People and open invitations together.

pub mod account;
pub mod group;
mod table;

pub(crate) use table::{InvitationView, MemberView, first};

use kernel::{links::Site, text::first_of};

/// How many invitations a list of people shows.
const INVITATIONS: usize = 200;
/// Among how many of the newest it looks for those that its filters want.
const LOOKED_THROUGH: i64 = 10_000;

/// Whether this server hands out the link of an invitation whose email can't leave. Where no mail leaves at all, sending
/// one again shows its link.
pub(crate) fn hands_out(site: &Site) -> bool {
    site.mail_leaves && site.hands_out
}

/// Leaves the first invitations, and says so where there are more.
fn cut<T>(invitations: &mut Vec<T>) -> Option<String> {
    let all = invitations.len();
    invitations.truncate(INVITATIONS);
    let search = "Search to find the others.";
    (all > INVITATIONS).then(|| first_of(INVITATIONS, all, "invitations", search))
}
