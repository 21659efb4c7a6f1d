//! Making a group, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use access::GroupMaker;
use kernel::error::{Error, Result};
use people::{
    groups::{api::Group, list},
    invitations::Outcome,
};
use web::{Answer, Body, May};

use crate::new_group::actions;

/// A group to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    name: String,
    #[serde(default)]
    administrator_email: String,
    #[serde(default)]
    description: String,
}

/// A group that was made, and what became of its administrator.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedGroup)]
pub struct Made {
    #[serde(flatten)]
    group: Group,
    administrator: Option<Outcome>,
}

pub(crate) async fn create(may: May<GroupMaker>, Body(input): Body<NewGroup>) -> Result<Answer<Made>> {
    let NewGroup { name, administrator_email, description } = input;
    let new = actions::NewGroup { name, administrator_email, description };
    let site = may.app().site.clone();
    may.post(async move |tx, by| {
        let (id, administrator) = actions::create(tx, by, &site, &new).await?;
        let row =
            list(tx, by, false).await?.into_iter().find(|row| row.id == id).ok_or_else(Error::not_found)?;
        Ok(Made { group: row.into(), administrator })
    })
    .await
}
