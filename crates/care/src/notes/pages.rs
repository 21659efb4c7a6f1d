//! Pages of charts: a client's notes as a timeline, and one note to be read, written, released and added to.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use serde::Deserialize;

use crate::{
    clients::{self, ClientHead},
    notes::{
        Attendance, NoteRow,
        actions::{self, Draft, Entry as Written},
        facts::{self, Facts, Given},
        fill, is_blank,
        names::Named,
        types::{self, Offered},
    },
};
use access::{
    ClientEditor, ClientReader, GroupScope, NoteEditor, NoteReader, NoteReleaser, Privilege, Proof,
    policy::Wish,
};
use kernel::{
    error::{Error, Kind, Result},
    id::{ClientId, GroupId, GroupNoteId, LocationId, NoteId, UserId},
};
use people::locations;
use storage::{ExpectedVersion, Tx, Weight, list::Listing};
use web::{
    Form, May, Page, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Crumb, Frame, Frames, Here, Question, confirm, crumb, go_with, own_path, settle},
    parts::{Choice, Pager, choices},
};

/// How many notes a page of a chart shows.
const LIMIT: i64 = 25;

/// Today, where the account is.
pub(super) fn today(frame: &Frame) -> String {
    frame.kit.now.timestamp().to_zoned(frame.kit.zone.clone()).date().to_string()
}

/// How long, in words; nothing where nobody said.
pub(super) fn minutes_words(minutes: Option<i64>) -> String {
    minutes.map(|minutes| format!("{minutes} min")).unwrap_or_default()
}

