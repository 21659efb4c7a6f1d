//! Members and ownership, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    members::{Filter, MemberRow, Members, State, actions, list},
    users::api::User,
};
use access::{AccountAdmin, AccountOwner, Role, TransferParty};
use kernel::{
    clock::Time,
    error::Result,
    id::{TransferId, UserId},
};
use web::{Answer, Body, Json, Lists, May, NoContent, Page};

/// A member of an account.
#[derive(Serialize, ToSchema)]
pub struct Member {
    user: User,
    role: Role,
    state: State,
    since: Time,
    until: Option<Time>,
    last_seen_at: Option<Time>,
    /// Whether they confirmed their address. If not, another person who had their link could have joined in their
    /// name.
    address_proved: bool,
    /// The names of their groups.
    groups: Vec<String>,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        let MemberRow {
            user,
            name,
            email,
            user_type,
            role,
            since,
            until,
            seen_at,
            proved,
            groups,
            accepted_at: _,
        } = row;
        Self {
            user: User { id: user, email, name, user_type },
            role,
            state: if until.is_some() { State::Removed } else { State::Active },
            since,
            until,
            last_seen_at: seen_at,
            address_proved: proved,
            groups: groups.map(|names| names.lines().map(str::to_owned).collect()).unwrap_or_default(),
        }
    }
}

/// Which members to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MemberQuery {
    q: Option<String>,
    #[param(inline)]
    role: Option<Role>,
    #[param(inline)]
    state: Option<State>,
}

pub(crate) async fn index(
    may: May<AccountAdmin>,
    Lists { listing, limit, filter: query }: Lists<Members, MemberQuery>,
) -> Result<Json<Page<Member>>> {
    let MemberQuery { q: search, role, state } = query;
    let filter = Filter { search, role, state, listing: listing.clone() };
    let rows = may.read(async |tx, by| list(tx, by, &filter, limit + 1).await).await?;
    Ok(Json(Page::sorted(rows, limit, &listing, MemberRow::place).map(Into::into)))
}

pub(crate) async fn send_password_reset(may: May<AccountAdmin>) -> Result<Answer<(), 202>> {
    let user: UserId = may.id("user")?;
    let site = may.app().site.clone();
    may.post(async move |tx, by| actions::send_password_reset(tx, by, user, &site).await).await
}

/// The person that ownership is offered to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOwnershipTransfer)]
pub struct NewTransfer {
    to: UserId,
}

/// An offer of ownership.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnershipTransfer)]
pub struct Transfer {
    id: TransferId,
    to: UserId,
}

pub(crate) async fn offer_ownership(
    may: May<AccountOwner>,
    Body(input): Body<NewTransfer>,
) -> Result<Answer<Transfer>> {
    let site = may.app().site.clone();
    may.post(async move |tx, by| {
        let id = actions::offer_ownership(tx, by, input.to, &site).await?;
        Ok(Transfer { id, to: input.to })
    })
    .await
}

pub(crate) async fn accept_ownership(may: May<TransferParty>) -> Result<NoContent> {
    may.write(async |tx, by| actions::accept_ownership(tx, by).await).await?;
    Ok(NoContent)
}

pub(crate) async fn drop_offer(may: May<TransferParty>) -> Result<NoContent> {
    may.write(async |tx, by| actions::drop_offer(tx, by).await).await?;
    Ok(NoContent)
}
