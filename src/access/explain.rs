//! Who can see a case, a client or a request, and why, now or at a moment in the past: read out of the dated
//! memberships.

pub use store::{AskedSpell, RequestSight, Spell};

use crate::{
    access::{CaseScope, GroupRole, RequestScope, store},
    clock::Time,
    db::Tx,
    error::Result,
    id::{AccountId, CaseId, ClientId},
};

impl Spell {
    /// Whether they could only read, from the parent account.
    pub fn from_parent(&self) -> bool {
        self.group_role.is_none()
    }

    /// The reason, as a clause without its date: "member of Riverside".
    pub fn reason(&self, group: &str) -> String {
        match self.group_role {
            Some(GroupRole::Administrator) => format!("administrator of {group}"),
            Some(GroupRole::Member) => format!("member of {group}"),
            None => {
                format!("{} of the account; reads from the parent account", self.role.label().to_lowercase())
            }
        }
    }

    /// Since when the reason holds.
    pub fn reason_since(&self) -> Time {
        self.group_since.unwrap_or(self.since)
    }
}

/// Everybody who could see the case at `at`, members of its group first.
///
/// # Errors
/// The database fails.
pub async fn who_can_see(tx: &Tx, case: &CaseScope, at: Time) -> Result<Vec<Spell>> {
    store::sight(tx, case.account(), case.group(), at).await
}

impl AskedSpell {
    /// The reason, as a clause without its date.
    pub fn reason(&self) -> String {
        format!(
            "in {}, which was asked about it; sees what the request shows, nothing else",
            self.user_group_name
        )
    }

    /// Since when the reason holds: since they were in the group, it could be asked, and was asked.
    pub fn reason_since(&self) -> Time {
        let others = [self.in_group_since, self.granted_since, self.member_since];
        others.into_iter().fold(self.asked_since, Time::max)
    }
}

/// Everybody who sees something of a case at `at` because a request about it is addressed to a user group
/// that they are in: its name, number and status, and nothing else.
///
/// # Errors
/// The database fails.
pub async fn through_requests_about_case(
    tx: &Tx,
    account: AccountId,
    case: CaseId,
    at: Time,
) -> Result<Vec<AskedSpell>> {
    store::asked_about_case(tx, account, case, at).await
}

/// Everybody who sees something of a client at `at` because a request about them is addressed to a user group
/// that they are in: name, kind, birth date and reference number, and nothing else.
///
/// # Errors
/// The database fails.
pub async fn through_requests_about_client(
    tx: &Tx,
    account: AccountId,
    client: ClientId,
    at: Time,
) -> Result<Vec<AskedSpell>> {
    store::asked_about_client(tx, account, client, at).await
}

impl RequestSight {
    /// The reason, as a clause without its date: "sent it".
    pub fn reason(&self) -> String {
        match &self.user_group {
            None => "sent it".to_owned(),
            Some(name) => format!("in {name}, which it is addressed to"),
        }
    }
}

/// Everybody who sees a request now: its sender first, while they are in every group that it is about.
///
/// # Errors
/// The database fails.
pub async fn who_sees_request(tx: &Tx, request: &RequestScope) -> Result<Vec<RequestSight>> {
    store::request_sight(tx, request.account(), request.request()).await
}
