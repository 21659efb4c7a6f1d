//! The pages of importing people: choose a file or paste rows, look at what would become of each line, invite.

mod place;
mod preview_page;

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;

use crate::{
    accounts,
    invitations::{
        AT_ONCE,
        import::{
            Columns, Instead, LARGEST, Options, PersonField,
            pages::place::{Place, group},
            pages::preview_page::{PreviewPage, seen},
            plan::{Plan, plan},
            running,
            upload::{Taken, taken},
        },
        pages::{OutcomesPage, user_type},
    },
    licenses::Seat,
};
use access::{AccountAdmin, GroupAdmin, GroupRole, Manager, Proof, Role};
use kernel::{
    error::{Error, Result},
    id::GroupId,
    text,
};
use tables::Table;
use web::{
    FileForm, Form, May, SentFile,
    entry::Entry,
    page::{self, Frame, crumb},
};

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

/// The lines whose invitations are to be changed: those selected, and those of the pages that aren't shown.
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

fn about_columns(error: &Error) -> bool {
    error.fields().iter().any(|fault| fault.field.starts_with("columns["))
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
        Err(error) if about_columns(&error) => {
            let columns = options.columns.clone().unwrap_or_default();
            let plan = Plan { columns, ..Plan::empty() };
            preview_page(may, &table, plan, &options, Entry::again(form, error)?).await
        }
        Err(error) => upload_page(may, Entry::again(form, error)?).await,
    }
}

/// The frame of the place that is imported into, and whether the reader manages the whole account.
async fn placed<P>(may: &May<P>) -> Result<(Frame, Place, bool)>
where
    P: Proof,
    for<'a> Manager: From<&'a P>,
{
    may.read(async |tx, by| {
        let by = Manager::from(by);
        let place = Place::of(may, &by);
        Ok((may.frame(tx, by.user(), place.here()).await?, place, by.only_group().is_none()))
    })
    .await
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
    let (frame, place, manages) = placed(may).await?;
    let mut between = place.crumbs().to_vec();
    between.push(crumb("Import people", place.own_path()));
    let frame = frame.page(may, "users", between, "Check the people");
    let status = entry.status();
    page::show(may, status, &PreviewPage::of(frame, (place, manages), table, plan, options, entry)?)
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
        let steps = running::steps(plan?, &asked)?;
        if running::offers_management(&steps) {
            may.fresh().await?;
        }
        for step in steps {
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
        Err(error) if about_columns(&error) => {
            return look(may, table, form).await;
        }
        Err(error) => return upload_page(may, Entry::again(form, error)?).await,
    };
    let (frame, place, manages) = placed(may).await?;
    let users = place.path("users");
    let frame = frame.page(may, "users", [crumb("Users", users.clone())], "Invitations");
    let page = OutcomesPage::new(frame, outcomes, Seat::License, place.own_path(), users);
    let page = page.handing_out(may, &place.base());
    page::ok(may, &if manages { page.offering(place.account, Seat::License) } else { page })
}
