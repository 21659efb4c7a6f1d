//! Importing people, in JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    invitations::{
        Change, Outcome, TermsGroup,
        api::Outcomes,
        import::{
            Columns, Expected, Instead, Options, PersonField, columns,
            plan::{Line, Plan, UnknownGroup, plan},
            running,
            upload::taken,
        },
        sum,
    },
    licenses::Seat,
    users::UserType,
};
use access::{AccountAdmin, GroupAdmin, GroupRole, Manager, Proof, Role};
use kernel::{
    error::{Error, Result},
    id::GroupId,
};
use tables::Table;
use web::{Answer, Json, May, Query, SentFile};

/// How a file of people is understood.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PeopleImportQuery {
    /// The role of lines that name none. `member` if absent.
    #[param(inline)]
    role: Option<Role>,
    /// Their job in the practice. It doesn't change what they can do.
    #[param(inline)]
    user_type: Option<UserType>,
    /// What each column becomes, with commas between: `email,name,,groups`. An empty one is left out. Without this,
    /// the server decides.
    columns: Option<String>,
    /// Whether to change every existing invitation that differs from the list.
    #[serde(default)]
    change: bool,
    /// The numbers of the lines whose invitations are changed, with commas between: `3,7`.
    change_lines: Option<String>,
    /// Which groups are meant by names that are none's, as a JSON object: `{"Rivrside":"grp_…"}`. Other such names are
    /// left out.
    instead: Option<String>,
}

impl PeopleImportQuery {
    fn options(self) -> Result<Options> {
        let columns = self.columns.as_deref().map(columns_of);
        let instead = self.instead.as_deref().map(instead_of).transpose()?;
        Ok(Options {
            columns: columns.transpose()?,
            role: self.role.unwrap_or(Role::Member),
            user_type: self.user_type.unwrap_or(UserType::Other),
            into: None,
            change: self.change,
            changes: self.change_lines.as_deref().map(lines_of).transpose()?.unwrap_or_default(),
            instead: instead.unwrap_or_default(),
        })
    }
}

/// How a file of people is understood that are all invited into one group, as members of the account.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct GroupImportQuery {
    /// The role in the group of lines that name none. `member` if absent.
    #[param(inline)]
    role: Option<GroupRole>,
    /// Their job in the practice. It doesn't change what they can do.
    #[param(inline)]
    user_type: Option<UserType>,
    /// What each column becomes, with commas between: `email,name,,group_role`. An empty one is left out. Without this,
    /// the server decides.
    columns: Option<String>,
    /// Whether to change every existing invitation that differs from the list.
    #[serde(default)]
    change: bool,
    /// The numbers of the lines whose invitations are changed, with commas between: `3,7`.
    change_lines: Option<String>,
}

impl GroupImportQuery {
    fn options(self, group: GroupId) -> Result<Options> {
        let Self { role, user_type, columns, change, change_lines } = self;
        let whole = PeopleImportQuery { role: None, user_type, columns, change, change_lines, instead: None };
        Ok(Options { into: Some((group, role.unwrap_or(GroupRole::Member))), ..whole.options()? })
    }
}

fn columns_of(columns: &str) -> Result<Columns> {
    let read = |(at, word): (usize, &str)| match word.trim() {
        "" => Ok(None),
        word => match PersonField::read(word) {
            Some(field) => Ok(Some(field)),
            None => Err(Error::field(format!("columns[{at}]"), "Choose a field of a person.")),
        },
    };
    columns.split(',').enumerate().map(read).collect()
}

fn lines_of(numbers: &str) -> Result<BTreeSet<i64>> {
    let read = |word: &str| word.trim().parse();
    let numbers = numbers.split(',').map(read).collect::<std::result::Result<_, _>>();
    numbers.map_err(|_| Error::field("change_lines", "Enter line numbers with commas between them."))
}

fn instead_of(chosen: &str) -> Result<Instead> {
    let chosen = serde_json::from_str::<BTreeMap<String, GroupId>>(chosen);
    let why = "Enter a JSON object whose keys are names in the file and whose values are ids of groups.";
    chosen.map(Instead::of).map_err(|_| Error::field("instead", why))
}

/// A column of a file of people.
#[derive(Serialize, ToSchema)]
#[schema(as = PeopleImportColumn)]
pub struct PeopleColumn {
    /// As it is written in the file.
    heading: String,
    /// The first cells that hold something.
    samples: Vec<String>,
    /// What it becomes; null where it is left out.
    field: Option<PersonField>,
}

/// A line of a file of people, and what would become of it.
#[derive(Serialize, ToSchema)]
#[schema(as = PeopleImportLine)]
pub struct PeopleLine {
    /// Its number in the file, from 1.
    line: i64,
    /// The address, or what the file has in its place.
    email: String,
    name: Option<String>,
    role: Role,
    groups: Vec<TermsGroup>,
    outcome: Expected,
    /// Why.
    detail: String,
    /// What was left out of it.
    notices: Vec<String>,
    /// What the invitation that they have is, and what it would be.
    change: Option<Change>,
}

/// A name in a file that is no group's.
#[derive(Serialize, ToSchema)]
pub struct NoGroup {
    name: String,
    /// How many lines have it.
    lines: usize,
    /// The group that is taken instead; null where it is left out.
    instead: Option<GroupId>,
}

