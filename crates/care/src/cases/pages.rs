//! Pages of cases: lists of one group, of all groups, of the parent account, of a client; one case with its
//! notes and files, and who can see it.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use serde::Deserialize;

use crate::{
    cases::{
        CaseRow, FileRow, Filter, NoteRow, Status, SubjectRow,
        actions::{self, Changes, NewCase},
    },
    clients::{self, ClientHead, ClientRow, Subject},
    sight::{Asked, Panel, WhenQuery},
};
use access::{
    AccountAdmin, AnyWorker, CaseEditor, CaseReader, ClientReader, FileEditor, GroupMember, GroupReader,
    GroupScope, Privilege, policy::Wish,
};
use kernel::{
    error::{Checks, Error, Result},
    id::{AnimalId, CaseId, ClientId, GroupId, LocationId, ProtocolId},
    text,
};
use people::{
    accounts::{self, Protocol},
    locations::{self, LocationRow},
};
use storage::{ExpectedVersion, Tx, Weight};
use web::{
    FileForm, Form, May, Page, Query,
    answer::cursor_id,
    cookies::Flash,
    entry::Entry,
    files::{self, Attached, Files},
    page::{self, Frame, Frames, Here, confirm, crumb, go_with, settle},
    parts::{Choice, Pager, choices, link},
};

/// How many cases a page shows.
const LIMIT: i64 = 25;
/// How many notes a case shows at once.
const NOTES: i64 = 50;
/// How many files it shows.
const FILES: i64 = 50;

/// Which cases to show: open ones, unless something is searched for.
#[derive(Clone, Deserialize, utoipa::IntoParams)]
pub(crate) struct CasesQuery {
    status: Option<String>,
    q: Option<String>,
    location: Option<String>,
    cursor: Option<String>,
}

impl CasesQuery {
    /// The chosen tab.
    fn tab(&self) -> &'static str {
        match self.status.as_deref() {
            Some("closed") => "closed",
            Some("all") => "all",
            None if self.q.is_some() => "all",
            _ => "open",
        }
    }

    fn filter(&self) -> Result<Filter> {
        let location = self.location.as_deref().map(str::parse::<LocationId>).transpose();
        Ok(Filter {
            status: Status::read(self.tab()),
            search: self.q.clone(),
            location: location.map_err(|_| Error::field("location", "There is no such location."))?,
            before: Some(cursor_id::<kernel::id::Case>(self.cursor.as_deref())?),
        })
    }

    fn pairs(&self, tab: &'static str) -> [(&str, &str); 3] {
        [
            ("status", tab),
            ("q", self.q.as_deref().unwrap_or_default()),
            ("location", self.location.as_deref().unwrap_or_default()),
        ]
    }
}

/// A tab over a list.
struct Tab {
    label: &'static str,
    href: String,
    current: bool,
}

fn tabs(path: &str, query: &CasesQuery) -> Vec<Tab> {
    let tab = |key: &'static str, label| Tab {
        label,
        href: link(path, &query.pairs(key)),
        current: query.tab() == key,
    };
    vec![tab("open", "Open"), tab("closed", "Closed"), tab("all", "All")]
}

#[derive(Template)]
#[template(path = "cases/templates/list.html")]
struct ListPage {
    frame: Frame,
    title: &'static str,
    lede: &'static str,
    path: String,
    entry: Entry,
    places: Vec<Choice>,
    tabs: Vec<Tab>,
    tab: &'static str,
    cases: Vec<CaseRow>,
    pager: Pager,
    with_group: bool,
    filtered: bool,
    from_parent: bool,
    new: Option<String>,
    export: Option<String>,
    needs_location: Option<String>,
}

impl ListPage {
    fn new(frame: Frame, path: &str, query: &CasesQuery, rows: Vec<CaseRow>) -> Self {
        let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
        let pairs = query.pairs(query.tab());
        Self {
            frame,
            title: "Cases",
            lede: "",
            entry: Entry::of(&pairs),
            places: Vec::new(),
            tabs: tabs(path, query),
            tab: query.tab(),
            cases: rows.items,
            pager: Pager::new(path, &pairs, query.cursor.as_deref(), rows.next_cursor.as_deref()),
            with_group: true,
            filtered: query.q.is_some() || query.location.is_some(),
            from_parent: false,
            new: None,
            export: None,
            needs_location: None,
            path: path.to_owned(),
        }
    }
}

