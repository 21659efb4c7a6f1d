//! Subscriptions, quotes, purchases, invoices, in JSON.

use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::{AccountAdmin, AccountOwner, Anyone, InvoiceAdmin},
    billing::{
        Effect, EntryRow, InvoiceKind, InvoiceRow, Line, Offer, Quote, QuoteState, Shop, Wish,
        actions::{self, Purchased},
        books::{self, Shown},
        introduce, keeper,
        store::{self, Details},
    },
    clock::Time,
    error::{Error, Result},
    id::{AccountId, EntryId, InvoiceId, PaymentId, QuoteId, SubscriptionId},
    licenses::{self, Seat, api::Places},
    money::Money,
    payments::Payer,
    plans::{self, Standing, State, Subscription},
    prices::{Billed, Plan, PriceList},
    web::{Answer, Body, Json, Limit, May, NoContent, Page, Query, answer::cursor_id},
};

/// What is planned for the renewal.
#[derive(Serialize, ToSchema)]
pub struct Planned {
    plan: Option<Plan>,
    billed: Option<Billed>,
    licenses: Option<i64>,
    /// Whether it ends instead.
    ends: bool,
}

/// An account's subscription.
#[derive(Serialize, ToSchema)]
pub struct SubscriptionView {
    id: SubscriptionId,
    account: AccountId,
    state: State,
    standing: Standing,
    plan: Plan,
    billed: Billed,
    licenses: Places,
    support_staff: Places,
    /// What a whole period of the present licenses costs.
    price: Money,
    period_start: Time,
    /// When it renews; of a trial, when that ends.
    period_end: Time,
    planned: Planned,
    /// What the account owes; below zero what it is owed.
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

async fn view(tx: &crate::db::Tx, account: AccountId) -> Result<SubscriptionView> {
    let has: Subscription = plans::subscription(tx, account).await?;
    let seats = licenses::seats_of(tx, account).await?;
    let places = |kind| seats.iter().find(|seats| seats.kind == kind).map(Places::from);
    let balance = has.money(store::balance(tx, account).await?);
    Ok(SubscriptionView {
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

pub(crate) async fn show(may: May<AccountAdmin>) -> Result<Json<SubscriptionView>> {
    may.read(async |tx, by| view(tx, by.account()).await.map(Json)).await
}

/// What things cost, and how much may be bought.
#[derive(Serialize, ToSchema)]
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

/// What somebody would like to have. What is absent stays as it is.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NewQuote {
    #[param(value_type = Option<String>)]
    plan: Option<Plan>,
    #[param(value_type = Option<String>)]
    billed: Option<Billed>,
    licenses: Option<i64>,
}

impl From<NewQuote> for Wish {
    fn from(wish: NewQuote) -> Self {
        Self { plan: wish.plan, billed: wish.billed, licenses: wish.licenses }
    }
}

/// What a change costs at this moment. Nothing is fixed; a quote does that.
#[derive(Serialize, ToSchema)]
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
}

pub(crate) async fn price(may: May<AccountAdmin>, Query(wish): Query<NewQuote>) -> Result<Json<Price>> {
    let (shop, wish) = (Shop::of(&may.app().config), wish.into());
    let currency = shop.prices.currency;
    may.read(async |tx, by| {
        let (_, offer) = actions::price(tx, by, &shop, wish).await?;
        let Offer { effect, plan, billed, licenses, price, lines, total, .. } = offer;
        let (total, price) = (Money::new(total, currency), Money::new(price, currency));
        Ok(Json(Price { effect, plan, billed, licenses, lines, total, price }))
    })
    .await
}

/// A price that holds until it expires.
#[derive(Serialize, ToSchema)]
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
    /// The version of the terms of use that a purchase agrees to.
    terms_version: String,
    invoice: Option<InvoiceId>,
}

impl QuoteView {
    fn of(row: Quote, terms: &str) -> Self {
        let money = |amount| Money::new(amount, row.currency);
        Self {
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
            terms_version: terms.to_owned(),
            invoice: row.invoice,
        }
    }
}

pub(crate) async fn quote(may: May<AccountAdmin>, Body(wish): Body<NewQuote>) -> Result<Answer<QuoteView>> {
    let (shop, wish) = (Shop::of(&may.app().config), Wish::from(wish));
    may.post(StatusCode::CREATED, async move |tx, by| {
        let made = actions::make_quote(tx, by, &shop, wish).await?;
        Ok(QuoteView::of(made, &shop.terms))
    })
    .await
}

pub(crate) async fn show_quote(may: May<AccountAdmin>) -> Result<Json<QuoteView>> {
    let (id, terms) = (may.id("quote")?, may.app().config.terms_version.clone());
    may.read(async |tx, by| Ok(Json(QuoteView::of(actions::show_quote(tx, by, id).await?, &terms)))).await
}

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
pub struct PurchaseView {
    state: PurchaseState,
    /// The invoice; none where the change begins with the renewal.
    invoice: Option<InvoiceId>,
    subscription: SubscriptionView,
}

/// Buys, charges a card where there is one, and waits for what comes of it.
///
/// # Errors
/// The quote can't be bought, or the card was refused.
pub(super) async fn buy(may: &May<AccountAdmin>, quote: QuoteId, agreed: bool) -> Result<Purchased> {
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    let begun =
        may.write(async move |tx, by| actions::purchase(tx, by, &shop, &site, quote, agreed).await).await?;
    let Purchased::Charging(payment) = begun else { return Ok(begun) };
    keeper::charge_now(may.app(), payment).await?;
    may.read(async |tx, by| actions::outcome_of(tx, by, quote, payment).await).await
}

pub(crate) async fn purchase(may: May<AccountAdmin>, Body(input): Body<NewPurchase>) -> Result<Response> {
    let bought = buy(&may, input.quote, input.accept_terms).await?;
    let (status, state, invoice) = match bought {
        Purchased::Done(invoice) => (StatusCode::CREATED, PurchaseState::Done, invoice),
        Purchased::Charging(_) | Purchased::Confirming => {
            (StatusCode::ACCEPTED, PurchaseState::Confirming, None)
        }
    };
    let subscription = may.read(async |tx, by| view(tx, by.account()).await).await?;
    Ok((status, Json(PurchaseView { state, invoice, subscription })).into_response())
}

/// When a subscription is to end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    /// `renewal`, or `now`: then the unused time is credited.
    when: Effect,
}

