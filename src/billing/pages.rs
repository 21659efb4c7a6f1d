//! Pages of selling: the subscription, choosing licenses, the quote, the purchase, the card.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

use crate::{
    access::{AccountAdmin, AccountOwner, Role},
    accounts::{Here, frame},
    billing::{
        Effect, InvoiceRow, Line, Offer, Quote, QuoteState, Shop, Wish, actions, api,
        mail::day,
        renewal,
        store::{self, Details},
    },
    clock::Time,
    db::Tx,
    error::{Error, Kind, Result},
    id::{AccountId, InvoiceId, QuoteId},
    licenses::{self, Meter, Seat, Seats},
    money::{Currency, Money},
    plans::{self, Standing, State, Subscription},
    prices::{Billed, Plan, Tiers},
    web::{
        Form, May, Page, Query,
        answer::cursor_id,
        cookies::Flash,
        entry::Entry,
        page::{self, Frame, Notice, confirm, crumb, go, go_with, plain, settle},
        parts::{Pager, link},
    },
};

/// How many invoices a page shows.
const INVOICES: i64 = 12;
/// After how many seconds the page of a purchase that is being confirmed looks again.
const LOOK_AGAIN: HeaderValue = HeaderValue::from_static("2");

fn subscription_path(account: AccountId) -> String {
    format!("/a/{account}/subscription")
}

fn licenses_path(account: AccountId) -> String {
    format!("/a/{account}/licenses")
}

fn quote_path(account: AccountId, quote: QuoteId) -> String {
    format!("/a/{account}/quotes/{quote}")
}

/// "1 license", "3 licenses".
fn counted(licenses: i64) -> String {
    if licenses == 1 { "1 license".to_owned() } else { format!("{licenses} licenses") }
}

/// What a period is called.
const fn period(billed: Billed) -> &'static str {
    match billed {
        Billed::Month => "month",
        Billed::Year => "year",
    }
}

/// A line of a sum, as it is read.
struct SumLine {
    text: String,
    sum: String,
    amount: String,
}

/// What a change costs, written out.
struct Sum {
    /// Whether it begins now, and not with the renewal.
    now: bool,
    lines: Vec<SumLine>,
    /// What is charged now.
    due: String,
    /// What of the total the account's credit pays, if any.
    credit: Option<String>,
    /// What a whole period costs from the renewal on.
    price: String,
    /// A month or a year.
    per: &'static str,
    /// The day of the renewal.
    renewal: String,
}

/// When the renewal comes that follows a change.
fn renewal_of(has: &Subscription, billed: Billed, now: Time) -> Time {
    match has.state {
        State::Active => has.period_end,
        State::Trial | State::Ended => renewal::boundary(now, billed.months().into()),
    }
}

fn sum_lines(lines: &[Line], currency: Currency) -> Vec<SumLine> {
    let line = |line: &Line| SumLine {
        text: line.text.clone(),
        sum: line.sum.clone(),
        amount: Money::new(line.amount, currency).to_string(),
    };
    lines.iter().map(line).collect()
}

impl Sum {
    fn of_offer(has: &Subscription, offer: &Offer, shop: &Shop, now: Time) -> Self {
        let currency = shop.prices.currency;
        let money = |amount| Money::new(amount, currency).to_string();
        Self {
            now: offer.effect == Effect::Now,
            lines: sum_lines(&offer.lines, currency),
            due: money(offer.total),
            credit: None,
            price: money(offer.price),
            per: period(offer.billed),
            renewal: day(renewal_of(has, offer.billed, now)),
        }
    }

    /// No sum yet, for a script to fill in.
    fn empty(has: &Subscription, billed: Billed, now: Time) -> Self {
        let none = has.money(0).to_string();
        Self {
            now: true,
            lines: Vec::new(),
            due: none.clone(),
            credit: None,
            price: none,
            per: period(billed),
            renewal: day(renewal_of(has, billed, now)),
        }
    }

    fn of_quote(has: &Subscription, quote: &Quote) -> Self {
        let money = |amount| Money::new(amount, quote.currency).to_string();
        Self {
            now: quote.effect == Effect::Now,
            lines: sum_lines(&quote.lines(), quote.currency),
            due: money(quote.due()),
            credit: (quote.credit > 0).then(|| money(-quote.credit)),
            price: money(quote.price),
            per: period(quote.billed),
            renewal: day(renewal_of(has, quote.billed, quote.made_at)),
        }
    }
}

/// An invoice in a list.
struct InvoiceView {
    id: InvoiceId,
    number: String,
    issued: String,
    total: String,
    state: &'static str,
}

