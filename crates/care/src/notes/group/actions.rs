//! The verbs of group notes other than creating and releasing notes.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::notes::{
    Attendance, NoteRow,
    actions::{body, change_noted, noted},
    facts::{self, Facts},
    group::{
        ATTENDANCE_LIMIT,
        store::{self, AttendanceRow, Attends, GroupNoteRow, GroupNotes},
    },
    names::{Named, Roster},
    types,
};
use access::{
    ClientGroupEditor, ClientGroupReader, GroupNoteEditor, GroupNoteReader, GroupNoteReleaser, GroupScope,
};
use kernel::{
    error::{Error, FieldError, Result},
    id::{ClientGroupId, ClientId, GroupNoteId},
    search, text,
};
use platform::audit::{self, Action, Event};
use storage::{ExpectedVersion, Tx, hex, list::Listing};

/// One of an attendance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attend {
    /// Who; a client of the same group.
    pub client: ClientId,
    /// Whether they were there.
    pub attendance: Attendance,
    /// A remark, on one line.
    pub comment: String,
}

/// What is written into a group note. What is absent stays, or is empty in a new one.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// What is known of the session.
    pub facts: facts::Changes,
    /// The shared text. A new group note without one begins with the text of its type.
    pub body: Option<String>,
    /// Who was there, wholly. A new group note without one begins with everyone as present.
    pub attendance: Option<Vec<Attend>>,
}

/// A group note with who was there, and the notes that were made from it.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The group note.
    pub row: GroupNoteRow,
    /// Its attendance, by name.
    pub attendance: Vec<AttendanceRow>,
    /// Who is in the client group now and not in the attendance.
    pub joined: Vec<(ClientId, String)>,
    /// The notes, by client, each with whom else it names.
    pub notes: Vec<(NoteRow, Vec<Named>)>,
}

impl Whole {
    /// Who is in the attendance, and was in the client group, and is so no more.
    pub fn left(&self) -> Vec<(ClientId, String)> {
        let left = self.attendance.iter().filter(|row| !row.guest && !row.in_client_group);
        left.map(|row| (row.client, row.name.clone())).collect()
    }
}

/// A page of a client group's notes, with one more than the limit, if there are more; and
/// the client group's name, and whether it is active.
///
/// # Errors
/// The client group was deleted, or the database fails.
pub async fn list(
    tx: &Tx,
    by: &ClientGroupReader,
    listing: &Listing<GroupNotes>,
    limit: i64,
) -> Result<((String, bool), Vec<GroupNoteRow>)> {
    let client_group = store::client_group(tx, by, by.object()).await?;
    Ok((client_group, store::list(tx, by, by.object(), listing, limit + 1).await?))
}

/// A client group's name, and whether notes are written for it.
///
/// # Errors
/// It was deleted, or the database fails.
pub async fn client_group(tx: &Tx, by: &ClientGroupEditor) -> Result<(String, bool)> {
    store::client_group(tx, by, by.object()).await
}

/// Writes a group note.
///
/// # Errors
/// A field can't be used, or the client group is not active.
pub async fn write(tx: &Tx, by: &ClientGroupEditor, draft: &Draft) -> Result<GroupNoteRow> {
    let (_, active) = client_group(tx, by).await?;
    if !active {
        return Err(Error::conflict(
            "client_group_inactive",
            "This client group is not active, so no notes are written for it. Make it active first.",
        ));
    }
    let facts = Facts::default().changed(tx, by, &draft.facts).await?;
    let text = match &draft.body {
        Some(text) => body(text)?,
        None => template(tx, by, &facts.note_type).await?,
    };
    let id = store::insert(tx, by, by.object(), &facts, &text).await?;
    match &draft.attendance {
        Some(attendance) => {
            let rows = checked(tx, by, by.object(), &[], attendance).await?;
            store::set_attendance(tx, by, id, &rows).await?;
        }
        None => store::attend_all(tx, by, id).await?,
    }
    noted(tx, by, Action::GroupNoteWritten, id).await?;
    store::show(tx, by, id).await
}

/// The text that a new note of a type begins with.
async fn template(tx: &Tx, scope: &GroupScope, note_type: &str) -> Result<String> {
    let offered = types::offered(tx, scope.account()).await?;
    Ok(offered.into_iter().find(|kind| kind.name == note_type).map(|kind| kind.body).unwrap_or_default())
}

/// A group note with all that belongs to it.
pub async fn show(tx: &Tx, by: &GroupNoteReader) -> Result<Whole> {
    whole(tx, by, by.object()).await
}