/// Whom a text mentions, as the end of a sentence: "Clara Voss (“Clara”)".
pub(super) fn named_words(named: &[Named]) -> String {
    let one = |named: &Named| match named.words == named.name {
        true => named.name.clone(),
        false => format!("{} (“{}”)", named.name, named.words),
    };
    named.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What the form of a session's facts offers.
#[derive(Clone, Default)]
pub(super) struct Choosing {
    pub(super) kinds: Vec<Choice>,
    pub(super) places: Vec<Choice>,
    pub(super) offered: Vec<Offered>,
}

impl Choosing {
    /// What is offered, and what the note has already.
    pub(super) async fn load(tx: &Tx, scope: &GroupScope, kept: &Facts) -> Result<Self> {
        let offered = types::offered(tx, scope.account()).await?;
        let mut kinds = choices([("", "None")]);
        kinds.extend(choices(offered.iter().map(|kind| (&kind.name, &kind.name))));
        if kinds.iter().all(|choice| choice.value != kept.note_type) {
            kinds.extend(choices([(&kept.note_type, &kept.note_type)]));
        }
        let rows = locations::list(tx, scope).await?.into_iter();
        let rows = rows.filter(|place| place.archived_at.is_none() || kept.location == Some(place.id));
        let mut places = choices([("", "None")]);
        places.extend(choices(rows.map(|place| (place.id, place.name))));
        Ok(Self { kinds, places, offered })
    }

    /// The texts that the types begin with, by name, for the browser.
    pub(super) fn texts(&self) -> String {
        let texts = self.offered.iter().map(|kind| (kind.name.clone(), kind.body.clone().into()));
        serde_json::Value::Object(texts.collect()).to_string()
    }

    fn for_client(mut self, name: &str) -> Self {
        for kind in &mut self.offered {
            kind.body = fill(&kind.body, name, Attendance::Present, "");
        }
        self
    }

    /// The text that a form asks for by its button, where there is none yet.
    pub(super) fn wanted(&self, form: &Form) -> Option<String> {
        let wanted = form.get("do") == "template" && is_blank(form.get("body"));
        let kind = self.offered.iter().find(|kind| kind.name == form.get("note_type"));
        kind.filter(|_| wanted).map(|kind| kind.body.clone())
    }
}

/// The facts that a form holds.
///
/// # Errors
/// A number or an id is none.
pub(super) fn facts_of(form: &Form) -> Result<facts::Changes> {
    let minutes = form.get("minutes").trim();
    let minutes =
        match minutes.is_empty() {
            true => None,
            false => Some(minutes.parse().map_err(|_| {
                Error::field("minutes", "Enter a whole number of minutes, or leave it blank.")
            })?),
        };
    let location = form.get("location");
    let location = match location.is_empty() {
        true => None,
        false => {
            Some(location.parse::<LocationId>().map_err(|_| Error::field("location", "Choose a location."))?)
        }
    };
    Ok(facts::Changes {
        note_type: Some(form.get("note_type").to_owned()),
        description: Some(form.get("description").to_owned()),
        service_date: Some(form.get("service_date").to_owned()),
        minutes: Given::To(minutes),
        location: Given::To(location),
    })
}

/// The form of a session's facts and text, filled.
pub(super) fn entry_of(facts: &Facts, body: &str) -> Entry {
    Entry::of(&[
        ("note_type", &facts.note_type),
        ("description", &facts.description),
        ("service_date", &facts.service_date),
        ("minutes", &facts.minutes.map(|minutes| minutes.to_string()).unwrap_or_default()),
        ("location", &facts.location.map(|id| id.to_string()).unwrap_or_default()),
        ("body", body),
    ])
}

/// The version that a form was shown with.
pub(super) fn seen(form: &Form) -> ExpectedVersion {
    ExpectedVersion::of(form.get("version").parse().ok())
}

/// Where a form leads back to, or there.
pub(super) fn back(form: &Form, otherwise: String) -> String {
    own_path(form.get("back")).map_or(otherwise, str::to_owned)
}

/// The way to a client's chart.
fn way(group: GroupId, client: ClientId, name: &str) -> [Crumb; 3] {
    let path = format!("/g/{group}/clients");
    [
        crumb("Clients", path.clone()),
        crumb(name, format!("{path}/{client}")),
        crumb("Chart", format!("{path}/{client}/chart")),
    ]
}

#[derive(Template)]
#[template(path = "notes/templates/chart.html")]
struct ChartPage {
    frame: Frame,
    head: ClientHead,
    entries: Vec<Written>,
    pager: Pager,
}

/// Where a page of a chart begins.
#[derive(Clone, Deserialize, utoipa::IntoParams)]
pub(crate) struct ChartQuery {
    cursor: Option<String>,
}

pub(crate) async fn chart(may: May<ClientReader>, Query(query): Query<ChartQuery>) -> Result<Response> {
    let from = Listing::from_cursor(query.cursor.as_deref())?;
    let (shell, listing) = (may.shell(), from.clone());
    let (frame, head, entries) = may
        .read_noted("chart", Weight::Light, async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            Ok((frame, clients::head(tx, by).await?, actions::chart(tx, by, &listing, LIMIT).await?))
        })
        .await?;
    let head = head.on("chart");
    let path = format!("{}/chart", head.path());
    let way = way(head.row.group, head.row.id, &head.row.name);
    let entries = Page::sorted(entries, LIMIT, &from, |entry, by| entry.note.place(by));
    let page = ChartPage {
        frame: frame.page(&may, "clients", way, "Chart"),
        head,
        pager: Pager::new(&path, &[], query.cursor.as_deref(), entries.next_cursor.as_deref()),
        entries: entries.items,
    };
    page::ok(&may, &page)
}

#[derive(Template)]
#[template(path = "notes/templates/form.html")]
struct FormPage {
    frame: Frame,
    group: GroupId,
    client: ClientId,
    name: String,
    user: UserId,
    entry: Entry,
    choosing: Choosing,
}

async fn new_page(may: &May<ClientEditor>, form: Option<Form>, entry: Option<Entry>) -> Result<Response> {
    let (frame, client, user, name, choosing) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let (name, _) = actions::client(tx, by, by.object()).await?;
            let choosing = Choosing::load(tx, by, &Facts::default()).await?.for_client(&name);
            Ok((frame, by.object(), by.user(), name, choosing))
        })
        .await?;
    let entry = entry.unwrap_or_else(|| match form {
        Some(form) => {
            let text = choosing.wanted(&form);
            let body = text.unwrap_or_else(|| form.get("body").to_owned());
            let fields = form.fields().into_iter().filter(|(field, _)| field != "body");
            Form::of(fields.chain([("body".to_owned(), body)])).into()
        }
        None => entry_of(&Facts { service_date: today(&frame), ..Facts::default() }, ""),
    });
    let group = may.id("group")?;
    let (status, way) = (entry.status(), way(group, client, &name));
    let frame = frame.page(may, "clients", way, "New note");
    page::show(may, status, &FormPage { frame, group, client, name, user, entry, choosing })
}

