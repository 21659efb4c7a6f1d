//! The pages of importing people: choose a file or paste rows, look at what would become of each line, invite.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::response::Response;

use crate::{
    accounts,
    invitations::{
        AT_ONCE,
        import::{
            Columns, Expected, Instead, LARGEST, Options, PersonField, columns,
            plan::{Line, Plan, plan},
            running,
            upload::{Taken, kept, taken},
        },
        pages::{OutcomesPage, user_type, user_types},
    },
    licenses::Seat,
};
use access::{AccountAdmin, GroupAdmin, GroupRole, Manager, Proof, Role};
use kernel::{
    error::{Error, Result},
    id::{AccountId, GroupId},
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
    /// Whether everyone is invited into one group.
    group: bool,
    entry: Entry,
    unconfirmed: Option<&'static str>,
    mebibytes: usize,
    lines: String,
}

/// Where people are imported: into an account, or into one of its groups.
#[derive(Clone, Copy)]
struct Place {
    account: AccountId,
    group: Option<GroupId>,
}

impl Place {
    fn of<P: Proof>(may: &May<P>, by: &Manager) -> Self {
        Self { account: by.account(), group: group(may) }
    }

    fn base(self) -> String {
        self.group.map_or_else(|| format!("/a/{}", self.account), |group| format!("/g/{group}"))
    }

    fn path(self, rest: &str) -> String {
        format!("{}/{rest}", self.base())
    }

    fn own_path(self) -> String {
        self.path("invite/import")
    }

    fn here(self) -> Here {
        self.group.map_or(Here::Account(self.account), |group| Here::Group(self.account, group))
    }

    fn crumbs(self) -> [Crumb; 2] {
        [crumb("Users", self.path("users")), crumb("Invite users", self.path("invite"))]
    }
}

/// The group in the path of what is asked, if there is one.
fn group<P: Proof>(may: &May<P>) -> Option<GroupId> {
    may.id("group").ok()
}

