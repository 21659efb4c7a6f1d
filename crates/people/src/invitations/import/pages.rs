//! The pages of importing people: choose a file or paste rows, look at what would become of each line, invite.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;

use crate::{
    accounts,
    invitations::{
        AT_ONCE,
        import::{
            Columns, Expected, LARGEST, Options, PersonField, columns,
            plan::{Line, Plan, plan},
            running,
            upload::{Taken, kept, taken},
        },
        pages::{OutcomesPage, user_type, user_types},
    },
    licenses::Seat,
};
use access::{AccountAdmin, Manager, Role};
use kernel::{
    error::{Error, Result},
    id::AccountId,
    prices::UNLIMITED,
    text,
};
use tables::{Table, quoted};
use web::{
    FileForm, Form, May, SentFile,
    entry::Entry,
    page::{self, Crumb, Frame, Here, crumb},
    parts::{Choice, ColumnChoice, choices},
};

/// How many lines a page shows.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "invitations/templates/import.html")]
struct UploadPage {
    frame: Frame,
    path: String,
    back: String,
    entry: Entry,
    unconfirmed: Option<&'static str>,
    mebibytes: usize,
    lines: String,
}

fn own_path(account: AccountId) -> String {
    format!("/a/{account}/invite/import")
}

fn crumbs(account: AccountId) -> [Crumb; 2] {
    [crumb("Users", format!("/a/{account}/users")), crumb("Invite users", format!("/a/{account}/invite"))]
}

async fn upload_page(may: &May<AccountAdmin>, entry: Entry) -> Result<Response> {
    let (frame, account, admitted) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, by.account(), accounts::is_admitted(tx, by.account()).await?))
        })
        .await?;
    let page = UploadPage {
        frame: frame.page(may, "users", crumbs(account), "Import people"),
        path: own_path(account),
        back: format!("/a/{account}/invite"),
        entry,
        unconfirmed: (!admitted).then_some(accounts::NOT_ADMITTED),
        mebibytes: LARGEST >> 20,
        lines: text::grouped(i64::try_from(AT_ONCE).unwrap_or_default()),
    };
    page::show(may, page.entry.status(), &page)
}

pub(crate) async fn choose(may: May<AccountAdmin>) -> Result<Response> {
    upload_page(&may, Entry::default()).await
}

/// A button that shows the lines of one outcome.
struct Tab {
    value: &'static str,
    label: &'static str,
    count: i64,
    current: bool,
}

/// A line, as people read it.
struct Shown {
    line: Line,
    groups: String,
    kind: &'static str,
    word: &'static str,
    change: Option<(String, String)>,
}

impl Shown {
    fn of(line: Line) -> Self {
        let (kind, word) = words(line.expected);
        let groups = line.groups.iter().map(|each| match each.role {
            access::GroupRole::Administrator => format!("{} (administrator)", each.name),
            access::GroupRole::Member => each.name.clone(),
        });
        let groups = groups.collect::<Vec<_>>().join(", ");
        let change = line.change.as_ref().map(|change| (change.now.words(), change.then.words()));
        Self { line, groups, kind, word, change }
    }
}

const fn words(expected: Expected) -> (&'static str, &'static str) {
    match expected {
        Expected::Invite => ("invited", "Invite"),
        Expected::Add => ("accepted", "Add to groups"),
        Expected::Change => ("invited", "Change"),
        Expected::AlreadyMember => ("already", "Already a member"),
        Expected::AlreadyInvited => ("pending", "Already invited"),
        Expected::NoLicense => ("invalid", "No license"),
        Expected::EnoughMail => ("invalid", "Not sent today"),
        Expected::NotAnAddress => ("invalid", "Not an address"),
        Expected::Repeated => ("already", "Repeat"),
    }
}

#[derive(Template)]
#[template(path = "invitations/templates/import_preview.html")]
struct PreviewPage {
    frame: Frame,
    path: String,
    account: AccountId,
    entry: Entry,
    /// What the page brings along of the file.
    read: String,
    /// What this page shows the outcome of.
    seen: String,
    /// Whether something was changed since the page before.
    changed: bool,
    columns: Vec<ColumnChoice>,
    fields: Vec<Choice>,
    roles: Vec<Choice>,
    types: Vec<Choice>,
    addresses: bool,
    sum: String,
    /// How many people the run does something for.
    coming: usize,
    losses: Vec<String>,
    licenses: Option<String>,
    /// How many invitations a line differs from.
    differing: usize,
    list: Listed,
}

