//! Merging, in JSON.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::clients::{api::NamedClient, merge::actions};
use access::ClientCurator;
use kernel::{error::Result, id::ClientId};
use web::{Answer, Body, May};

/// The client to keep.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientMerge)]
pub struct MergeInto {
    into: ClientId,
}

pub(crate) async fn merge(
    may: May<ClientCurator>,
    Body(input): Body<MergeInto>,
) -> Result<Answer<NamedClient, 200>> {
    may.post(async move |tx, by| {
        let row = actions::merge(tx, by, input.into).await?;
        Ok(NamedClient { id: row.id, name: row.name })
    })
    .await
}