async fn upload_page<P>(may: &May<P>, entry: Entry) -> Result<Response>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    let (frame, place, admitted) = may
        .read(async |tx, by| {
            let by = Manager::from(by);
            let place = Place::of(may, &by);
            let frame = may.frame(tx, by.user(), place.here()).await?;
            Ok((frame, place, accounts::is_admitted(tx, by.account()).await?))
        })
        .await?;
    let page = UploadPage {
        frame: frame.page(may, "users", place.crumbs(), "Import people"),
        path: place.own_path(),
        back: place.path("invite"),
        group: place.group.is_some(),
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

pub(crate) async fn choose_for_group(may: May<GroupAdmin>) -> Result<Response> {
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
    /// Whether the invitation is to be changed.
    chosen: bool,
}

impl Shown {
    fn of(line: Line, options: &Options) -> Self {
        let chosen = options.changes(line.person.number);
        let (kind, word) = words(line.expected);
        let groups = line.groups.iter().map(|each| match each.role {
            access::GroupRole::Administrator => format!("{} (administrator)", each.name),
            access::GroupRole::Member => each.name.clone(),
        });
        let groups = groups.collect::<Vec<_>>().join(", ");
        let change = line.change.as_ref().map(|change| (change.now.words(), change.then.words()));
        Self { line, groups, kind, word, change, chosen }
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
    /// Whether the reader may add licenses.
    manages: bool,
    entry: Entry,
    /// What the page brings along of the file.
    read: String,
    /// What this page shows the outcome of.
    seen: String,
    /// Whether something was changed since the page before.
    changed: bool,
    columns: Vec<ColumnChoice>,
    fields: Vec<Choice>,
    role_label: &'static str,
    roles: Vec<Choice>,
    types: Vec<Choice>,
    addresses: bool,
    unknown: Vec<UnknownView>,
    open: Vec<Choice>,
    sum: String,
    /// How many people the run does something for.
    coming: usize,
    losses: Vec<String>,
    licenses: Option<String>,
    /// How many invitations a line differs from.
    differing: usize,
    /// How many of them are to be changed.
    chosen: usize,
    /// The lines on other pages whose invitations are to be changed, with commas between.
    elsewhere: String,
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

/// A name that is no group's, and what is taken instead.
struct UnknownView {
    name: String,
    lines: String,
    chosen: String,
}

/// How many names that are no group's are asked about; the others are left out.
const ASKED: usize = 50;

/// The lines whose invitations are to be changed: those ticked, and those of the pages that aren't shown.
fn changes(form: &Form) -> BTreeSet<i64> {
    let elsewhere = form.get("elsewhere").split(',').chain(form.all("change").iter().map(String::as_str));
    elsewhere.filter_map(|number| number.parse().ok()).collect()
}

/// The groups that were chosen for names that are none's.
fn instead(form: &Form) -> Instead {
    let chosen = form.all("unknown").iter().zip(form.all("instead"));
    Instead::of(chosen.filter_map(|(name, group)| Some((name.clone(), group.parse().ok()?))))
}

/// The options that a form gives.
fn options(form: &Form, group: Option<GroupId>) -> Result<Options> {
    let field = |(at, word): (usize, &String)| match word.as_str() {
        "" => Ok(None),
        word => match PersonField::read(word) {
            Some(field) => Ok(Some(field)),
            None => Err(Error::field(format!("columns[{at}]"), "Choose a field from the list.")),
        },
    };
    let chosen = form.all("column").iter().enumerate().map(field).collect::<Result<Columns>>()?;
    let no_role = || Error::field("role", "Choose a role.");
    let (role, into) = match (form.get("role"), group) {
        ("", None) => (Role::Member, None),
        (word, None) => (Role::read(word).ok_or_else(no_role)?, None),
        ("", Some(group)) => (Role::Member, Some((group, GroupRole::Member))),
        (word, Some(group)) => (Role::Member, Some((group, GroupRole::read(word).ok_or_else(no_role)?))),
    };
    Ok(Options {
        columns: (!chosen.is_empty()).then_some(chosen),
        role,
        user_type: user_type(form),
        into,
        change: form.get("changes") == "all",
        changes: if form.get("changes") == "none" { BTreeSet::new() } else { changes(form) },
        instead: instead(form),
    })
}

/// What the outcome of a file depends on, in a line: a form that asks for another one gets to see it first.
fn seen(columns: &Columns, options: &Options) -> String {
    let columns = columns.iter().map(|field| field.map_or("", PersonField::word)).collect::<Vec<_>>();
    let Options { user_type, instead, .. } = options;
    format!("{} {} {} {}", columns.join(","), role_word(options), user_type.word(), instead.words())
}

/// The role that the form asks for: in the group, where everyone is invited into one.
fn role_word(options: &Options) -> &'static str {
    options.into.map_or(options.role.word(), |(_, role)| role.word())
}

async fn planned<P>(may: &May<P>, table: Table, options: &Options) -> Result<(Table, Result<Plan>)>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    let (site, options) = (may.app().site.clone(), options.clone());
    may.read_heavy(async move |tx, by| {
        let plan = plan(tx, &Manager::from(by), &site, &table, &options).await;
        Ok((table, plan))
    })
    .await
}

pub(crate) async fn preview(may: May<AccountAdmin>, form: FileForm) -> Result<Response> {
    preview_of(&may, form).await
}

pub(crate) async fn preview_for_group(may: May<GroupAdmin>, form: FileForm) -> Result<Response> {
    preview_of(&may, form).await
}

async fn preview_of<P>(may: &May<P>, form: FileForm) -> Result<Response>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    match taken(SentFile::Form(form)).await {
        Ok(Taken { table, form }) => look(may, table, form).await,
        Err((form, error)) => upload_page(may, Entry::again(form, error)?).await,
    }
}

