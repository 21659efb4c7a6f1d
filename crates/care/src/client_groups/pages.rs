//! Pages of client groups: the sheet on which one is made and edited; from the parent account, what they are.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::client_groups::{
    Candidate, ClientGroupRow, LIMIT, Sort,
    actions::{self, ClientGroup, Draft},
};
use access::{
    ClientGroupEditor, ClientGroupReader, GroupMember, GroupReader, GroupScope, Proof, policy::Wish,
};
use kernel::{
    clock::date_words,
    error::{Error, Kind, Result},
    id::{ClientGroupId, GroupId},
    order::Order,
    text::{counted, fold},
};
use storage::{ExpectedVersion, Tx, Weight, list::Listing};
use web::{
    Form, May, Page, Query,
    answer::cursor_id,
    cookies::Flash,
    dual::{Item, Nouns},
    entry::Entry,
    list::{self, Heads},
    page::{self, Frame, Frames, Here, confirm, crumb, go, go_with, settle},
    parts::{Choice, choices},
    sheet::{Naming, Refused, Sheet, SheetForm, Subject},
};

const NOUNS: Nouns = Nouns {
    field: "clients",
    title: "Clients",
    one: "client",
    many: "clients",
    none: "This group has no clients yet. Add clients first.",
};
const ABOUT: &str = "You can’t write new notes for an inactive client group. New clients join the default client group, and new \
                     group notes are written for it.";

/// How many client groups a page of their table shows.
const ROWS: i64 = 50;

/// Names from A on.
const USUAL: Order<Sort> = Order::ascending(Sort::Name);

/// What the page shows.
struct Loaded {
    frame: Frame,
    group: GroupId,
    /// All that can be chosen; of the table that who doesn't work in the group sees instead, a page.
    groups: Page<ClientGroupRow>,
    candidates: Vec<Candidate>,
    chosen: Option<ClientGroup>,
    works: bool,
    from_parent: bool,
}

async fn load(
    tx: &Tx,
    by: &GroupScope,
    shell: &Frames,
    id: Option<ClientGroupId>,
    query: &ChooseQuery,
) -> Result<Loaded> {
    let works = by.may(Wish::Work);
    let after = query.cursor.as_deref().map(|cursor| cursor_id(Some(cursor))).transpose()?;
    let chosen = match id {
        Some(id) => Some(actions::show(tx, by, id).await?),
        None => None,
    };
    Ok(Loaded {
        frame: shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?,
        group: by.group(),
        groups: if works {
            Page { items: actions::list(tx, by, &Listing::default(), LIMIT).await?, next_cursor: None }
        } else {
            let rows = actions::list_by(tx, by, query.order(), after, ROWS).await?;
            Page::cut(rows, ROWS, |row| row.id.to_string())
        },
        candidates: match works {
            true => actions::candidates(tx, by).await?,
            false => Vec::new(),
        },
        chosen,
        works,
        from_parent: by.from_parent(),
    })
}

#[derive(Template)]
#[template(path = "client_groups/templates/page.html")]
struct EditPage {
    frame: Frame,
    title: String,
    path: String,
    own: String,
    groups: Vec<Choice>,
    chooser: Entry,
    chosen: Option<ClientGroup>,
    form: SheetForm,
    ask: String,
}

#[derive(Template)]
#[template(path = "client_groups/templates/read.html")]
struct ReadPage {
    frame: Frame,
    title: String,
    path: String,
    groups: Vec<ClientGroupRow>,
    list: Heads,
    chosen: Option<ClientGroup>,
    from_parent: bool,
}

fn clients(number: i64) -> String {
    counted(number, "client", "clients")
}

/// What becomes of the group notes of a client group that is deleted.
fn notes_stay(row: &ClientGroupRow) -> String {
    match row.group_notes {
        0 => "It has no group notes.".to_owned(),
        1 => "Its group note stays readable.".to_owned(),
        many => format!("Its {many} group notes stay readable."),
    }
}