/// The lines that are shown.
struct Listed {
    tabs: Vec<Tab>,
    /// Of which outcome; empty for all.
    show: &'static str,
    lines: Vec<Shown>,
    /// Where the page before begins, and the next.
    before: Option<usize>,
    next: Option<usize>,
    /// "1 to 200 of 10,000".
    range: String,
}

/// The options that a form gives.
fn options(form: &Form) -> Result<Options> {
    let field = |(at, word): (usize, &String)| match word.as_str() {
        "" => Ok(None),
        word => match PersonField::read(word) {
            Some(field) => Ok(Some(field)),
            None => Err(Error::field(format!("columns[{at}]"), "Choose a field from the list.")),
        },
    };
    let chosen = form.all("column").iter().enumerate().map(field).collect::<Result<Columns>>()?;
    let role = match form.get("role") {
        "" => Some(Role::Member),
        word => Role::read(word),
    };
    Ok(Options {
        columns: (!chosen.is_empty()).then_some(chosen),
        role: role.ok_or_else(|| Error::field("role", "Choose a role."))?,
        user_type: user_type(form),
        change: form.ticked("change"),
    })
}

/// What the outcome of a file depends on, in a line: a form that asks for another one gets to see it first.
fn seen(columns: &Columns, options: &Options) -> String {
    let columns = columns.iter().map(|field| field.map_or("", PersonField::word)).collect::<Vec<_>>();
    let Options { role, user_type, change, .. } = options;
    format!("{} {} {} {change}", columns.join(","), role.word(), user_type.word())
}

async fn planned(may: &May<AccountAdmin>, table: Table, options: &Options) -> Result<(Table, Result<Plan>)> {
    let (site, options) = (may.app().site.clone(), options.clone());
    may.read_heavy(async move |tx, by| {
        let plan = plan(tx, &Manager::from(by), &site, &table, &options).await;
        Ok((table, plan))
    })
    .await
}

pub(crate) async fn preview(may: May<AccountAdmin>, form: FileForm) -> Result<Response> {
    match taken(SentFile::Form(form)).await {
        Ok(Taken { table, form }) => look(&may, table, form).await,
        Err((form, error)) => upload_page(&may, Entry::again(form, error)?).await,
    }
}

/// Shows what would come of a file, or what is wrong with what was chosen for it.
async fn look(may: &May<AccountAdmin>, table: Table, form: Form) -> Result<Response> {
    let options = match options(&form) {
        Ok(options) => options,
        Err(error) => return upload_page(may, Entry::again(form, error)?).await,
    };
    let (table, plan) = planned(may, table, &options).await?;
    match plan {
        Ok(plan) => preview_page(may, &table, plan, &options, Entry::from(form)).await,
        Err(error) if error.fields().iter().any(|fault| fault.field.starts_with("columns[")) => {
            let columns = options.columns.clone().unwrap_or_default();
            let plan = Plan { columns, ..Plan::empty() };
            preview_page(may, &table, plan, &options, Entry::again(form, error)?).await
        }
        Err(error) => upload_page(may, Entry::again(form, error)?).await,
    }
}

async fn preview_page(
    may: &May<AccountAdmin>,
    table: &Table,
    plan: Plan,
    options: &Options,
    entry: Entry,
) -> Result<Response> {
    let load = async |tx: &_, by: &AccountAdmin| {
        Ok((may.frame(tx, by.user(), Here::Account(by.account())).await?, by.account()))
    };
    let (frame, account) = may.read(load).await?;
    let mut between = crumbs(account).to_vec();
    between.push(crumb("Import people", own_path(account)));
    let frame = frame.page(may, "users", between, "Check the people");
    let status = entry.status();
    page::show(may, status, &PreviewPage::of(frame, account, table, plan, options, entry)?)
}

