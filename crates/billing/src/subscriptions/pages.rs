//! The page of an account's subscription.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::{
    charges::{self, PaymentState, RefundRow},
    invoices::{self, InvoiceRow},
    ledger, paths,
    periods::day,
    quotes::{Effect, Renewal, period},
    shop::Shop,
    subscriptions::{actions, close::given_back},
};
use access::{AccountAdmin, AccountOwner, Role};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, InvoiceId},
    money::Money,
    text::counted,
};
use people::{
    licenses::{self, Meter, Seat},
    plans::{self, Standing, State, Subscription},
};
use storage::list::Listing;
use web::{
    Form, May, Page, Query,
    cookies::Flash,
    page::{self, Frame, Here, confirm, settle},
    parts::Pager,
};

/// How many invoices a page shows.
const INVOICES: i64 = 12;
/// How many refunds are shown; the API lists all of them.
const REFUNDS: i64 = 12;

/// A refund, and how far it is.
struct RefundView {
    amount: Money,
    /// "Requested on March 2, 2026 by Ann Lee".
    asked: String,
    badge: (&'static str, &'static str),
    /// Where it is, or how it ended.
    then: String,
}

impl RefundView {
    fn of(row: &RefundRow) -> Self {
        let by = row.name.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
        let on = row.settled_at.map(day).unwrap_or_default();
        let (badge, then) = match row.state {
            PaymentState::Requested | PaymentState::Reported => (
                ("pending", "Requested"),
                "The seller named on your invoices will transfer it to you.".to_owned(),
            ),
            PaymentState::Pending => (("pending", "On its way"), "It goes back to your card.".to_owned()),
            PaymentState::Succeeded => {
                let reference = row.reference.as_deref().filter(|text| !text.is_empty());
                let reference = reference.map(|text| format!(", reference {text}")).unwrap_or_default();
                (("accepted", "Paid out"), format!("Paid out on {on}{reference}."))
            }
            PaymentState::Failed => {
                let why = row.failure.clone().unwrap_or_default();
                (("closed", "Not paid out"), format!("Not paid out, {on}: {why}."))
            }
        };
        let asked = format!("Requested on {}{by}", day(row.requested_at));
        Self { amount: Money::new(row.amount, row.currency), asked, badge, then }
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

#[derive(Template)]
#[template(path = "subscriptions/templates/subscription.html")]
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
    /// How many licenses it is renewed with.
    renewed: i64,
    balance: Money,
    /// What would be given back if it ended now, as a sentence.
    given_back: String,
    /// Whether its period is over and it is not renewed before it is paid.
    paused: bool,
    refunds: Vec<RefundView>,
    /// The years that have invoices, newest first.
    years: Vec<i16>,
    invoices: Vec<InvoiceView>,
    pager: Pager,
}

impl SubscriptionPage {
    /// A day as emails and invoices tell it: in UTC, in which periods are counted.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass by reference")]
    fn day(at: &Time) -> String {
        day(*at)
    }
}

/// What is planned for the renewal, in words.
fn planned(has: &Subscription, shop: &Shop) -> Option<String> {
    let day = day(has.period_end);
    if has.ends_at_renewal {
        return Some(format!("Your subscription ends on {day} and won’t renew."));
    }
    let renewal = Renewal::planned(has);
    if renewal == Renewal::as_now(has) {
        return None;
    }
    let price = has.money(renewal.price(&shop.prices));
    let Renewal { plan, billed, licenses } = renewal;
    Some(format!(
        "From {day}: {}, {}, for {price} a {}.",
        counted(licenses, "license", "licenses"),
        plan.label(),
        period(billed)
    ))
}

/// Which page of the invoices to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct CursorQuery {
    cursor: Option<String>,
}

pub(crate) async fn show(may: May<AccountAdmin>, Query(query): Query<CursorQuery>) -> Result<Response> {
    let shop = Shop::of(&may.app().config);
    let listing = Listing::from_cursor(query.cursor.as_deref())?;
    let path = may.request().path.clone();
    let page = may.read(async |tx, by| {
        let account = by.account();
        let frame = may.frame(tx, by.user(), Here::Account(account)).await?;
        let has = plans::subscription(tx, account).await?;
        let refunds = charges::refunds(tx, account, &Listing::default(), REFUNDS).await?;
        let rows = invoices::list(tx, account, &listing, INVOICES + 1).await?;
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
            renewed: Renewal::planned(&has).licenses,
            balance: has.money(ledger::balance(tx, account).await?),
            given_back: given_back(tx, &has, tx.now()).await?.sentence(),
            paused: has.state == State::Active
                && has.standing(tx.now()) == Standing::ReadOnly
                && has.period_end <= tx.now(),
            years: invoices::years(tx, account).await?,
            refunds: refunds.iter().map(RefundView::of).collect(),
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
    settle(&may, &paths::subscription(account), kept, |()| {
        Flash::done("Undone. Your subscription renews unchanged.")
    })
}

pub(crate) async fn cancel(may: May<AccountOwner>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let (back, when) =
        (paths::subscription(account), Effect::read(form.get("when")).unwrap_or(Effect::Renewal));
    let question = page::Question {
        ask: "Cancel subscription?".to_owned(),
        detail: match when {
            Effect::Now => {
                "The account becomes read-only now. Unused time that you paid for is credited. Nothing is \
                 deleted."
            }
            Effect::Renewal => {
                "Everything works until the end of the period. After that, the account is read-only."
            }
        },
        action: "Cancel subscription",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    let done = may.write(async move |tx, by| actions::cancel(tx, by, &shop, &site, when).await).await;
    settle(&may, &back, done, |given| match when {
        Effect::Now => Flash::done(format!("The subscription has ended. {}", given.sentence()).trim_end()),
        Effect::Renewal => Flash::done(
            "Your subscription won’t renew. Everything works until the end of the \
                                        period.",
        ),
    })
}