/// What the list of a group shows.
struct Loaded {
    frame: Frame,
    group: GroupId,
    places: Vec<LocationRow>,
    rows: Vec<CaseRow>,
    works: bool,
    exports: bool,
    from_parent: bool,
}

async fn load(tx: &Tx, by: &GroupReader, shell: &Frames, filter: &Filter) -> Result<Loaded> {
    Ok(Loaded {
        frame: shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?,
        group: by.group(),
        places: locations::list(tx, by).await?,
        rows: actions::list(tx, by, filter, LIMIT).await?,
        works: by.may(Wish::Work),
        exports: by.holds(tx, Privilege::CasesExport).await?,
        from_parent: by.from_parent(),
    })
}

pub(crate) async fn index(may: May<GroupReader>, Query(query): Query<CasesQuery>) -> Result<Response> {
    let filter = query.filter()?;
    let (weight, shell) = (filter.weight(), may.shell());
    let load = async move |tx: &_, by: &_| load(tx, by, &shell, &filter).await;
    let Loaded { frame, group, places, rows, works, exports, from_parent } =
        may.read_noted("cases", weight, load).await?;
    let mut everywhere = choices([("", "All locations")]);
    everywhere.extend(choices(places.iter().map(|place| (place.id, &place.name))));
    let mut page = ListPage::new(frame.page(&may, "cases", [], "Cases"), &may.request().path, &query, rows);
    page.with_group = false;
    page.from_parent = from_parent;
    page.places = everywhere;
    page.export = exports.then(|| format!("/g/{group}/cases.csv"));
    match places.iter().any(|place| place.archived_at.is_none()) {
        true => page.new = works.then(|| format!("/g/{group}/cases/new")),
        false => page.needs_location = Some(format!("/g/{group}/locations")),
    }
    page::ok(&may, &page)
}

pub(crate) async fn index_of_mine(may: May<AnyWorker>, Query(query): Query<CasesQuery>) -> Result<Response> {
    let (filter, shell) = (Filter { location: None, ..query.filter()? }, may.shell());
    let load = async move |tx: &Tx, by: &AnyWorker| {
        let rows = actions::list_mine(tx, by, &filter, LIMIT).await?;
        Ok((shell.frame(tx, by.user(), Here::All).await?, rows))
    };
    let (frame, rows) = if query.q.is_some() { may.read_heavy(load).await? } else { may.read(load).await? };
    let frame = frame.page(&may, "cases", [], "Cases");
    let mut page = ListPage::new(frame, &may.request().path, &query, rows);
    page.title = "Cases of all groups";
    page.lede = "Every row names the group that it belongs to.";
    page::ok(&may, &page)
}

pub(crate) async fn index_of_account(
    may: May<AccountAdmin>,
    Query(query): Query<CasesQuery>,
) -> Result<Response> {
    let (filter, shell) = (Filter { location: None, ..query.filter()? }, may.shell());
    let (frame, rows) = may
        .write(async move |tx, by| {
            let rows = actions::list_from_parent(tx, by, &filter, LIMIT).await?;
            Ok((shell.frame(tx, by.user(), Here::Account(by.account())).await?, rows))
        })
        .await?;
    let frame = frame.page(&may, "cases", [], "Cases");
    let mut page = ListPage::new(frame, &may.request().path, &query, rows);
    page.title = "Cases of the account";
    page.lede = "The cases of all groups, to be read. Every row names its group.";
    page.from_parent = true;
    page::ok(&may, &page)
}

/// Which part of a client's cases.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct PartQuery {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "cases/templates/of_client.html")]
struct OfClientPage {
    frame: Frame,
    head: ClientHead,
    cases: Vec<CaseRow>,
    with_group: bool,
    pager: Pager,
}

pub(crate) async fn of_client(may: May<ClientReader>, Query(query): Query<PartQuery>) -> Result<Response> {
    let (before, shell) = (cursor_id(query.cursor.as_deref())?, may.shell());
    let (frame, head, rows) = may
        .read_noted("cases", Weight::Light, async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let rows = actions::of_client(tx, by, before, LIMIT).await?;
            Ok((frame, clients::head(tx, by).await?, rows))
        })
        .await?;
    let between = [clients::list_crumb(head.row.group), clients::client_crumb(&head.row)];
    let rows = Page::cut(rows, LIMIT, |case| case.id.to_string());
    let pager = Pager::new(&may.request().path, &[], query.cursor.as_deref(), rows.next_cursor.as_deref());
    let page = OfClientPage {
        frame: frame.page(&may, "clients", between, "Cases"),
        head: head.on("cases"),
        cases: rows.items,
        with_group: false,
        pager,
    };
    page::ok(&may, &page)
}

