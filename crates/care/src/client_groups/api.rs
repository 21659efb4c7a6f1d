//! Client groups, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::client_groups::{
    ClientGroupRow, ClientGroups, Member,
    actions::{self, Draft},
};
use access::{ClientGroupEditor, ClientGroupReader, GroupMember, GroupReader};
use kernel::{
    clock::Time,
    error::Result,
    id::{ClientGroupId, ClientId, GroupId},
};
use storage::{ExpectedVersion, Weight};
use web::{Answer, Body, Json, Lists, May, NoContent, Page, Tagged};

/// A client group with every client in it.
#[derive(Serialize, ToSchema)]
pub struct ClientGroup {
    id: ClientGroupId,
    group: GroupId,
    name: String,
    description: String,
    active: bool,
    default: bool,
    clients: Vec<Member>,
    /// How many group notes were written for it.
    group_notes: i64,
    created_at: Time,
}

impl From<actions::ClientGroup> for ClientGroup {
    fn from(whole: actions::ClientGroup) -> Self {
        let ClientGroupRow { id, group, name, description, active, default, created_at, group_notes, .. } =
            whole.row;
        let clients = whole.clients;
        Self { id, group, name, description, active, default, clients, group_notes, created_at }
    }
}

pub(crate) async fn index(
    may: May<GroupReader>,
    Lists { listing, limit, .. }: Lists<ClientGroups>,
) -> Result<Json<Page<ClientGroupRow>>> {
    let from = listing.clone();
    let list = async move |tx: &_, by: &GroupReader| actions::list(tx, by, &from, limit).await;
    let rows = may.read_noted("client_groups", Weight::Heavy, list).await?;
    Ok(Json(Page::sorted(rows, limit, &listing, ClientGroupRow::place)))
}

fn yes() -> bool {
    true
}

/// A client group to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClientGroup {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    clients: Vec<ClientId>,
}

pub(crate) async fn create(
    may: May<GroupMember>,
    Body(input): Body<NewClientGroup>,
) -> Result<Answer<ClientGroup>> {
    let NewClientGroup { name, description, active, default, clients } = input;
    let draft = Draft { name, description, active, default, clients };
    may.post(async move |tx, by| actions::create(tx, by, &draft).await.map(ClientGroup::from)).await
}

pub(crate) async fn show(may: May<ClientGroupReader>) -> Result<Tagged<ClientGroup>> {
    let show = async |tx: &_, by: &ClientGroupReader| actions::show(tx, by, by.object()).await;
    let whole = may.read_noted("client_group", Weight::Heavy, show).await?;
    Ok(Tagged(whole.row.version, whole.into()))
}

/// A client group as it shall be, whole: who is left out of the list is taken out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientGroupUpdate)]
pub struct WholeClientGroup {
    name: String,
    description: String,
    active: bool,
    default: bool,
    clients: Vec<ClientId>,
}

pub(crate) async fn save(
    may: May<ClientGroupEditor>,
    seen: ExpectedVersion,
    Body(input): Body<WholeClientGroup>,
) -> Result<Tagged<ClientGroup>> {
    let WholeClientGroup { name, description, active, default, clients } = input;
    let draft = Draft { name, description, active, default, clients };
    let whole = may.write(async move |tx, by| actions::save(tx, by, &draft, seen).await).await?;
    Ok(Tagged(whole.row.version, whole.into()))
}

pub(crate) async fn delete(may: May<ClientGroupEditor>, seen: ExpectedVersion) -> Result<NoContent> {
    may.write(async move |tx, by| actions::delete(tx, by, seen).await).await?;
    Ok(NoContent)
}