pub(super) async fn whole(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<Whole> {
    let row = store::show(tx, scope, id).await?;
    let attendance = store::attendance(tx, scope, id).await?;
    let joined = store::missing(tx, scope, id).await?;
    let notes = crate::notes::store::of_group_note(tx, scope, id).await?;
    let roster = Roster::new(crate::notes::store::roster(tx, scope, id).await?);
    let named = |note: NoteRow| {
        let named = roster.named_in(&note.whole_text(), note.client, &note.client_name);
        (note, named)
    };
    let notes = notes.into_iter().map(named).collect();
    Ok(Whole { row, attendance, joined, notes })
}

/// Checks an attendance: each client once, and all of the group; who was archived may stay, not come.
async fn checked(
    tx: &Tx,
    scope: &GroupScope,
    client_group: ClientGroupId,
    before: &[AttendanceRow],
    attendance: &[Attend],
) -> Result<Vec<Attends>> {
    if attendance.len() > ATTENDANCE_LIMIT {
        let why = format!("A group note is for at most {ATTENDANCE_LIMIT} clients.");
        return Err(Error::field("attendance", why));
    }
    let asked = attendance.iter().map(|one| one.client).collect::<Vec<_>>();
    let known = store::known(tx, scope, &asked).await?.into_iter().collect::<HashMap<_, _>>();
    let members = store::members(tx, scope, client_group).await?.into_iter().collect::<HashSet<_>>();
    let (mut rows, mut faults, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    let mut fault = |at: usize, field: &str, detail: String| {
        faults.push(FieldError::new(format!("attendance[{at}].{field}"), detail));
    };
    for (at, one) in attendance.iter().enumerate() {
        let kept = before.iter().find(|row| row.client == one.client);
        match known.get(&one.client) {
            _ if !seen.insert(one.client) => fault(at, "client", "This client is named twice.".to_owned()),
            None => fault(at, "client", "No client in this group has this id.".to_owned()),
            Some(true) if kept.is_none() => fault(at, "client", "This client is archived.".to_owned()),
            Some(_) => {}
        }
        let comment = text::optional_line(&one.comment).map(Option::unwrap_or_default);
        let comment = comment.unwrap_or_else(|why| {
            fault(at, "comment", why.detail.into_owned());
            String::new()
        });
        let guest =
            kept.map_or_else(|| !members.contains(&one.client), |row| row.guest && !row.in_client_group);
        rows.push(Attends { c: hex(one.client), a: one.attendance, m: comment, g: guest });
    }
    if faults.is_empty() { Ok(rows) } else { Err(Error::invalid(faults)) }
}

/// Whether an attendance says what is written down already.
fn same(before: &[AttendanceRow], rows: &[Attends]) -> bool {
    let written = |row: &AttendanceRow| {
        let id = hex(row.client);
        rows.iter()
            .any(|one| (&one.c, one.a, &one.m, one.g) == (&id, row.attendance, &row.comment, row.guest))
    };
    before.len() == rows.len() && before.iter().all(written)
}

/// Changes a group note: the facts, the shared text, the attendance. Its notes stay as they are until they are
/// created again.
///
/// # Errors
/// A field can't be used, or someone changed it first.
pub async fn change(
    tx: &Tx,
    by: &GroupNoteEditor,
    draft: &Draft,
    seen: ExpectedVersion,
) -> Result<GroupNoteRow> {
    let before = store::show(tx, by, by.object()).await?;
    seen.check(before.version)?;
    let mut row = before.clone();
    let facts = before.facts().changed(tx, by, &draft.facts).await?;
    if let Some(text) = &draft.body {
        row.body = body(text)?;
    }
    let attendance = changed_attendance(tx, by, &row, draft).await?;
    if row.body == before.body && facts == before.facts() && attendance.is_none() {
        return Ok(before);
    }
    if !store::update(tx, by, &row, &facts).await? {
        return Err(Error::stale());
    }
    if let Some(rows) = attendance {
        store::set_attendance(tx, by, row.id, &rows).await?;
    }
    change_noted(tx, by, Action::GroupNoteChanged, row.id).await?;
    store::show(tx, by, row.id).await
}

async fn changed_attendance(
    tx: &Tx,
    by: &GroupNoteEditor,
    row: &GroupNoteRow,
    draft: &Draft,
) -> Result<Option<Vec<Attends>>> {
    let Some(attendance) = &draft.attendance else { return Ok(None) };
    let before = store::attendance(tx, by, row.id).await?;
    let rows = checked(tx, by, row.client_group, &before, attendance).await?;
    Ok(if same(&before, &rows) { None } else { Some(rows) })
}

/// Deletes a group note with its drafts.
///
/// # Errors
/// One of its notes was released, or someone changed it first.
pub async fn delete(tx: &Tx, by: &GroupNoteEditor, seen: ExpectedVersion) -> Result<GroupNoteRow> {
    let row = store::show(tx, by, by.object()).await?;
    seen.check(row.version)?;
    if row.released > 0 {
        return Err(Error::conflict(
            "note_released",
            "Some notes from this group note are released, so it can’t be deleted. You can delete single drafts.",
        ));
    }
    if !store::delete(tx, by, &row).await? {
        return Err(Error::stale());
    }
    let event = Event::new(by.account(), by.user(), Action::GroupNoteDeleted, row.id).in_group(by.group());
    audit::record(tx, event.with(json!({ "drafts": row.notes }))).await?;
    Ok(row)
}

/// How many of its notes are drafts.
pub async fn drafts(tx: &Tx, by: &GroupNoteReleaser) -> Result<i64> {
    let row = store::show(tx, by, by.object()).await?;
    Ok(row.notes - row.released)
}

/// How many clients are offered for a part of a name.
pub const OFFERED: usize = 8;
/// Among how many that are known by the words.
const LOOKED_THROUGH: i64 = 100;

/// Clients of the group whose name holds this, who may be added for this time: [`OFFERED`] and one more if there
/// are more, or the one whose whole name it is.
pub async fn candidates(tx: &Tx, by: &GroupNoteEditor, name: &str) -> Result<Vec<(ClientId, String)>> {
    let words = search::words(name);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = store::candidates(tx, by, by.object(), &words, LOOKED_THROUGH).await?;
    // What is found may be an animal's name, or an address.
    found.retain(|(_, name)| {
        let known = search::index(name);
        words.iter().all(|word| known.iter().any(|known| known.contains(word.as_str())))
    });
    let exact = found.iter().filter(|(_, name)| search::words(name) == words).cloned().collect::<Vec<_>>();
    found.truncate(OFFERED + 1);
    Ok(if exact.len() == 1 { exact } else { found })
}

/// Who is in the client group now and not in the attendance.
pub async fn joined(tx: &Tx, by: &GroupNoteEditor) -> Result<Vec<ClientId>> {
    let missing = store::missing(tx, by, by.object()).await?;
    Ok(missing.into_iter().map(|(client, _)| client).collect())
}
