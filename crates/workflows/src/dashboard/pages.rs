//! The page *My group*.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::{
    dashboard::{
        charts::{Bars, Steps},
        store,
    },
    directory::{self, InvitationView, MemberView},
};
use access::{AccountAdmin, Role};
use care::handouts::Topic;
use kernel::{
    clock::{DAY, HOUR, MINUTE, Time},
    error::Result,
    id::{AccountId, UserId},
    text,
};
use messaging::requests;
use people::{
    accounts::{actions as accounts, actions::Settings},
    invitations::State,
    licenses::{self, Holder, Meter, Seat, Seats},
};
use platform::jobs::{self, HeldUp};
use storage::{ExpectedVersion, Tx};
use web::{
    Form, May,
    cookies::Flash,
    entry::Entry,
    page::{self, Frame, Here, go_with},
};

/// How many people, and how many invitations, the page shows; the others are under Users.
const PEOPLE: usize = 10;
/// How many groups the chart of activity shows.
const GROUPS: i64 = 10;
/// For how long back activity is counted.
const ACTIVITY: i64 = 30 * DAY;
/// For how long back requests and shared handouts are counted.
const QUARTER: i64 = 90 * DAY;

#[derive(Template)]
#[template(path = "dashboard/templates/dashboard.html")]
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
    /// Where people read the account's name.
    name_hint: &'static str,
    support: Option<Seats>,
    people: Vec<MemberView>,
    invitations: Vec<InvitationView>,
    more: bool,
    hands_out: bool,
    held_up: HeldUp,
    holders: Vec<Holder>,
    steps: Option<Steps>,
    invited: Bars,
    active: Bars,
    requests: Bars,
    answers: Bars,
    shared: Bars,
}

impl DashboardPage {
    /// Since when someone takes a license, if they do.
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
        (State::Withdrawn, "Withdrawn"),
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

/// In which state the requests of the last quarter are.
async fn requests(tx: &Tx, account: AccountId) -> Result<Bars> {
    let found = store::requests_by_state(tx, account, tx.now().plus(-QUARTER)).await?;
    let count = |state: requests::State| {
        let found = found.iter().find(|(word, _)| word == state.word());
        (state.label().to_owned(), found.map_or(0, |(_, count)| *count))
    };
    let counts = requests::State::ALL.iter().copied().map(count).collect();
    Ok(Bars::new("requests", "Requests by state, last 90 days", "State", "Requests", counts))
}

/// How long user groups took to answer.
async fn answers(tx: &Tx, account: AccountId) -> Result<Bars> {
    let rows = store::answer_times(tx, account, tx.now().plus(-QUARTER), GROUPS).await?;
    let row = |row: store::AnswerRow| {
        let figure =
            format!("{} ({})", duration(row.average), text::counted(row.answered, "answer", "answers"));
        (row.name, row.average, figure)
    };
    let counts = rows.into_iter().map(row).collect();
    let title = "Average time to first answer, last 90 days";
    Ok(Bars::figured("answers", title, "User group", "Time to first answer", counts))
}

/// A length of time in the unit that suits it.
fn duration(micros: i64) -> String {
    match micros {
        ..HOUR => text::counted((micros / MINUTE).max(1), "minute", "minutes"),
        HOUR..DAY => text::counted((micros + HOUR / 2) / HOUR, "hour", "hours"),
        _ => text::counted((micros + DAY / 2) / DAY, "day", "days"),
    }
}

/// About what handouts were shared.
async fn shared(tx: &Tx, account: AccountId) -> Result<Bars> {
    let rows = store::shares_by_topic(tx, account, tx.now().plus(-QUARTER)).await?;
    let label = |word: String| Topic::read(&word).map_or(word, |topic| topic.label().to_owned());
    let counts = rows.into_iter().map(|(topic, count)| (label(topic), count)).collect();
    Ok(Bars::new("shared", "Handouts shared by topic, last 90 days", "Topic", "Shared", counts))
}

async fn dashboard(
    tx: &Tx,
    by: &AccountAdmin,
    may: &May<AccountAdmin>,
    entry: Option<Entry>,
) -> Result<DashboardPage> {
    let account = by.account();
    let frame = may.frame(tx, by.user(), Here::Account(account)).await?;
    let shown = accounts::show(tx, by).await?;
    let (people, invitations, more) = directory::first(tx, by, PEOPLE).await?;
    let everybody = licenses::holders(tx, account, true).await?;
    let periods = everybody.iter().map(|held| (held.since, held.until)).collect::<Vec<_>>();
    let totals = licenses::totals(tx, account).await?;
    let support = licenses::seats(tx, account, Seat::SupportStaff).await?;
    Ok(DashboardPage {
        tab: "group",
        account,
        me: by.user(),
        owner: by.role() == Role::Owner,
        back: "dashboard",
        version: shown.version,
        entry: entry.unwrap_or_else(|| Entry::of(&[("name", &shown.name)])),
        name_hint: match frame.kit.sells {
            true => "Appears in invitations, in the switcher, and on invoices.",
            false => "Appears in invitations and in the switcher.",
        },
        meter: Meter::new(licenses::seats(tx, account, Seat::License).await?),
        support: (support.total > 0).then_some(support),
        people,
        invitations,
        more,
        hands_out: directory::hands_out(&may.app().site),
        held_up: jobs::held_up(tx, account).await?,
        steps: Steps::new(&totals, &periods, frame.kit.now, |at| frame.day(&at)),
        holders: everybody.into_iter().filter(|holder| holder.until.is_none()).collect(),
        invited: invited(tx, account).await?,
        active: active(tx, account).await?,
        requests: requests(tx, account).await?,
        answers: answers(tx, account).await?,
        shared: shared(tx, account).await?,
        frame: frame.page(may, "dashboard", [], "Admin dashboard"),
    })
}

async fn group_page(may: &May<AccountAdmin>, entry: Option<Entry>) -> Result<Response> {
    let status = entry.as_ref().map_or(StatusCode::OK, Entry::status);
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
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    match may.write(async move |tx, by| accounts::change(tx, by, &input, seen).await).await {
        Ok(row) => go_with(
            &may,
            &dashboard_path(row.id),
            &Flash::done(format!("The account was renamed to {}.", row.name)),
        ),
        Err(error) => group_page(&may, Some(Entry::again(form, error)?)).await,
    }
}
