//! Pages of the admin dashboard: *My group*, and *Practice and billing details*.

use askama::Template;
use axum::response::Response;

use crate::{
    access::{AccountAdmin, Role},
    accounts::{
        Here,
        actions::{self as accounts, Settings},
        frame,
    },
    billing::{
        actions,
        charts::{Bars, Steps},
        store::{self, Details},
    },
    clock::{DAY, Time},
    db::Tx,
    error::{Error, Result},
    id::{AccountId, UserId},
    invitations::State,
    licenses::{self, Holder, Meter, Seat, Seats},
    members::table::{self, InvitationView, MemberView},
    web::{
        Form, IfMatch, May, Query,
        cookies::Flash,
        entry::Entry,
        page::{self, Frame, go_with, own_path},
    },
};

/// How many people, and how many invitations, the page shows; the others stand under Users.
const PEOPLE: usize = 50;
/// How many groups the chart of activity shows.
const GROUPS: i64 = 10;
/// For how long back activity is counted.
const ACTIVITY: i64 = 30 * DAY;

#[derive(Template)]
#[template(path = "billing/templates/dashboard.html")]
struct DashboardPage {
    frame: Frame,
    tab: &'static str,
    account: AccountId,
    me: UserId,
    owner: bool,
    back: &'static str,
    version: i64,
    entry: Entry,
    meter: Meter,
    support: Option<Seats>,
    people: Vec<MemberView>,
    invitations: Vec<InvitationView>,
    more: bool,
    holders: Vec<Holder>,
    steps: Option<Steps>,
    invited: Bars,
    active: Bars,
}

impl DashboardPage {
    /// Since when somebody takes a license, if they do.
    fn since(&self, user: &UserId) -> Option<Time> {
        self.holders.iter().find(|holder| holder.user == *user).map(|holder| holder.since)
    }
}

/// How many invitations are in each state, in the order in which they go through them.
async fn invited(tx: &Tx, account: AccountId) -> Result<Bars> {
    let found = store::invitations_by_state(tx, account).await?;
    let count = |state: State| found.iter().find(|(word, _)| word == state.word()).map_or(0, |row| row.1);
    let states = [
        (State::Pending, "Pending"),
        (State::Accepted, "Accepted"),
        (State::Expired, "Expired"),
        (State::Canceled, "Canceled"),
    ];
    let counts = states.map(|(state, label)| (label.to_owned(), count(state)));
    Ok(Bars::new("invited", "Invitations by state", "State", "Invitations", counts.to_vec()))
}

/// What was done in each group in the last days.
async fn active(tx: &Tx, account: AccountId) -> Result<Bars> {
    let since = tx.now().plus(-ACTIVITY);
    let counts = store::activity_by_group(tx, account, since, GROUPS).await?;
    Ok(Bars::new("active", "Cases and notes by group, last 30 days", "Group", "Cases and notes", counts))
}

async fn dashboard(
    tx: &Tx,
    by: &AccountAdmin,
    may: &May<AccountAdmin>,
    entry: Option<Entry>,
) -> Result<DashboardPage> {
    let account = by.account();
    let frame = frame(tx, by.id(), Here::Account(account)).await?;
    let shown = accounts::show(tx, by).await?;
    let (people, invitations, more) = table::first(tx, by, PEOPLE).await?;
    let everybody = licenses::holders(tx, account, true).await?;
    let spells = everybody.iter().map(|held| (held.since, held.until)).collect::<Vec<_>>();
    let support = licenses::seats(tx, account, Seat::SupportStaff).await?;
    Ok(DashboardPage {
        tab: "group",
        account,
        me: by.id(),
        owner: by.role() == Role::Owner,
        back: "dashboard",
        version: shown.version,
        entry: entry.unwrap_or_else(|| Entry::of(&[("name", &shown.name)])),
        meter: Meter::new(licenses::seats(tx, account, Seat::License).await?),
        support: (support.total > 0).then_some(support),
        people,
        invitations,
        more,
        steps: Steps::new(&licenses::totals(tx, account).await?, &spells, &frame.kit),
        holders: everybody.into_iter().filter(|holder| holder.until.is_none()).collect(),
        invited: invited(tx, account).await?,
        active: active(tx, account).await?,
        frame: frame.page(may, "dashboard", [], "Admin dashboard"),
    })
}