/// A preview of a file of people. Nothing is saved.
#[derive(Serialize, ToSchema)]
#[schema(as = PeopleImportPreview)]
pub struct PeoplePreview {
    /// `UTF-8`, `UTF-16LE`, `UTF-16BE` or `windows-1252`; `XLSX` of workbooks.
    encoding: String,
    /// What separates the columns: `comma`, `semicolon`, `tab`, `pipe` or `other`; `cell` in workbooks.
    separator: String,
    /// What is written above the headings.
    above: Vec<String>,
    /// Other sheets of a workbook, which are left out.
    other_sheets: Vec<String>,
    columns: Vec<PeopleColumn>,
    lines: Vec<PeopleLine>,
    /// Names that are no group's, with what is taken instead.
    unknown_groups: Vec<NoGroup>,
    /// How many licenses the lines need, for those too that don't get one.
    licenses_needed: i64,
    /// How many there are.
    licenses_available: i64,
    /// How many lines have which outcome, in words.
    summary: String,
}

fn view(table: Table, plan: Plan) -> PeoplePreview {
    let summary = plan.sum();
    let unknown = plan.unknown_groups().into_iter();
    let unknown_groups =
        unknown.map(|UnknownGroup { name, lines, instead }| NoGroup { name, lines, instead }).collect();
    let Plan { columns, lines, needed, available, .. } = plan;
    let columns = column_view(&table, columns);
    let Table { encoding, separator, above, others: other_sheets, .. } = table;
    let lines = lines.into_iter().map(line_view).collect();
    let (licenses_needed, licenses_available) = (needed, available.free().max(0));
    PeoplePreview {
        encoding,
        separator,
        above,
        other_sheets,
        columns,
        lines,
        unknown_groups,
        licenses_needed,
        licenses_available,
        summary,
    }
}

fn column_view(table: &Table, columns: Columns) -> Vec<PeopleColumn> {
    let each = columns.into_iter().enumerate().map(|(at, field)| PeopleColumn {
        heading: table.headings[at].clone(),
        samples: columns::samples(table, at),
        field,
    });
    each.collect()
}

fn line_view(line: Line) -> PeopleLine {
    PeopleLine {
        email: line.email().to_owned(),
        line: line.person.number,
        name: line.person.name,
        role: line.person.role,
        groups: line.groups,
        outcome: line.expected,
        detail: line.detail,
        notices: line.person.notices,
        change: line.change,
    }
}

async fn planned<P>(may: &May<P>, sent: SentFile, options: Options) -> Result<(Table, Plan)>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    let table = taken(sent).await.map_err(|(_, error)| error)?.table;
    let site = may.app().site.clone();
    may.read_heavy(async move |tx, by| {
        let plan = plan(tx, &Manager::from(by), &site, &table, &options).await?;
        Ok((table, plan))
    })
    .await
}

pub(crate) async fn preview(
    may: May<AccountAdmin>,
    Query(query): Query<PeopleImportQuery>,
    sent: SentFile,
) -> Result<Json<PeoplePreview>> {
    let (table, plan) = planned(&may, sent, query.options()?).await?;
    Ok(Json(view(table, plan)))
}

pub(crate) async fn preview_for_group(
    may: May<GroupAdmin>,
    Query(query): Query<GroupImportQuery>,
    sent: SentFile,
) -> Result<Json<PeoplePreview>> {
    let options = query.options(may.id("group")?)?;
    let (table, plan) = planned(&may, sent, options).await?;
    Ok(Json(view(table, plan)))
}

pub(crate) async fn run(
    may: May<AccountAdmin>,
    Query(query): Query<PeopleImportQuery>,
    sent: SentFile,
) -> Result<Answer<Outcomes, 200>> {
    invite_all(&may, query.options()?, sent).await
}

pub(crate) async fn run_for_group(
    may: May<GroupAdmin>,
    Query(query): Query<GroupImportQuery>,
    sent: SentFile,
) -> Result<Answer<Outcomes, 200>> {
    invite_all(&may, query.options(may.id("group")?)?, sent).await
}

async fn invite_all<P>(may: &May<P>, options: Options, sent: SentFile) -> Result<Answer<Outcomes, 200>>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    // Read to its end first: whether the same request came before is told by all of it.
    let (_, plan) = planned(may, sent, options.clone()).await?;
    if let Some(kept) = may.kept().await? {
        return Ok(kept);
    }
    let mut steps = running::steps(plan, &options)?;
    if running::offers_management(&steps) {
        may.fresh().await?;
    }
    let last = steps.pop().unwrap_or_default();
    let mut done: Vec<Outcome> = Vec::new();
    for step in steps {
        let site = may.app().site.clone();
        let invited =
            async move |tx: &_, by: &_| running::invite_step(tx, &Manager::from(by), &site, &step).await;
        done.extend(may.write(invited).await?);
    }
    let site = may.app().site.clone();
    may.post(async move |tx, by| {
        let mut outcomes = done.clone();
        outcomes.extend(running::invite_step(tx, &Manager::from(by), &site, &last).await?);
        let summary = sum::became(&outcomes, Seat::License);
        Ok(Outcomes { outcomes, summary })
    })
    .await
}
