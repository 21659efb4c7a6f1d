//! Pages of user groups: the sheet on which one is created and edited, and *My privileges*.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::user_groups::{
    LIMIT, Loss, UserGroupRow,
    actions::{self, Draft, UserGroup},
    delete::{self, Deletion},
    rights::{self, Right},
    store::{self, Candidate},
};
use access::{AccountAdmin, AccountWorker, Privilege, Proof, UserGroupAdmin};
use kernel::{
    error::{Error, Kind, Result},
    id::{AccountId, UserGroupId},
    text::{counted, fold},
};
use storage::{ExpectedVersion, Tx, list::Listing};
use web::{
    Form, May, Query,
    cookies::Flash,
    dual::{Item, Nouns},
    entry::Entry,
    page::{self, Frame, Frames, Here, confirm, crumb, go, go_with, settle},
    parts::{Choice, choices},
    sheet::{Naming, Refused, Sheet, SheetForm, Subject},
};

const NOUNS: Nouns = Nouns {
    field: "members",
    title: "Users",
    one: "person",
    many: "people",
    none: "No one works in this account yet.",
};
const ABOUT: &str = "Inactive groups grant no permissions. New members of the account join the default user group, and new \
                     requests are addressed to it if it can receive them.";

/// Everything the page is made of.
struct Loaded {
    frame: Frame,
    account: AccountId,
    groups: Vec<UserGroupRow>,
    candidates: Vec<Candidate>,
    givers: Vec<(Privilege, Vec<(UserGroupId, String)>)>,
    chosen: Option<(UserGroup, Deletion)>,
}

async fn load(
    tx: &Tx,
    by: &AccountAdmin,
    shell: &Frames,
    chosen: Option<(UserGroup, Deletion)>,
) -> Result<Loaded> {
    Ok(Loaded {
        frame: shell.frame(tx, by.user(), Here::Account(by.account())).await?,
        account: by.account(),
        groups: actions::list(tx, by, &Listing::default(), LIMIT).await?,
        candidates: store::candidates(tx, by).await?,
        givers: rights::who_can_do_what(tx, by).await?,
        chosen,
    })
}

async fn load_chosen(tx: &Tx, by: &UserGroupAdmin, shell: &Frames) -> Result<Loaded> {
    let chosen = (actions::show(tx, by).await?, delete::deletion(tx, by).await?);
    load(tx, by, shell, Some(chosen)).await
}

/// A privilege with the user groups that have it.
struct Given {
    label: &'static str,
    by_role: bool,
    groups: Vec<(String, String)>,
}

/// The text of the card that deletes a user group.
struct Deleting {
    ask: String,
    effects: Vec<String>,
    heirs: Vec<Choice>,
    open: bool,
}

#[derive(Template)]
#[template(path = "user_groups/templates/page.html")]
struct EditPage {
    frame: Frame,
    title: String,
    path: String,
    own: String,
    version: i64,
    chosen: bool,
    active: bool,
    default: bool,
    warning: Option<String>,
    groups: Vec<Choice>,
    chooser: Entry,
    form: SheetForm,
    given: Vec<Given>,
    deleting: Option<Deleting>,
    entry: Entry,
}

fn people(number: i64) -> String {
    counted(number, "person", "people")
}

fn deleting(whole: &UserGroup, deletion: &Deletion) -> Deleting {
    let mut effects = vec![match deletion.people {
        0 => "No one is in it.".to_owned(),
        some => counted(some, "person is in it.", "people are in it."),
    }];
    effects.extend(deletion.losses.iter().map(|Loss { privilege, people: losing }| {
        let verb = if *losing == 1 { "loses" } else { "lose" };
        format!("{} {verb} “{}”.", people(*losing), privilege.label())
    }));
    effects.extend(match deletion.open_requests {
        0 => None,
        some => Some(format!("{} addressed to it.", counted(some, "open request is", "open requests are"))),
    });
    let mut heirs = choices([("", "Choose…")]);
    heirs.extend(choices(deletion.receivers.iter().map(|(id, name)| (id, name))));
    Deleting {
        ask: format!("Delete {}? {}", whole.row.name, effects.join(" ")),
        effects,
        heirs,
        open: deletion.open_requests > 0,
    }
}

