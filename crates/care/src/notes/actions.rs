//! The verbs of charts.

use std::fmt::Display;

use serde_json::json;

use crate::notes::{
    CHANGES_NOTED_EVERY,
    facts::{self, Facts},
    fill, is_blank,
    names::{Named, Roster},
    store::{self, AddendumRow, NoteRow},
};
use access::{ClientEditor, ClientReader, GroupScope, NoteEditor, NoteReader, NoteReleaser};
use kernel::{
    clock::date_words,
    error::{Error, Fault, FieldError, Result},
    id::{AddendumId, ClientId},
    text,
};
use people::accounts;
use platform::audit::{self, Action, Event};
use storage::{ExpectedVersion, Tx, list::Listing};

/// What is written into a note. What is absent stays, or is empty in a new one.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// What is known of the session. A note out of a group note has this from there.
    pub facts: facts::Changes,
    /// Plain text, up to 20,000 characters.
    pub body: Option<String>,
    /// Of a note out of a group note: whether its text is its own. Taken back, it gets the shared text anew.
    pub personalized: Option<bool>,
}

/// A note with its addenda.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As it was before.
    pub note: NoteRow,
    /// Its addenda, oldest first.
    pub addenda: Vec<AddendumRow>,
}

/// Records an event about a note, which is named by id alone.
pub(super) async fn noted(tx: &Tx, scope: &GroupScope, action: Action, id: impl Display) -> Result<()> {
    let event = Event::new(scope.account(), scope.user(), action, id.to_string());
    audit::record(tx, event.in_group(scope.group())).await
}

/// As [`noted`] for a change, unless the trail named the same person at this note within the hour.
pub(super) async fn change_noted(
    tx: &Tx,
    scope: &GroupScope,
    action: Action,
    id: impl Display,
) -> Result<()> {
    let (object, since) = (id.to_string(), tx.now().plus(-CHANGES_NOTED_EVERY));
    match audit::said_since(tx, scope.account(), &object, scope.user(), since).await? {
        true => Ok(()),
        false => noted(tx, scope, action, object).await,
    }
}

/// A text as it is kept.
pub(super) fn body(text: &str) -> Result<String> {
    text::prose(text).map_err(|why| Error::field("body", why))
}

/// A page of a chart, with one note more than the limit, if there are more.
pub async fn chart(
    tx: &Tx,
    by: &ClientReader,
    listing: &Listing<store::Chart>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let notes = store::chart(tx, by, by.object(), listing, limit + 1).await?;
    let days = notes.iter().map(|note| note.service_date.as_str());
    let (Some(oldest), Some(newest)) = (days.clone().min(), days.max()) else { return Ok(Vec::new()) };
    let days = (oldest, newest);
    let addenda = store::addenda_of_chart(tx, by, by.object(), days).await?;
    let with = |note: NoteRow| {
        let own = addenda.iter().filter(|addendum| addendum.note == note.id).cloned().collect();
        Entry { note, addenda: own }
    };
    Ok(notes.into_iter().map(with).collect())
}

/// The name of a client whose chart is read or written, and whether they are archived.
pub async fn client(tx: &Tx, scope: &GroupScope, client: ClientId) -> Result<(String, bool)> {
    let (name, archived_at) = store::client(tx, scope, client).await?;
    Ok((name, archived_at.is_some()))
}

/// Writes a draft into a client's chart.
///
/// # Errors
/// A field can't be used, or the client is archived.
pub async fn write(tx: &Tx, by: &ClientEditor, draft: &Draft) -> Result<NoteRow> {
    if client(tx, by, by.object()).await?.1 {
        return Err(Error::conflict(
            "client_archived",
            "This client is archived. Restore the client to add notes.",
        ));
    }
    let facts = Facts::default().changed(tx, by, &draft.facts).await?;
    let body = body(draft.body.as_deref().unwrap_or_default())?;
    let id = store::insert(tx, by, by.object(), &facts, &body).await?;
    noted(tx, by, Action::NoteWritten, id).await?;
    store::show(tx, by, id).await
}

/// A note with its addenda, and whom else of its group note's clients it names.
pub async fn show(tx: &Tx, by: &NoteReader) -> Result<(Entry, Vec<Named>)> {
    let note = store::show(tx, by, by.object()).await?;
    let named = named(tx, by, &note).await?;
    let addenda = store::addenda(tx, by, by.object()).await?;
    Ok((Entry { note, addenda }, named))
}

