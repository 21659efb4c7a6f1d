//! Purchases, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    checkout::{Purchased, begin_purchase, complete_purchase},
    shop::Shop,
    subscriptions::SubscriptionView,
};
use access::AccountAdmin;
use kernel::{
    error::Result,
    id::{InvoiceId, QuoteId},
};
use web::{Body, May, MaybeLater};

/// What is bought.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPurchase {
    quote: QuoteId,
    /// Whether the terms of use are agreed to.
    #[serde(default)]
    accept_terms: bool,
}

/// Where a purchase is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseState {
    /// It is done.
    Done,
    /// The card is still being charged; ask for the quote again in a while.
    Confirming,
}

/// What came of a purchase.
#[derive(Serialize, ToSchema)]
#[schema(as = Purchase)]
pub struct PurchaseView {
    state: PurchaseState,
    /// The invoice; none where the change begins with the renewal.
    invoice: Option<InvoiceId>,
    subscription: SubscriptionView,
}

pub(crate) async fn purchase(
    may: May<AccountAdmin>,
    Body(input): Body<NewPurchase>,
) -> Result<MaybeLater<PurchaseView>> {
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    let NewPurchase { quote, accept_terms } = input;
    let begun = may
        .write(async move |tx, by| begin_purchase(tx, by, &shop, &site, quote, accept_terms).await)
        .await?;
    let (state, invoice) = match complete_purchase(may.app(), begun).await? {
        Purchased::Done(invoice) => (PurchaseState::Done, invoice),
        Purchased::Confirming => (PurchaseState::Confirming, None),
    };
    let subscription = may.read(async |tx, by| SubscriptionView::load(tx, by.account()).await).await?;
    let purchase = PurchaseView { state, invoice, subscription };
    Ok(match state {
        PurchaseState::Done => MaybeLater::Done(purchase),
        PurchaseState::Confirming => MaybeLater::Later(purchase),
    })
}