pub(crate) async fn new(may: May<ClientEditor>) -> Result<Response> {
    new_page(&may, None, None).await
}

pub(crate) async fn create(may: May<ClientEditor>, form: Form) -> Result<Response> {
    if form.get("do") == "template" {
        return new_page(&may, Some(form), None).await;
    }
    let sent = form.clone();
    let made = may.write(async move |tx, by| {
        let draft =
            Draft { facts: facts_of(&sent)?, body: Some(sent.get("body").to_owned()), personalized: None };
        actions::write(tx, by, &draft).await
    });
    match made.await {
        Ok(row) => {
            let flash = Flash::done("Draft saved. Release it when it’s finished.");
            go_with(&may, &format!("/g/{}/notes/{}", row.group, row.id), &flash)
        }
        Err(error) => new_page(&may, None, Some(Entry::again(form, error)?)).await,
    }
}

#[derive(Template)]
#[template(path = "notes/templates/show.html")]
struct ShowPage {
    frame: Frame,
    path: String,
    note: NoteRow,
    written: Written,
    named: Vec<Named>,
    user: UserId,
    works: bool,
    releases: bool,
    from_parent: bool,
    entry: Entry,
    addendum: Entry,
    choosing: Choosing,
}

/// A note as its page needs it.
struct Loaded {
    frame: Frame,
    written: Written,
    named: Vec<Named>,
    user: UserId,
    works: bool,
    releases: bool,
    from_parent: bool,
    choosing: Choosing,
}

async fn load(tx: &Tx, by: &NoteReader, shell: &Frames) -> Result<Loaded> {
    let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
    let (written, named) = actions::show(tx, by).await?;
    let works = by.may(Wish::Work);
    let releases = works && may_release(tx, by, written.note.author).await?;
    let choosing = match works && written.note.released_at.is_none() && written.note.group_note.is_none() {
        true => Choosing::load(tx, by, &written.note.facts()).await?.for_client(&written.note.client_name),
        false => Choosing::default(),
    };
    let (user, from_parent) = (by.user(), by.from_parent());
    Ok(Loaded { frame, written, named, user, works, releases, from_parent, choosing })
}

/// Whether someone who works in the group may release what this author wrote.
pub(super) async fn may_release(tx: &Tx, scope: &GroupScope, author: UserId) -> Result<bool> {
    Ok(author == scope.user() || scope.holds(tx, Privilege::NotesRelease).await?)
}

/// The forms of a note's page, where one was not accepted.
#[derive(Default)]
struct Forms {
    note: Option<Entry>,
    addendum: Option<Entry>,
}

async fn show_page(may: &May<NoteReader>, forms: Forms) -> Result<Response> {
    let shell = may.shell();
    let load = async move |tx: &_, by: &_| load(tx, by, &shell).await;
    let loaded = may.read_noted("note", Weight::Light, load).await?;
    let Loaded { frame, written, named, user, works, releases, from_parent, choosing } = loaded;
    let note = written.note.clone();
    let entry = forms.note.unwrap_or_else(|| entry_of(&note.facts(), &note.body));
    let addendum = forms.addendum.unwrap_or_default();
    let status = [&entry, &addendum].into_iter().map(Entry::status).find(|status| *status != StatusCode::OK);
    let way = way(note.group, note.client, &note.client_name);
    let title = format!("Note from {}", kernel::clock::date_words(&note.service_date));
    let page = ShowPage {
        frame: frame.page(may, "clients", way, title),
        path: format!("/g/{}/notes/{}", note.group, note.id),
        note,
        written,
        named,
        user,
        works,
        releases,
        from_parent,
        entry,
        addendum,
        choosing,
    };
    page::show(may, status.unwrap_or_default(), &page)
}

pub(crate) async fn show(may: May<NoteReader>) -> Result<Response> {
    show_page(&may, Forms::default()).await
}