#[derive(Template)]
#[template(path = "cases/templates/form.html")]
struct FormPage {
    frame: Frame,
    group: GroupId,
    /// The case that is edited, with its version; none for a new one.
    case: Option<CaseRow>,
    entry: Entry,
    protocols: Vec<Choice>,
    places: Vec<Choice>,
    subjects: Subjects,
}

/// How many clients are offered in a list; of more, some are found by name.
const OFFERED: usize = 500;

/// On whom a case may be, as its form offers it.
struct Subjects {
    /// Whether the group has more clients than a list should hold: one then writes a name, which these help with.
    many: bool,
    names: Vec<String>,
    /// The clients to choose from: all, or the chosen one, or those that the written name fits.
    clients: Vec<Choice>,
    /// Whether the written name fits more than those.
    more: bool,
    /// The animals of the chosen client.
    animals: Vec<Choice>,
}

/// What a form says of the client: an id out of a list, or a name.
#[derive(Clone, Default)]
struct Said {
    client: String,
    name: String,
    animal: Option<AnimalId>,
}

impl Said {
    fn of(form: &Form) -> Self {
        let get = |name: &str| form.get(name).trim().to_owned();
        Self { client: get("client"), name: get("client_name"), animal: get("animal").parse().ok() }
    }

    fn of_entry(entry: &Entry) -> Self {
        let get = |name: &str| entry.get(name).trim().to_owned();
        Self { client: get("client"), name: get("client_name"), animal: None }
    }

    /// The client and the animal that are meant; an animal of somebody else is none.
    async fn subject(&self, tx: &Tx, scope: &GroupScope) -> Result<Option<Subject>> {
        let Some(client) = self.client(tx, scope).await? else { return Ok(None) };
        let animals = clients::animals(tx, scope, client).await?;
        let animal = self.animal.filter(|animal| animals.iter().any(|row| row.id == *animal));
        Ok(Some(Subject { client, animal }))
    }

    async fn client(&self, tx: &Tx, scope: &GroupScope) -> Result<Option<ClientId>> {
        let chosen = self.client.parse::<ClientId>().ok();
        if self.name.is_empty() {
            return Ok(chosen);
        }
        let found = clients::choices(tx, scope, &self.name, MATCHES).await?;
        if let Some(chosen) = chosen.filter(|chosen| found.iter().any(|row| row.id == *chosen)) {
            return Ok(Some(chosen));
        }
        let name = text::fold(&self.name);
        let exact = |row: &&ClientRow| text::fold(&row.label()) == name || text::fold(&row.name) == name;
        let exact = found.iter().filter(exact).collect::<Vec<_>>();
        match (exact.as_slice(), found.as_slice()) {
            ([one], _) => Ok(Some(one.id)),
            ([], [one]) => Ok(Some(one.id)),
            (_, []) => Err(Error::field("client", "No client of this group has that name.")),
            _ => Err(Error::field("client", "Several clients fit. Choose one of them in the list.")),
        }
    }
}

/// Of how many clients that a written name fits one chooses.
const MATCHES: i64 = 50;

impl Subjects {
    async fn load(tx: &Tx, scope: &GroupScope, said: &Said) -> Result<Self> {
        let offered = i64::try_from(OFFERED).unwrap_or(i64::MAX);
        let mut rows = clients::choices(tx, scope, "", offered).await?;
        let many = rows.len() > OFFERED;
        let names = if many { rows.iter().map(ClientRow::label).collect() } else { Vec::new() };
        let chosen = said.client.parse::<ClientId>().ok();
        let mut more = false;
        if many {
            rows = match said.name.as_str() {
                "" => Vec::new(),
                name => clients::choices(tx, scope, name, MATCHES).await?,
            };
            let most = usize::try_from(MATCHES).unwrap_or(usize::MAX);
            more = rows.len() > most;
            rows.truncate(most);
        }
        let mut list = choices([("", "None")]);
        list.extend(choices(rows.iter().map(|row| (row.id, row.label()))));
        let mut animals = choices([("", "None in particular")]);
        if let Some(chosen) = chosen {
            // Whoever is chosen already stays in the list, though archived.
            if !rows.iter().any(|row| row.id == chosen)
                && let Some(row) = clients::named(tx, scope, chosen).await?
            {
                list.extend(choices([(row.id, row.label())]));
            }
            let found = clients::animals(tx, scope, chosen).await?;
            animals.extend(choices(found.iter().map(|row| (row.id, &row.name))));
        }
        Ok(Self { many, names, clients: list, more, animals })
    }
}

