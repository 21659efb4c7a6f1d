//! Pages of clients: the list, the forms, likely duplicates. A client's own page is their overview.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use serde::Deserialize;

use crate::clients::{
    AnimalInput, ClientInput, ClientRow, Filter, Kind, Sort,
    actions::{self, AnimalChanges, Changes, Client},
};
use access::{
    ClientCurator, ClientEditor, ClientKeeper, GroupMember, GroupReader, Privilege, Proof, policy::Wish,
};
use kernel::{
    error::{Error, FieldError, Kind as Trouble, Result},
    id::{Animal, AnimalId, ClientId, GroupId},
    practice::PracticeKind,
};
use storage::{ExpectedVersion, Tx};
use web::{
    Form, May, Page, Query,
    answer::cursor_id,
    cookies::Flash,
    entry::Entry,
    list::{self, Heads},
    page::{self, Crumb, Frame, Here, confirm, crumb, go_with, settle},
    parts::{Choice, choices, link},
};

/// How many clients a page shows.
const LIMIT: i64 = 25;

/// The kinds, to be chosen from; none where every client is a person, unless this one is something else.
pub(super) fn kinds(practice: PracticeKind, now: Option<Kind>) -> Vec<Choice> {
    match practice.has_animals() || now.is_some_and(|kind| kind.shown(practice)) {
        true => choices(Kind::ALL.iter().map(|kind| (kind.word(), kind.label(practice)))),
        false => Vec::new(),
    }
}

/// The kinds with one choice before them, if there is anything to choose.
fn kinds_after(label: &str, practice: PracticeKind, now: Option<Kind>) -> Vec<Choice> {
    let mut kinds = kinds(practice, now);
    if !kinds.is_empty() {
        kinds.insert(0, Choice { value: String::new(), label: label.to_owned() });
    }
    kinds
}

/// The list of clients, as a step of the way.
pub(crate) fn list_crumb(group: GroupId) -> Crumb {
    crumb("Clients", format!("/g/{group}/clients"))
}

/// A client, as a step of the way.
pub(crate) fn client_crumb(row: &ClientRow) -> Crumb {
    crumb(row.name.clone(), format!("/g/{}/clients/{}", row.group, row.id))
}

/// Which clients to show.
#[derive(Clone, Deserialize, utoipa::IntoParams)]
pub(crate) struct ClientsQuery {
    q: Option<String>,
    #[param(inline)]
    kind: Option<Kind>,
    archived: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
}

impl ClientsQuery {
    fn filter(&self) -> Result<Filter> {
        let after = self.cursor.as_deref().map(|cursor| cursor_id::<kernel::id::Client>(Some(cursor)));
        let (search, archived) = (self.q.clone(), self.archived.is_some());
        Ok(Filter { search, kind: self.kind, archived, after: after.transpose()?, ..Filter::default() })
    }

    fn pairs(&self) -> [(&str, &str); 3] {
        [
            ("q", self.q.as_deref().unwrap_or_default()),
            ("kind", self.kind.map_or("", Kind::word)),
            ("archived", if self.archived.is_some() { "yes" } else { "" }),
        ]
    }
}

#[derive(Template)]
#[template(path = "clients/templates/list.html")]
struct ListPage {
    frame: Frame,
    path: String,
    entry: Entry,
    /// None where there is nothing to choose.
    kinds: Vec<Choice>,
    /// Whether animals are shown.
    animals: bool,
    archived: bool,
    filtered: bool,
    rows: Vec<Client>,
    list: Heads,
    works: bool,
    keeps: bool,
    from_parent: bool,
}

pub(crate) async fn index(may: May<GroupReader>, Query(query): Query<ClientsQuery>) -> Result<Response> {
    let filter = query.filter()?;
    let (weight, shell) = (filter.weight(), may.shell());
    let order = list::order(query.sort.as_deref(), Sort::USUAL);
    let load = async move |tx: &Tx, by: &GroupReader| {
        let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
        let works = by.may(Wish::Work);
        let keeps = works && by.holds(tx, Privilege::ClientsManage).await?;
        Ok((frame, actions::list_by(tx, by, &filter, order, LIMIT).await?, works, keeps, by.from_parent()))
    };
    let (frame, rows, works, keeps, from_parent) = may.read_noted("clients", weight, load).await?;
    let path = may.request().path.clone();
    let pairs = query.pairs();
    let rows = Page::cut(rows, LIMIT, |client| client.row.id.to_string());
    let practice = frame.kind;
    let unusual = rows.items.iter().map(|client| client.row.kind).find(|kind| kind.shown(practice));
    let page = ListPage {
        kinds: kinds_after("All kinds", practice, query.kind.or(unusual)),
        animals: practice.has_animals() || rows.items.iter().any(|client| !client.current().is_empty()),
        frame: frame.page(&may, "clients", [], "Clients"),
        entry: Entry::of(&pairs),
        archived: query.archived.is_some(),
        filtered: query.q.is_some() || query.kind.is_some(),
        list: Heads::new(&path, &pairs, order, Sort::USUAL)
            .paged(query.cursor.as_deref(), rows.next_cursor.as_deref()),
        rows: rows.items,
        works,
        keeps,
        from_parent,
        path,
    };
    page::ok(&may, &page)
}