/// The subject of the page's sheet.
fn subject(loaded: &Loaded, action: &str) -> Subject {
    let kept = loaded.chosen.as_ref().map(|(whole, _)| {
        let sheet = Sheet {
            name: whole.row.name.clone(),
            description: whole.row.description.clone(),
            active: whole.row.active,
            default: whole.row.default,
            privileges: whole.row.privileges().iter().map(|each| each.word().to_owned()).collect(),
            members: whole.people.iter().map(|each| each.id.to_string()).collect(),
        };
        (whole.row.version, sheet)
    });
    let item = |each: &Candidate| Item::new(each.id, each.name.clone(), each.email.clone());
    let privileges = Privilege::ALL.iter().map(|each| (each.word(), each.label(), each.meaning()));
    Subject {
        label: "User group",
        about: ABOUT,
        nouns: NOUNS,
        privileges: privileges.collect(),
        action: action.to_owned(),
        kept,
        candidates: loaded.candidates.iter().map(item).collect(),
        taken: loaded.groups.iter().map(|row| fold(&row.name)).collect(),
    }
}

/// The user groups to choose from.
fn offered(groups: &[UserGroupRow]) -> Vec<Choice> {
    let label = |row: &UserGroupRow| match (row.active, row.default) {
        (false, _) => format!("{} (inactive)", row.name),
        (true, true) => format!("{} (default)", row.name),
        (true, false) => row.name.clone(),
    };
    let mut all = choices([("", "New user group")]);
    all.extend(choices(groups.iter().map(|row| (row.id, label(row)))));
    all
}

fn show_page<P: Proof>(
    may: &May<P>,
    loaded: Loaded,
    refused: Option<Refused>,
    entry: Entry,
) -> Result<Response> {
    let path = format!("/a/{}/user-groups", loaded.account);
    let id = loaded.chosen.as_ref().map(|(whole, _)| whole.row.id.to_string()).unwrap_or_default();
    let own = if id.is_empty() { path.clone() } else { format!("{path}/{id}") };
    let (form, status) = subject(&loaded, &own).form(refused)?;
    let given = loaded.givers.iter().map(|(privilege, groups)| Given {
        label: privilege.label(),
        by_role: *privilege != Privilege::RequestsReceive,
        groups: groups.iter().map(|(id, name)| (name.clone(), format!("{path}/{id}"))).collect(),
    });
    let given = given.collect();
    let row = loaded.chosen.as_ref().map(|(whole, _)| &whole.row);
    let title = row.map_or_else(|| "User groups".to_owned(), |row| row.name.clone());
    let mut between = vec![
        crumb("Administration", format!("/a/{}/dashboard", loaded.account)),
        crumb("User management", format!("/a/{}/users", loaded.account)),
    ];
    if row.is_some() {
        between.push(crumb("User groups", path.clone()));
    }
    let page = EditPage {
        version: row.map_or(0, |row| row.version),
        active: row.is_none_or(|row| row.active),
        default: row.is_some_and(|row| row.default),
        chosen: row.is_some(),
        warning: loaded.chosen.as_ref().and_then(|(whole, _)| whole.warning()),
        deleting: loaded.chosen.as_ref().map(|(whole, deletion)| deleting(whole, deletion)),
        groups: offered(&loaded.groups),
        chooser: Entry::of(&[("group", &id)]),
        frame: loaded.frame.page(may, "user-groups", between, title.clone()),
        title,
        path,
        own,
        form,
        given,
        entry,
    };
    page::show(may, status, &page)
}

/// The user group to go to.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct ChooseQuery {
    group: Option<String>,
}

pub(crate) async fn index(may: May<AccountAdmin>, Query(query): Query<ChooseQuery>) -> Result<Response> {
    if let Some(id) = query.group.and_then(|group| group.parse::<UserGroupId>().ok()) {
        let account: AccountId = may.id("account")?;
        return go(&format!("/a/{account}/user-groups/{id}"));
    }
    new_page(&may, None).await
}

async fn new_page(may: &May<AccountAdmin>, refused: Option<Refused>) -> Result<Response> {
    let shell = may.shell();
    let loaded = may.read_heavy(async move |tx, by| load(tx, by, &shell, None).await).await?;
    show_page(may, loaded, refused, Entry::default())
}

/// The changes on the sheet.
fn draft(sheet: &Sheet) -> Result<Draft> {
    let members = sheet.members.iter().map(|id| id.parse()).collect::<Result<Vec<_>, _>>();
    let privileges = sheet.privileges.iter().map(|word| Privilege::read(word)).collect::<Option<Vec<_>>>();
    Ok(Draft {
        name: sheet.name.clone(),
        description: sheet.description.clone(),
        active: sheet.active,
        default: sheet.default,
        members: members.map_err(|_| Error::field(NOUNS.field, "Choose people from the list."))?,
        privileges: privileges
            .ok_or_else(|| Error::field("privileges", "Choose privileges from the list."))?,
    })
}

