//! Who can see something of a group, in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::sight::When;
use access::explain::{AskedPeriod, Period, Seen};
use kernel::clock::Time;

/// A person by id and name.
pub(crate) type SightPerson = web::Named<kernel::id::User>;

/// Who can see a case, and why.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessGrant)]
pub(crate) struct Sight {
    user: SightPerson,
    /// `member of Riverside`, `administrator of the account; reads from the parent account`.
    why: String,
    /// When this began: not before the record existed, or before its group joined the account.
    since: Time,
    /// When this ended; null if it still applies.
    until: Option<Time>,
    /// Whether they have read-only access.
    read_only: bool,
}

/// A user group by id and name.
pub(crate) type SightUserGroup = web::Named<kernel::id::UserGroup>;

/// Who can see what a request shows of a case: its name, number and status, and nothing else.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessThroughRequest)]
pub(crate) struct SightThroughRequest {
    user: SightPerson,
    user_group: SightUserGroup,
    why: String,
    /// When this began.
    since: Time,
    /// When this ended; null if it still applies.
    until: Option<Time>,
}

/// Who can see a case, or could at any time between two moments.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessReport)]
pub(crate) struct Sights {
    /// The moment asked about; null for a day or a range of days.
    at: Option<Time>,
    /// The first moment asked about.
    from: Time,
    /// The first moment after it.
    until: Time,
    /// A person appears once per reason, and again if they left and came back.
    items: Vec<Sight>,
    /// Who else can see what a request shows of it.
    through_requests: Vec<SightThroughRequest>,
}

impl Sights {
    /// As a sentence, with the group's name.
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
