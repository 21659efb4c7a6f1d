//! What the pictures show, in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::pictures::{
    months::{self, Month},
    sights,
    store::PeriodRow,
    timeline,
};
use access::{AccountAdmin, GroupReader, GroupRole, Role};
use kernel::{
    clock::Time,
    error::Result,
    id::{self, GroupId, UserId},
};
use people::accounts;
use web::{Json, May, Page, Part, Query};

/// The last twelve months of a group, the oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupYear {
    months: Vec<Month>,
}

pub(crate) async fn year(may: May<GroupReader>) -> Result<Json<GroupYear>> {
    may.read_heavy(async |tx, by| {
        let zone = accounts::letterhead(tx, by.account()).await?.zone();
        Ok(Json(GroupYear { months: months::year(tx, by, &zone).await? }))
    })
    .await
}

/// A group by id and name.
pub(crate) type AccessGroup = web::Named<id::Group>;

/// A person's role in a group.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessPlace)]
pub(crate) struct Place {
    group: GroupId,
    role: GroupRole,
}

/// What a person sees.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessPerson)]
pub(crate) struct PersonSight {
    user: UserId,
    name: String,
    email: String,
    role: Role,
    /// The groups that they are in.
    groups: Vec<Place>,
    /// Whether they also read all other groups, from the parent account; that is noted each time.
    reads_all_groups: bool,
}

/// Who sees what in an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountAccess {
    /// By name; archived ones are left out.
    groups: Vec<AccessGroup>,
    /// By name.
    people: Vec<PersonSight>,
    /// Whether there is more than is shown.
    more: bool,
}

pub(crate) async fn who_sees_what(may: May<AccountAdmin>) -> Result<Json<AccountAccess>> {
    let found = may.read_heavy(async |tx, by| sights::load(tx, by).await).await?;
    let person = |person: sights::Person| PersonSight {
        user: person.user,
        name: person.name,
        email: person.email,
        role: person.role,
        groups: person.groups.into_iter().map(|(group, role)| Place { group, role }).collect(),
        reads_all_groups: person.role.manages(),
    };
    Ok(Json(AccountAccess {
        groups: found.groups.into_iter().map(|(id, name)| AccessGroup { id, name }).collect(),
        people: found.people.into_iter().map(person).collect(),
        more: found.cut,
    }))
}

/// From when until when someone had a role.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessPeriod {
    /// Null for the account itself.
    group: Option<GroupId>,
    /// Null for the account itself.
    group_name: Option<String>,
    /// `owner`, `administrator`, `member` or `support_staff`; in groups `administrator` or `member`.
    role: String,
    since: Time,
    /// Null while it lasts.
    until: Option<Time>,
}

impl From<PeriodRow> for AccessPeriod {
    fn from(row: PeriodRow) -> Self {
        let PeriodRow { group, name, role, since, until } = row;
        Self { group, group_name: group.map(|_| name), role, since, until }
    }
}

/// A person's roles over time: in the account first, then in its groups by name, the oldest first.
pub(crate) async fn over_time(
    may: May<AccountAdmin>,
    Query(part): Query<Part>,
) -> Result<Json<Page<AccessPeriod>>> {
    let user: UserId = may.id("user")?;
    let rows = may.read_heavy(async move |tx, by| timeline::periods(tx, by, user).await).await?;
    let periods = rows.into_iter().map(AccessPeriod::from).collect();
    let key = |period: &AccessPeriod| {
        let place = period.group.map_or_else(|| "account".to_owned(), |group| group.to_string());
        format!("{place}.{}", period.since.micros())
    };
    Page::of(periods, &part, key).map(Json)
}
