//! The one list of users: of an account, of a group, on the dashboard. People and open invitations together.

pub mod account;
pub mod group;
mod store;
mod table;

pub(crate) use table::{InvitationView, MemberView, first};

use kernel::links::Site;

/// How many lines a page of the list has.
const LIMIT: i64 = 50;

/// Whether this server hands out the link of an invitation whose email can't leave. Where no mail leaves at all, sending
/// one again shows its link.
pub(crate) fn hands_out(site: &Site) -> bool {
    site.mail_leaves && site.hands_out
}
