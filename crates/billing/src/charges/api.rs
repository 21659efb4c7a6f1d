//! Payments, in JSON, and what the payment provider tells.

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    charges::{PaymentState, actions, provider},
    shop::Shop,
};
use access::{Anyone, InvoiceAdmin};
use kernel::{error::Result, id::PaymentId};
use web::{Answer, Body, May, NoContent};

/// A payment that was made outside of Covey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayment {
    /// In minor units; all that is open, if it is absent.
    amount: Option<i64>,
    /// What else there is to say, such as the bank's reference.
    #[serde(default)]
    note: String,
}

/// A payment that was reported. The operator confirms it.
#[derive(Serialize, ToSchema)]
pub struct ReportedPayment {
    payment: PaymentId,
    /// `reported` until the operator confirms it.
    state: PaymentState,
}

pub(crate) async fn report_payment(
    may: May<InvoiceAdmin>,
    Body(input): Body<NewPayment>,
) -> Result<Answer<ReportedPayment>> {
    let shop = Shop::of(&may.app().config);
    may.post(StatusCode::CREATED, async move |tx, by| {
        let NewPayment { amount, note } = &input;
        let payment = actions::report_payment(tx, by, &shop, *amount, note).await?;
        Ok(ReportedPayment { payment, state: PaymentState::Reported })
    })
    .await
}

pub(crate) async fn pay_now(may: May<InvoiceAdmin>) -> Result<Answer<()>> {
    let shop = Shop::of(&may.app().config);
    may.post(StatusCode::ACCEPTED, async move |tx, by| actions::pay_now(tx, by, &shop).await).await
}

pub(crate) async fn stripe_webhook(may: May<Anyone>, headers: HeaderMap, body: Bytes) -> Result<NoContent> {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = may.app().db.clock().now();
    if let Some(notice) = may.app().payments.stripe()?.notice(&body, signature, now)? {
        provider::handle_webhook(may.app(), notice).await?;
    }
    Ok(NoContent)
}