/// What an end gives back.
#[derive(Serialize, ToSchema)]
pub struct Canceled {
    credit: Option<Money>,
}

pub(crate) async fn cancel(
    may: May<AccountOwner>,
    Body(input): Body<Cancellation>,
) -> Result<Answer<Canceled>> {
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    may.post(StatusCode::OK, async move |tx, by| {
        let credit = actions::cancel(tx, by, &shop, &site, input.when).await?;
        Ok(Canceled { credit })
    })
    .await
}

pub(crate) async fn keep(may: May<AccountOwner>) -> Result<NoContent> {
    may.write(async |tx, by| actions::keep(tx, by).await).await?;
    Ok(NoContent)
}

/// An invoice or a credit note.
#[derive(Serialize, ToSchema)]
pub struct Invoice {
    id: InvoiceId,
    account: AccountId,
    number: String,
    kind: InvoiceKind,
    /// `open`, `overdue`, `paid`, or `credit`.
    state: String,
    total: Money,
    issued_at: Time,
    due_at: Time,
    settled_at: Option<Time>,
}

fn invoice_view(row: &InvoiceRow, now: Time) -> Invoice {
    Invoice {
        id: row.id,
        account: row.account,
        number: row.number.clone(),
        kind: row.kind,
        state: row.state(now).to_owned(),
        total: row.money(),
        issued_at: row.issued_at,
        due_at: row.due_at,
        settled_at: row.settled_at,
    }
}

