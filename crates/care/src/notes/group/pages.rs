//! Pages of group notes: those of a client group, and the editor of one, with what was made from it beneath.

use std::fmt::Write as _;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use serde::Deserialize;

use crate::notes::{
    Attendance, NoteRow,
    facts::Facts,
    group::{
        AttendanceRow, GroupNoteRow,
        actions::{self, Attend, Draft, Whole},
        create::{self, Created, Outcome},
        release::{self, Released},
    },
    names::Named,
    pages::{
        Choosing, ConflictPage, differing, entry_of, facts_of, minutes_words, named_words, other_fields,
        seen, settle_whole, today,
    },
};
use access::{
    ClientGroupEditor, ClientGroupReader, GroupNoteEditor, GroupNoteReader, GroupNoteReleaser, Privilege,
    Proof, policy::Wish,
};
use kernel::{
    error::{Error, Kind, Result},
    id::{ClientGroupId, ClientId, GroupId, GroupNoteId, UserId},
    text::{counted, grouped},
};
use storage::{ExpectedVersion, Tx, Weight, list::Listing};
use web::{
    Form, May, Page, Query,
    cookies::Flash,
    entry::Entry,
    page::{self, Crumb, Frame, Frames, Here, Question, confirm, crumb, go_with, settle},
    parts::Pager,
};

/// How many group notes a page of the list shows.
const LIMIT: i64 = 25;

/// The way to the notes of a client group.
fn way(group: GroupId, client_group: ClientGroupId, name: &str) -> [Crumb; 3] {
    let path = format!("/g/{group}/client-groups");
    [
        crumb("Client groups", path.clone()),
        crumb(name, format!("{path}/{client_group}")),
        crumb("Group notes", format!("{path}/{client_group}/notes")),
    ]
}

#[derive(Template)]
#[template(path = "notes/templates/group_notes.html")]
struct ListPage {
    frame: Frame,
    group: GroupId,
    client_group: ClientGroupId,
    name: String,
    active: bool,
    works: bool,
    from_parent: bool,
    rows: Vec<GroupNoteRow>,
    pager: Pager,
}

/// Where a page of the list begins.
#[derive(Clone, Deserialize, utoipa::IntoParams)]
pub(crate) struct ListQuery {
    cursor: Option<String>,
}

pub(crate) async fn index(may: May<ClientGroupReader>, Query(query): Query<ListQuery>) -> Result<Response> {
    let (listing, shell) = (Listing::from_cursor(query.cursor.as_deref())?, may.shell());
    let (frame, client_group, (name, active), rows, works, from_parent) = may
        .read_noted("notes", Weight::Light, async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let (head, rows) = actions::list(tx, by, &listing, LIMIT).await?;
            Ok((frame, by.object(), head, rows, by.may(Wish::Work), by.from_parent()))
        })
        .await?;
    let (group, path) = (may.id("group")?, may.request().path.clone());
    let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
    let page = ListPage {
        frame: frame.page(&may, "client-groups", way(group, client_group, &name), "Group notes"),
        group,
        client_group,
        name,
        active,
        works,
        from_parent,
        pager: Pager::new(&path, &[], query.cursor.as_deref(), rows.next_cursor.as_deref()),
        rows: rows.items,
    };
    page::ok(&may, &page)
}

#[derive(Template)]
#[template(path = "notes/templates/group_form.html")]
struct FormPage {
    frame: Frame,
    path: String,
    name: String,
    entry: Entry,
    choosing: Choosing,
}

async fn new_page(may: &May<ClientGroupEditor>, entry: Option<Entry>) -> Result<Response> {
    let (frame, client_group, name, choosing) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let (name, _) = actions::client_group(tx, by).await?;
            let choosing = Choosing::load(tx, by, &Facts::default()).await?;
            Ok((frame, by.object(), name, choosing))
        })
        .await?;
    let group: GroupId = may.id("group")?;
    let first = Facts { service_date: today(&frame), ..Facts::default() };
    let entry = entry.unwrap_or_else(|| entry_of(&first, ""));
    let way = way(group, client_group, &name);
    let (frame, status) = (frame.page(may, "client-groups", way, "New group note"), entry.status());
    let path = format!("/g/{group}/client-groups/{client_group}/notes");
    page::show(may, status, &FormPage { frame, path, name, entry, choosing })
}

