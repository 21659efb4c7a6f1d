//! Invitations: an offer by email to join an account and any of its groups.
//!
//! The link proves the address that it was sent to and no other. It is good for seven days, once;
//! opening it changes nothing, accepting is a deed. A resend makes a new link, and the old one says so.
//! When it is accepted, the giver must still be there and still be allowed to give what they offered.

pub mod actions;
pub mod api;
mod mail;
pub mod pages;
mod store;
mod sum;

pub use store::{Filter, InvitationRow, OfferedGroup, list, unsettled};

use serde::Serialize;

use crate::users::UserType;
use access::{GroupRole, Role};
use kernel::{
    clock::{DAY, Time},
    error::Error,
    id::{GroupId, InvitationId},
};
use storage::word;

/// How long an invitation is good. The texts of pages, refusals and mail write the seven days out.
pub const LASTS: i64 = 7 * DAY;
/// How many addresses are taken at once.
pub const AT_ONCE: usize = 10_000;

word! {
    /// What became of an invitation.
    pub enum State {
        /// It waits for an answer.
        Pending = "pending",
        /// It waited for too long; it can be sent again.
        Expired = "expired",
        /// It was accepted.
        Accepted = "accepted",
        /// Someone canceled it.
        Canceled = "canceled",
        /// Its giver may no longer give it; it can be sent again.
        Withdrawn = "withdrawn",
    }
}

impl State {
    /// The state that people see: a pending one whose time is over has expired.
    pub(crate) fn at(self, expires_at: Time, now: Time) -> Self {
        if self == Self::Pending && expires_at <= now { Self::Expired } else { self }
    }
}

/// What is offered.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The role in the account.
    pub role: Role,
    /// What the person is in the practice.
    pub user_type: UserType,
    /// The groups, with the role in each.
    pub groups: Vec<(GroupId, GroupRole)>,
}

/// How many groups one invitation takes.
const MOST_GROUPS: usize = 100;

impl Offer {
    /// The offer with each group once.
    ///
    /// # Errors
    /// A group is there with two roles, or there are too many.
    fn distinct(mut self) -> kernel::error::Result<Self> {
        self.groups.sort_by_key(|(group, role)| (*group, role.word()));
        self.groups.dedup();
        let twice = self.groups.windows(2).any(|pair| pair[0].0 == pair[1].0);
        match self.groups.len() {
            _ if twice => Err(Error::field("groups", "A group is there twice, with two roles.")),
            many if many > MOST_GROUPS => {
                Err(Error::field("groups", format!("Please choose at most {MOST_GROUPS} groups.")))
            }
            _ => Ok(self),
        }
    }
}

word! {
    /// What became of one address.
    pub enum Result {
        /// An invitation was sent.
        Invited = "invited",
        /// They are on the account, and were added to the groups at once.
        Added = "added",
        /// They are on the account, and in the groups, already.
        AlreadyMember = "already_member",
        /// They have an invitation already; the groups were added to it.
        AlreadyInvited = "already_invited",
        /// It is not an email address.
        NotAnAddress = "not_an_address",
        /// No license is free for them, or the one place for support staff is taken.
        NoLicense = "no_license",
        /// The address had letters enough of this account today.
        EnoughMail = "enough_mail",
    }
}

/// What became of one address, with the invitation if there is one.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Outcome {
    /// The address as it was typed, without what stood around it.
    pub email: String,
    /// What became of it.
    pub outcome: Result,
    /// A sentence that explains it: for what is no address, what to change.
    pub detail: String,
    /// How many times the address was in the list.
    pub times: usize,
    /// The invitation.
    pub invitation: Option<InvitationId>,
    /// The link, only where no mail leaves this server: pass it on yourself.
    pub link: Option<String>,
}
