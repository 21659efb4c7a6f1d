//! The search, in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::find::{
    Found, Kind, Section,
    looking::{FindQuery, address, look},
};
use access::SignedIn;
use kernel::error::Result;
use web::{Json, May, Query};

/// Something that a search found.
#[derive(Serialize, ToSchema)]
pub struct FoundItem {
    /// Its id; null for pages and actions.
    id: Option<String>,
    title: String,
    /// What tells it from others of the name; may be empty.
    detail: String,
    /// The page that it opens.
    path: String,
}

impl From<Found> for FoundItem {
    fn from(Found { id, title, detail, target }: Found) -> Self {
        Self { id, title, detail, path: address(&target) }
    }
}

/// What a search found of one kind.
#[derive(Serialize, ToSchema)]
pub struct FoundSection {
    kind: Kind,
    /// The heading over it.
    label: &'static str,
    /// The best, at most five.
    items: Vec<FoundItem>,
    /// The page with all of them, where there are more and one page has them.
    more: Option<String>,
}

impl From<Section> for FoundSection {
    fn from(Section { kind, found, more }: Section) -> Self {
        let items = found.into_iter().map(Into::into).collect();
        Self { kind, label: kind.label(), items, more: more.as_ref().map(address) }
    }
}

/// What a search found, by kind, the likeliest kind first.
#[derive(Serialize, ToSchema)]
pub struct SearchResults {
    sections: Vec<FoundSection>,
}

pub(crate) async fn find(may: May<SignedIn>, Query(query): Query<FindQuery>) -> Result<Json<SearchResults>> {
    let (_, found) = look(&may, &query, false).await?;
    Ok(Json(SearchResults { sections: found.sections.into_iter().map(Into::into).collect() }))
}