/// An invoice with its lines.
#[derive(Serialize, ToSchema)]
pub struct WholeInvoice {
    #[serde(flatten)]
    invoice: Invoice,
    bill_to: String,
    lines: Vec<store::LineRow>,
    /// What is still to be paid of it.
    open: Money,
}

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn invoices(
    may: May<AccountAdmin>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Invoice>>> {
    let (before, limit) = (cursor_id(query.cursor.as_deref())?, query.limit.0);
    may.read(async |tx, by| {
        let rows = store::invoices(tx, by.account(), before, limit + 1).await?;
        let now = tx.now();
        Ok(Json(Page::cut(rows, limit, |row| row.id.to_string()).map(|row| invoice_view(&row, now))))
    })
    .await
}

pub(crate) async fn invoice(may: May<InvoiceAdmin>) -> Result<Response> {
    let seller = may.app().config.seller.clone();
    let (shown, now) = may.read(async |tx, by| Ok((books::show_invoice(tx, by).await?, tx.now()))).await?;
    if may.text("format").is_ok() {
        return super::invoice::pages::pdf(&shown, &seller, now);
    }
    let Shown { row, lines, open, .. } = shown;
    let invoice = invoice_view(&row, now);
    let open = Money::new(open, row.currency);
    Ok(Json(WholeInvoice { invoice, bill_to: row.bill_to, lines, open }).into_response())
}

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

/// A payment that was recorded.
#[derive(Serialize, ToSchema)]
pub struct Recorded {
    payment: PaymentId,
}

pub(crate) async fn record_payment(
    may: May<InvoiceAdmin>,
    Body(input): Body<NewPayment>,
) -> Result<Answer<Recorded>> {
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    may.post(StatusCode::CREATED, async move |tx, by| {
        let NewPayment { amount, note } = &input;
        let payment = books::record_payment(tx, by, &shop, &site, *amount, note).await?;
        Ok(Recorded { payment })
    })
    .await
}

pub(crate) async fn pay_now(may: May<InvoiceAdmin>) -> Result<Answer<()>> {
    let shop = Shop::of(&may.app().config);
    may.post(StatusCode::ACCEPTED, async move |tx, by| books::pay_now(tx, by, &shop).await).await
}

pub(crate) async fn ledger(
    may: May<AccountAdmin>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<EntryRow>>> {
    let (before, limit): (EntryId, _) = (cursor_id(query.cursor.as_deref())?, query.limit.0);
    may.read(async |tx, by| {
        let rows = store::ledger(tx, by.account(), before, limit + 1).await?;
        Ok(Json(Page::cut(rows, limit, |row| row.id.to_string())))
    })
    .await
}

/// To whom and where invoices go.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
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

pub(crate) async fn details(may: May<AccountAdmin>) -> Result<Json<Billing>> {
    may.read(async |tx, by| {
        let Details { name, address, email, tax_id, version } = actions::show_details(tx, by).await?;
        Ok(Json(Billing { name, address, email, tax_id, version }))
    })
    .await
}

pub(crate) async fn change_details(may: May<AccountAdmin>, Body(input): Body<Billing>) -> Result<NoContent> {
    let Billing { name, address, email, tax_id, version } = input;
    let new = Details { name, address, email, tax_id, version };
    may.write(async move |tx, by| actions::change_details(tx, by, &new).await).await?;
    Ok(NoContent)
}

/// A payment method that was made at Stripe.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMethod {
    /// Stripe's id of it: `pm_…`.
    method: String,
}

/// The account as Stripe knows it, made known to it if it wasn't.
///
/// # Errors
/// People here pay by invoice, or Stripe can't be reached.
pub(super) async fn customer(may: &May<AccountAdmin>) -> Result<(AccountId, String)> {
    let stripe = may.app().payments.stripe()?;
    let (account, known, payer) = may
        .read(async |tx, by| {
            let Details { name, email, .. } = actions::show_details(tx, by).await?;
            let known = plans::subscription(tx, by.account()).await?.customer;
            Ok((by.account(), known, Payer { account: by.account(), name, email }))
        })
        .await?;
    if let Some(known) = known {
        return Ok((account, known));
    }
    let made = stripe.customer(&payer).await?;
    let customer = made.clone();
    may.write(async move |tx, by| plans::save_method(tx, by.account(), &customer, None, None).await).await?;
    Ok((account, made))
}

/// Takes up how an account pays from now on.
///
/// # Errors
/// The database fails.
pub(super) async fn use_method(
    may: &May<AccountAdmin>,
    customer: String,
    method: crate::payments::Method,
) -> Result<()> {
    may.write(async move |tx, by| actions::use_method(tx, by, &customer, &method).await).await
}

pub(crate) async fn set_method(may: May<AccountAdmin>, Body(input): Body<NewMethod>) -> Result<NoContent> {
    let (_, customer) = customer(&may).await?;
    let method = may.app().payments.stripe()?.attach(&input.method, &customer).await?;
    use_method(&may, customer, method).await?;
    Ok(NoContent)
}

pub(crate) async fn stripe_tells(may: May<Anyone>, headers: HeaderMap, body: Bytes) -> Result<NoContent> {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = may.app().db.clock().now();
    if let Some(notice) = may.app().payments.stripe()?.notice(&body, signature, now)? {
        keeper::told(may.app(), notice).await?;
    }
    Ok(NoContent)
}

/// The letter that introduces the team.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IntroductionView {
    subject: String,
    /// With the placeholders `{name}`, `{practice}`, `{sender}`, `{link}`, `{guide}`.
    body: String,
    /// The version that was seen; 0 where it is still as Covey proposes it.
    #[serde(default)]
    version: i64,
}

pub(crate) async fn introduction(may: May<AccountAdmin>) -> Result<Json<IntroductionView>> {
    may.read(async |tx, by| {
        let store::Introduction { subject, body, version } = introduce::show(tx, by).await?;
        Ok(Json(IntroductionView { subject, body, version }))
    })
    .await
}

pub(crate) async fn change_introduction(
    may: May<AccountAdmin>,
    Body(input): Body<IntroductionView>,
) -> Result<NoContent> {
    let IntroductionView { subject, body, version } = input;
    let new = store::Introduction { subject, body, version };
    may.write(async move |tx, by| introduce::change(tx, by, &new).await).await?;
    Ok(NoContent)
}

/// To whom the introduction goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Introduce {
    /// Addresses of members and of people with a pending invitation.
    emails: Vec<String>,
}

/// How many letters were queued.
#[derive(Serialize, ToSchema)]
pub struct Introduced {
    sent: usize,
}

pub(crate) async fn send_introduction(
    may: May<AccountAdmin>,
    Body(input): Body<Introduce>,
) -> Result<Answer<Introduced>> {
    let site = may.app().site.clone();
    may.post(StatusCode::OK, async move |tx, by| {
        let sent = introduce::send(tx, by, &site, &input.emails).await?;
        Ok(Introduced { sent })
    })
    .await
}