/// What can be chosen: what is not archived, and what the case has already.
fn offered(
    protocols: &[Protocol],
    places: &[LocationRow],
    case: Option<&CaseRow>,
) -> (Vec<Choice>, Vec<Choice>) {
    let protocols = protocols.iter().filter(|protocol| {
        protocol.archived_at.is_none() || case.is_some_and(|case| case.protocol == protocol.id)
    });
    let places = places
        .iter()
        .filter(|place| place.archived_at.is_none() || case.is_some_and(|case| case.location == place.id));
    let mut kinds = if case.is_none() { choices([("", "Choose…")]) } else { Vec::new() };
    kinds.extend(choices(protocols.map(|protocol| (protocol.id, &protocol.name))));
    (kinds, choices(places.map(|place| (place.id, &place.name))))
}

async fn new_page(may: &May<GroupMember>, entry: Entry) -> Result<Response> {
    let said = Said::of_entry(&entry);
    let (frame, group, protocols, places, subjects) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let protocols = accounts::protocols(tx, by.account()).await?;
            let subjects = Subjects::load(tx, by, &said).await?;
            Ok((frame, by.group(), protocols, locations::list(tx, by).await?, subjects))
        })
        .await?;
    let (protocols, places) = offered(&protocols, &places, None);
    let between = [crumb("Cases", format!("/g/{group}/cases"))];
    let (frame, status) = (frame.page(may, "cases", between, "New case"), entry.status());
    page::show(may, status, &FormPage { frame, group, case: None, entry, protocols, places, subjects })
}

/// On whom the new case will be.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct NewQuery {
    client: Option<String>,
}

pub(crate) async fn new(may: May<GroupMember>, Query(query): Query<NewQuery>) -> Result<Response> {
    new_page(&may, Entry::of(&[("client", query.client.as_deref().unwrap_or_default())])).await
}

/// The protocol and the location of a form.
fn chosen(form: &Form) -> (Option<ProtocolId>, Option<LocationId>) {
    (form.get("protocol").parse().ok(), form.get("location").parse().ok())
}

fn both(protocol: Option<ProtocolId>, location: Option<LocationId>) -> Result<(ProtocolId, LocationId)> {
    let mut checks = Checks::default();
    checks.that(protocol.is_some(), "protocol", "Choose a protocol.");
    checks.that(location.is_some(), "location", "Choose a location.");
    checks.done()?;
    protocol.zip(location).ok_or_else(|| Error::internal("checked above"))
}

pub(crate) async fn create(may: May<GroupMember>, form: Form) -> Result<Response> {
    let ((protocol, location), name) = (chosen(&form), form.get("name").to_owned());
    let said = Said::of(&form);
    let made = may.write(async move |tx, by| {
        let (protocol, location) = both(protocol, location)?;
        let subject = said.subject(tx, by).await?;
        actions::create(tx, by, &NewCase { protocol, location, name: name.clone(), subject }).await
    });
    match made.await {
        Ok(row) => {
            let flash = Flash::done(format!("“{}” was created.", row.name));
            go_with(&may, &format!("/g/{}/cases/{}", row.group, row.id), &flash)
        }
        Err(error) => new_page(&may, Entry::again(form, error)?).await,
    }
}

impl From<FileRow> for Attached {
    fn from(FileRow { id, name, size, uploader, created_at, .. }: FileRow) -> Self {
        Self { id, name, size, uploader, created_at }
    }
}

#[derive(Template)]
#[template(path = "cases/templates/show.html")]
struct ShowPage {
    frame: Frame,
    case: CaseRow,
    path: String,
    works: bool,
    from_parent: bool,
    notes: Vec<NoteRow>,
    older: Option<String>,
    note: Entry,
    files: Files,
    subject: Option<SubjectRow>,
    /// Where a user group is asked about it.
    ask: Option<String>,
    panel: Panel,
}

