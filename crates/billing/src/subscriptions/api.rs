//! An account's subscription, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ledger, quotes::Effect, shop::Shop, subscriptions::actions};
use access::{AccountAdmin, AccountOwner};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, SubscriptionId},
    money::Money,
    prices::{Billed, Plan},
};
use people::{
    licenses::{self, Seat, api::Places},
    plans::{self, Standing, State},
};
use storage::Tx;
use web::{Answer, Body, Json, May, NoContent};

/// What is planned for the renewal.
#[derive(Serialize, ToSchema)]
#[schema(as = PlannedRenewal)]
pub struct Planned {
    plan: Option<Plan>,
    billed: Option<Billed>,
    licenses: Option<i64>,
    /// Whether it ends instead.
    ends: bool,
}

/// An account's subscription.
#[derive(Serialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionView {
    id: SubscriptionId,
    account: AccountId,
    state: State,
    standing: Standing,
    plan: Plan,
    billed: Billed,
    licenses: Places,
    support_staff: Places,
    /// The price of a whole period with the current licenses.
    price: Money,
    period_start: Time,
    /// When it renews; of a trial, when that ends.
    period_end: Time,
    planned: Planned,
    /// What the account owes; if negative, its credit.
    balance: Money,
    /// Since when, or from when, money is owed.
    due_at: Option<Time>,
    /// From when the account is read-only.
    read_only_from: Option<Time>,
    ended_at: Option<Time>,
    /// How it pays by itself: "Visa ending in 4242".
    payment_method: Option<String>,
    /// Changes with everything that a price depends on.
    version: i64,
}

impl SubscriptionView {
    pub(crate) async fn load(tx: &Tx, account: AccountId) -> Result<Self> {
        let has = plans::subscription(tx, account).await?;
        let seats = licenses::seats_of(tx, account).await?;
        let places = |kind| seats.iter().find(|seats| seats.kind == kind).map(Places::from);
        let balance = has.money(ledger::balance(tx, account).await?);
        Ok(Self {
            id: has.id,
            account,
            state: has.state,
            standing: has.standing(tx.now()),
            plan: has.plan,
            billed: has.billed,
            licenses: places(Seat::License).ok_or_else(Error::not_found)?,
            support_staff: places(Seat::SupportStaff).ok_or_else(Error::not_found)?,
            price: has.money(has.price),
            period_start: has.period_start,
            period_end: has.period_end,
            balance,
            due_at: has.due_at,
            read_only_from: has.read_only_from,
            ended_at: has.ended_at,
            payment_method: has.payment_label,
            version: has.version,
            planned: Planned {
                plan: has.next_plan,
                billed: has.next_billed,
                licenses: has.next_licenses,
                ends: has.ends_at_renewal,
            },
        })
    }
}

pub(crate) async fn show(may: May<AccountAdmin>) -> Result<Json<SubscriptionView>> {
    may.read(async |tx, by| SubscriptionView::load(tx, by.account()).await.map(Json)).await
}

/// When a subscription is to end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubscriptionCancellation)]
pub struct Cancellation {
    /// `renewal`, or `now`: then the unused time is credited.
    when: Effect,
}

/// What an end gives back.
#[derive(Serialize, ToSchema)]
#[schema(as = CanceledSubscription)]
pub struct Canceled {
    /// What was paid for and not used; `null` where that is nothing.
    credit: Option<Money>,
    /// What was not paid yet and is no longer owed; `null` where that is nothing.
    canceled: Option<Money>,
}

pub(crate) async fn cancel(
    may: May<AccountOwner>,
    Body(input): Body<Cancellation>,
) -> Result<Answer<Canceled, 200>> {
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    may.post(async move |tx, by| {
        let given = actions::cancel(tx, by, &shop, &site, input.when).await?;
        let some = |money: Money| Some(money).filter(|money| money.amount > 0);
        Ok(Canceled { credit: some(given.credited), canceled: some(given.canceled) })
    })
    .await
}

pub(crate) async fn keep(may: May<AccountOwner>) -> Result<NoContent> {
    may.write(async |tx, by| actions::keep(tx, by).await).await?;
    Ok(NoContent)
}