/// Shows what would come of a file, or what is wrong with what was chosen for it.
async fn look<P>(may: &May<P>, table: Table, form: Form) -> Result<Response>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    let options = match options(&form, group(may)) {
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

async fn preview_page<P>(
    may: &May<P>,
    table: &Table,
    plan: Plan,
    options: &Options,
    entry: Entry,
) -> Result<Response>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    let load = async |tx: &_, by: &P| {
        let by = Manager::from(by);
        let place = Place::of(may, &by);
        Ok((may.frame(tx, by.user(), place.here()).await?, place, by.only_group().is_none()))
    };
    let (frame, place, manages) = may.read(load).await?;
    let mut between = place.crumbs().to_vec();
    between.push(crumb("Import people", place.own_path()));
    let frame = frame.page(may, "users", between, "Check the people");
    let status = entry.status();
    page::show(may, status, &PreviewPage::of(frame, (place, manages), table, plan, options, entry)?)
}

impl PreviewPage {
    fn of(
        frame: Frame,
        (place, manages): (Place, bool),
        table: &Table,
        plan: Plan,
        options: &Options,
        entry: Entry,
    ) -> Result<Self> {
        let differing = plan.lines.iter().filter(|line| line.change.is_some());
        let chosen = differing.clone().filter(|line| options.changes(line.person.number)).count();
        let (differing, all) = (differing.count(), chosen_lines(&plan, options));
        let (unknown, open) = unknown(&plan, options);
        let (sum, coming, losses, licenses) = (
            plan.sum(),
            COMING.iter().map(|each| plan.count(*each)).sum(),
            losses(table, &plan, options),
            licenses(&plan),
        );
        let (columns, of) = (column_views(table, &plan.columns, &entry), seen(&plan.columns, options));
        let addresses = plan.columns.contains(&Some(PersonField::Email));
        let list = Listed::of(plan, options, &entry);
        let shown = list.lines.iter().map(|shown| shown.line.person.number).collect::<BTreeSet<_>>();
        let elsewhere = all.difference(&shown).map(ToString::to_string).collect::<Vec<_>>().join(",");
        Ok(Self {
            frame,
            path: place.own_path(),
            account: place.account,
            manages,
            read: kept(table)?,
            seen: of,
            changed: entry.sent("unseen") && entry.sent("seen"),
            columns,
            fields: fields(place.group),
            role_label: match place.group {
                Some(_) => "Role in the group, where a line doesn’t say",
                None => "Role, where a line doesn’t say",
            },
            roles: roles(place.group),
            types: user_types(),
            addresses,
            unknown,
            open,
            sum,
            coming,
            losses,
            licenses,
            differing,
            chosen,
            elsewhere,
            list,
            entry: showing(entry, options),
        })
    }
}

/// The lines whose invitations are to be changed.
fn chosen_lines(plan: &Plan, options: &Options) -> BTreeSet<i64> {
    let differing = plan.lines.iter().filter(|line| line.change.is_some()).map(|line| line.person.number);
    differing.filter(|number| options.changes(*number)).collect()
}

/// The names that are no group's, and the groups to choose from; nothing where all are invited into one group.
fn unknown(plan: &Plan, options: &Options) -> (Vec<UnknownView>, Vec<Choice>) {
    if options.into.is_some() {
        return (Vec::new(), Vec::new());
    }
    let views = plan.unknown_groups().into_iter().take(ASKED).map(|unknown| UnknownView {
        name: unknown.name,
        lines: text::counted(unknown.lines, "line", "lines"),
        chosen: unknown.instead.map(|group| group.to_string()).unwrap_or_default(),
    });
    let mut open = vec![Choice { value: String::new(), label: "Leave out".to_owned() }];
    let named = |(group, name): &(GroupId, String)| Choice { value: group.to_string(), label: name.clone() };
    open.extend(plan.groups.iter().map(named));
    (views.collect(), open)
}

/// What the run does something for.
const COMING: [Expected; 3] = [Expected::Invite, Expected::Add, Expected::Change];

/// The entry with the options as they are, whether or not the form had them.
fn showing(entry: Entry, options: &Options) -> Entry {
    entry.showing(&[("role", role_word(options)), ("user_type", options.user_type.word())])
}

