//! Billing details, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::details::{self, Details};
use access::AccountAdmin;
use kernel::error::Result;
use web::{Body, Json, May, NoContent};

/// To whom and where invoices go.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BillingDetails)]
pub struct Billing {
    name: String,
    #[serde(default)]
    address: String,
    email: String,
    #[serde(default)]
    tax_id: String,
    /// The version that was seen; 0 where none was given yet.
    #[serde(default)]
    version: i64,
}

pub(crate) async fn show(may: May<AccountAdmin>) -> Result<Json<Billing>> {
    may.read(async |tx, by| {
        let Details { name, address, email, tax_id, version } = details::show(tx, by).await?;
        Ok(Json(Billing { name, address, email, tax_id, version }))
    })
    .await
}

pub(crate) async fn change(may: May<AccountAdmin>, Body(input): Body<Billing>) -> Result<NoContent> {
    let Billing { name, address, email, tax_id, version } = input;
    let new = Details { name, address, email, tax_id, version };
    may.write(async move |tx, by| details::change(tx, by, &new).await).await?;
    Ok(NoContent)
}
