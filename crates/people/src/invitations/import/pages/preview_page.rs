//! The page that shows what would become of a file of people.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;

use crate::invitations::{
    import::{
        Columns, Expected, Options, PersonField, columns,
        pages::place::Place,
        plan::{Line, Plan},
        upload::kept,
    },
    pages::user_types,
};
use access::{GroupRole, Role};
use kernel::{
    error::Result,
    id::{AccountId, GroupId},
    prices::UNLIMITED,
    text,
};
use tables::{Table, quoted};
use web::{
    entry::Entry,
    page::Frame,
    parts::{Choice, ColumnChoice, choices},
};

/// How many lines a page shows.
const SHOWN: usize = 200;

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
            GroupRole::Administrator => format!("{} (administrator)", each.name),
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
pub(super) struct PreviewPage {
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

/// What the outcome of a file depends on, in a line: a form that asks for another one gets to see it first.
pub(super) fn seen(columns: &Columns, options: &Options) -> String {
    let columns = columns.iter().map(|field| field.map_or("", PersonField::word)).collect::<Vec<_>>();
    let Options { user_type, instead, .. } = options;
    format!("{} {} {} {}", columns.join(","), role_word(options), user_type.word(), instead.words())
}

/// The role that the form asks for: in the group, where everyone is invited into one.
fn role_word(options: &Options) -> &'static str {
    options.into.map_or(options.role.word(), |(_, role)| role.word())
}

impl PreviewPage {
    pub(super) fn of(
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