fn path_of<P: Proof>(may: &May<P>) -> Result<String> {
    let (group, note): (GroupId, NoteId) = (may.id("group")?, may.id("note")?);
    Ok(format!("/g/{group}/notes/{note}"))
}

/// The same note for its page.
fn reader<P: Proof>(may: &May<P>) -> Result<May<NoteReader>> {
    let (group, note): (GroupId, NoteId) = (may.id("group")?, may.id("note")?);
    Ok(may.within(&[("group", group.to_string()), ("note", note.to_string())]))
}

/// Both versions of a note that two people changed at once.
#[derive(Template)]
#[template(path = "notes/templates/conflict.html")]
pub(super) struct ConflictPage {
    pub(super) frame: Frame,
    /// Where the kept text goes, and where theirs is shown.
    pub(super) action: String,
    pub(super) back: String,
    /// The version that is overwritten if mine is kept.
    pub(super) version: i64,
    /// Everything else that was typed, to be sent again.
    pub(super) fields: Vec<(String, String)>,
    pub(super) mine: String,
    pub(super) theirs: String,
    /// What else differs: the field, mine, theirs.
    pub(super) differing: Vec<(String, String, String)>,
}

/// What differs between a form and the facts that are kept.
pub(super) fn differing(form: &Form, theirs: &Facts, names: &Choosing) -> Vec<(String, String, String)> {
    let kept = entry_of(theirs, "");
    let label = |field: &str, value: &str| {
        let place = names.places.iter().find(|place| field == "location" && place.value == value);
        place.map_or_else(|| value.to_owned(), |place| place.label.clone())
    };
    let fields = [
        ("note_type", "Type"),
        ("description", "Description"),
        ("service_date", "Date"),
        ("minutes", "Minutes"),
        ("location", "Location"),
    ];
    let sent = fields.into_iter().filter(|(field, _)| form.ticked(field));
    let other = sent.filter(|(field, _)| form.get(field).trim() != kept.get(field));
    other
        .map(|(field, name)| (name.to_owned(), label(field, form.get(field)), label(field, kept.get(field))))
        .collect()
}

/// What a form holds beyond its text and its version.
pub(super) fn other_fields(form: &Form) -> Vec<(String, String)> {
    let fields = form.fields().into_iter();
    fields.filter(|(name, _)| !["body", "version", "do"].contains(&name.as_str())).collect()
}

async fn conflict(may: &May<NoteEditor>, form: &Form) -> Result<Response> {
    let shell = may.shell();
    let loaded = reader(may)?.read(async |tx, by| load(tx, by, &shell).await).await?;
    let note = loaded.written.note;
    let frame = loaded.frame.page(
        may,
        "clients",
        way(note.group, note.client, &note.client_name),
        "Compare versions",
    );
    let page = ConflictPage {
        frame,
        action: path_of(may)?,
        back: back(form, path_of(may)?),
        version: note.version,
        fields: other_fields(form),
        mine: form.get("body").to_owned(),
        theirs: note.body.clone(),
        differing: differing(form, &note.facts(), &loaded.choosing),
    };
    page::show(may, StatusCode::PRECONDITION_FAILED, &page)
}

pub(crate) async fn change(may: May<NoteEditor>, form: Form) -> Result<Response> {
    let (sent, version) = (form.clone(), seen(&form));
    let changed = may.write(async move |tx, by| {
        let mut body = sent.get("body").to_owned();
        // A card of a group note sends its text alone: the rest comes from the group note.
        let facts = if sent.ticked("service_date") { facts_of(&sent)? } else { facts::Changes::default() };
        if sent.get("do") == "template" {
            let choosing = Choosing::load(tx, by, &Facts::default()).await?;
            body = choosing.wanted(&sent).unwrap_or(body);
        }
        let draft = Draft { facts, body: Some(body), personalized: None };
        actions::change(tx, by, &draft, version).await
    });
    match changed.await {
        Ok(_) => go_with(&may, &back(&form, path_of(&may)?), &Flash::done("Draft saved.")),
        Err(error) if error.kind() == Kind::Stale => conflict(&may, &form).await,
        Err(error) => {
            let note = Some(Entry::again(form, error)?);
            show_page(&reader(&may)?, Forms { note, ..Forms::default() }).await
        }
    }
}

