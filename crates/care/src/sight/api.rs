//! Who can see something of a group, in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::sight::When;
use access::explain::{AskedPeriod, Period, Seen};
use kernel::{
    clock::Time,
    id::{UserGroupId, UserId},
};

/// A person by id and name.
#[derive(Serialize, ToSchema)]
#[schema(as = CasePerson)]
pub(crate) struct SightPerson {
    id: UserId,
    name: String,
}

/// Who can see a case, and why.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sight {
    user: SightPerson,
    /// `member of Riverside`, `administrator of the account; reads from the parent account`.
    why: String,
    /// Since when that holds: never before it was there, or before its group came into the account.
    since: Time,
    /// The first moment at which it no longer held; null while it holds.
    until: Option<Time>,
    /// Whether they can only read.
    read_only: bool,
}

/// A user group by id and name.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseUserGroup)]
pub(crate) struct SightUserGroup {
    id: UserGroupId,
    name: String,
}

/// Who sees what a request shows of a case: its name, number and status, and nothing else.
#[derive(Serialize, ToSchema)]
pub(crate) struct SightThroughRequest {
    user: SightPerson,
    user_group: SightUserGroup,
    why: String,
    /// Since when that holds.
    since: Time,
    /// The first moment at which it no longer held; null while it holds.
    until: Option<Time>,
}

/// Who can see a case, or could at any time between two moments.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sights {
    /// The moment that this tells of; null for a day, and for a range of days.
    at: Option<Time>,
    /// The first moment that this tells of.
    from: Time,
    /// The first moment after it.
    until: Time,
    /// A person is named again for another reason, and where they left and came back.
    items: Vec<Sight>,
    /// Who else sees what a request shows of it.
    through_requests: Vec<SightThroughRequest>,
}

impl Sights {
    /// For people to read: the group by its name.
    pub(crate) fn new(when: &When, seen: Seen, group: &str) -> Self {
        Self {
            at: when.at,
            from: when.span.from,
            until: when.span.until,
            items: seen.whole.into_iter().map(|period| Sight::new(period, group)).collect(),
            through_requests: seen.through_requests.into_iter().map(Into::into).collect(),
        }
    }
}

impl Sight {
    fn new(period: Period, group: &str) -> Self {
        Self {
            why: period.reason(group),
            since: period.since,
            until: period.until,
            read_only: period.from_parent(),
            user: SightPerson { id: period.user, name: period.name },
        }
    }
}

impl From<AskedPeriod> for SightThroughRequest {
    fn from(period: AskedPeriod) -> Self {
        Self {
            why: period.reason(),
            since: period.since,
            until: period.until,
            user: SightPerson { id: period.user, name: period.name },
            user_group: SightUserGroup { id: period.user_group, name: period.user_group_name },
        }
    }
}
