//! The feed, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::events::{Event, actions, types};
use access::AccountAdmin;
use kernel::{error::Result, id::EventId};
use web::{Json, Limit, May, Query};

/// Events in the order in which they happened.
#[derive(Serialize, ToSchema)]
pub struct EventPage {
    /// The events, oldest first.
    items: Vec<Event>,
    /// What to give as `after` next time, also to wait for what is still to come. Null before the first event.
    next_after: Option<EventId>,
    /// Whether there are more right now.
    has_more: bool,
}

/// Which events to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct EventQuery {
    /// The id of the last event that you have.
    #[param(inline)]
    after: Option<EventId>,
    /// Only these types, separated by commas.
    #[serde(rename = "type")]
    kinds: Option<String>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
}

pub(crate) async fn index(
    may: May<AccountAdmin>,
    Query(query): Query<EventQuery>,
) -> Result<Json<EventPage>> {
    let EventQuery { after, kinds: names, limit: Limit(limit) } = query;
    let kinds = types::read("type", names.iter().flat_map(|names| names.split(',')))?;
    let mut items =
        may.read(async |tx, by| actions::list(tx, by.account(), after, &kinds, limit + 1).await).await?;
    let most = usize::try_from(limit).unwrap_or(0);
    let has_more = items.len() > most;
    items.truncate(most);
    let next_after = items.last().map(|event| event.id).or(after);
    Ok(Json(EventPage { items, next_after, has_more }))
}
