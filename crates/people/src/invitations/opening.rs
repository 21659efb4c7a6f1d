//! What an invitation shows to the person who opens it, and why it can't be accepted. Opening changes nothing.

use access::{GroupRole, Role};
use kernel::{
    addresses::Email,
    error::{Error, Result},
    id::{InvitationId, UserId},
    random::Token,
};
use storage::Tx;

use crate::{
    invitations::{
        State,
        store::{self, InvitationRow, OfferedGroup, Opened},
    },
    plans,
    users::{self, UserRow},
};

/// What opens an invitation.
#[derive(Clone)]
pub enum Opening {
    /// The link in the email.
    Link(Token),
    /// The invited address itself, which the signed-in person has proved to be theirs.
    Address {
        /// Who is signed in.
        user: UserId,
        /// The invitation.
        invitation: InvitationId,
    },
}

/// What an invitation shows to the person who opens it.
#[derive(Clone, Debug)]
pub struct Look {
    /// The invitation.
    pub row: InvitationRow,
    /// The account's name.
    pub account_name: String,
    /// The groups that it offers, by name; those whose giver may no longer give them are left out.
    pub groups: Vec<OfferedGroup>,
    /// The person who has the address already.
    pub known: Option<UserRow>,
    /// Whether the link that opened it was handed out, so that it proves no address.
    pub handed_out: bool,
    /// Why it can't be accepted, if it can't.
    pub refusal: Option<Refusal>,
}

/// Why an invitation can't be accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// A newer link replaced this one.
    Replaced,
    /// It was canceled.
    Canceled,
    /// It was accepted already.
    Accepted,
    /// Its seven days are over.
    Expired,
    /// Who gave it is gone, or may no longer give it.
    GiverGone,
    /// The account is read-only.
    ReadOnly,
}

impl Refusal {
    /// The stable code and the sentence.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Replaced => {
                ("link_replaced", "A newer invitation was sent to you. Use the link in the latest email.")
            }
            Self::Canceled => ("invitation_canceled", "The practice canceled this invitation."),
            Self::Accepted => {
                ("invitation_accepted", "This invitation was already accepted. Sign in to continue.")
            }
            Self::Expired => {
                ("invitation_expired", "This invitation expired after 7 days. Ask the practice to resend it.")
            }
            Self::GiverGone => (
                "inviter_gone",
                "The person who sent this invitation can no longer invite you. Ask the practice for a new one.",
            ),
            Self::ReadOnly => (
                "account_read_only",
                "The practice's subscription isn't paid, so no one can join right now. Ask the practice. The \
                 invitation stays valid until it expires.",
            ),
        }
    }

    /// The same as an error.
    pub fn error(self) -> Error {
        let (code, why) = self.words();
        Error::conflict(code, why)
    }
}

/// What an invitation offers.
///
/// # Errors
/// There is no such link: it was cut or mistyped. Or the invitation is another person's, or their address is not
/// proved: that looks as if there were none.
pub async fn look(tx: &Tx, opening: &Opening) -> Result<Look> {
    let opened = match opening {
        Opening::Link(token) => store::open(tx, token).await?.ok_or_else(|| {
            Error::conflict(
                "link_unknown",
                "This link is incomplete. Open it from the email, or copy the whole link.",
            )
        })?,
        Opening::Address { user, invitation } => {
            store::open_by_address(tx, *user, *invitation).await?.ok_or_else(Error::not_found)?
        }
    };
    let row = store::show(tx, opened.account, opened.invitation).await?;
    let groups = store::still_given(tx, opened.account, opened.invitation).await?;
    let known = users::by_email(tx, &Email::key_of(&row.email)).await?;
    let refusal = match row.state(tx.now()) {
        State::Accepted => Some(Refusal::Accepted),
        State::Canceled => Some(Refusal::Canceled),
        State::Withdrawn => Some(Refusal::GiverGone),
        _ if opened.replaced_at.is_some() => Some(Refusal::Replaced),
        State::Expired => Some(Refusal::Expired),
        State::Pending if !giver_may(tx, &row, &groups).await? => Some(Refusal::GiverGone),
        State::Pending => plans::is_read_only(tx, opened.account).await?.then_some(Refusal::ReadOnly),
    };
    let Opened { account_name, handed_out, .. } = opened;
    Ok(Look { row, account_name, groups, known, handed_out, refusal })
}

/// Whether the invitation could be given now: nobody gains by acceptance what its giver lost. Plain
/// membership of the account comes with any group that is still offered.
pub(super) async fn giver_may(tx: &Tx, row: &InvitationRow, groups: &[OfferedGroup]) -> Result<bool> {
    let comes_with_group = row.role == Role::Member && !groups.is_empty();
    Ok(comes_with_group || store::still_manages(tx, row.account, row.invited_by).await?)
}

/// The role that an offer gives in groups which the invited person brings along: administrator only where someone
/// who manages the account gives that in the account, or in every group that is offered.
///
/// # Errors
/// None but the database's.
pub async fn role_in_brought_groups(tx: &Tx, look: &Look) -> Result<GroupRole> {
    if look.row.role.manages() {
        return Ok(GroupRole::Administrator);
    }
    for offered in &look.groups {
        if offered.role != GroupRole::Administrator
            || !store::still_manages(tx, look.row.account, offered.given_by).await?
        {
            return Ok(GroupRole::Member);
        }
    }
    Ok(if look.groups.is_empty() { GroupRole::Member } else { GroupRole::Administrator })
}

/// The addresses of those on the inviting side who hear what someone brought along: the owner, and the inviter,
/// if they manage the account.
///
/// # Errors
/// None but the database's.
pub async fn inviting_side(tx: &Tx, row: &InvitationRow) -> Result<Vec<String>> {
    store::inviting_side(tx, row.account, row.invited_by).await
}
