//! Payments, in JSON, and what the payment provider tells.

use axum::{body::Bytes, http::HeaderMap};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    charges::{
        PaymentState, RefundRow, actions, provider,
        store::{self, Refunds},
    },
    shop::Shop,
};
use access::{AccountAdmin, Anyone, InvoiceAdmin};
use kernel::{clock::Time, error::Result, id::PaymentId, money::Money};
use web::{Answer, Body, Json, Lists, May, NoContent, Page};

/// A payment that was made outside of Covey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayment {
    /// In minor units; all that is open, if it is absent.
    amount: Option<i64>,
    /// A note, such as the bank's reference.
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
    may.post(async move |tx, by| {
        let NewPayment { amount, note } = &input;
        let payment = actions::report_payment(tx, by, &shop, *amount, note).await?;
        Ok(ReportedPayment { payment, state: PaymentState::Reported })
    })
    .await
}

/// The person whose decision something follows.
pub type RequestedBy = web::Named<kernel::id::User>;

/// A refund, from its request to its end.
#[derive(Serialize, ToSchema)]
pub struct Refund {
    id: PaymentId,
    /// `requested` until the operator pays it out, or `pending` on its way to a card; then `succeeded`, or `failed` with
    /// the reason.
    state: PaymentState,
    amount: Money,
    requested_at: Time,
    /// `null` where the server gave back what it charged in vain.
    requested_by: Option<RequestedBy>,
    settled_at: Option<Time>,
    /// The reference of the transfer.
    reference: Option<String>,
    failure: Option<String>,
}

impl From<RefundRow> for Refund {
    fn from(row: RefundRow) -> Self {
        let RefundRow { id, state, requested_at, settled_at, reference, failure, .. } = row;
        let requested_by = row.requested_by.zip(row.name).map(|(id, name)| RequestedBy { id, name });
        let amount = Money::new(row.amount, row.currency);
        Self { id, state, amount, requested_at, requested_by, settled_at, reference, failure }
    }
}

pub(crate) async fn refunds(
    may: May<AccountAdmin>,
    Lists { listing, limit, .. }: Lists<Refunds>,
) -> Result<Json<Page<Refund>>> {
    may.read(async |tx, by| {
        let rows = store::refunds(tx, by.account(), &listing, limit + 1).await?;
        Ok(Json(Page::dated(rows, limit, &listing, |row| row.id).map(|row| row.clone().into())))
    })
    .await
}

pub(crate) async fn pay_now(may: May<InvoiceAdmin>) -> Result<Answer<(), 202>> {
    let shop = Shop::of(&may.app().config);
    may.post(async move |tx, by| actions::pay_now(tx, by, &shop).await).await
}

pub(crate) async fn stripe_webhook(may: May<Anyone>, headers: HeaderMap, body: Bytes) -> Result<NoContent> {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = may.app().db.clock().now();
    if let Some(notice) = may.app().payments.stripe()?.notice(&body, signature, now)? {
        provider::handle_webhook(may.app(), notice).await?;
    }
    Ok(NoContent)
}