impl PreviewPage {
    fn of(
        frame: Frame,
        account: AccountId,
        table: &Table,
        plan: Plan,
        options: &Options,
        entry: Entry,
    ) -> Result<Self> {
        Ok(Self {
            frame,
            path: own_path(account),
            account,
            read: kept(table)?,
            seen: seen(&plan.columns, options),
            changed: entry.sent("unseen") && entry.sent("seen"),
            columns: column_views(table, &plan.columns, &entry),
            fields: fields(),
            roles: roles(),
            types: user_types(),
            addresses: plan.columns.contains(&Some(PersonField::Email)),
            sum: plan.sum(),
            coming: COMING.iter().map(|each| plan.count(*each)).sum(),
            losses: losses(table, &plan, options),
            licenses: licenses(&plan),
            differing: plan.lines.iter().filter(|line| line.change.is_some()).count(),
            list: Listed::of(plan, &entry),
            entry: showing(entry, options),
        })
    }
}

/// What the run does something for.
const COMING: [Expected; 3] = [Expected::Invite, Expected::Add, Expected::Change];

/// The entry with the options as they are, whether or not the form had them.
fn showing(entry: Entry, options: &Options) -> Entry {
    entry.showing(&[
        ("role", options.role.word()),
        ("user_type", options.user_type.word()),
        ("change", if options.change { "yes" } else { "" }),
    ])
}

impl Listed {
    /// The lines that the form asks for: of one outcome, from one on.
    fn of(plan: Plan, entry: &Entry) -> Self {
        let tabs = tabs(&plan, entry.get(if entry.sent("show") { "show" } else { "shown" }));
        let show = tabs.iter().find(|tab| tab.current).map_or("", |tab| tab.value);
        let wanted = Expected::read(show);
        let lines = plan.lines.into_iter();
        let lines =
            lines.filter(|line| wanted.is_none_or(|wanted| line.expected == wanted)).collect::<Vec<_>>();
        let all = lines.len();
        let from = entry.get("from").parse().ok().filter(|from| *from < all).unwrap_or(0_usize);
        let lines = lines.into_iter().skip(from).take(SHOWN).map(Shown::of).collect::<Vec<_>>();
        let end = from + lines.len();
        let [first, last, of] =
            [from + 1, end, all].map(|n| text::grouped(i64::try_from(n).unwrap_or_default()));
        Self {
            tabs,
            show,
            lines,
            before: (from > 0).then(|| from.saturating_sub(SHOWN)),
            next: (end < all).then_some(end),
            range: format!("{first} to {last} of {of}"),
        }
    }
}

fn tabs(plan: &Plan, show: &str) -> Vec<Tab> {
    let count = |number: usize| i64::try_from(number).unwrap_or_default();
    let each = Expected::ALL.iter().map(|expected| (*expected, plan.count(*expected)));
    let each = each.filter(|(_, number)| *number > 0).map(|(expected, number)| Tab {
        value: expected.word(),
        label: words(expected).1,
        count: count(number),
        current: expected.word() == show,
    });
    let mut tabs = each.collect::<Vec<_>>();
    let current = tabs.iter().all(|tab| !tab.current);
    tabs.insert(0, Tab { value: "", label: "All lines", count: count(plan.lines.len()), current });
    tabs
}

fn column_views(table: &Table, columns: &Columns, entry: &Entry) -> Vec<ColumnChoice> {
    let views = table.headings.iter().enumerate().map(|(at, heading)| ColumnChoice {
        name: tables::name_of(heading, at),
        samples: columns::samples(table, at),
        chosen: columns.get(at).copied().flatten().map_or_else(String::new, |field| field.word().to_owned()),
        fault: entry.fault(&format!("columns[{at}]")),
    });
    views.collect()
}

fn fields() -> Vec<Choice> {
    let mut fields = choices(PersonField::ALL.iter().map(|field| (field.word(), field.label())));
    fields.insert(0, Choice { value: String::new(), label: "Leave out".to_owned() });
    fields
}

fn roles() -> Vec<Choice> {
    let given = [Role::Member, Role::Administrator, Role::SupportStaff];
    choices(given.iter().map(|role| (role.word(), role.label())))
}