impl InvoiceView {
    fn of(row: &InvoiceRow, now: Time) -> Self {
        Self {
            id: row.id,
            number: row.number.clone(),
            issued: day(row.issued_at),
            total: row.money().to_string(),
            state: row.state(now),
        }
    }
}

/// The badge of an invoice: its kind and its word.
pub(super) fn invoice_badge(state: &str) -> (&'static str, &'static str) {
    match state {
        "paid" => ("accepted", "Paid"),
        "overdue" => ("failed", "Overdue"),
        "credit" => ("blue", "Credit note"),
        _ => ("pending", "Open"),
    }
}

#[derive(Template)]
#[template(path = "billing/templates/subscription.html")]
struct SubscriptionPage {
    frame: Frame,
    tab: &'static str,
    account: AccountId,
    has: Subscription,
    owner: bool,
    by_card: bool,
    standing: Standing,
    meter: Meter,
    price: String,
    per: &'static str,
    planned: Option<String>,
    balance: Money,
    /// What would be credited if it ended now.
    unused: Money,
    invoices: Vec<InvoiceView>,
    pager: Pager,
}

impl SubscriptionPage {
    /// A day as letters and invoices tell it: in UTC, in which periods are counted.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass by reference")]
    fn day(at: &Time) -> String {
        day(*at)
    }
}

/// What is planned for the renewal, in words.
fn planned(has: &Subscription, shop: &Shop) -> Option<String> {
    let day = day(has.period_end);
    if has.ends_at_renewal {
        return Some(format!("It ends on {day} and is not renewed."));
    }
    if has.next_plan.is_none() && has.next_billed.is_none() && has.next_licenses.is_none() {
        return None;
    }
    let (plan, billed) = (has.next_plan.unwrap_or(has.plan), has.next_billed.unwrap_or(has.billed));
    let licenses = has.next_licenses.unwrap_or(has.licenses);
    let price = has.money(shop.prices.tiers(plan, billed).price(licenses));
    Some(format!("From {day} on: {}, {}, for {price} a {}.", counted(licenses), plan.label(), period(billed)))
}

/// Which page of the invoices to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct CursorQuery {
    cursor: Option<String>,
}

pub(crate) async fn subscription(
    may: May<AccountAdmin>,
    Query(query): Query<CursorQuery>,
) -> Result<Response> {
    let shop = Shop::of(&may.app().config);
    let before = cursor_id(query.cursor.as_deref())?;
    let path = may.request().path.clone();
    let page = may.read(async |tx, by| {
        let account = by.account();
        let frame = frame(tx, by.id(), Here::Account(account)).await?;
        let has = plans::subscription(tx, account).await?;
        let rows = store::invoices(tx, account, before, INVOICES + 1).await?;
        let rows = Page::cut(rows, INVOICES, |row| row.id.to_string());
        Ok(SubscriptionPage {
            tab: "subscription",
            account,
            owner: by.role() == Role::Owner,
            by_card: shop.by_card,
            standing: has.standing(tx.now()),
            meter: Meter::new(licenses::seats(tx, account, Seat::License).await?),
            price: has.money(has.price).to_string(),
            per: period(has.billed),
            planned: planned(&has, &shop),
            balance: has.money(store::balance(tx, account).await?),
            unused: renewal::unused(&has, tx.now()),
            invoices: rows.items.iter().map(|row| InvoiceView::of(row, tx.now())).collect(),
            pager: Pager::new(&path, &[], query.cursor.as_deref(), rows.next_cursor.as_deref()),
            frame: frame.page(&may, "dashboard", [], "Subscription details"),
            has,
        })
    });
    page::ok(&may, &page.await?)
}

pub(crate) async fn keep(may: May<AccountOwner>) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let kept = may.write(async |tx, by| actions::keep(tx, by).await).await;
    settle(&may, &subscription_path(account), kept, |()| {
        Flash::done("The subscription stays as it is, and is renewed so.")
    })
}

pub(crate) async fn cancel(may: May<AccountOwner>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let (back, when) =
        (subscription_path(account), Effect::read(form.get("when")).unwrap_or(Effect::Renewal));
    let question = page::Question {
        ask: "Cancel the subscription?".to_owned(),
        detail: match when {
            Effect::Now => {
                "The account can only be read from now on. What was paid for and not used is credited; nothing is \
                 deleted."
            }
            Effect::Renewal => {
                "Everything works until the renewal. From then on the account can only be read."
            }
        },
        action: "Cancel the subscription",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question).await? {
        return Ok(asked);
    }
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    let done = may.write(async move |tx, by| actions::cancel(tx, by, &shop, &site, when).await).await;
    settle(&may, &back, done, |credit| match (when, credit) {
        (_, Some(credit)) => Flash::done(format!("The subscription has ended. {credit} is credited to you.")),
        (Effect::Now, None) => Flash::done("The subscription has ended."),
        (Effect::Renewal, None) => Flash::done("It is not renewed. Until then everything works as before."),
    })
}