pub(crate) async fn new(may: May<ClientGroupEditor>) -> Result<Response> {
    new_page(&may, None).await
}

pub(crate) async fn create(may: May<ClientGroupEditor>, form: Form) -> Result<Response> {
    let sent = form.clone();
    let made = may.write(async move |tx, by| {
        let draft = Draft { facts: facts_of(&sent)?, body: None, attendance: None };
        actions::write(tx, by, &draft).await
    });
    match made.await {
        Ok(row) => {
            let flash = Flash::done("Group note created. Everyone in the client group is marked present.");
            go_with(&may, &format!("/g/{}/group-notes/{}", row.group, row.id), &flash)
        }
        Err(error) => new_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

/// One note that was made from the group note, as its card shows it.
struct Card {
    note: NoteRow,
    naming: String,
    releases: bool,
}

impl Card {
    fn draft(&self) -> bool {
        self.note.released_at.is_none()
    }
}

#[derive(Template)]
#[template(path = "notes/templates/group_note.html")]
struct ShowPage {
    frame: Frame,
    path: String,
    row: GroupNoteRow,
    attendance: Vec<AttendanceRow>,
    joined: Vec<(ClientId, String)>,
    cards: Vec<Card>,
    user: UserId,
    works: bool,
    releases: bool,
    from_parent: bool,
    entry: Entry,
    choosing: Choosing,
    /// The clients that match the name that was entered.
    meant: Vec<(ClientId, String)>,
    /// Whether there are more than those.
    more_meant: bool,
    /// Whether all of its notes are released and no one who attended lacks one: nothing can be changed any more,
    /// except that a client who was missed is added.
    locked: bool,
}

impl ShowPage {
    fn day(&self) -> String {
        kernel::clock::date_words(&self.row.service_date)
    }

    fn minutes(&self) -> String {
        minutes_words(self.row.minutes)
    }

    fn drafts(&self) -> i64 {
        self.row.notes - self.row.released
    }

    fn release_words(&self) -> String {
        release_words(self.drafts())
    }

    fn naming(&self) -> bool {
        self.cards.iter().any(|card| card.draft() && !card.naming.is_empty())
    }

    fn joined_words(&self) -> String {
        let names = self.joined.iter().map(|(_, name)| name.as_str());
        names.take(12).collect::<Vec<_>>().join(", ") + if self.joined.len() > 12 { " …" } else { "" }
    }

    /// What a row of the attendance shows: what was typed, or what is kept.
    fn attends(&self, row: &AttendanceRow, attendance: &str) -> bool {
        match self.entry.get(&format!("attendance-{}", row.client)) {
            "" => row.attendance.word() == attendance,
            typed => typed == attendance,
        }
    }

    fn comment(&self, row: &AttendanceRow) -> String {
        match self.entry.refused() {
            true => self.entry.get(&format!("comment-{}", row.client)).to_owned(),
            false => row.comment.clone(),
        }
    }

    fn removable(row: &AttendanceRow) -> bool {
        row.guest || row.archived || !row.in_client_group
    }
}

/// What the button says that releases so many drafts.
fn release_words(drafts: i64) -> String {
    if drafts == 1 { "Release 1 note".to_owned() } else { format!("Release all {} notes", grouped(drafts)) }
}

/// A group note as its page needs it.
struct Loaded {
    frame: Frame,
    whole: Whole,
    user: UserId,
    works: bool,
    holds: bool,
    from_parent: bool,
    choosing: Choosing,
}

async fn load(tx: &Tx, by: &GroupNoteReader, shell: &Frames) -> Result<Loaded> {
    let frame = shell.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
    let whole = actions::show(tx, by).await?;
    let works = by.may(Wish::Work);
    let holds = works && by.holds(tx, Privilege::NotesRelease).await?;
    let choosing = match works {
        true => Choosing::load(tx, by, &whole.row.facts()).await?,
        false => Choosing::default(),
    };
    Ok(Loaded { frame, whole, user: by.user(), works, holds, from_parent: by.from_parent(), choosing })
}

/// Whether nothing is left to be done but adding a client who was missed.
fn is_locked(whole: &Whole) -> bool {
    let Whole { row, attendance, notes, .. } = whole;
    let has_note = |client| notes.iter().any(|(note, _)| note.client == client);
    let mut attended = attendance.iter().filter(|one| one.attendance.attends() && !one.archived);
    row.notes > 0 && row.released == row.notes && attended.all(|one| has_note(one.client))
}

/// What a page shows of a form that was sent, or asked for.
#[derive(Default)]
struct Again {
    entry: Option<Entry>,
    meant: Vec<(ClientId, String)>,
    /// Whether a client is to be added to a group note whose notes are all released.
    adding: bool,
}

async fn show_page(may: &May<GroupNoteReader>, again: Again) -> Result<Response> {
    let Again { entry, mut meant, adding } = again;
    let more_meant = meant.len() > actions::OFFERED;
    meant.truncate(actions::OFFERED);
    let shell = may.shell();
    let load = async move |tx: &_, by: &_| load(tx, by, &shell).await;
    let loaded = may.read_noted("group_note", Weight::Light, load).await?;
    let Loaded { frame, whole, user, works, holds, from_parent, choosing } = loaded;
    let locked = works && !adding && entry.is_none() && meant.is_empty() && is_locked(&whole);
    let Whole { row, attendance, joined, notes } = whole;
    let card = |(note, named): (NoteRow, Vec<Named>)| Card {
        releases: works && (holds || note.author == user),
        naming: named_words(&named),
        note,
    };
    let entry = entry.unwrap_or_else(|| entry_of(&row.facts(), &row.body));
    let way = way(row.group, row.client_group, &row.client_group_name);
    let title = match row.description.as_str() {
        "" => kernel::clock::date_words(&row.service_date),
        description => description.to_owned(),
    };
    let status = entry.status();
    let page = ShowPage {
        frame: frame.page(may, "client-groups", way, title),
        path: format!("/g/{}/group-notes/{}", row.group, row.id),
        cards: notes.into_iter().map(card).collect(),
        releases: works && (holds || row.author == user),
        attendance,
        joined,
        row,
        user,
        works,
        from_parent,
        entry,
        choosing,
        meant,
        more_meant,
        locked,
    };
    page::show(may, status, &page)
}

/// How a group note is opened.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct ShowQuery {
    /// `yes` shows the form of a group note whose notes are all released, to add a client.
    add: Option<String>,
}

pub(crate) async fn show(may: May<GroupNoteReader>, Query(query): Query<ShowQuery>) -> Result<Response> {
    show_page(&may, Again { adding: query.add.is_some(), ..Again::default() }).await
}

fn path_of<P: Proof>(may: &May<P>) -> Result<String> {
    let (group, note): (GroupId, GroupNoteId) = (may.id("group")?, may.id("group_note")?);
    Ok(format!("/g/{group}/group-notes/{note}"))
}

/// The same group note for its page.
fn reader<P: Proof>(may: &May<P>) -> Result<May<GroupNoteReader>> {
    let (group, note): (GroupId, GroupNoteId) = (may.id("group")?, may.id("group_note")?);
    Ok(may.within(&[("group", group.to_string()), ("group_note", note.to_string())]))
}

/// The attendance that a form holds.
fn attendance_of(form: &Form) -> Vec<Attend> {
    let fields = form.fields();
    let marked = fields.iter().filter_map(|(name, value)| {
        let id = name.strip_prefix("attendance-")?;
        let comment = form.get(&format!("comment-{id}")).to_owned();
        Some(Attend { client: id.parse().ok()?, attendance: Attendance::read(value)?, comment })
    });
    marked.collect()
}

/// What the pressed button asks for, after saving.
enum Wanted {
    Nothing,
    Template,
    CreateNotes,
    /// A client by a part of their name.
    Find(String),
    Add(ClientId),
    AddJoined,
    Drop(ClientId),
}

impl Wanted {
    fn read(form: &Form) -> Self {
        let pressed = form.get("do");
        let (verb, id) = pressed.split_once(':').unwrap_or((pressed, ""));
        match (verb, id.parse()) {
            ("create", _) => Self::CreateNotes,
            ("template", _) => Self::Template,
            ("find", _) => Self::Find(form.get("guest").to_owned()),
            ("joined", _) => Self::AddJoined,
            ("add", Ok(client)) => Self::Add(client),
            ("drop", Ok(client)) => Self::Drop(client),
            _ => Self::Nothing,
        }
    }
}

/// What came of it.
enum Done {
    Saved(String),
    Created(Box<Created>),
    /// Several clients match the name.
    Meant(Vec<(ClientId, String)>),
}

fn present(client: ClientId) -> Attend {
    Attend { client, attendance: Attendance::Present, comment: String::new() }
}

/// Saves the form, with what its button asks for, in one transaction.
async fn save(tx: &Tx, by: &GroupNoteEditor, form: &Form) -> Result<Done> {
    let wanted = Wanted::read(form);
    let mut attendance = attendance_of(form);
    let mut body = form.get("body").to_owned();
    let mut done = Done::Saved("The group note was saved.".to_owned());
    match &wanted {
        Wanted::Nothing | Wanted::CreateNotes => {}
        Wanted::Template => {
            let choosing = Choosing::load(tx, by, &Facts::default()).await?;
            body = choosing.wanted(form).unwrap_or(body);
        }
        Wanted::Find(name) => match actions::candidates(tx, by, name).await?.as_slice() {
            [] => {
                return Err(Error::field("guest", "No other client in this group matches that name."));
            }
            [(client, name)] => {
                attendance.push(present(*client));
                done = Done::Saved(format!("{name} was added for this session only."));
            }
            several => done = Done::Meant(several.to_vec()),
        },
        Wanted::Add(client) => {
            attendance.retain(|one| one.client != *client);
            attendance.push(present(*client));
        }
        Wanted::AddJoined => {
            let joined = actions::joined(tx, by).await?;
            attendance.extend(joined.into_iter().map(present));
        }
        Wanted::Drop(client) => attendance.retain(|one| one.client != *client),
    }
    // A form without any attendance doesn't change it.
    let speaks = !attendance.is_empty() || matches!(wanted, Wanted::Drop(_));
    let draft = Draft { facts: facts_of(form)?, body: Some(body), attendance: speaks.then_some(attendance) };
    let saved = actions::change(tx, by, &draft, seen(form)).await?;
    if matches!(wanted, Wanted::CreateNotes) {
        let seen = ExpectedVersion::of(Some(saved.version));
        done = Done::Created(Box::new(create::create_notes(tx, by, &[], seen).await?));
    }
    Ok(done)
}

/// What creating notes did, in a sentence.
fn told(created: &Created) -> String {
    let count = |outcome, one: &str, many: &str| match created.count(outcome) {
        0 => None,
        some => Some(counted(some, one, many)),
    };
    let parts = [
        count(Outcome::Created, "note created", "notes created"),
        count(Outcome::Updated, "note updated", "notes updated"),
        count(Outcome::Unchanged, "note unchanged", "notes unchanged"),
        count(Outcome::Withdrawn, "draft removed (client absent)", "drafts removed (clients absent)"),
        count(
            Outcome::KeptPersonalized,
            "personalized note kept its text",
            "personalized notes kept their text",
        ),
        count(
            Outcome::KeptAbsent,
            "personalized note kept (client absent)",
            "personalized notes kept (clients absent)",
        ),
        count(Outcome::KeptReleased, "released note left as it is", "released notes left as they are"),
        count(Outcome::Archived, "archived client skipped", "archived clients skipped"),
    ];
    let parts = parts.into_iter().flatten().collect::<Vec<_>>();
    if parts.is_empty() {
        "No notes created: no one attended.".to_owned()
    } else {
        format!("{}.", parts.join("; "))
    }
}

async fn conflict(may: &May<GroupNoteEditor>, form: &Form) -> Result<Response> {
    let shell = may.shell();
    let loaded = reader(may)?.read(async |tx, by| load(tx, by, &shell).await).await?;
    let row = &loaded.whole.row;
    let mut differing = differing(form, &row.facts(), &loaded.choosing);
    for mine in attendance_of(form) {
        let theirs = loaded.whole.attendance.iter().find(|row| row.client == mine.client);
        let words = |attendance: Attendance, comment: &str| format!("{} {comment}", attendance.label());
        let (mine, theirs) = (
            words(mine.attendance, &mine.comment),
            theirs.map(|row| (row.name.clone(), words(row.attendance, &row.comment))),
        );
        if let Some((name, theirs)) = theirs.filter(|(_, theirs)| *theirs != mine) {
            differing.push((name, mine, theirs));
        }
    }
    let way = way(row.group, row.client_group, &row.client_group_name);
    let page = ConflictPage {
        action: path_of(may)?,
        back: path_of(may)?,
        version: row.version,
        fields: other_fields(form),
        mine: form.get("body").to_owned(),
        theirs: row.body.clone(),
        differing,
        frame: loaded.frame.page(may, "client-groups", way, "Compare versions"),
    };
    page::show(may, StatusCode::PRECONDITION_FAILED, &page)
}

pub(crate) async fn change(may: May<GroupNoteEditor>, form: Form) -> Result<Response> {
    let (sent, path) = (form.clone(), path_of(&may)?);
    match may.write(async move |tx, by| save(tx, by, &sent).await).await {
        Ok(Done::Saved(text)) => {
            let to = if form.get("do").is_empty() { path } else { format!("{path}#attendance") };
            go_with(&may, &to, &Flash::done(text))
        }
        Ok(Done::Created(created)) => go_with(&may, &format!("{path}#notes"), &Flash::done(told(&created))),
        Ok(Done::Meant(meant)) => show_page(&reader(&may)?, Again { meant, ..Again::default() }).await,
        Err(error) if error.kind() == Kind::Stale => conflict(&may, &form).await,
        Err(error) => {
            let entry = Some(Entry::again(form, error)?);
            show_page(&reader(&may)?, Again { entry, ..Again::default() }).await
        }
    }
}

pub(crate) async fn release(may: May<GroupNoteReleaser>, form: Form) -> Result<Response> {
    let back = format!("{}#notes", path_of(&may)?);
    let drafts = may.read(async |tx, by| actions::drafts(tx, by).await).await?;
    let question = Question {
        ask: format!("Release {}?", counted(drafts, "note", "notes")),
        detail: "Released notes can’t be edited. Notes without text, or that mention another client, stay drafts.",
        action: &release_words(drafts),
        back: &path_of(&may)?,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let despite = form.ticked("despite");
    let released = may.write(async move |tx, by| release::release(tx, by, None, despite).await).await;
    settle_whole(&may, &back, released, |released| told_release(&released))
}

/// How long a message may be, in bytes: it travels in a cookie.
const TOLD_LIMIT: usize = 900;

fn told_release(Released { released, kept }: &Released) -> Flash {
    let mut text = format!("{} released.", counted(released.len(), "note was", "notes were"));
    if kept.is_empty() {
        return Flash::done(text);
    }
    let _ = write!(text, " {}:", counted(kept.len(), "note is still a draft", "notes are still drafts"));
    for kept in kept {
        if text.len() + kept.why.len() > TOLD_LIMIT {
            text.push_str(" The others are listed below.");
            break;
        }
        let _ = write!(text, " {}", kept.why);
    }
    Flash::trouble(text)
}

pub(crate) async fn delete(may: May<GroupNoteEditor>, form: Form) -> Result<Response> {
    let path = path_of(&may)?;
    let question = Question {
        ask: "Delete this group note?".to_owned(),
        detail: "This also deletes its attendance and all drafts created from it. You can’t undo this.",
        action: "Delete group note",
        back: &path,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let version = seen(&form);
    match may.write(async move |tx, by| actions::delete(tx, by, version).await).await {
        Ok(row) => {
            let list = format!("/g/{}/client-groups/{}/notes", row.group, row.client_group);
            go_with(&may, &list, &Flash::done("The group note was deleted."))
        }
        Err(error) => settle(&may, &path, Err::<(), _>(error), |()| Flash::done("")),
    }
}