/// What is left out, in sentences.
fn losses(table: &Table, plan: &Plan, options: &Options) -> Vec<String> {
    let mut losses = Vec::new();
    let ignored = columns::ignored(table, &plan.columns);
    for (names, one, many) in
        [(ignored, "column is", "columns are"), (table.others.clone(), "other sheet is", "other sheets are")]
    {
        if !names.is_empty() {
            losses.push(format!("{} left out: {}.", text::counted(names.len(), one, many), some(names)));
        }
    }
    let people = plan.lines.iter().map(|line| &line.person);
    for (name, lines) in counted(people.clone().flat_map(|person| &person.unknown_groups)) {
        let come = text::counted(lines, "line comes", "lines come");
        losses.push(format!("{} isn’t a group here: {come} without it.", quoted(&name)));
    }
    for (name, lines) in counted(people.filter_map(|person| person.unknown_role.as_ref())) {
        let get = text::counted(lines, "line gets", "lines get");
        losses.push(format!("{} isn’t a role here: {get} {}.", quoted(&name), options.role.label()));
    }
    for (expected, one, many) in [
        (Expected::NotAnAddress, "line has no address", "lines have no address"),
        (
            Expected::NoLicense,
            "person is left out without a license",
            "people are left out without a license",
        ),
        (Expected::EnoughMail, "person can’t be invited today", "people can’t be invited today"),
    ] {
        let lines = plan.count(expected);
        if lines > 0 {
            losses.push(format!("{}.", text::counted(lines, one, many)));
        }
    }
    losses
}

/// The first of many names, and how many more there are.
fn some(names: Vec<String>) -> String {
    const NAMED: usize = 12;
    let more = names.len().saturating_sub(NAMED);
    let named = names.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

/// How often each name is there; the most frequent first, and not too many of them.
fn counted<'a>(names: impl Iterator<Item = &'a String>) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::<String, usize>::new();
    for name in names {
        *counts.entry(name.clone()).or_default() += 1;
    }
    let mut counts = counts.into_iter().collect::<Vec<_>>();
    counts.sort_by_key(|(_, lines)| std::cmp::Reverse(*lines));
    counts.truncate(10);
    counts
}

/// How many licenses are needed and available, where they are too few.
fn licenses(plan: &Plan) -> Option<String> {
    let available = plan.available.free().max(0);
    let short = plan.available.total < UNLIMITED && plan.needed > available;
    short.then(|| {
        let need = text::counted(plan.needed, "of these people needs", "of these people need");
        let are = if available == 1 { "is" } else { "are" };
        format!("{need} a license; {} {are} available.", text::grouped(available))
    })
}

pub(crate) async fn run(may: May<AccountAdmin>, form: FileForm) -> Result<Response> {
    let Taken { table, form } = match taken(SentFile::Form(form)).await {
        Ok(taken) => taken,
        Err((form, error)) => return upload_page(&may, Entry::again(form, error)?).await,
    };
    let asked = options(&form)?;
    let unseen = asked.columns.as_ref().is_none_or(|columns| seen(columns, &asked) != form.get("seen"));
    if unseen {
        return look(&may, table, form.with("unseen", "yes".to_owned())).await;
    }
    let (table, plan) = planned(&may, table, &asked).await?;
    let invited = async {
        let mut outcomes = Vec::new();
        for step in running::steps(plan?, &asked)? {
            let site = may.app().site.clone();
            let invite =
                async move |tx: &_, by: &_| running::invite_step(tx, &Manager::from(by), &site, &step).await;
            outcomes.extend(may.write(invite).await?);
        }
        Ok(outcomes)
    };
    let invited: Result<_> = invited.await;
    let outcomes = match invited {
        Ok(outcomes) => outcomes,
        Err(error) if error.fields().iter().any(|fault| fault.field.starts_with("columns[")) => {
            return look(&may, table, form).await;
        }
        Err(error) => return upload_page(&may, Entry::again(form, error)?).await,
    };
    let account: AccountId = may.id("account")?;
    let frame = may.read(async |tx, by| may.frame(tx, by.user(), Here::Account(by.account())).await).await?;
    let users = format!("/a/{account}/users");
    let frame = frame.page(&may, "users", [crumb("Users", users.clone())], "Invitations");
    let page = OutcomesPage::new(frame, outcomes, Seat::License, own_path(account), users);
    page::ok(&may, &page.offering(account, Seat::License))
}
