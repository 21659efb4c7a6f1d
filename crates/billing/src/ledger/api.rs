//! The ledger, in JSON.

use crate::ledger::{
    EntryRow,
    store::{self, Entries},
};
use access::AccountAdmin;
use kernel::error::Result;
use web::{Json, Lists, May, Page};

pub(crate) async fn index(
    may: May<AccountAdmin>,
    Lists { listing, limit, .. }: Lists<Entries>,
) -> Result<Json<Page<EntryRow>>> {
    may.read(async |tx, by| {
        let rows = store::list(tx, by.account(), &listing, limit + 1).await?;
        Ok(Json(Page::dated(rows, limit, &listing, |row| row.id)))
    })
    .await
}
