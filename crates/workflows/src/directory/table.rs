//! The rows of an account's people and of its unanswered invitations, as the pages show them.

use access::AccountAdmin;
use kernel::{clock::Time, error::Result};
use people::{
    invitations::{self, InvitationRow, MailWaits, State},
    members::{Filter, MemberRow, list},
};
use storage::Tx;

/// An invitation that was not answered.
pub(crate) struct InvitationView {
    /// The invitation.
    pub(crate) row: InvitationRow,
    /// Whether its time is over.
    pub(crate) expired: bool,
    /// Until when it is, or was, good.
    pub(crate) until: Time,
    /// The groups that it leads into, by name.
    pub(crate) groups: String,
    /// Since when its email waits, if it can't leave.
    pub(crate) waits: Option<MailWaits>,
}

/// A member, or someone who was one.
pub(crate) struct MemberView {
    /// Who.
    pub(crate) row: MemberRow,
    /// Their groups, by name.
    pub(crate) groups: String,
    /// Whether they are a member no more.
    pub(crate) removed: bool,
}

fn joined(lines: Option<&str>) -> String {
    lines.unwrap_or_default().lines().collect::<Vec<_>>().join(", ")
}

impl InvitationView {
    /// As it is at a moment.
    pub(crate) fn of(row: InvitationRow, now: Time) -> Self {
        let groups = joined(row.groups.as_deref());
        let (expired, waits) = (row.state(now) != State::Pending, row.mail_waits(now));
        Self { expired, until: row.expires_at, groups, waits, row }
    }
}

impl From<MemberRow> for MemberView {
    fn from(row: MemberRow) -> Self {
        Self { groups: joined(row.groups.as_deref()), removed: row.until.is_some(), row }
    }
}

/// The first members of an account and the first invitations that were not answered, at most so many of
/// each, and whether there are more.
///
/// # Errors
/// The database fails.
pub(crate) async fn first(
    tx: &Tx,
    by: &AccountAdmin,
    limit: usize,
) -> Result<(Vec<MemberView>, Vec<InvitationView>, bool)> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut people = list(tx, by, &Filter::default(), one_more).await?;
    let mut open = invitations::unsettled(tx, by.account(), None, None, one_more).await?;
    let more = people.len() > limit || open.len() > limit;
    people.truncate(limit);
    open.truncate(limit);
    let now = tx.now();
    let open = open.into_iter().map(|row| InvitationView::of(row, now)).collect();
    Ok((people.into_iter().map(MemberView::from).collect(), open, more))
}
