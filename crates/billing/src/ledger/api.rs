//! The ledger, in JSON.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::ledger::{EntryRow, store};
use access::AccountAdmin;
use kernel::{error::Result, id::EntryId};
use web::{Json, Limit, May, Page, Query, answer::cursor_id};

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    #[serde(default)]
    #[param(inline)]
    pub(crate) limit: Limit,
    pub(crate) cursor: Option<String>,
}

pub(crate) async fn index(
    may: May<AccountAdmin>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<EntryRow>>> {
    let (before, limit): (EntryId, _) = (cursor_id(query.cursor.as_deref())?, query.limit.0);
    may.read(async |tx, by| {
        let rows = store::list(tx, by.account(), before, limit + 1).await?;
        Ok(Json(Page::cut(rows, limit, |row| row.id.to_string())))
    })
    .await
}