/// Of which day the panel tells, and where the notes begin.
#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct CaseQuery {
    at: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
    files: Option<String>,
}

async fn show_page(may: &May<CaseReader>, query: CaseQuery, note: Entry, upload: Entry) -> Result<Response> {
    let CaseQuery { at, from, to, cursor, files: files_cursor } = query;
    let files_before = cursor_id::<kernel::id::File>(files_cursor.as_deref())?;
    let when = WhenQuery { at, from, to };
    let (shell, before) = (may.shell(), cursor_id::<kernel::id::Note>(cursor.as_deref())?);
    let (frame, (case, seen), day, notes, files, subject, works, from_parent, (asks, manages)) = may
        .read_noted("case", Weight::Light, async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let day = Asked::read(&when, &frame.kit, tx)?;
            let seen = actions::access(tx, by, day.when.span).await?;
            let notes = actions::notes(tx, by, before, NOTES).await?;
            let files = actions::files(tx, by, files_before, FILES).await?;
            let works = by.may(Wish::Work);
            let asks = works && by.holds(tx, Privilege::RequestsSend).await?;
            let asks = (asks, by.may(Wish::Manage));
            let subject = actions::subject_of(tx, by).await?;
            Ok((frame, seen, day, notes, files, subject, works, by.from_parent(), asks))
        })
        .await?;
    let between = [crumb("Cases", format!("/g/{}/cases", case.group))];
    let path = format!("/g/{}/cases/{}", case.group, case.id);
    let panel = Panel::new(&frame, "case", &path, &case.group_name, seen, day, manages);
    let notes = Page::cut(notes, NOTES, |note| note.id.to_string());
    let status = [&note, &upload].into_iter().map(Entry::status).find(|status| *status != StatusCode::OK);
    let files = Page::cut(files, FILES, |file| file.id.to_string());
    let pager = Pager::named("files", &path, files_cursor.as_deref(), files.next_cursor.as_deref());
    let files = Files::new(&frame.kit, format!("/g/{}/case-files", case.group), files.items).pager(pager);
    let files = if works { files.removable("the case").upload(may.app(), &path, upload) } else { files };
    let page = ShowPage {
        frame: frame.page(may, "cases", between, case.name.clone()),
        works,
        from_parent,
        older: notes.next_cursor.as_deref().map(|cursor| link(&path, &[("cursor", cursor)])),
        notes: notes.items,
        note,
        files,
        subject,
        ask: asks
            .then(|| link(&format!("/a/{}/requests/new", case.account), &[("case", &case.id.to_string())])),
        panel,
        case,
        path,
    };
    page::show(may, status.unwrap_or_default(), &page)
}

pub(crate) async fn show(may: May<CaseReader>, Query(query): Query<CaseQuery>) -> Result<Response> {
    show_page(&may, query, Entry::default(), Entry::default()).await
}

/// The same case for its page, after a form on it was not accepted.
fn reader(may: &May<CaseEditor>) -> Result<May<CaseReader>> {
    let (group, case): (GroupId, CaseId) = (may.id("group")?, may.id("case")?);
    Ok(may.within(&[("group", group.to_string()), ("case", case.to_string())]))
}

fn own_path(may: &May<CaseEditor>) -> Result<String> {
    let (group, case): (GroupId, CaseId) = (may.id("group")?, may.id("case")?);
    Ok(format!("/g/{group}/cases/{case}"))
}

async fn edit_page(may: &May<CaseEditor>, entry: Option<Entry>) -> Result<Response> {
    let again = entry.as_ref().map(Said::of_entry);
    let (frame, case, protocols, places, subject, subjects) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let protocols = accounts::protocols(tx, by.account()).await?;
            let subject = actions::subject_of(tx, by).await?;
            let kept = Said {
                client: subject.as_ref().map(|row| row.client.to_string()).unwrap_or_default(),
                ..Said::default()
            };
            let subjects = Subjects::load(tx, by, again.as_ref().unwrap_or(&kept)).await?;
            let case = actions::show_for_edit(tx, by).await?;
            Ok((frame, case, protocols, locations::list(tx, by).await?, subject, subjects))
        })
        .await?;
    let word = |id: Option<String>| id.unwrap_or_default();
    let client = word(subject.as_ref().map(|row| row.client.to_string()));
    let animal = word(subject.and_then(|row| row.animal).map(|animal| animal.to_string()));
    let entry = entry.unwrap_or_else(|| {
        Entry::of(&[
            ("name", &case.name),
            ("protocol", &case.protocol.to_string()),
            ("location", &case.location.to_string()),
            ("client", &client),
            ("animal", &animal),
        ])
    });
    let (protocols, places) = offered(&protocols, &places, Some(&case));
    let group = case.group;
    let between = [
        crumb("Cases", format!("/g/{group}/cases")),
        crumb(case.name.clone(), format!("/g/{group}/cases/{}", case.id)),
    ];
    let (frame, status) = (frame.page(may, "cases", between, "Edit case"), entry.status());
    page::show(may, status, &FormPage { frame, group, case: Some(case), entry, protocols, places, subjects })
}