async fn group_page(may: &May<AccountAdmin>, entry: Option<Entry>) -> Result<Response> {
    let status = entry.as_ref().map_or(axum::http::StatusCode::OK, Entry::status);
    let page = may.read(async |tx, by| dashboard(tx, by, may, entry).await).await?;
    page::show(may, status, &page)
}

pub(crate) async fn my_group(may: May<AccountAdmin>) -> Result<Response> {
    group_page(&may, None).await
}

fn dashboard_path(account: AccountId) -> String {
    format!("/a/{account}/dashboard")
}

pub(crate) async fn rename(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let input = Settings { name: Some(form.get("name").to_owned()), ..Settings::default() };
    let seen = IfMatch(form.get("version").parse().ok());
    match may.write(async move |tx, by| accounts::change(tx, by, &input, seen).await).await {
        Ok(row) => {
            go_with(&may, &dashboard_path(row.id), &Flash::done(format!("It is called {} now.", row.name)))
        }
        Err(error) => group_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

#[derive(Template)]
#[template(path = "billing/templates/details.html")]
struct DetailsPage {
    frame: Frame,
    tab: &'static str,
    account: AccountId,
    practice: Entry,
    practice_version: i64,
    billing: Entry,
    version: i64,
    next: String,
}

/// Where to go on to once the details are saved.
#[derive(serde::Deserialize, utoipa::IntoParams)]
pub(crate) struct NextQuery {
    next: Option<String>,
}

async fn details_page(
    may: &May<AccountAdmin>,
    practice: Option<Entry>,
    billing: Option<Entry>,
    next: &str,
) -> Result<Response> {
    let (frame, shown, details) = may
        .read(async |tx, by| {
            let frame = frame(tx, by.id(), Here::Account(by.account())).await?;
            Ok((frame, accounts::show(tx, by).await?, actions::show_details(tx, by).await?))
        })
        .await?;
    let status = practice.as_ref().or(billing.as_ref()).map_or(axum::http::StatusCode::OK, Entry::status);
    let Details { name, address, email, tax_id, version } = details;
    let page = DetailsPage {
        frame: frame.page(
            may,
            "dashboard",
            [page::crumb("Admin dashboard", dashboard_path(shown.id))],
            "Details",
        ),
        tab: "details",
        account: shown.id,
        practice: practice.unwrap_or_else(|| Entry::of(&[("practice", &shown.practice)])),
        practice_version: shown.version,
        billing: billing.unwrap_or_else(|| {
            Entry::of(&[("name", &name), ("address", &address), ("email", &email), ("tax_id", &tax_id)])
        }),
        version,
        next: own_path(next).unwrap_or_default().to_owned(),
    };
    page::show(may, status, &page)
}

pub(crate) async fn details(may: May<AccountAdmin>, Query(query): Query<NextQuery>) -> Result<Response> {
    details_page(&may, None, None, query.next.as_deref().unwrap_or_default()).await
}

fn details_path(account: AccountId) -> String {
    format!("/a/{account}/billing")
}

pub(crate) async fn change_practice(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let input = Settings { practice: Some(form.get("practice").to_owned()), ..Settings::default() };
    let seen = IfMatch(form.get("version").parse().ok());
    match may.write(async move |tx, by| accounts::change(tx, by, &input, seen).await).await {
        Ok(row) => {
            go_with(&may, &details_path(row.id), &Flash::done("The particulars of the practice were saved."))
        }
        Err(error) => details_page(&may, Some(Entry::again(form, error)?), None, "").await,
    }
}

pub(crate) async fn change_details(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let text = |name: &str| form.get(name).to_owned();
    let new = Details {
        name: text("name"),
        address: text("address"),
        email: text("email"),
        tax_id: text("tax_id"),
        version: form.get("version").parse().map_err(|_| Error::stale())?,
    };
    let next = text("next");
    match may.write(async move |tx, by| actions::change_details(tx, by, &new).await).await {
        Ok(()) => {
            let own = details_path(account);
            let to = own_path(&next).unwrap_or(&own);
            go_with(
                &may,
                to,
                &Flash::done("The billing details were saved. They stand on every new invoice."),
            )
        }
        Err(error) => details_page(&may, None, Some(Entry::again(form, error)?), &next).await,
    }
}
