//! Leaving and changes of role, in JSON.

use serde::Deserialize;
use utoipa::ToSchema;

use access::{AccountAdmin, AccountMember, AccountOwner, Role};
use billing::Shop;
use kernel::{error::Result, id::UserId};
use web::{Body, May, NoContent};

use crate::departure::actions;

/// A member's new role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberUpdate)]
pub struct NewRole {
    role: Role,
}

pub(crate) async fn change_role(may: May<AccountAdmin>, Body(input): Body<NewRole>) -> Result<NoContent> {
    let user: UserId = may.id("user")?;
    if input.role.manages() {
        may.fresh().await?;
    }
    let site = may.app().site.clone();
    may.write(async move |tx, by| actions::change_role(tx, by, user, input.role, &site).await).await?;
    Ok(NoContent)
}

pub(crate) async fn remove(may: May<AccountMember>) -> Result<NoContent> {
    let user: UserId = may.id("user")?;
    let site = may.app().site.clone();
    may.write(async move |tx, by| actions::remove(tx, by, user, &site).await).await?;
    Ok(NoContent)
}

pub(crate) async fn close_account(may: May<AccountOwner>) -> Result<NoContent> {
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    may.write(async move |tx, by| actions::close_account(tx, by, &shop, &site).await).await?;
    Ok(NoContent)
}
