//! Prices and quotes, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    invoices::Line,
    quotes::{Effect, Offer, PlanChange, Quote, QuoteState, Renewal, actions},
    shop::Shop,
};
use access::{AccountAdmin, Anyone};
use kernel::{
    clock::Time,
    error::Result,
    id::{InvoiceId, QuoteId},
    money::Money,
    prices::{Billed, Plan, PriceList},
};
use people::plans;
use storage::Tx;
use web::{Answer, Body, Json, May, Query};

/// The prices, and how many licenses can be bought.
#[derive(Serialize, ToSchema)]
#[schema(as = PriceOverview)]
pub struct Prices {
    #[serde(flatten)]
    list: PriceList,
    licenses_least: i64,
    licenses_most: i64,
    /// The version of the terms of use, to be agreed to with a purchase; the text is at `/terms`.
    terms_version: String,
}

pub(crate) async fn prices(may: May<Anyone>) -> Result<Json<Prices>> {
    let shop = Shop::of(&may.app().config);
    let Shop { prices: list, least, most, terms, .. } = shop;
    Ok(Json(Prices { list, licenses_least: least, licenses_most: most, terms_version: terms }))
}

/// What an account wants to change. What is absent stays the same.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NewQuote {
    #[param(inline)]
    plan: Option<Plan>,
    #[param(inline)]
    billed: Option<Billed>,
    licenses: Option<i64>,
}

impl From<NewQuote> for PlanChange {
    fn from(NewQuote { plan, billed, licenses }: NewQuote) -> Self {
        Self { plan, billed, licenses }
    }
}

/// What a subscription is renewed with.
#[derive(Serialize, ToSchema)]
#[schema(as = Renewal)]
pub struct RenewalView {
    plan: Plan,
    billed: Billed,
    licenses: i64,
    /// The price of a whole period by the current price list.
    price: Money,
}

impl RenewalView {
    fn of(renewal: Renewal, shop: &Shop) -> Self {
        let price = Money::new(renewal.price(&shop.prices), shop.prices.currency);
        let Renewal { plan, billed, licenses } = renewal;
        Self { plan, billed, licenses, price }
    }
}

/// What a change costs at this moment. Nothing is fixed; a quote does that.
#[derive(Serialize, ToSchema)]
#[schema(as = PricePreview)]
pub struct Price {
    effect: Effect,
    plan: Plan,
    billed: Billed,
    licenses: i64,
    /// The sum; where the change begins with the renewal, what will be charged then.
    lines: Vec<Line>,
    /// What is charged now.
    total: Money,
    /// What a whole period costs then.
    price: Money,
    /// What the renewal brings, planned changes included; `null` where the subscription ends with its period.
    renewal: Option<RenewalView>,
}

pub(crate) async fn price(may: May<AccountAdmin>, Query(wanted): Query<NewQuote>) -> Result<Json<Price>> {
    let (shop, wanted) = (Shop::of(&may.app().config), wanted.into());
    let currency = shop.prices.currency;
    may.read(async |tx, by| {
        let (_, offer) = actions::price(tx, by, &shop, wanted).await?;
        let Offer { effect, plan, billed, licenses, price, lines, total, renewal, .. } = offer;
        let renewal = renewal.map(|renewal| RenewalView::of(renewal, &shop));
        let (total, price) = (Money::new(total, currency), Money::new(price, currency));
        Ok(Json(Price { effect, plan, billed, licenses, lines, total, price, renewal }))
    })
    .await
}

/// A price that holds until it expires.
#[derive(Serialize, ToSchema)]
#[schema(as = Quote)]
pub struct QuoteView {
    id: QuoteId,
    state: QuoteState,
    made_at: Time,
    expires_at: Time,
    effect: Effect,
    plan: Plan,
    billed: Billed,
    licenses: i64,
    /// The sum; where the change begins with the renewal, what will be charged then.
    lines: Vec<Line>,
    /// What the change costs now.
    total: Money,
    /// How much of that the account's credit pays.
    credit: Money,
    /// What is charged with "Confirm purchase".
    due: Money,
    /// What a whole period costs then.
    price: Money,
    /// What the renewal brings, planned changes included; `null` where the subscription ends with its period.
    renewal: Option<RenewalView>,
    /// The version of the terms of use that a purchase agrees to.
    terms_version: String,
    invoice: Option<InvoiceId>,
}

impl QuoteView {
    async fn of(tx: &Tx, row: Quote, shop: &Shop) -> Result<Self> {
        let has = plans::subscription(tx, row.account).await?;
        let renewal = row.renewal(&has).map(|renewal| RenewalView::of(renewal, shop));
        let money = |amount| Money::new(amount, row.currency);
        Ok(Self {
            id: row.id,
            state: row.state,
            made_at: row.made_at,
            expires_at: row.expires_at,
            effect: row.effect,
            plan: row.plan,
            billed: row.billed,
            licenses: row.licenses,
            lines: row.lines(),
            total: money(row.total),
            credit: money(row.credit),
            due: money(row.due()),
            price: money(row.price),
            renewal,
            terms_version: shop.terms.clone(),
            invoice: row.invoice,
        })
    }
}

pub(crate) async fn make(may: May<AccountAdmin>, Body(wanted): Body<NewQuote>) -> Result<Answer<QuoteView>> {
    let (shop, wanted) = (Shop::of(&may.app().config), PlanChange::from(wanted));
    may.post(async move |tx, by| {
        let made = actions::make(tx, by, &shop, wanted).await?;
        QuoteView::of(tx, made, &shop).await
    })
    .await
}

pub(crate) async fn show(may: May<AccountAdmin>) -> Result<Json<QuoteView>> {
    let (id, shop) = (may.id("quote")?, Shop::of(&may.app().config));
    let load = async |tx: &Tx, by: &AccountAdmin| {
        let quote = actions::show(tx, by, id).await?;
        QuoteView::of(tx, quote, &shop).await
    };
    may.read(async |tx, by| load(tx, by).await.map(Json)).await
}