pub(crate) async fn edit(may: May<CaseEditor>) -> Result<Response> {
    edit_page(&may, None).await
}

pub(crate) async fn change(may: May<CaseEditor>, form: Form) -> Result<Response> {
    let ((protocol, location), name) = (chosen(&form), form.get("name").to_owned());
    let seen = ExpectedVersion(form.get("version").parse().ok());
    // A form without the field, as programs may send, leaves on whom the case is.
    let said = form.ticked("client").then(|| Said::of(&form));
    let changed = may.write(async move |tx, by| {
        let (protocol, location) = both(protocol, location)?;
        let (protocol, location) = (Some(protocol), Some(location));
        let mut changes = Changes { protocol, location, name: Some(name.clone()), ..Changes::default() };
        if let Some(said) = &said {
            let subject = said.subject(tx, by).await?;
            changes.client = Some(subject.map(|subject| subject.client));
            changes.animal = Some(subject.and_then(|subject| subject.animal));
        }
        actions::change(tx, by, &changes, seen).await
    });
    match changed.await {
        Ok(_) => go_with(&may, &own_path(&may)?, &Flash::done("The case was saved.")),
        Err(error) => edit_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

pub(crate) async fn set_status(may: May<CaseEditor>, form: Form) -> Result<Response> {
    let status = Status::read(form.get("status"));
    let changed = may.write(async move |tx, by| {
        let status = status.ok_or_else(|| Error::field("status", "Choose open or closed."))?;
        let changes = Changes { status: Some(status), ..Changes::default() };
        actions::change(tx, by, &changes, ExpectedVersion(None)).await
    });
    let (own, changed) = (may.request().path.clone(), changed.await);
    settle(&may, &own_path(&may)?, changed, |row| match row.status {
        Status::Closed => Flash::done("The case is closed.").undo(own, &[("status", "open")]),
        Status::Open => Flash::done("The case is open again.").undo(own, &[("status", "closed")]),
    })
}

pub(crate) async fn add_note(may: May<CaseEditor>, form: Form) -> Result<Response> {
    let body = form.get("body").to_owned();
    match may.write(async move |tx, by| actions::add_note(tx, by, &body).await).await {
        Ok(_) => go_with(&may, &format!("{}#notes", own_path(&may)?), &Flash::done("The note was added.")),
        Err(error) => {
            let entry = Entry::again(form, error)?;
            show_page(&reader(&may)?, CaseQuery::default(), entry, Entry::default()).await
        }
    }
}

pub(crate) async fn add_file(may: May<CaseEditor>, form: FileForm) -> Result<Response> {
    let (path, reader) = (own_path(&may)?, reader(&may)?);
    match files::attach(may, form, actions::add_file).await {
        Ok(_) => go_with(&reader, &format!("{path}#files"), &Flash::done("The file was attached.")),
        Err(error) => {
            let entry = Entry::again(Form::default(), error)?;
            show_page(&reader, CaseQuery::default(), Entry::default(), entry).await
        }
    }
}

pub(crate) async fn remove_file(may: May<FileEditor>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let case = may.read(async |_, by| Ok(by.case())).await?;
    let back = format!("/g/{group}/cases/{case}");
    let question = page::Question {
        ask: "Take this file off the case?".to_owned(),
        detail: "Nobody can open it from here any more.",
        action: "Remove the file",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let removed = may.write(async |tx, by| actions::remove_file(tx, by).await).await;
    settle(&may, &back, removed, |()| Flash::done("The file was removed from the case."))
}