/// What the page's sheet is about.
fn subject(loaded: &Loaded, action: &str) -> Subject {
    let kept = loaded.chosen.as_ref().map(|whole| {
        let sheet = Sheet {
            name: whole.row.name.clone(),
            description: whole.row.description.clone(),
            active: whole.row.active,
            default: whole.row.default,
            members: whole.clients.iter().map(|each| each.id.to_string()).collect(),
            ..Sheet::default()
        };
        (whole.row.version, sheet)
    });
    let item = |each: &Candidate| {
        let born = each.birth_date.as_deref().map(date_words).unwrap_or_default();
        let sub = [born.as_str(), each.reference.as_str()];
        let sub = sub.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        Item::new(each.id, each.name.clone(), sub)
    };
    Subject {
        label: "Client group",
        about: ABOUT,
        nouns: NOUNS,
        privileges: Vec::new(),
        action: action.to_owned(),
        kept,
        candidates: loaded.candidates.iter().map(item).collect(),
        taken: loaded.groups.items.iter().map(|row| fold(&row.name)).collect(),
    }
}

/// The client groups to choose from.
fn offered(groups: &[ClientGroupRow]) -> Vec<Choice> {
    let label = |row: &ClientGroupRow| match (row.active, row.default) {
        (false, _) => format!("{} (inactive)", row.name),
        (true, true) => format!("{} (default)", row.name),
        (true, false) => row.name.clone(),
    };
    let mut all = choices([("", "New client group")]);
    all.extend(choices(groups.iter().map(|row| (row.id, label(row)))));
    all
}

fn show_page<P: Proof>(
    may: &May<P>,
    loaded: Loaded,
    query: &ChooseQuery,
    refused: Option<Refused>,
) -> Result<Response> {
    let path = format!("/g/{}/client-groups", loaded.group);
    let row = loaded.chosen.as_ref().map(|whole| &whole.row);
    let id = row.map(|row| row.id.to_string()).unwrap_or_default();
    let own = if id.is_empty() { path.clone() } else { format!("{path}/{id}") };
    let title = row.map_or_else(|| "Client groups".to_owned(), |row| row.name.clone());
    let between = row.map(|_| crumb("Client groups", path.clone()));
    if !loaded.works {
        // Such as in a group that was archived meanwhile.
        refused.map_or(Ok(()), Refused::without_form)?;
        let Loaded { frame, groups, chosen, from_parent, .. } = loaded;
        let frame = frame.page(may, "client-groups", between, title.clone());
        let list = Heads::new(&path, &[], query.order(), USUAL)
            .paged(query.cursor.as_deref(), groups.next_cursor.as_deref());
        return page::ok(
            may,
            &ReadPage { frame, title, path, groups: groups.items, list, chosen, from_parent },
        );
    }
    let (form, status) = subject(&loaded, &own).form(refused)?;
    let ask = row.map(|row| {
        format!(
            "Delete {}? {} can be in other client groups. {}",
            row.name,
            clients(row.count),
            notes_stay(row)
        )
    });
    let page = EditPage {
        ask: ask.unwrap_or_default(),
        groups: offered(&loaded.groups.items),
        chooser: Entry::of(&[("client_group", &id)]),
        frame: loaded.frame.page(may, "client-groups", between, title.clone()),
        chosen: loaded.chosen,
        title,
        path,
        own,
        form,
    };
    page::show(may, status, &page)
}

/// Which client group to go to, or which part of their table to show.
#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct ChooseQuery {
    client_group: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
}

impl ChooseQuery {
    fn order(&self) -> Order<Sort> {
        list::order(self.sort.as_deref(), USUAL)
    }
}

pub(crate) async fn index(may: May<GroupReader>, Query(query): Query<ChooseQuery>) -> Result<Response> {
    if let Some(id) = query.client_group.as_deref().and_then(|id| id.parse::<ClientGroupId>().ok()) {
        let group: GroupId = may.id("group")?;
        return go(&format!("/g/{group}/client-groups/{id}"));
    }
    new_page(&may, query, None).await
}

async fn new_page(may: &May<GroupReader>, query: ChooseQuery, refused: Option<Refused>) -> Result<Response> {
    let (shell, part) = (may.shell(), query.clone());
    let load = async move |tx: &_, by: &GroupReader| load(tx, by, &shell, None, &part).await;
    let loaded = may.read_noted("client_groups", Weight::Heavy, load).await?;
    show_page(may, loaded, &query, refused)
}