/// A plan that can be chosen.
struct PlanCard {
    plan: Plan,
    gives: &'static str,
    monthly: String,
    yearly: String,
}

/// "$29.00 each, $25.00 from the 6th on".
fn tiers_in_words(tiers: &Tiers, currency: Currency) -> String {
    let mut first = 1;
    let words = tiers.runs(0, i64::from(u32::MAX)).into_iter().map(|(count, price)| {
        let price = Money::new(price, currency);
        let text =
            if first == 1 { format!("{price} each") } else { format!("{price} from license {first} on") };
        first += count;
        text
    });
    words.collect::<Vec<_>>().join(", ")
}

fn plan_cards(shop: &Shop) -> Vec<PlanCard> {
    let words = |plan, billed| tiers_in_words(shop.prices.tiers(plan, billed), shop.prices.currency);
    let card = |plan: &Plan| PlanCard {
        plan: *plan,
        gives: match plan {
            Plan::Standard => "Groups, cases, invitations and handouts for everybody with a license.",
            Plan::Pro => "All of Standard, and a place for support staff, which takes no license.",
        },
        monthly: words(*plan, Billed::Month),
        yearly: words(*plan, Billed::Year),
    };
    Plan::ALL.iter().map(card).collect()
}

/// What somebody would like to have, as it stands in an address or a form.
#[derive(Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct WishQuery {
    plan: Option<String>,
    billed: Option<String>,
    licenses: Option<String>,
}

impl WishQuery {
    fn of(form: &Form) -> Self {
        let text = |name: &str| Some(form.get(name).to_owned()).filter(|text| !text.is_empty());
        Self { plan: text("plan"), billed: text("billed"), licenses: text("licenses") }
    }

    /// The wish that it stands for.
    fn read(&self) -> Result<Wish> {
        let licenses = self.licenses.as_deref().map(|text| {
            let number = text.trim().parse().ok().filter(|number| (0..1_000_000).contains(number));
            number.ok_or_else(|| Error::field("licenses", "Please give a whole number of licenses."))
        });
        Ok(Wish {
            plan: self.plan.as_deref().and_then(Plan::read),
            billed: self.billed.as_deref().and_then(Billed::read),
            licenses: licenses.transpose()?,
        })
    }
}

#[derive(Template)]
#[template(path = "billing/templates/licenses.html")]
struct LicensesPage {
    frame: Frame,
    tab: &'static str,
    account: AccountId,
    entry: Entry,
    plans: Vec<PlanCard>,
    meter: Meter,
    /// Whether something runs that can be added to.
    running: bool,
    least: i64,
    most: i64,
    /// Where the price is asked for.
    price_api: String,
    /// The account's credit, if it has any.
    credit: Option<String>,
    sum: Sum,
    /// Why there is no sum.
    trouble: Option<String>,
}

/// What is proposed to who has not chosen yet: one more license than there are, or, before the first
/// purchase, one for everybody who is there.
fn proposed(has: &Subscription, seats: &Seats, least: i64, most: i64) -> i64 {
    let wanted = match has.state {
        State::Active => has.next_licenses.unwrap_or(has.licenses) + 1,
        State::Trial | State::Ended => seats.used + seats.reserved,
    };
    wanted.max(least).min(most)
}

/// The fewest and the most licenses that an account may choose.
async fn bounds(tx: &Tx, by: &AccountAdmin, has: &Subscription, shop: &Shop) -> Result<(i64, i64)> {
    let alone = crate::accounts::actions::show(tx, by).await?.kind == crate::accounts::Kind::Individual;
    let most = has.license_limit.unwrap_or(shop.most).max(shop.most);
    Ok((if alone { 1 } else { shop.least }, most))
}

/// What a refusal says, in one sentence.
fn in_words(error: &Error) -> String {
    error.fields().first().map_or(error.public(), |fault| fault.detail.as_ref()).to_owned()
}

