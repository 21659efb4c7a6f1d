//! Invitations: an offer by email to join an account and any of its groups.
//!
//! The link proves the address that it was sent to and no other. It is good for seven days, once;
//! opening it changes nothing, accepting is a deed. A resend makes a new link, and the old one says so.
//! When it is accepted, the giver must still be there and still be allowed to give what they offered.

pub mod actions;
mod again;
pub mod api;
pub mod import;
mod mail;
pub mod opening;
pub mod pages;
mod store;
mod sum;

pub use store::{
    Filter, InvitationRow, Invitations, OfferedGroup, WaitingRow, list, these, unsettled, waiting,
};

use serde::Serialize;

use crate::users::UserType;
use access::{GroupRole, Role};
use kernel::{
    clock::{DAY, Time},
    error::Error,
    id::{GroupId, InvitationId},
    text,
};
use storage::word;

/// How long an invitation is good. The texts of pages, refusals and mail write the seven days out.
pub const LASTS: i64 = 7 * DAY;
/// How many addresses are taken at once.
pub const AT_ONCE: usize = 10_000;

word! {
    /// What became of an invitation.
    pub enum State as InvitationState {
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
    /// Whether it is about the groups alone: then an invitation that the address has keeps its role.
    pub into_groups: bool,
    /// Whether an invitation that the address has is changed where this differs, without asking first.
    pub change: bool,
}

/// What an invitation offers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = InvitationTerms)]
pub struct Terms {
    /// The role in the account; not told to those who manage one group alone.
    pub role: Option<Role>,
    /// The groups that can still be joined by it.
    pub groups: Vec<TermsGroup>,
}

impl Terms {
    /// "Member, in Alder Creek (administrator) and Birch".
    pub(crate) fn words(&self) -> String {
        let names = self.groups.iter().map(|each| match each.role {
            GroupRole::Administrator => format!("{} (administrator)", each.name),
            GroupRole::Member => each.name.clone(),
        });
        let names = text::all_of(&names.collect::<Vec<_>>());
        match (self.role, names.is_empty()) {
            (Some(role), true) => format!("{}, in no group", role.label()),
            (Some(role), false) => format!("{}, in {names}", role.label()),
            (None, true) => "Not in this group".to_owned(),
            (None, false) => format!("In {names}"),
        }
    }
}

/// A group in an invitation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = InvitationTermsGroup)]
pub struct TermsGroup {
    /// The group.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// The role in it.
    pub role: GroupRole,
}

/// What an invitation is, and what it would be if the offer was accepted.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = InvitationChange)]
pub struct Change {
    /// What it offers now.
    pub now: Terms,
    /// What it would offer.
    pub then: Terms,
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
            _ if twice => Err(Error::field("groups", "Choose one role for each group.")),
            many if many > MOST_GROUPS => {
                Err(Error::field("groups", format!("Choose at most {MOST_GROUPS} groups.")))
            }
            _ => Ok(self),
        }
    }
}

word! {
    /// The outcome for one address.
    pub enum Result as InvitationOutcomeKind {
        /// An invitation was sent.
        Invited = "invited",
        /// They were already in the account, and are now in the groups.
        Added = "added",
        /// They are already in the account and in the groups.
        AlreadyMember = "already_member",
        /// They have an invitation already, which stays as it is; `change` says what differs, if anything.
        AlreadyInvited = "already_invited",
        /// Their pending invitation was changed, as was asked for.
        Changed = "changed",
        /// It is not an email address.
        NotAnAddress = "not_an_address",
        /// No license is available for them, or the support-staff seat is used or reserved.
        NoLicense = "no_license",
        /// The address had emails enough of this account today.
        EnoughMail = "enough_mail",
    }
}

/// The email of an invitation that has not left this server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct MailWaits {
    /// When it was queued; of one that was queued just now, since when the mail server gives no answer.
    pub since: Time,
    /// When it is tried again; null where it was given up.
    pub next_at: Option<Time>,
}

/// An invitation's link, taken to be passed on.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct HandedOut {
    /// The invitation.
    pub invitation: InvitationId,
    /// The address that it is for.
    pub email: String,
    /// The link. Anyone who has it can join in the invited person's name, so it proves nobody's address.
    pub link: String,
}

/// The outcome for one address, with the invitation if there is one.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = InvitationOutcome)]
pub struct Outcome {
    /// The address as it was typed, without what stood around it.
    pub email: String,
    /// Its outcome.
    pub outcome: Result,
    /// A sentence that explains it: for what is no address, what to change.
    pub detail: String,
    /// How many times the address was in the list.
    pub times: usize,
    /// The invitation.
    pub invitation: Option<InvitationId>,
    /// The link, only where no mail leaves this server: pass it on yourself.
    pub link: Option<String>,
    /// Where the invitation's email could not leave this server yet.
    pub mail_waits: Option<MailWaits>,
    /// What the invitation that they have is, and what `"change": true` would make it.
    pub change: Option<Change>,
}
