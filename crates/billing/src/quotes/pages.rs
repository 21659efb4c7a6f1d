//! The pages on which licenses and a plan are chosen, and a quote is reviewed.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

use crate::{
    details::{self, Details},
    ledger, paths,
    periods::day,
    quotes::{PlanChange, Quote, QuoteState, actions, sum::Sum},
    shop::Shop,
};
use access::AccountAdmin;
use kernel::{
    clock::Time,
    error::{Error, Kind, Result},
    id::{AccountId, QuoteId},
    money::{Currency, Money},
    prices::{Billed, Plan, Tiers},
    text::counted,
};
use people::{
    accounts,
    licenses::{self, Meter, Seat, Seats},
    plans::{self, State, Subscription},
};
use storage::Tx;
use web::{
    Form, May, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, crumb, go, go_with},
    parts::link,
};

/// After how many seconds the page of a purchase that is being confirmed looks again.
const LOOK_AGAIN: HeaderValue = HeaderValue::from_static("2");

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
            Plan::Standard => "Groups, cases, invitations, and handouts for everyone with a license.",
            Plan::Pro => "Everything in Standard, and a support-staff seat that uses no license.",
        },
        monthly: words(*plan, Billed::Month),
        yearly: words(*plan, Billed::Year),
    };
    Plan::ALL.iter().map(card).collect()
}

/// What an account would like to have, as it is written in an address or a form.
#[derive(Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct PlanQuery {
    plan: Option<String>,
    billed: Option<String>,
    licenses: Option<String>,
}

impl PlanQuery {
    fn of(form: &Form) -> Self {
        let text = |name: &str| Some(form.get(name).to_owned()).filter(|text| !text.is_empty());
        Self { plan: text("plan"), billed: text("billed"), licenses: text("licenses") }
    }

    /// The change that it asks for.
    fn read(&self) -> Result<PlanChange> {
        let licenses = self.licenses.as_deref().map(|text| {
            let number = text.trim().parse().ok().filter(|number| (0..1_000_000).contains(number));
            number.ok_or_else(|| Error::field("licenses", "Enter a whole number of licenses."))
        });
        Ok(PlanChange {
            plan: self.plan.as_deref().and_then(Plan::read),
            billed: self.billed.as_deref().and_then(Billed::read),
            licenses: licenses.transpose()?,
        })
    }
}

#[derive(Template)]
#[template(path = "quotes/templates/licenses.html")]
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
    /// The account's credit, if it has any.
    credit: Option<String>,
    sum: Sum,
    /// Why there is no sum.
    trouble: Option<String>,
}

/// What is proposed to who has not chosen yet: one more license than there are, or, before the first
/// purchase, one for everyone who is there.
fn proposed(has: &Subscription, seats: &Seats, least: i64, most: i64) -> i64 {
    let wanted = match has.state {
        State::Active => has.licenses + 1,
        State::Trial | State::Ended | State::Unbilled => seats.used + seats.reserved,
    };
    wanted.max(least).min(most)
}

/// The fewest and the most licenses that an account may choose.
async fn bounds(tx: &Tx, by: &AccountAdmin, has: &Subscription, shop: &Shop) -> Result<(i64, i64)> {
    let alone = accounts::actions::show(tx, by).await?.kind == accounts::Kind::Individual;
    let most = has.license_limit.unwrap_or(shop.most).max(shop.most);
    Ok((if alone { 1 } else { shop.least }, most))
}

/// What a refusal says, in one sentence.
fn in_words(error: &Error) -> String {
    error.fields().first().map_or(error.public(), |fault| fault.detail.as_ref()).to_owned()
}