/// The page with a wish; with what is wrong, where the wish was sent and refused.
async fn licenses_page(may: &May<AccountAdmin>, wish: WishQuery, refused: Option<Entry>) -> Result<Response> {
    let shop = Shop::of(&may.app().config);
    let status = refused.as_ref().map_or(StatusCode::OK, Entry::status);
    let page = may.read(async |tx, by| {
        let account = by.account();
        let frame = frame(tx, by.id(), Here::Account(account)).await?;
        let has = plans::subscription(tx, account).await?;
        let seats = licenses::seats(tx, account, Seat::License).await?;
        let (least, most) = bounds(tx, by, &has, &shop).await?;
        let (asked, mut wanted) = (wish.read(), wish.read().unwrap_or_default());
        let plan = *wanted.plan.get_or_insert(has.next_plan.unwrap_or(has.plan));
        let billed = *wanted.billed.get_or_insert(has.next_billed.unwrap_or(has.billed));
        let licenses = *wanted.licenses.get_or_insert(proposed(&has, &seats, least, most));
        let offer = match asked {
            Ok(_) => actions::price(tx, by, &shop, wanted).await.map(|(_, offer)| offer),
            Err(error) => Err(error),
        };
        let (sum, trouble) = match offer {
            Ok(offer) => (Some(Sum::of_offer(&has, &offer, &shop, tx.now())), None),
            Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
                (None, Some(in_words(&error)))
            }
            Err(error) => return Err(error),
        };
        let credit = has.money(-store::balance(tx, account).await?);
        let typed = wish.licenses.clone().unwrap_or_else(|| licenses.to_string());
        let fields = [("plan", plan.word()), ("billed", billed.word()), ("licenses", typed.as_str())];
        let between = [crumb("Subscription details", subscription_path(account))];
        Ok(LicensesPage {
            tab: "subscription",
            account,
            entry: refused.unwrap_or_else(|| Entry::of(&fields)),
            plans: plan_cards(&shop),
            meter: Meter::new(seats),
            running: has.state == State::Active,
            least,
            most,
            price_api: format!("/api/v1/accounts/{account}/subscription/price"),
            credit: (credit.amount > 0).then(|| credit.to_string()),
            sum: sum.unwrap_or_else(|| Sum::empty(&has, billed, tx.now())),
            trouble,
            frame: frame.page(may, "dashboard", between, "Add licenses"),
        })
    });
    page::show(may, status, &page.await?)
}

pub(crate) async fn licenses(may: May<AccountAdmin>, Query(wish): Query<WishQuery>) -> Result<Response> {
    licenses_page(&may, wish, None).await
}

/// Fixes the price, and goes on to its page.
pub(crate) async fn review(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let (shop, wish) = (Shop::of(&may.app().config), WishQuery::of(&form));
    let made = match wish.read() {
        Ok(wish) => may.write(async move |tx, by| actions::make_quote(tx, by, &shop, wish).await).await,
        Err(error) => may.read(async |_, _| Ok(())).await.and(Err(error)),
    };
    match made {
        Ok(quote) => go(&quote_path(account, quote.id)),
        // It is about the invoices, so it is said where they stand.
        Err(error) if error.code() == "invoice_open" => {
            go_with(&may, &subscription_path(account), &Flash::trouble(error.public()))
        }
        Err(error) => licenses_page(&may, wish, Some(Entry::again(form, error)?)).await,
    }
}

/// Where a quote is, as its page shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It can be bought.
    Open,
    /// Its time is over.
    Expired,
    /// The subscription is another by now.
    Outdated,
    /// The card is being charged.
    Confirming,
    /// It was bought.
    Done,
}

impl Stage {
    fn of(quote: &Quote, has: &Subscription, now: Time) -> Self {
        match quote.state {
            QuoteState::Used => Self::Done,
            QuoteState::Confirming => Self::Confirming,
            QuoteState::Open if quote.expires_at <= now => Self::Expired,
            QuoteState::Open if quote.version != has.version => Self::Outdated,
            QuoteState::Open => Self::Open,
        }
    }
}

#[derive(Template)]
#[template(path = "billing/templates/quote.html")]
struct QuotePage {
    frame: Frame,
    tab: &'static str,
    account: AccountId,
    entry: Entry,
    quote: Quote,
    stage: Stage,
    /// "5 licenses, Pro, billed monthly".
    title: String,
    sum: Sum,
    /// Until when the price holds, as a clock shows it.
    until: String,
    details: Details,
    /// The card, where people pay by card.
    card: Option<String>,
    by_card: bool,
    /// By when an invoice would be to be paid.
    due: String,
    terms: String,
    /// The page with the same wish and today's price.
    anew: String,
    /// This page.
    path: String,
}

