//! The operator's pages.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::operator::{
    actions,
    asking::{self, Wish},
    store::{self, AccountRow, LostLetter, OpenInvoice, Refund},
};
use access::{AccountAdmin, Operator, OperatorNamed};
use billing::{
    Shop,
    charges::{self, Reported},
};
use kernel::{
    error::{Error, Result},
    id::{AccountId, InvoiceId, MailId, PaymentId},
    money::Money,
    text,
};
use people::{plans, sign_in};
use platform::jobs;
use web::{
    Form, May, Page, Query,
    answer::cursor_id,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, Plain, Question, confirm, go, own_path, settle},
    parts::Pager,
};

/// How many entries a page of a list shows.
const LIMIT: i64 = 25;
/// How many refunds are shown. The next come up as these are paid out.
const REFUNDS: i64 = 100;

#[derive(Template)]
#[template(path = "operator/templates/enter.html")]
struct EnterPage {
    frame: Plain,
    entry: Entry,
}

/// Where to go after the password: a page of these.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct EnterQuery {
    next: Option<String>,
}

fn enter_page(may: &May<OperatorNamed>, entry: Entry) -> Result<Response> {
    let status = entry.status();
    page::show(may, status, &EnterPage { frame: page::plain(may, "Operator"), entry })
}

pub(crate) async fn enter(may: May<OperatorNamed>, Query(query): Query<EnterQuery>) -> Result<Response> {
    may.read(async |_, _| Ok(())).await?;
    enter_page(&may, Entry::of(&[("next", query.next.as_deref().unwrap_or_default())]))
}

pub(crate) async fn do_enter(may: May<OperatorNamed>, form: Form) -> Result<Response> {
    let by = may.read(async |_, by| Ok((**by).clone())).await?;
    match sign_in::actions::prove_again(may.app(), by, form.get("current_password")).await {
        Ok(()) => {
            may.write(async |tx, by| actions::entered(tx, by.user()).await).await?;
            go(own_path(form.get("next")).unwrap_or("/operator"))
        }
        Err(error) => enter_page(&may, Entry::again(form, error)?),
    }
}

#[derive(Template)]
#[template(path = "operator/templates/payments.html")]
struct PaymentsPage {
    frame: Frame,
    tab: &'static str,
    reported: Vec<Reported>,
    refunds: Vec<Refund>,
    /// Whether there are more than those.
    more_refunds: bool,
    by_card: bool,
}

/// Where nothing is sold, the way to the accounts.
async fn nothing_sold(may: &May<Operator>) -> Result<Option<Response>> {
    if may.app().config.sells() {
        return Ok(None);
    }
    may.read(async |_, _| Ok(())).await?;
    go("/operator/accounts").map(Some)
}

pub(crate) async fn payments(may: May<Operator>) -> Result<Response> {
    if let Some(elsewhere) = nothing_sold(&may).await? {
        return Ok(elsewhere);
    }
    let (frame, reported, mut refunds) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Nowhere).await?;
            Ok((frame, charges::reported(tx).await?, store::refunds(tx, REFUNDS + 1).await?))
        })
        .await?;
    let most = usize::try_from(REFUNDS).unwrap_or(usize::MAX);
    let more_refunds = refunds.len() > most;
    refunds.truncate(most);
    let by_card = Shop::of(&may.app().config).by_card;
    let frame = frame.page(&may, "", [], "Operator");
    page::ok(&may, &PaymentsPage { frame, tab: "payments", reported, refunds, more_refunds, by_card })
}

pub(crate) async fn confirm_payment(may: May<Operator>, form: Form) -> Result<Response> {
    let id: PaymentId = may.id("payment")?;
    let question = Question {
        ask: "Confirm this payment?".to_owned(),
        detail: "It’s credited to the account, and the account is notified by email. This can’t be undone.",
        action: "Confirm",
        back: "/operator",
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    let done =
        may.write(async move |tx, by| charges::confirm(tx, &shop, &site, Some(by.user()), id).await).await;
    settle(&may, "/operator", done, |money| Flash::done(format!("{money} was confirmed and credited.")))
}

pub(crate) async fn reject_payment(may: May<Operator>, form: Form) -> Result<Response> {
    let id: PaymentId = may.id("payment")?;
    let question = Question {
        ask: "Reject this payment?".to_owned(),
        detail: "Nothing is credited. The account's invoice stays open.",
        action: "Reject",
        back: "/operator",
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let done = may.write(async move |tx, by| charges::reject(tx, Some(by.user()), id).await).await;
    settle(&may, "/operator", done, |()| Flash::done("The payment was rejected. Nothing was credited."))
}

pub(crate) async fn pay_out(may: May<Operator>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let question = Question {
        ask: "Was this credit paid out?".to_owned(),
        detail: "Record this after the bank transfer. It’s entered in the ledger and can’t be undone.",
        action: "Record as paid out",
        back: "/operator",
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let (shop, site, note) =
        (Shop::of(&may.app().config), may.app().site.clone(), form.get("note").to_owned());
    let done = may.write(async move |tx, by| {
        charges::record_payout(tx, &shop, &site, Some(by.user()), account, None, &note).await
    });
    settle(&may, "/operator", done.await, |_| Flash::done("The refund was recorded as paid out."))
}

/// Which accounts to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct AccountsQuery {
    q: Option<String>,
    only: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "operator/templates/accounts.html")]
struct AccountsPage {
    frame: Frame,
    tab: &'static str,
    entry: Entry,
    filtered: bool,
    accounts: Vec<AccountRow>,
    pager: Pager,
}

pub(crate) async fn accounts(may: May<Operator>, Query(query): Query<AccountsQuery>) -> Result<Response> {
    let before: AccountId = cursor_id(query.cursor.as_deref())?;
    let words = query.q.clone().unwrap_or_default();
    let unadmitted = match query.only.as_deref() {
        None | Some("") => false,
        Some("unconfirmed") => true,
        Some(_) => return Err(Error::field("only", "Choose unconfirmed, or leave it out.")),
    };
    let search = words.clone();
    let (frame, rows) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Nowhere).await?;
            Ok((frame, store::accounts(tx, &search, unadmitted, before, LIMIT + 1).await?))
        })
        .await?;
    let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
    let filters = [("q", words.as_str()), ("only", query.only.as_deref().unwrap_or_default())];
    let path = may.request().path.clone();
    let pager = Pager::new(&path, &filters, query.cursor.as_deref(), rows.next_cursor.as_deref());
    let frame = frame.page(&may, "", [], "Operator");
    let (entry, filtered) = (Entry::of(&filters), unadmitted || !words.is_empty());
    page::ok(&may, &AccountsPage { frame, tab: "accounts", entry, filtered, accounts: rows.items, pager })
}

