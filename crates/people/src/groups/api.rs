//! Groups and who is in them, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    groups::{GroupMemberRow, GroupRow, Groups, People, actions, list, people, show as find},
    users::api::User,
};
use access::{AccountMember, GroupAdmin, GroupReader, GroupRole, GroupSteward};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, GroupId, UserId},
};
use storage::{ExpectedVersion, Tx};
use web::{Body, Bulk, Json, Lists, May, NoContent, Page, Tagged};

/// A group.
#[derive(Serialize, ToSchema)]
pub struct Group {
    id: GroupId,
    account: AccountId,
    name: String,
    description: String,
    created_at: Time,
    archived_at: Option<Time>,
    people: i64,
    locations: i64,
    cases: i64,
    open_cases: i64,
    pending_invitations: i64,
}

impl From<GroupRow> for Group {
    fn from(row: GroupRow) -> Self {
        let GroupRow {
            id,
            account,
            name,
            description,
            created_at,
            archived_at,
            people,
            locations,
            cases,
            ..
        } = row;
        let (open_cases, pending_invitations) = (row.open_cases, row.pending);
        Self {
            id,
            account,
            name,
            description,
            created_at,
            archived_at,
            people,
            locations,
            cases,
            open_cases,
            pending_invitations,
        }
    }
}

/// Which groups to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct GroupQuery {
    /// The archived ones instead of the others.
    archived: Option<bool>,
}

pub(crate) async fn index(
    may: May<AccountMember>,
    Lists { listing, limit, filter: query }: Lists<Groups, GroupQuery>,
) -> Result<Json<Page<Group>>> {
    may.read(async |tx, by| {
        if !by.role().works() {
            return Err(Error::not_found());
        }
        let rows = list(tx, by, query.archived.unwrap_or(false)).await?;
        Ok(Json(Page::arranged(rows, limit, &listing, GroupRow::place).map(Into::into)))
    })
    .await
}

pub(crate) async fn show(may: May<GroupReader>) -> Result<Tagged<Group>> {
    let row = may.read(async |tx, by| find(tx, by).await).await?;
    Ok(Tagged(row.version, row.into()))
}

/// What may be changed of a group. What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GroupUpdate)]
pub struct Changes {
    #[serde(default, deserialize_with = "web::text_or_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    description: Option<String>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    archived: Option<bool>,
}

pub(crate) async fn change(
    may: May<GroupAdmin>,
    seen: ExpectedVersion,
    Body(input): Body<Changes>,
) -> Result<Tagged<Group>> {
    let Changes { name, description, archived } = input;
    let input = actions::Changes { name, description, archived };
    let row = may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await?;
    Ok(Tagged(row.version, row.into()))
}

pub(crate) async fn delete(may: May<GroupSteward>) -> Result<NoContent> {
    may.write(async |tx, by| actions::delete(tx, by).await).await?;
    Ok(NoContent)
}

/// A person in a group.
#[derive(Serialize, ToSchema)]
pub struct GroupMember {
    user: User,
    role: GroupRole,
    since: Time,
    last_seen_at: Option<Time>,
}

impl From<GroupMemberRow> for GroupMember {
    fn from(row: GroupMemberRow) -> Self {
        let GroupMemberRow { user, name, email, user_type, role, since, seen_at } = row;
        Self { user: User { id: user, email, name, user_type }, role, since, last_seen_at: seen_at }
    }
}

/// Which people to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PeopleQuery {
    q: Option<String>,
}

pub(crate) async fn members(
    may: May<GroupReader>,
    Lists { listing, limit, filter: query }: Lists<People, PeopleQuery>,
) -> Result<Json<Page<GroupMember>>> {
    let rows = may.read(async |tx, by| people(tx, by, query.q.as_deref()).await).await?;
    Ok(Json(Page::arranged(rows, limit, &listing, GroupMemberRow::place).map(Into::into)))
}

/// The role in the group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GroupMemberRole)]
pub struct NewMember {
    role: GroupRole,
}

pub(crate) async fn put_member(may: May<GroupAdmin>, Body(input): Body<NewMember>) -> Result<NoContent> {
    let user: UserId = may.id("user")?;
    let site = may.app().site.clone();
    may.write(async move |tx, by| actions::put_member(tx, by, user, input.role, &site).await).await?;
    Ok(NoContent)
}

pub(crate) async fn remove_member(may: May<GroupAdmin>) -> Result<NoContent> {
    let user: UserId = may.id("user")?;
    let site = may.app().site.clone();
    may.write(async move |tx, by| actions::remove_member(tx, by, user, &site).await.map(drop)).await?;
    Ok(NoContent)
}

/// A person to add to the group, or whose role in it to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupMemberToSet {
    user: UserId,
    role: GroupRole,
}

/// People to add to the group, or whose roles in it to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupMembersToSet {
    /// At most 500.
    items: Vec<GroupMemberToSet>,
}

/// A person to remove from the group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupMemberToRemove {
    user: UserId,
}

/// People to remove from the group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupMembersToRemove {
    /// At most 500.
    items: Vec<GroupMemberToRemove>,
}

/// A person's role in the group as it is now.
#[derive(Serialize, ToSchema)]
pub struct GroupMemberNow {
    user: UserId,
    /// Null for someone who is no longer in it.
    role: Option<GroupRole>,
}

pub(crate) async fn set_members(
    may: May<GroupAdmin>,
    Body(input): Body<GroupMembersToSet>,
) -> Result<Bulk<GroupMemberNow>> {
    let site = may.app().site.clone();
    let set = async move |tx: &Tx, by: &GroupAdmin, item: &GroupMemberToSet| {
        actions::put_member(tx, by, item.user, item.role, &site).await?;
        Ok(GroupMemberNow { user: item.user, role: Some(item.role) })
    };
    may.bulk(input.items, 200, set).await
}

pub(crate) async fn remove_members(
    may: May<GroupAdmin>,
    Body(input): Body<GroupMembersToRemove>,
) -> Result<Bulk<GroupMemberNow>> {
    let site = may.app().site.clone();
    let remove = async move |tx: &Tx, by: &GroupAdmin, item: &GroupMemberToRemove| {
        actions::remove_member(tx, by, item.user, &site).await?;
        Ok(GroupMemberNow { user: item.user, role: None })
    };
    may.bulk(input.items, 200, remove).await
}

pub(crate) async fn leave(may: May<GroupReader>) -> Result<NoContent> {
    may.write(async |tx, by| actions::leave(tx, by).await).await?;
    Ok(NoContent)
}