pub(crate) async fn create(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let made = match draft(&Sheet::staged(&form, NOUNS.field, None)) {
        Ok(draft) => may.write(async move |tx, by| actions::create(tx, by, &draft).await).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(whole) => {
            let told = format!("“{}” was created with {}.", whole.row.name, people(whole.row.count));
            go_with(&may, &format!("/a/{account}/user-groups/{}", whole.row.id), &Flash::done(told))
        }
        Err(error) => new_page(&may, Some(Refused::of(form, error)?)).await,
    }
}

async fn chosen_page(may: &May<UserGroupAdmin>, refused: Option<Refused>, entry: Entry) -> Result<Response> {
    let shell = may.shell();
    let loaded = may.read_heavy(async move |tx, by| load_chosen(tx, by, &shell).await).await?;
    show_page(may, loaded, refused, entry)
}

pub(crate) async fn show(may: May<UserGroupAdmin>) -> Result<Response> {
    chosen_page(&may, None, Entry::default()).await
}

pub(crate) async fn save(may: May<UserGroupAdmin>, form: Form) -> Result<Response> {
    let was = Sheet::seen(&form);
    match Naming::of(&form, &was) {
        Naming::Ask => return chosen_page(&may, Some(Refused::asking(form)), Entry::default()).await,
        Naming::Create => return create_another(may, form, &was).await,
        Naming::Keep | Naming::Rename => {}
    }
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    let saved = match draft(&Sheet::staged(&form, NOUNS.field, Some(&was))) {
        Ok(draft) => may.write(async move |tx, by| actions::save(tx, by, &draft, seen).await).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(whole) => {
            let told = format!("“{}” was saved with {}.", whole.row.name, people(whole.row.count));
            go_with(&may, &may.request().path.clone(), &Flash::done(told))
        }
        Err(error) => chosen_page(&may, Some(Refused::of(form, error)?), Entry::default()).await,
    }
}

/// Creates another user group out of what was staged on the sheet of this one, which stays as it was.
async fn create_another(may: May<UserGroupAdmin>, form: Form, was: &Sheet) -> Result<Response> {
    let made = match draft(&Sheet::created(&form, NOUNS.field)) {
        Ok(draft) => may.write(async move |tx, by| actions::create(tx, by, &draft).await).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(whole) => {
            let (account, row) = (whole.row.account, whole.row);
            let told = format!(
                "“{}” was created with {}. “{}” was not changed.",
                row.name,
                people(row.count),
                was.name
            );
            go_with(&may, &format!("/a/{account}/user-groups/{}", row.id), &Flash::done(told))
        }
        Err(error) => chosen_page(&may, Some(Refused::of(form, error)?), Entry::default()).await,
    }
}

pub(crate) async fn delete(may: May<UserGroupAdmin>, form: Form) -> Result<Response> {
    let (account, id): (AccountId, UserGroupId) = (may.id("account")?, may.id("user_group")?);
    let back = format!("/a/{account}/user-groups/{id}");
    let to = form.get("requests_to").parse::<UserGroupId>().ok();
    let deletion = may.read_heavy(async |tx, by| {
        Ok(deleting(&actions::show(tx, by).await?, &delete::deletion(tx, by).await?))
    });
    let deletion = deletion.await?;
    let detail = deletion.effects.join(" ");
    let question = page::Question {
        ask: "Delete this user group?".to_owned(),
        detail: &detail,
        action: "Delete user group",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    let deleted = may.write(async move |tx, by| delete::delete(tx, by, to, seen).await).await;
    match deleted {
        Ok(deleted) => {
            let reassigned = match deleted.requests {
                0 => String::new(),
                some => format!(" {} reassigned.", counted(some, "open request was", "open requests were")),
            };
            let told = Flash::done(format!("“{}” was deleted.{reassigned}", deleted.name));
            go_with(&may, &format!("/a/{account}/user-groups"), &told)
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            chosen_page(&may, None, Entry::again(form, error)?).await
        }
        Err(error) => settle(&may, &back, Err::<(), _>(error), |()| Flash::done("")),
    }
}

#[derive(Template)]
#[template(path = "user_groups/templates/rights.html")]
struct RightsPage {
    frame: Frame,
    rights: Vec<Right>,
    manages: bool,
}

pub(crate) async fn rights(may: May<AccountWorker>) -> Result<Response> {
    let (frame, rights, manages) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, rights::rights(tx, by).await?, by.role().manages()))
        })
        .await?;
    page::ok(&may, &RightsPage { frame: frame.page(&may, "rights", [], "My privileges"), rights, manages })
}