pub(crate) async fn admit(may: May<Operator>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let question = Question {
        ask: "Confirm that this is a practice?".to_owned(),
        detail: "Its people can then email their own texts to people outside, without a daily limit.",
        action: "Confirm",
        back: "/operator/accounts",
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let done = may.write(async move |tx, by| actions::admit(tx, by, account).await).await;
    settle(&may, "/operator/accounts", done, |(name, new)| match new {
        true => Flash::done(format!("{name} was confirmed as a practice.")),
        false => Flash::done(format!("{name} was already confirmed.")),
    })
}

/// Which page of the open invoices to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct InvoicesQuery {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "operator/templates/invoices.html")]
struct InvoicesPage {
    frame: Frame,
    tab: &'static str,
    invoices: Vec<OpenInvoice>,
    pager: Pager,
}

pub(crate) async fn invoices(may: May<Operator>, Query(query): Query<InvoicesQuery>) -> Result<Response> {
    if let Some(elsewhere) = nothing_sold(&may).await? {
        return Ok(elsewhere);
    }
    let after = text::cursor(query.cursor.as_deref(), |text| text.parse().ok())?.unwrap_or(InvoiceId::nil());
    let (frame, rows) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Nowhere).await?;
            Ok((frame, store::open_invoices(tx, after, LIMIT + 1).await?))
        })
        .await?;
    let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
    let path = may.request().path.clone();
    let pager = Pager::new(&path, &[], query.cursor.as_deref(), rows.next_cursor.as_deref());
    let frame = frame.page(&may, "", [], "Operator");
    page::ok(&may, &InvoicesPage { frame, tab: "invoices", invoices: rows.items, pager })
}

/// Which page of the emails to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct MailQuery {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "operator/templates/mail.html")]
struct MailPage {
    frame: Frame,
    tab: &'static str,
    letters: Vec<LostLetter>,
    pager: Pager,
}

pub(crate) async fn mail(may: May<Operator>, Query(query): Query<MailQuery>) -> Result<Response> {
    let before: MailId = cursor_id(query.cursor.as_deref())?;
    let (frame, rows) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Nowhere).await?;
            Ok((frame, store::lost_letters(tx, before, LIMIT + 1).await?))
        })
        .await?;
    let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
    let path = may.request().path.clone();
    let pager = Pager::new(&path, &[], query.cursor.as_deref(), rows.next_cursor.as_deref());
    let frame = frame.page(&may, "", [], "Operator");
    page::ok(&may, &MailPage { frame, tab: "mail", letters: rows.items, pager })
}

pub(crate) async fn retry_mail(may: May<Operator>) -> Result<Response> {
    let id: MailId = may.id("mail")?;
    let found = may.write(async move |tx, _| jobs::retry_for_anyone(tx, id).await).await?;
    if !found {
        return Err(Error::not_found());
    }
    page::go_with(&may, "/operator/mail", &Flash::done("The email is being retried."))
}

/// An amount, for a template.
fn money(one: &Reported) -> Money {
    Money::new(one.amount, one.currency)
}

/// The button *Ask for more licenses*.
pub(crate) async fn ask(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let (shop, site) = (Shop::of(&may.app().config), may.app().site.clone());
    let wish = Wish {
        licenses: form.get("licenses").trim().parse().unwrap_or_default(),
        note: form.get("note").to_owned(),
    };
    let asked = may.write(async move |tx, by| asking::ask(tx, by, &shop, &site, &wish).await).await;
    let back = format!("/a/{account}/licenses");
    match asked {
        Err(error) if !error.fields().is_empty() => {
            page::go_with(&may, &back, &Flash::trouble(error.fields()[0].detail.clone()))
        }
        asked => settle(&may, &back, asked, |()| {
            Flash::done("Your question was sent. You’ll get the answer by email.")
        }),
    }
}