#[derive(Template)]
#[template(path = "clients/templates/form.html")]
struct FormPage {
    frame: Frame,
    /// Where the form goes, and where one gets back.
    action: String,
    back: String,
    /// The version of the client that is edited; none for a new one.
    version: Option<i64>,
    entry: Entry,
    kinds: Vec<Choice>,
}

async fn new_page(may: &May<GroupMember>, entry: Entry) -> Result<Response> {
    let (frame, group) = may
        .read(async |tx, by| {
            Ok((may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?, by.group()))
        })
        .await?;
    let back = format!("/g/{group}/clients");
    let kinds = kinds_after("Choose…", frame.kind, None);
    let frame = frame.page(may, "clients", [list_crumb(group)], "Add client");
    let status = entry.status();
    page::show(may, status, &FormPage { frame, action: back.clone(), back, version: None, entry, kinds })
}

pub(crate) async fn new(may: May<GroupMember>) -> Result<Response> {
    new_page(&may, Entry::default()).await
}

/// The first animal of a new client has its fields on the same form, under names without brackets.
fn plainly(error: Error) -> Error {
    if error.kind() != Trouble::Invalid {
        return error;
    }
    let plain = |fault: &FieldError| FieldError {
        field: fault.field.replace("animals[0].", "animal_").into(),
        code: fault.code.clone(),
        detail: fault.detail.clone(),
    };
    Error::invalid(error.fields().iter().map(plain).collect())
}

/// An animal as a form holds it, its fields under names that begin so.
pub(crate) fn animal_input(form: &Form, prefix: &str) -> AnimalInput {
    let get = |name: &str| form.get(&format!("{prefix}{name}")).to_owned();
    AnimalInput {
        name: get("name"),
        species: get("species"),
        breed: get("breed"),
        birth_date: get("birth_date"),
    }
}

fn client_input(form: &Form) -> ClientInput {
    let get = |name: &str| form.get(name).to_owned();
    let animal = animal_input(form, "animal_");
    let given = [&animal.name, &animal.species, &animal.breed, &animal.birth_date];
    let some = given.iter().any(|text| !text.trim().is_empty());
    ClientInput {
        kind: Kind::read(form.get("kind")),
        name: get("name"),
        reference: get("reference"),
        email: get("email"),
        phone: get("phone"),
        address: get("address"),
        birth_date: get("birth_date"),
        remarks: get("remarks"),
        animals: if some { vec![animal] } else { Vec::new() },
    }
}

pub(crate) async fn create(may: May<GroupMember>, form: Form) -> Result<Response> {
    let input = client_input(&form);
    match may.write(async move |tx, by| actions::add(tx, by, &input).await).await {
        Ok(Client { row, .. }) => {
            let flash = Flash::done(format!("“{}” was added.", row.name));
            go_with(&may, &format!("/g/{}/clients/{}", row.group, row.id), &flash)
        }
        Err(error) => new_page(&may, Entry::again(form, plainly(error))?).await,
    }
}

/// The client of the path within its pages.
fn own_path<P: Proof>(may: &May<P>) -> Result<String> {
    let (group, client): (GroupId, ClientId) = (may.id("group")?, may.id("client")?);
    Ok(format!("/g/{group}/clients/{client}"))
}

async fn edit_page(may: &May<ClientEditor>, entry: Option<Entry>) -> Result<Response> {
    let (frame, client) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            Ok((frame, actions::show_for_edit(tx, by).await?))
        })
        .await?;
    let row = client.row;
    let entry = entry.unwrap_or_else(|| {
        Entry::of(&[
            ("kind", row.kind.word()),
            ("name", &row.name),
            ("reference", &row.reference),
            ("email", &row.email),
            ("phone", &row.phone),
            ("address", &row.address),
            ("birth_date", row.birth_date.as_deref().unwrap_or_default()),
            ("remarks", &row.remarks),
        ])
    });
    let between = [list_crumb(row.group), client_crumb(&row)];
    let back = own_path(may)?;
    let kinds = kinds(frame.kind, Some(row.kind));
    let page = FormPage {
        kinds,
        frame: frame.page(may, "clients", between, "Edit client"),
        action: format!("{back}/edit"),
        back,
        version: Some(row.version),
        entry,
    };
    page::show(may, page.entry.status(), &page)
}

pub(crate) async fn edit(may: May<ClientEditor>) -> Result<Response> {
    edit_page(&may, None).await
}