pub(crate) async fn to_shared(may: May<NoteEditor>, form: Form) -> Result<Response> {
    let back = back(&form, path_of(&may)?);
    let question = Question {
        ask: "Use the shared text?".to_owned(),
        detail: "It replaces the text for this client.",
        action: "Use shared text",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let version = seen(&form);
    let changed = may.write(async move |tx, by| {
        let draft = Draft { personalized: Some(false), ..Draft::default() };
        actions::change(tx, by, &draft, version).await
    });
    settle(&may, &back, changed.await, |_| Flash::done("The note now has the shared text."))
}

pub(crate) async fn release(may: May<NoteReleaser>, form: Form) -> Result<Response> {
    let back = back(&form, path_of(&may)?);
    let question = Question {
        ask: "Release this note?".to_owned(),
        detail: "Released notes can’t be edited. You can add an addendum.",
        action: "Release note",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let (version, despite) = (seen(&form), form.ticked("despite"));
    let released = may.write(async move |tx, by| actions::release(tx, by, despite, version).await).await;
    settle_whole(&may, &back, released, |note: NoteRow| {
        Flash::done(format!("The note for {} was released.", note.client_name))
    })
}

/// As [`settle`], with the whole error's sentence, which speaks of several notes.
pub(super) fn settle_whole<P: Proof, T>(
    may: &May<P>,
    back: &str,
    outcome: Result<T>,
    done: impl FnOnce(T) -> Flash,
) -> Result<Response> {
    match outcome {
        Err(error) if error.kind() == Kind::Conflict => go_with(may, back, &Flash::trouble(error.public())),
        outcome => settle(may, back, outcome, done),
    }
}

pub(crate) async fn add(may: May<NoteEditor>, form: Form) -> Result<Response> {
    let (text, despite) = (form.get("addendum").to_owned(), form.ticked("despite"));
    match may.write(async move |tx, by| actions::add(tx, by, &text, despite).await).await {
        Ok(_) => {
            let path = format!("{}#addenda", path_of(&may)?);
            go_with(&may, &path, &Flash::done("Addendum added."))
        }
        Err(error) => {
            let error = match error.fields().first() {
                Some(fault) if fault.field == "body" => Error::field("addendum", fault.detail.clone()),
                _ => error,
            };
            let addendum = Some(Entry::again(form, error)?);
            show_page(&reader(&may)?, Forms { addendum, ..Forms::default() }).await
        }
    }
}

pub(crate) async fn delete(may: May<NoteEditor>, form: Form) -> Result<Response> {
    let back = back(&form, path_of(&may)?);
    let question = Question {
        ask: "Delete this draft?".to_owned(),
        detail: "You can’t undo this. “Create notes” in a group note creates a new draft.",
        action: "Delete draft",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let version = seen(&form);
    let (group, ask): (GroupId, _) = (may.id("group")?, form.get("back").to_owned());
    match may.write(async move |tx, by| actions::delete(tx, by, version).await).await {
        Ok(note) => {
            let chart = format!("/g/{group}/clients/{}/chart", note.client);
            let there = own_path(&ask).map_or(chart, str::to_owned);
            go_with(&may, &there, &Flash::done("Draft deleted."))
        }
        Err(error) => settle(&may, &back, Err::<(), _>(error), |()| Flash::done("")),
    }
}

/// The address of a group note.
pub(super) fn group_note_path(group: GroupId, note: GroupNoteId) -> String {
    format!("/g/{group}/group-notes/{note}")
}

impl ShowPage {
    fn draft(&self) -> bool {
        self.note.released_at.is_none()
    }

    fn edits(&self) -> bool {
        self.works && self.draft()
    }

    fn day(&self) -> String {
        kernel::clock::date_words(&self.note.service_date)
    }

    fn naming(&self) -> String {
        named_words(&self.named)
    }

    fn group_note(&self) -> Option<String> {
        self.note.group_note.map(|id| group_note_path(self.note.group, id))
    }
}