impl Listed {
    /// The lines that the form asks for: of one outcome, from one on.
    fn of(plan: Plan, options: &Options, entry: &Entry) -> Self {
        let tabs = tabs(&plan, entry.get(if entry.sent("show") { "show" } else { "shown" }));
        let show = tabs.iter().find(|tab| tab.current).map_or("", |tab| tab.value);
        let wanted = Expected::read(show);
        let lines = plan.lines.into_iter();
        let lines =
            lines.filter(|line| wanted.is_none_or(|wanted| line.expected == wanted)).collect::<Vec<_>>();
        let all = lines.len();
        let from = entry.get("from").parse().ok().filter(|from| *from < all).unwrap_or(0_usize);
        let lines = lines.into_iter().skip(from).take(SHOWN);
        let lines = lines.map(|line| Shown::of(line, options)).collect::<Vec<_>>();
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

fn fields(group: Option<GroupId>) -> Vec<Choice> {
    // Into one group, nobody gets a role in the account, and no other group.
    let elsewhere = [PersonField::Role, PersonField::Groups];
    let fields = PersonField::ALL.iter().filter(|field| group.is_none() || !elsewhere.contains(field));
    let mut fields = choices(fields.map(|field| (field.word(), field.label())));
    fields.insert(0, Choice { value: String::new(), label: "Leave out".to_owned() });
    fields
}

fn roles(group: Option<GroupId>) -> Vec<Choice> {
    if group.is_some() {
        return choices([("member", "Member"), ("administrator", "Administrator")]);
    }
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
    let missing = plan.unknown_groups().into_iter().filter(|unknown| unknown.instead.is_none());
    for unknown in missing.take(NAMES) {
        let come = text::counted(unknown.lines, "line comes", "lines come");
        losses.push(match options.into {
            Some(_) => format!("{} isn’t this group: {come} without it.", quoted(&unknown.name)),
            None => format!("{} isn’t a group here: {come} without it.", quoted(&unknown.name)),
        });
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

/// How many names are told.
const NAMES: usize = 10;

/// How often each name is there; the most frequent first, and not too many of them.
fn counted<'a>(names: impl Iterator<Item = &'a String>) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::<String, usize>::new();
    for name in names {
        *counts.entry(name.clone()).or_default() += 1;
    }
    let mut counts = counts.into_iter().collect::<Vec<_>>();
    counts.sort_by_key(|(_, lines)| std::cmp::Reverse(*lines));
    counts.truncate(NAMES);
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
    run_of(&may, form).await
}

pub(crate) async fn run_for_group(may: May<GroupAdmin>, form: FileForm) -> Result<Response> {
    run_of(&may, form).await
}

async fn run_of<P>(may: &May<P>, form: FileForm) -> Result<Response>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    let Taken { table, form } = match taken(SentFile::Form(form)).await {
        Ok(taken) => taken,
        Err((form, error)) => return upload_page(may, Entry::again(form, error)?).await,
    };
    let asked = options(&form, group(may))?;
    let unseen = asked.columns.as_ref().is_none_or(|columns| seen(columns, &asked) != form.get("seen"));
    if unseen {
        return look(may, table, form.with("unseen", "yes".to_owned())).await;
    }
    let (table, plan) = planned(may, table, &asked).await?;
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
            return look(may, table, form).await;
        }
        Err(error) => return upload_page(may, Entry::again(form, error)?).await,
    };
    let load = async |tx: &_, by: &P| {
        let by = Manager::from(by);
        let place = Place::of(may, &by);
        Ok((may.frame(tx, by.user(), place.here()).await?, place, by.only_group().is_none()))
    };
    let (frame, place, manages) = may.read(load).await?;
    let users = place.path("users");
    let frame = frame.page(may, "users", [crumb("Users", users.clone())], "Invitations");
    let page = OutcomesPage::new(frame, outcomes, Seat::License, place.own_path(), users);
    let page = page.handing_out(may, &place.base());
    page::ok(may, &if manages { page.offering(place.account, Seat::License) } else { page })
}