pub(crate) async fn change(may: May<ClientEditor>, form: Form) -> Result<Response> {
    let ClientInput { kind, name, reference, email, phone, address, birth_date, remarks, .. } =
        client_input(&form);
    let input = Changes {
        kind,
        name: Some(name),
        reference: Some(reference),
        email: Some(email),
        phone: Some(phone),
        address: Some(address),
        birth_date: Some(birth_date),
        remarks: Some(remarks),
    };
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    match may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await {
        Ok(_) => go_with(&may, &own_path(&may)?, &Flash::done("The client was saved.")),
        Err(error) => edit_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

pub(crate) async fn archive(may: May<ClientCurator>, form: Form) -> Result<Response> {
    let archived = form.get("archived") != "false";
    let back = own_path(&may)?;
    let question = page::Question {
        ask: "Archive this client?".to_owned(),
        detail: "The chart and cases are kept, but nothing can be added until you restore the client.",
        action: "Archive client",
        back: &back,
    };
    if archived && let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let changed =
        may.write(async move |tx, by| actions::set_archived(tx, by, archived, ExpectedVersion::ANY).await);
    let (own, changed) = (may.request().path.clone(), changed.await);
    settle(&may, &back, changed, |client| match archived {
        true => {
            Flash::done(format!("“{}” was archived.", client.row.name)).undo(own, &[("archived", "false")])
        }
        false => Flash::done(format!("“{}” was restored.", client.row.name)),
    })
}

#[derive(Template)]
#[template(path = "clients/templates/animal.html")]
struct AnimalPage {
    frame: Frame,
    path: String,
    back: String,
    name: String,
    entry: Entry,
}

async fn animal_page(may: &May<ClientEditor>, entry: Option<Entry>) -> Result<Response> {
    let id: AnimalId = may.id::<Animal>("animal")?;
    let (frame, client) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            Ok((frame, actions::show_for_edit(tx, by).await?))
        })
        .await?;
    let row = client.animals.into_iter().find(|animal| animal.id == id).ok_or_else(Error::not_found)?;
    let entry = entry.unwrap_or_else(|| {
        Entry::of(&[
            ("name", &row.name),
            ("species", &row.species),
            ("breed", &row.breed),
            ("birth_date", row.birth_date.as_deref().unwrap_or_default()),
        ])
    });
    let between = [list_crumb(client.row.group), client_crumb(&client.row)];
    let back = own_path(may)?;
    let page = AnimalPage {
        frame: frame.page(may, "clients", between, "Edit animal"),
        path: format!("{back}/animals/{id}"),
        back,
        name: client.row.name,
        entry,
    };
    page::show(may, page.entry.status(), &page)
}

pub(crate) async fn edit_animal(may: May<ClientEditor>) -> Result<Response> {
    animal_page(&may, None).await
}

pub(crate) async fn change_animal(may: May<ClientEditor>, form: Form) -> Result<Response> {
    let id: AnimalId = may.id::<Animal>("animal")?;
    let AnimalInput { name, species, breed, birth_date } = animal_input(&form, "");
    let input = AnimalChanges {
        name: Some(name),
        species: Some(species),
        breed: Some(breed),
        birth_date: Some(birth_date),
        archived: None,
    };
    match may.write(async move |tx, by| actions::change_animal(tx, by, id, &input).await).await {
        Ok(row) => {
            let flash = Flash::done(format!("“{}” was saved.", row.name));
            go_with(&may, &format!("{}#animals", own_path(&may)?), &flash)
        }
        Err(error) => animal_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

pub(crate) async fn archive_animal(may: May<ClientEditor>, form: Form) -> Result<Response> {
    let id: AnimalId = may.id::<Animal>("animal")?;
    let archived = form.get("archived") != "false";
    let input = AnimalChanges { archived: Some(archived), ..AnimalChanges::default() };
    let changed = may.write(async move |tx, by| actions::change_animal(tx, by, id, &input).await);
    let (own, changed) = (may.request().path.clone(), changed.await);
    settle(&may, &format!("{}#animals", own_path(&may)?), changed, |row| match archived {
        true => Flash::done(format!("“{}” was archived. Existing cases keep it.", row.name))
            .undo(own, &[("archived", "false")]),
        false => Flash::done(format!("“{}” was restored.", row.name)),
    })
}

/// Likely duplicates as a page shows them.
struct Set {
    why: &'static str,
    rows: Vec<ClientRow>,
}

impl Set {
    /// Where two of them are compared: the newer goes into the oldest.
    fn merge(&self, row: &ClientRow) -> String {
        let into = self.rows.first().map(|row| row.id.to_string()).unwrap_or_default();
        link(&format!("/g/{}/clients/{}/merge", row.group, row.id), &[("into", &into)])
    }
}

#[derive(Template)]
#[template(path = "clients/templates/duplicates.html")]
struct DuplicatesPage {
    frame: Frame,
    group: GroupId,
    sets: Vec<Set>,
    more: bool,
}

pub(crate) async fn duplicates(may: May<ClientKeeper>) -> Result<Response> {
    let shell = may.shell();
    let (frame, group, found) = may
        .read_heavy(async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            Ok((frame, by.group(), actions::alike(tx, by).await?))
        })
        .await?;
    let more = found.more;
    let sets = found.sets.into_iter().map(|alike| Set { why: alike.why, rows: alike.clients }).collect();
    let frame = frame.page(&may, "clients", [list_crumb(group)], "Likely duplicates");
    page::show(&may, StatusCode::OK, &DuplicatesPage { frame, group, sets, more })
}