/// Whom else a note names out of the clients of its group note. A note that was written for one chart alone
/// stands beside nobody.
pub(super) async fn named(tx: &Tx, scope: &GroupScope, note: &NoteRow) -> Result<Vec<Named>> {
    let Some(group_note) = note.group_note else { return Ok(Vec::new()) };
    let roster = Roster::new(store::roster(tx, scope, group_note).await?);
    Ok(roster.named_in(&note.whole_text(), note.client, &note.client_name))
}

fn must_be_draft(note: &NoteRow) -> Result<()> {
    match note.released_at {
        None => Ok(()),
        Some(_) => {
            Err(Error::conflict("note_released", "Released notes can’t be edited. Add an addendum instead."))
        }
    }
}

/// Changes a draft. A new text makes a note out of a group note personalized.
///
/// # Errors
/// It was released, a field can't be used, or someone changed it first.
pub async fn change(tx: &Tx, by: &NoteEditor, draft: &Draft, seen: ExpectedVersion) -> Result<NoteRow> {
    let before = store::show(tx, by, by.object()).await?;
    must_be_draft(&before)?;
    seen.check(before.version)?;
    let mut row = before.clone();
    let facts = before.facts().changed(tx, by, &draft.facts).await?;
    if let Some(text) = &draft.body {
        row.body = body(text)?;
    }
    set_individual(tx, by, &mut row, &before, draft).await?;
    if row.group_note.is_some() && facts != before.facts() {
        let why = "This comes from the group note. Change it there, then create notes again.";
        return Err(Error::field(changed_field(&before.facts(), &facts), why));
    }
    if (&row.body, row.personalized, &facts) == (&before.body, before.personalized, &before.facts()) {
        return Ok(before);
    }
    if !store::update(tx, by, &row, &facts).await? {
        return Err(Error::stale());
    }
    change_noted(tx, by, Action::NoteChanged, row.id).await?;
    store::show(tx, by, row.id).await
}

/// Says whether the text is the note's own, and takes the shared text where it is not.
async fn set_individual(
    tx: &Tx,
    scope: &GroupScope,
    row: &mut NoteRow,
    before: &NoteRow,
    draft: &Draft,
) -> Result<()> {
    let wished = draft.personalized;
    let Some(group_note) = row.group_note else {
        let why = "Only notes created from a group note have a shared text.";
        return if wished.is_some() { Err(Error::field("personalized", why)) } else { Ok(()) };
    };
    if wished == Some(false) {
        if draft.body.is_some() {
            return Err(Error::field("personalized", "Send either a body or the shared text, not both."));
        }
        let shared = store::shared(tx, scope, group_note, row.client).await?;
        let attendance = shared.attendance.or(row.attendance).unwrap_or(super::Attendance::Present);
        let comment = shared.comment.as_deref().unwrap_or(&row.comment);
        row.body = body(&fill(&shared.body, &row.client_name, attendance, comment))?;
        row.personalized = false;
    } else {
        row.personalized = before.personalized || wished == Some(true) || row.body != before.body;
    }
    Ok(())
}

fn changed_field(before: &Facts, after: &Facts) -> &'static str {
    match () {
        () if before.note_type != after.note_type => "note_type",
        () if before.description != after.description => "description",
        () if before.service_date != after.service_date => "service_date",
        () if before.minutes != after.minutes => "minutes",
        () => "location",
    }
}

/// Takes a draft out of its chart.
///
/// # Errors
/// It was released, or someone changed it first.
pub async fn delete(tx: &Tx, by: &NoteEditor, seen: ExpectedVersion) -> Result<NoteRow> {
    let note = store::show(tx, by, by.object()).await?;
    must_be_draft(&note)?;
    seen.check(note.version)?;
    if !store::delete(tx, by, &note).await? {
        return Err(Error::stale());
    }
    noted(tx, by, Action::NoteDeleted, note.id).await?;
    Ok(note)
}

/// Refuses to release a note of a day that is yet to come by the clocks of the account: nothing has happened that it
/// could tell.
pub(super) async fn must_have_been(tx: &Tx, scope: &GroupScope, service_date: &str) -> Result<()> {
    let zone = accounts::letterhead(tx, scope.account()).await?.zone();
    // Days are kept so that they sort as text.
    if *service_date <= *tx.now().timestamp().to_zoned(zone).date().to_string() {
        return Ok(());
    }
    let day = date_words(service_date);
    let why =
        format!("The date is in the future: {day}. Change it, or release the note on or after that day.");
    Err(Error::field("service_date", why))
}

/// Why a note is not released.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// It has no text.
    Empty,
    /// It names another client, and nobody said that it may.
    NamesAnother,
}

impl Obstacle {
    /// As the API names it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty_note",
            Self::NamesAnother => "names_another_client",
        }
    }
}