/// The page of a change; with what is wrong, where it was sent and refused.
async fn licenses_page(
    may: &May<AccountAdmin>,
    asked: PlanQuery,
    refused: Option<Entry>,
) -> Result<Response> {
    let shop = Shop::of(&may.app().config);
    let status = refused.as_ref().map_or(StatusCode::OK, Entry::status);
    let page = may.read(async |tx, by| {
        let account = by.account();
        let frame = may.frame(tx, by.user(), Here::Account(account)).await?;
        let has = plans::subscription(tx, account).await?;
        let seats = licenses::seats(tx, account, Seat::License).await?;
        let (least, most) = bounds(tx, by, &has, &shop).await?;
        let (read, mut wanted) = (asked.read(), asked.read().unwrap_or_default());
        let plan = *wanted.plan.get_or_insert(has.next_plan.unwrap_or(has.plan));
        let billed = *wanted.billed.get_or_insert(has.next_billed.unwrap_or(has.billed));
        let licenses = *wanted.licenses.get_or_insert(proposed(&has, &seats, least, most));
        let offer = match read {
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
        let credit = has.money(-ledger::balance(tx, account).await?);
        let typed = asked.licenses.clone().unwrap_or_else(|| licenses.to_string());
        let fields = [("plan", plan.word()), ("billed", billed.word()), ("licenses", typed.as_str())];
        let between = [crumb("Subscription details", paths::subscription(account))];
        Ok(LicensesPage {
            tab: "subscription",
            account,
            entry: refused.unwrap_or_else(|| Entry::of(&fields)),
            plans: plan_cards(&shop),
            meter: Meter::new(seats),
            running: has.state == State::Active,
            least,
            most,
            credit: (credit.amount > 0).then(|| credit.to_string()),
            sum: sum.unwrap_or_default(),
            trouble,
            frame: frame.page(may, "dashboard", between, "Add licenses"),
        })
    });
    page::show(may, status, &page.await?)
}

pub(crate) async fn licenses(may: May<AccountAdmin>, Query(asked): Query<PlanQuery>) -> Result<Response> {
    licenses_page(&may, asked, None).await
}

/// Fixes the price, and goes on to its page.
pub(crate) async fn review(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let (shop, asked) = (Shop::of(&may.app().config), PlanQuery::of(&form));
    let made = match asked.read() {
        Ok(wanted) => may.write(async move |tx, by| actions::make(tx, by, &shop, wanted).await).await,
        Err(error) => may.read(async |_, _| Ok(())).await.and(Err(error)),
    };
    match made {
        Ok(quote) => go(&paths::quote(account, quote.id)),
        // It is about the invoices, so it is said where they are listed.
        Err(error) if error.code() == "invoice_open" => {
            go_with(&may, &paths::subscription(account), &Flash::trouble(error.public()))
        }
        Err(error) => licenses_page(&may, asked, Some(Entry::again(form, error)?)).await,
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
#[template(path = "quotes/templates/quote.html")]
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
    /// The page with the same choice and today's price.
    anew: String,
    /// This page.
    path: String,
}

/// The page of a quote, or of what became of it; with what was entered on it, where that was refused.
pub(crate) async fn quote_page(may: &May<AccountAdmin>, id: QuoteId, entry: Entry) -> Result<Response> {
    let (shop, status) = (Shop::of(&may.app().config), entry.status());
    let page = may.read(async |tx, by| {
        let account = by.account();
        let frame = may.frame(tx, by.user(), Here::Account(account)).await?;
        let quote = actions::show(tx, by, id).await?;
        let has = plans::subscription(tx, account).await?;
        let stage = Stage::of(&quote, &has, tx.now());
        let between = [
            crumb("Subscription details", paths::subscription(account)),
            crumb("Add licenses", paths::licenses(account)),
        ];
        let choice = [
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
                counted(quote.licenses, "license", "licenses"),
                quote.plan.label(),
                quote.billed.label()
            ),
            sum: Sum::of_quote(&has, &quote, &shop),
            until: frame.clock(&quote.expires_at),
            details: details::show(tx, by).await?,
            card: has.payment_label,
            by_card: shop.by_card,
            due: day(tx.now().plus(shop.payment_time)),
            terms: shop.terms.clone(),
            anew: link(&paths::licenses(account), &choice),
            path: paths::quote(account, quote.id),
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

pub(crate) async fn show(may: May<AccountAdmin>) -> Result<Response> {
    quote_page(&may, may.id("quote")?, Entry::default()).await
}
