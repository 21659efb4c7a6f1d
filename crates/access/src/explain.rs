//! Who can see a case, a client or a request, and why, now or at a moment in the past: read out of the dated
//! memberships.

pub use store::{AskedPeriod, Period, RequestSight};

use crate::{CaseScope, ClientScope, GroupRole, GroupScope, RequestScope, store};
use kernel::{clock::Time, error::Result};
use storage::Tx;

impl Period {
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

/// Who sees something of a group at a moment.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Whoever sees it whole, members of the group first.
    pub whole: Vec<Period>,
    /// Who else sees what a request shows of it.
    pub through_requests: Vec<AskedPeriod>,
}

impl Seen {
    async fn of(tx: &Tx, scope: &GroupScope, asked: Vec<AskedPeriod>, at: Time) -> Result<Self> {
        let whole = store::sight(tx, scope.account(), scope.group(), at).await?;
        let mut through_requests = asked;
        through_requests.retain(|one| whole.iter().all(|period| period.user != one.user));
        Ok(Self { whole, through_requests })
    }
}

/// Everybody who could see a case at `at`. Who was asked about it sees its name, number and status.
///
/// # Errors
/// The database fails.
pub async fn who_sees_case(tx: &Tx, case: &CaseScope, at: Time) -> Result<Seen> {
    let asked = store::asked_about_case(tx, case.account(), case.case(), at).await?;
    Seen::of(tx, case, asked, at).await
}

/// Everybody who could see a client at `at`. Who was asked about them sees name, kind, birth date and
/// reference number.
///
/// # Errors
/// The database fails.
pub async fn who_sees_client(tx: &Tx, client: &ClientScope, at: Time) -> Result<Seen> {
    let asked = store::asked_about_client(tx, client.account(), client.object(), at).await?;
    Seen::of(tx, client, asked, at).await
}

impl AskedPeriod {
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