/// Why a note can't be released, as a sentence; none if it can.
pub(super) fn obstacle(note: &NoteRow, named: &[Named], despite: bool) -> Option<(Obstacle, String)> {
    if is_blank(&note.body) {
        return Some((Obstacle::Empty, format!("The note for {} has no text yet.", note.client_name)));
    }
    if named.is_empty() || despite {
        return None;
    }
    let found = named.iter().map(|named| match named.words == named.name {
        true => named.name.clone(),
        false => format!("{} (“{}”)", named.name, named.words),
    });
    let found = found.collect::<Vec<_>>().join(", ");
    Some((Obstacle::NamesAnother, format!("The note for {} mentions {found}.", note.client_name)))
}

/// The refusal to release notes that can't be released: for a lack of text, if any lacks it.
pub(super) fn refusal<'a>(kept: impl IntoIterator<Item = (&'a NoteRow, Obstacle, &'a str)>) -> Option<Error> {
    let kept = kept.into_iter().collect::<Vec<_>>();
    let first = kept.iter().find(|kept| kept.1 == Obstacle::Empty).or(kept.first())?.1;
    let why = match (first, kept.len()) {
        (Obstacle::Empty, 1) => "This note has no text yet. Add text before you release it.".to_owned(),
        (Obstacle::NamesAnother, 1) => {
            "A note names another client of the group, so nothing was released. Take the name out, or release it \
             despite that."
                .to_owned()
        }
        (_, many) => format!("{many} notes can’t be released as they are, so nothing was released."),
    };
    let faults = kept.iter().map(|(note, _, why)| fault(note, (*why).to_owned())).collect();
    Some(Error::conflict(first.code(), why).about(faults))
}

fn fault(note: &NoteRow, detail: String) -> FieldError {
    FieldError::new(note.id.to_string(), Fault::new("names_another_client", detail))
}

/// Releases a note: from now on it never changes.
///
/// # Errors
/// It was released already, is of a day in the future, has no text, or names another client and nobody said that it
/// may; or someone changed it first.
pub async fn release(tx: &Tx, by: &NoteReleaser, despite: bool, seen: ExpectedVersion) -> Result<NoteRow> {
    let note = store::show(tx, by, by.object()).await?;
    if note.released_at.is_some() {
        return Err(Error::conflict("note_released", "This note is already released."));
    }
    seen.check(note.version)?;
    must_have_been(tx, by, &note.service_date).await?;
    let named = named(tx, by, &note).await?;
    if let Some((obstacle, why)) = obstacle(&note, &named, despite)
        && let Some(error) = refusal([(&note, obstacle, why.as_str())])
    {
        return Err(error);
    }
    if !store::release(tx, by, &note).await? {
        return Err(Error::stale());
    }
    let event = Event::new(by.account(), by.user(), Action::NoteReleased, note.id).in_group(by.group());
    let others = named.iter().map(|named| named.client).collect::<Vec<_>>();
    let detail = if others.is_empty() { json!({}) } else { json!({ "despite": true, "names": others }) };
    audit::record(tx, event.with(detail)).await?;
    store::show(tx, by, note.id).await
}

/// Adds to a released note, signed with name and time.
///
/// # Errors
/// It is still a draft, there is no text, or it names another client and nobody said that it may.
pub async fn add(tx: &Tx, by: &NoteEditor, text: &str, despite: bool) -> Result<AddendumId> {
    let note = store::show(tx, by, by.object()).await?;
    if note.released_at.is_none() {
        return Err(Error::conflict(
            "note_not_released",
            "This note is still a draft. Edit it instead: addenda are for released notes.",
        ));
    }
    let body = body(text)?;
    if is_blank(&body) {
        return Err(Error::field("body", "Enter some text."));
    }
    let others = named(tx, by, &NoteRow { body: body.clone(), ..note.clone() }).await?;
    if let Some(first) = others.first().filter(|_| !despite) {
        let why = "This addendum mentions another client in the group. Remove the name, or add it anyway.";
        let detail = format!("It mentions {} (“{}”).", first.name, first.words);
        let fault = FieldError::new("body", Fault::new("names_another_client", detail));
        return Err(Error::conflict("names_another_client", why).about(vec![fault]));
    }
    let id = store::insert_addendum(tx, by, note.id, &body).await?;
    let event = Event::new(by.account(), by.user(), Action::NoteAddendumAdded, note.id).in_group(by.group());
    let others = others.iter().map(|named| named.client).collect::<Vec<_>>();
    let detail = if others.is_empty() { json!({}) } else { json!({ "despite": true, "names": others }) };
    audit::record(tx, event.with(detail)).await?;
    Ok(id)
}