async fn quote_page(may: &May<AccountAdmin>, id: QuoteId, entry: Entry) -> Result<Response> {
    let (shop, status) = (Shop::of(&may.app().config), entry.status());
    let page = may.read(async |tx, by| {
        let account = by.account();
        let frame = frame(tx, by.id(), Here::Account(account)).await?;
        let quote = actions::show_quote(tx, by, id).await?;
        let has = plans::subscription(tx, account).await?;
        let stage = Stage::of(&quote, &has, tx.now());
        let between = [
            crumb("Subscription details", subscription_path(account)),
            crumb("Add licenses", licenses_path(account)),
        ];
        let wish = [
            ("plan", quote.plan.word()),
            ("billed", quote.billed.word()),
            ("licenses", &quote.licenses.to_string()),
        ];
        Ok(QuotePage {
            tab: "subscription",
            account,
            entry,
            stage,
            title: format!(
                "{}, {}, billed {}",
                counted(quote.licenses),
                quote.plan.label(),
                quote.billed.label()
            ),
            sum: Sum::of_quote(&has, &quote),
            until: frame.clock(&quote.expires_at),
            details: actions::show_details(tx, by).await?,
            card: has.payment_label,
            by_card: shop.by_card,
            due: day(tx.now().plus(shop.payment_time)),
            terms: shop.terms.clone(),
            anew: link(&licenses_path(account), &wish),
            path: quote_path(account, quote.id),
            frame: frame.page(may, "dashboard", between, "Review purchase"),
            quote,
        })
    });
    let page = page.await?;
    let mut response = page::show(may, status, &page)?;
    if page.stage == Stage::Confirming {
        response.headers_mut().insert(header::REFRESH, LOOK_AGAIN);
    }
    Ok(response)
}

pub(crate) async fn quote(may: May<AccountAdmin>) -> Result<Response> {
    quote_page(&may, may.id("quote")?, Entry::default()).await
}

pub(crate) async fn purchase(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (account, quote): (AccountId, QuoteId) = (may.id("account")?, may.id("quote")?);
    match api::buy(&may, quote, form.ticked("accept_terms")).await {
        // The quote's own page tells what became of it, also to whoever pressed twice.
        Ok(_) => go(&quote_path(account, quote)),
        Err(error) => quote_page(&may, quote, Entry::again(form, error)?).await,
    }
}

fn card_path(account: AccountId) -> String {
    format!("/a/{account}/payment-method")
}

/// Begins the entry of a card on the provider's own page. A form may not lead to another site, so a link
/// does.
pub(crate) async fn enter_card(may: May<AccountAdmin>) -> Result<Response> {
    let (account, customer) = api::customer(&may).await?;
    let back = may.app().site.page(&card_path(account));
    let key = format!("card-{}", data_encoding::HEXLOWER.encode(&may.app().db.random().bytes::<16>()));
    let there = may.app().payments.stripe()?.enter_card(&customer, &back, &key).await?;
    let frame = plain(&may, "Enter a card");
    let text =
        "The card is entered on the page of our payment provider. Its number never reaches this server.";
    let own = subscription_path(account);
    let links = [("Go to the payment provider", there.as_str()), ("Not now", own.as_str())];
    page::ok(&may, &Notice { frame, text, links: &links })
}

/// Which entry of a card the provider sends the browser back from.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct SessionQuery {
    session: Option<String>,
}

#[derive(Template)]
#[template(path = "billing/templates/card.html")]
struct CardPage {
    frame: Frame,
    tab: &'static str,
    account: AccountId,
    session: String,
}

pub(crate) async fn entered_card(
    may: May<AccountAdmin>,
    Query(query): Query<SessionQuery>,
) -> Result<Response> {
    may.app().payments.stripe()?;
    let load = async |tx: &Tx, by: &AccountAdmin| {
        Ok((by.account(), frame(tx, by.id(), Here::Account(by.account())).await?))
    };
    let (account, frame) = may.read(load).await?;
    let between = [crumb("Subscription details", subscription_path(account))];
    let page = CardPage {
        frame: frame.page(&may, "dashboard", between, "Payment method"),
        tab: "subscription",
        account,
        session: query.session.unwrap_or_default(),
    };
    page::ok(&may, &page)
}

pub(crate) async fn use_card(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let (account, customer) = api::customer(&may).await?;
    let entered = may.app().payments.stripe()?.entered_card(form.get("session"), &customer).await;
    let used = match entered {
        Ok(method) => {
            let label = method.label.clone();
            api::use_method(&may, customer, method).await.map(|()| label)
        }
        Err(error) => Err(error),
    };
    settle(&may, &subscription_path(account), used, |label| {
        Flash::done(format!("From now on {label} is charged."))
    })
}
