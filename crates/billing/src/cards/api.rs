//! The payment method, in JSON.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::cards::actions;
use access::AccountAdmin;
use kernel::error::Result;
use web::{Body, May, NoContent};

/// A payment method that was made at Stripe.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPaymentMethod)]
pub struct NewMethod {
    /// Stripe's id of it: `pm_…`.
    method: String,
}

pub(crate) async fn set_method(may: May<AccountAdmin>, Body(input): Body<NewMethod>) -> Result<NoContent> {
    let stripe = may.app().payments.stripe()?;
    let account = may.read(async |tx, by| actions::account(tx, by).await).await?;
    let customer = actions::customer(may.app(), account).await?;
    let method = stripe.attach(&input.method, &customer).await?;
    may.write(async move |tx, by| actions::pay_with(tx, by, &customer, &method).await).await?;
    Ok(NoContent)
}
