//! User groups in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::user_groups::{
    Loss, Person, UserGroupRow, UserGroups,
    actions::{self, Draft},
    delete, rights,
};
use access::{AccountAdmin, AccountWorker, Privilege, UserGroupAdmin};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, GroupId, UserGroupId, UserId},
};
use storage::ExpectedVersion;
use web::{Answer, Body, Json, Lists, May, NoContent, Page, Part, Query, Tagged};

/// A user group with its members.
#[derive(Serialize, ToSchema)]
pub struct UserGroup {
    id: UserGroupId,
    account: AccountId,
    name: String,
    description: String,
    active: bool,
    default: bool,
    privileges: Vec<Privilege>,
    members: Vec<Person>,
    /// The number of open requests addressed to it.
    open_requests: i64,
    /// What needs attention: requests that no one can see.
    warning: Option<String>,
    created_at: Time,
}

impl From<actions::UserGroup> for UserGroup {
    fn from(whole: actions::UserGroup) -> Self {
        Self {
            warning: whole.warning(),
            id: whole.row.id,
            account: whole.row.account,
            privileges: whole.row.privileges(),
            active: whole.row.active,
            default: whole.row.default,
            created_at: whole.row.created_at,
            name: whole.row.name,
            description: whole.row.description,
            members: whole.people,
            open_requests: whole.open_requests,
        }
    }
}

/// A user group in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = UserGroupSummary)]
pub struct UserGroupItem {
    id: UserGroupId,
    name: String,
    description: String,
    active: bool,
    default: bool,
    privileges: Vec<Privilege>,
    /// The number of members.
    count: i64,
    /// The names of the first 50 members.
    people: Vec<String>,
}

impl From<UserGroupRow> for UserGroupItem {
    fn from(row: UserGroupRow) -> Self {
        Self {
            id: row.id,
            privileges: row.privileges(),
            people: row.people(),
            name: row.name,
            description: row.description,
            active: row.active,
            default: row.default,
            count: row.count,
        }
    }
}

pub(crate) async fn index(
    may: May<AccountWorker>,
    Lists { listing, limit, .. }: Lists<UserGroups>,
) -> Result<Json<Page<UserGroupItem>>> {
    let from = listing.clone();
    let rows = may.read_heavy(async move |tx, by| actions::list(tx, by, &from, limit).await).await?;
    Ok(Json(Page::sorted(rows, limit, &listing, UserGroupRow::place).map(Into::into)))
}

fn yes() -> bool {
    true
}

/// A user group to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUserGroup {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    members: Vec<UserId>,
    #[serde(default)]
    privileges: Vec<Privilege>,
}

pub(crate) async fn create(
    may: May<AccountAdmin>,
    Body(input): Body<NewUserGroup>,
) -> Result<Answer<UserGroup>> {
    let NewUserGroup { name, description, active, default, members, privileges } = input;
    let draft = Draft { name, description, active, default, members, privileges };
    may.post(async move |tx, by| actions::create(tx, by, &draft).await.map(UserGroup::from)).await
}

pub(crate) async fn show(may: May<UserGroupAdmin>) -> Result<Tagged<UserGroup>> {
    let whole = may.read_heavy(async |tx, by| actions::show(tx, by).await).await?;
    Ok(Tagged(whole.row.version, whole.into()))
}

/// A user group as it should be: members and privileges you leave out are removed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserGroupUpdate)]
pub struct WholeUserGroup {
    name: String,
    description: String,
    active: bool,
    default: bool,
    members: Vec<UserId>,
    privileges: Vec<Privilege>,
}

pub(crate) async fn save(
    may: May<UserGroupAdmin>,
    seen: ExpectedVersion,
    Body(input): Body<WholeUserGroup>,
) -> Result<Tagged<UserGroup>> {
    let WholeUserGroup { name, description, active, default, members, privileges } = input;
    let draft = Draft { name, description, active, default, members, privileges };
    let whole = may.write(async move |tx, by| actions::save(tx, by, &draft, seen).await).await?;
    Ok(Tagged(whole.row.version, whole.into()))
}

/// A user group.
pub type NamedUserGroup = web::Named<kernel::id::UserGroup>;

fn named((id, name): (UserGroupId, String)) -> NamedUserGroup {
    NamedUserGroup { id, name }
}

/// What deleting a user group would do.
#[derive(Serialize, ToSchema)]
#[schema(as = UserGroupDeletion)]
pub struct Deletion {
    people: i64,
    losses: Vec<Loss>,
    open_requests: i64,
    /// The user groups that could get those requests.
    receivers: Vec<NamedUserGroup>,
}

pub(crate) async fn deletion(may: May<UserGroupAdmin>) -> Result<Json<Deletion>> {
    let found = may.read_heavy(async |tx, by| delete::deletion(tx, by).await).await?;
    let delete::Deletion { people, losses, open_requests, receivers } = found;
    let receivers = receivers.into_iter().map(named).collect();
    Ok(Json(Deletion { people, losses, open_requests, receivers }))
}

/// Where the open requests go.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DeleteQuery {
    #[param(inline)]
    requests_to: Option<UserGroupId>,
}

pub(crate) async fn delete(
    may: May<UserGroupAdmin>,
    seen: ExpectedVersion,
    Query(query): Query<DeleteQuery>,
) -> Result<NoContent> {
    let to = query.requests_to;
    may.write(async move |tx, by| delete::delete(tx, by, to, seen).await).await?;
    Ok(NoContent)
}

/// Why the caller has a privilege.
#[derive(Serialize, ToSchema)]
#[schema(as = PrivilegeReason)]
pub struct Reason {
    /// `you are in Insurance Verification`.
    why: String,
    user_group: Option<UserGroupId>,
    /// The only group it is limited to; null for the whole account.
    group: Option<GroupId>,
}

/// A privilege, and whether the caller has it.
#[derive(Serialize, ToSchema)]
#[schema(as = PrivilegeStatus)]
pub struct Right {
    privilege: Privilege,
    label: &'static str,
    meaning: &'static str,
    /// Whether the caller has it in the whole account.
    held: bool,
    reasons: Vec<Reason>,
    /// The user groups that have it.
    given_by: Vec<NamedUserGroup>,
}

pub(crate) async fn rights(may: May<AccountWorker>, Query(part): Query<Part>) -> Result<Json<Page<Right>>> {
    let found = may.read(async |tx, by| rights::rights(tx, by).await).await?;
    let reason = |rights::Reason { why, user_group, group }| Reason { why, user_group, group };
    let item = |right: rights::Right| Right {
        privilege: right.privilege,
        label: right.privilege.label(),
        meaning: right.privilege.meaning(),
        held: right.held(),
        reasons: right.reasons.into_iter().map(reason).collect(),
        given_by: right.givers.into_iter().map(named).collect(),
    };
    Ok(Json(Page::of(found, &part, |right| right.privilege.to_string())?.map(item)))
}
