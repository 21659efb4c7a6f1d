//! Accounts, their protocols and their mail, in JSON; and what the caller belongs to.

use crate::users;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    accounts::{AccountRow, Belonging, Kind, Protocol, Protocols, actions, protocols, store},
    users::api::User,
};
use access::{AccountAdmin, AccountMember, GroupRole, ProtocolAdmin, Role, SignedIn};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, MailId},
    practice::PracticeKind,
};
use platform::jobs;
use storage::ExpectedVersion;
use web::{Answer, Body, Json, Lists, May, NoContent, Page, Tagged};

/// An account.
#[derive(Serialize, ToSchema)]
pub struct Account {
    id: AccountId,
    kind: Kind,
    name: String,
    /// What kind of practice it is: decides whether clients have animals, and which protocols, note types and handouts
    /// it begins with.
    practice_kind: PracticeKind,
    practice: String,
    time_zone: String,
    /// Whether administrators of a group may add further groups to the account.
    group_admins_add_groups: bool,
    created_at: Time,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let AccountRow {
            id,
            kind,
            name,
            practice_kind,
            practice,
            time_zone,
            group_admins_add_groups,
            created_at,
            ..
        } = row;
        Self { id, kind, name, practice_kind, practice, time_zone, group_admins_add_groups, created_at }
    }
}

/// An account by id and name.
#[derive(Serialize, ToSchema)]
pub struct AccountRef {
    id: AccountId,
    name: String,
    kind: Kind,
}

/// A group by id and name.
pub type GroupRef = web::Named<kernel::id::Group>;

/// The caller's place in a group.
#[derive(Serialize, ToSchema)]
#[schema(as = GroupMembership)]
pub struct InGroup {
    group: GroupRef,
    role: GroupRole,
}

/// The caller's place in an account.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountMembership)]
pub struct InAccount {
    account: AccountRef,
    role: Role,
    groups: Vec<InGroup>,
}

/// Who the caller is, and what they belong to.
#[derive(Serialize, ToSchema)]
pub struct Me {
    user: User,
    accounts: Vec<InAccount>,
}

fn gather(rows: Vec<Belonging>) -> Vec<InAccount> {
    let mut accounts: Vec<InAccount> = Vec::new();
    for row in rows {
        if accounts.last().is_none_or(|last| last.account.id != row.account) {
            let account = AccountRef { id: row.account, name: row.account_name, kind: row.kind };
            accounts.push(InAccount { account, role: row.role, groups: Vec::new() });
        }
        if let (Some(id), Some(name), Some(role), Some(last)) =
            (row.group, row.group_name, row.group_role, accounts.last_mut())
        {
            last.groups.push(InGroup { group: GroupRef { id, name }, role });
        }
    }
    accounts
}

pub(crate) async fn me(may: May<SignedIn>) -> Result<Json<Me>> {
    may.read(async |tx, by| {
        let user = users::user(tx, by.user()).await?.into();
        let accounts = gather(store::belongings(tx, by.user()).await?);
        Ok(Json(Me { user, accounts }))
    })
    .await
}

pub(crate) async fn show(may: May<AccountMember>) -> Result<Tagged<Account>> {
    let row = may.read(async |tx, by| actions::show(tx, by).await).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Changes to an account. What is absent stays the same.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountUpdate)]
pub struct Settings {
    #[serde(default, deserialize_with = "web::text_or_null")]
    name: Option<String>,
    /// Another kind adds the protocols it begins with, and archives those of the old kind that no case follows.
    /// Nothing that was recorded is lost.
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    practice_kind: Option<PracticeKind>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    practice: Option<String>,
    #[serde(default, deserialize_with = "web::text_or_null")]
    time_zone: Option<String>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    group_admins_add_groups: Option<bool>,
}

pub(crate) async fn change(
    may: May<AccountAdmin>,
    seen: ExpectedVersion,
    Body(input): Body<Settings>,
) -> Result<Tagged<Account>> {
    let Settings { name, practice_kind, practice, time_zone, group_admins_add_groups } = input;
    let input = actions::Settings { name, practice_kind, practice, time_zone, group_admins_add_groups };
    let row = may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await?;
    Ok(Tagged(row.version, row.into()))
}

pub(crate) async fn list_protocols(
    may: May<AccountMember>,
    Lists { listing, limit, .. }: Lists<Protocols>,
) -> Result<Json<Page<Protocol>>> {
    may.read(async |tx, by| {
        if !by.role().works() {
            return Err(Error::not_found());
        }
        let rows = protocols(tx, by.account()).await?;
        Ok(Json(Page::arranged(rows, limit, &listing, Protocol::place)))
    })
    .await
}

/// A protocol to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProtocol {
    name: String,
}

pub(crate) async fn add_protocol(
    may: May<AccountAdmin>,
    Body(input): Body<NewProtocol>,
) -> Result<Answer<Protocol>> {
    may.post(async move |tx, by| actions::add_protocol(tx, by, &input.name).await).await
}

/// Changes to a protocol. What is absent stays the same.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProtocolUpdate)]
pub struct ProtocolChanges {
    #[serde(default, deserialize_with = "web::text_or_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "web::not_null")]
    #[schema(nullable = false)]
    archived: Option<bool>,
}

pub(crate) async fn change_protocol(
    may: May<ProtocolAdmin>,
    Body(input): Body<ProtocolChanges>,
) -> Result<Json<Protocol>> {
    let changed = may.write(async move |tx, by| {
        actions::change_protocol(tx, by, input.name.as_deref(), input.archived).await
    });
    Ok(Json(changed.await?))
}

/// Which mails to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MailQuery {
    #[param(inline)]
    state: Option<jobs::MailState>,
}

pub(crate) async fn list_mail(
    may: May<AccountAdmin>,
    Lists { listing, limit, filter: MailQuery { state } }: Lists<jobs::Mails, MailQuery>,
) -> Result<Json<Page<jobs::MailRow>>> {
    let rows =
        may.read(async |tx, by| jobs::list(tx, by.account(), state, &listing, limit + 1).await).await?;
    Ok(Json(Page::dated(rows, limit, &listing, |row| row.id)))
}

pub(crate) async fn retry_mail(may: May<AccountAdmin>) -> Result<NoContent> {
    let id: MailId = may.id("mail")?;
    let found = may.write(async move |tx, by| jobs::retry(tx, by.account(), id).await).await?;
    if found { Ok(NoContent) } else { Err(Error::not_found()) }
}