/// What the sheet asks for.
fn draft(sheet: &Sheet) -> Result<Draft> {
    let clients = sheet.members.iter().map(|id| id.parse()).collect::<Result<Vec<_>, _>>();
    Ok(Draft {
        name: sheet.name.clone(),
        description: sheet.description.clone(),
        active: sheet.active,
        default: sheet.default,
        clients: clients.map_err(|_| Error::field(NOUNS.field, "Choose clients from the list."))?,
    })
}

pub(crate) async fn create(may: May<GroupMember>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let made = match draft(&Sheet::staged(&form, NOUNS.field, None)) {
        Ok(draft) => may.write(async move |tx, by| actions::create(tx, by, &draft).await).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(whole) => {
            let told = format!("“{}” was created with {}.", whole.row.name, clients(whole.row.count));
            go_with(&may, &format!("/g/{group}/client-groups/{}", whole.row.id), &Flash::done(told))
        }
        Err(error) => {
            let refused = Refused::of(form, error)?;
            let reader = may.within(&[("group", group.to_string())]);
            new_page(&reader, ChooseQuery::default(), Some(refused)).await
        }
    }
}

async fn chosen_page(may: &May<ClientGroupReader>, refused: Option<Refused>) -> Result<Response> {
    let shell = may.shell();
    let part = ChooseQuery::default();
    let load =
        async move |tx: &_, by: &ClientGroupReader| load(tx, by, &shell, Some(by.object()), &part).await;
    let loaded = may.read_noted("client_group", Weight::Heavy, load).await?;
    show_page(may, loaded, &ChooseQuery::default(), refused)
}

pub(crate) async fn show(may: May<ClientGroupReader>) -> Result<Response> {
    chosen_page(&may, None).await
}

pub(crate) async fn save(may: May<ClientGroupEditor>, form: Form) -> Result<Response> {
    let was = Sheet::seen(&form);
    match Naming::of(&form, &was) {
        Naming::Ask => return again(&may, Refused::asking(form)).await,
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
            let told = format!("“{}” was saved with {}.", whole.row.name, clients(whole.row.count));
            go_with(&may, &may.request().path.clone(), &Flash::done(told))
        }
        Err(error) => again(&may, Refused::of(form, error)?).await,
    }
}

/// The page of the client group again, with what was sent.
async fn again(may: &May<ClientGroupEditor>, refused: Refused) -> Result<Response> {
    let (group, id): (GroupId, ClientGroupId) = (may.id("group")?, may.id("client_group")?);
    let reader = may.within(&[("group", group.to_string()), ("client_group", id.to_string())]);
    chosen_page(&reader, Some(refused)).await
}

/// Creates another client group out of what was staged on the sheet of this one, which stays as it was.
async fn create_another(may: May<ClientGroupEditor>, form: Form, was: &Sheet) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let member: May<GroupMember> = may.within(&[("group", group.to_string())]);
    let made = match draft(&Sheet::created(&form, NOUNS.field)) {
        Ok(draft) => member.write(async move |tx, by| actions::create(tx, by, &draft).await).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(whole) => {
            let row = whole.row;
            let told = format!(
                "“{}” was created with {}. “{}” was not changed.",
                row.name,
                clients(row.count),
                was.name
            );
            go_with(&may, &format!("/g/{group}/client-groups/{}", row.id), &Flash::done(told))
        }
        Err(error) => again(&may, Refused::of(form, error)?).await,
    }
}

pub(crate) async fn delete(may: May<ClientGroupEditor>, form: Form) -> Result<Response> {
    let (group, id): (GroupId, ClientGroupId) = (may.id("group")?, may.id("client_group")?);
    let back = format!("/g/{group}/client-groups/{id}");
    let row = may.read(async |tx, by| Ok(actions::show(tx, by, by.object()).await?.row)).await?;
    let detail = notes_stay(&row);
    let question = page::Question {
        ask: "Delete this client group?".to_owned(),
        detail: &detail,
        action: "Delete client group",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    let deleted = may.write(async move |tx, by| actions::delete(tx, by, seen).await).await;
    let stays = |error: &Error| error.kind() == Kind::Stale;
    let to = if deleted.as_ref().is_err_and(stays) { back } else { format!("/g/{group}/client-groups") };
    settle(&may, &to, deleted, |row| Flash::done(format!("“{}” was deleted. {}", row.name, notes_stay(&row))))
}
