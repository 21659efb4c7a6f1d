//! The one list of users: of an account, of a group, on the dashboard. People and open invitations together.

pub mod account;
pub mod group;
mod table;

pub(crate) use table::{InvitationView, MemberView, first};
