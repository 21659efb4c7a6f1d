//! The rows of an account's people and of its unanswered invitations, as the pages show them.

use std::collections::HashMap;

use super::store::{Line, Open, Sort};
use access::AccountAdmin;
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{InvitationId, UserId},
    order::Order,
};
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

    /// Whether it leads into its one group as an administrator of it.
    pub(super) fn administrator(&self) -> bool {
        self.groups.ends_with(" (administrator)")
    }
}

impl From<MemberRow> for MemberView {
    fn from(row: MemberRow) -> Self {
        Self { groups: joined(row.groups.as_deref()), removed: row.until.is_some(), row }
    }
}

/// A row of the list: a person, as the page shows one, or an invitation.
pub(super) enum Row<P> {
    /// Who belongs here, or did.
    Person(P),
    /// Who was invited.
    Invitation(InvitationView),
}

/// What a page of the list shows, in the order of its lines.
pub(super) fn in_order<P>(
    lines: &[Line],
    people: impl IntoIterator<Item = (UserId, P)>,
    invitations: Vec<InvitationRow>,
    now: Time,
) -> Vec<Row<P>> {
    let mut people = people.into_iter().collect::<HashMap<_, _>>();
    let mut invited = invitations.into_iter().map(|row| (row.id, row)).collect::<HashMap<_, _>>();
    let mut row = |line: &Line| match (line.person, line.invitation) {
        (Some(person), _) => people.remove(&person).map(Row::Person),
        (None, Some(invitation)) => {
            invited.remove(&invitation).map(|row| Row::Invitation(InvitationView::of(row, now)))
        }
        (None, None) => None,
    };
    lines.iter().filter_map(&mut row).collect()
}

/// The people of these lines.
pub(super) fn people_of(lines: &[Line]) -> Vec<UserId> {
    lines.iter().filter_map(|line| line.person).collect()
}

/// The invitations of these lines.
pub(super) fn invitations_of(lines: &[Line]) -> Vec<InvitationId> {
    lines.iter().filter_map(|line| line.invitation).collect()
}

/// Names from A on.
pub(super) const USUAL: Order<Sort> = Order::ascending(Sort::Name);

/// What the choice of a status means for invitations.
pub(super) fn open(status: &str) -> Option<Open> {
    match status {
        "" => Some(Open::All),
        "pending" => Some(Open::Pending),
        "expired" => Some(Open::Ended),
        _ => None,
    }
}

/// Where the page before ended: at a person or at an invitation.
pub(super) fn after(cursor: Option<&str>) -> Result<Option<UserId>> {
    let read = |text: &str| {
        let invitation = || text.parse::<InvitationId>().map(|id| UserId::from_uuid(id.uuid()));
        text.parse().or_else(|_| invitation()).ok()
    };
    let wrong = || Error::field("cursor", "This page of the list doesn’t exist. Start from the first page.");
    cursor.map(|text| read(text).ok_or_else(wrong)).transpose()
}

/// The cursor of the page that ends with this line.
pub(super) fn cursor(line: &Line) -> String {
    let person = line.person.map(|id| id.to_string());
    person.or_else(|| line.invitation.map(|id| id.to_string())).unwrap_or_default()
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
