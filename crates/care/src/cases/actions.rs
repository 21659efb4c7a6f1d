//! The verbs of cases. The audit trail names cases and files by id alone: their names are clinical, and
//! the reader of the trail may not have opened the case.

use serde_json::json;

use crate::{
    cases::{
        Status,
        store::{
            self, CaseFiles, CaseNotes, CaseRow, Cases, ExportRow, FileRow, Filter, NoteRow, Sort, SubjectRow,
        },
    },
    clients::{self, Subject},
};
use access::{
    AccountAdmin, CaseEditor, CaseExporter, CaseReader, CaseScope, ClientReader, FileEditor, FileReader,
    GroupMember, GroupReader, GroupScope, SignedIn,
    explain::{self, Seen},
};
use kernel::{
    clock::Span,
    error::{Checks, Error, Result},
    id::{AnimalId, CaseId, ClientId, LocationId, NoteId, ProtocolId},
    order::Order,
    text,
};
use people::{accounts, locations};
use platform::{
    access_log::{self, Opened, Record},
    audit::{self, Action, Event},
    blobs::NewFile,
};
use storage::{ExpectedVersion, Tx, list::Listing};

/// A case to be made.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// What it follows.
    pub protocol: ProtocolId,
    /// Where; of the same group.
    pub location: LocationId,
    /// Its own name; empty for an automatic one.
    pub name: String,
    /// On whom it is.
    pub subject: Option<Subject>,
}

/// The names of a protocol and a location that a case may have; a case that has them already keeps them
/// though they were archived.
async fn choices(
    tx: &Tx,
    scope: &GroupScope,
    protocol: ProtocolId,
    location: LocationId,
    kept: Option<&CaseRow>,
) -> Result<(String, String)> {
    let protocols = accounts::protocols(tx, scope.account()).await?;
    let offered = protocols.into_iter().find(|p| p.id == protocol);
    let kept_protocol = kept.is_some_and(|row| row.protocol == protocol);
    let offered = offered.filter(|p| kept_protocol || p.archived_at.is_none());
    let place = locations::show(tx, scope, location).await.ok();
    let kept_location = kept.is_some_and(|row| row.location == location);
    let place = place.filter(|l| kept_location || l.archived_at.is_none());
    let mut checks = Checks::default();
    let protocol = checks.take("protocol", offered.ok_or("Choose a protocol from the list."));
    let location = checks.take("location", place.ok_or("Choose a location in this group."));
    checks.done()?;
    Ok((protocol.map(|p| p.name).unwrap_or_default(), location.map(|l| l.name).unwrap_or_default()))
}

/// Makes a case in the group. Its group is stamped on it permanently.
///
/// # Errors
/// The group has no location yet, or a field can't be used.
pub async fn create(tx: &Tx, by: &GroupMember, new: &NewCase) -> Result<CaseRow> {
    let own = text::optional_line(&new.name).map_err(|why| Error::field("name", why))?;
    let (protocol, location) = choices(tx, by, new.protocol, new.location, None).await?;
    let number = store::next_number(tx, by).await?;
    let name = own.unwrap_or_else(|| automatic_name(&protocol, &location, number));
    let id = tx.id();
    let kept = store::New { id, number, protocol: new.protocol, location: new.location, name: &name };
    store::insert(tx, by, &kept).await?;
    if let Some(subject) = new.subject {
        clients::check_subject(tx, by, subject, None).await?;
        store::set_subject(tx, by, id, Some(subject)).await?;
    }
    audit::record(tx, Event::new(by.account(), by.user(), Action::CaseCreated, id).in_group(by.group()))
        .await?;
    store::of_group(tx, by, id).await
}

/// The name of a case that was given none: what, where, and its number in the group.
pub fn automatic_name(protocol: &str, location: &str, number: i64) -> String {
    let name = format!("{protocol}, {location} #{number}");
    if name.chars().count() <= text::NAME_LIMIT {
        name
    } else {
        format!("{protocol} #{number}").chars().take(text::NAME_LIMIT).collect()
    }
}

/// What may be changed of a case. What is absent stays. Its group never changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// What it follows.
    pub protocol: Option<ProtocolId>,
    /// Where; of the same group.
    pub location: Option<LocationId>,
    /// One line, up to 200 characters.
    pub name: Option<String>,
    /// Whether work goes on.
    pub status: Option<Status>,
    /// On which client it is, or on none. With another client, the animal is none until it is said.
    pub client: Option<Option<ClientId>>,
    /// On which animal of the client it is, or on none.
    pub animal: Option<Option<AnimalId>>,
}

/// On whom a case will be: what is said of it, and else what it was.
fn subject(before: Option<Subject>, input: &Changes) -> Result<Option<Subject>> {
    let client = input.client.unwrap_or(before.map(|subject| subject.client));
    let kept = before.filter(|subject| Some(subject.client) == client).and_then(|subject| subject.animal);
    match (client, input.animal.unwrap_or(kept)) {
        (None, Some(_)) => Err(Error::field("animal", "Choose the animal’s owner first.")),
        (None, None) => Ok(None),
        (Some(client), animal) => Ok(Some(Subject { client, animal })),
    }
}

/// Changes a case.
///
/// # Errors
/// A field can't be used, or someone changed it first.
pub async fn change(tx: &Tx, by: &CaseEditor, input: &Changes, seen: ExpectedVersion) -> Result<CaseRow> {
    let before = store::show(tx, by).await?;
    seen.check(before.version)?;
    let mut row = before.clone();
    if let Some(name) = &input.name {
        row.name = text::line(name).map_err(|why| Error::field("name", why))?;
    }
    row.protocol = input.protocol.unwrap_or(row.protocol);
    row.location = input.location.unwrap_or(row.location);
    choices(tx, by, row.protocol, row.location, Some(&before)).await?;
    if let Some(status) = input.status {
        row.status = status;
        row.closed_at = (status == Status::Closed).then(|| before.closed_at.unwrap_or(tx.now()));
    }
    if row == before && input.client.is_none() && input.animal.is_none() {
        return Ok(before);
    }
    if !store::update(tx, by, &row).await? {
        return Err(Error::stale());
    }
    if input.client.is_some() || input.animal.is_some() {
        let before = store::subject(tx, by, by.case()).await?.map(|row| row.subject());
        let after = subject(before, input)?;
        if let Some(after) = after.filter(|after| Some(*after) != before) {
            clients::check_subject(tx, by, after, before).await?;
        }
        store::set_subject(tx, by, by.case(), after).await?;
    }
    let action = match (before.status, row.status) {
        (Status::Open, Status::Closed) => Action::CaseClosed,
        (Status::Closed, Status::Open) => Action::CaseReopened,
        _ => Action::CaseChanged,
    };
    audit::record(tx, Event::new(by.account(), by.user(), action, by.case()).in_group(by.group())).await?;
    store::show(tx, by).await
}

/// A case.
pub async fn show(tx: &Tx, by: &CaseReader) -> Result<CaseRow> {
    store::show(tx, by).await
}

/// A case, for the form that changes it.
pub async fn show_for_edit(tx: &Tx, by: &CaseEditor) -> Result<CaseRow> {
    store::show(tx, by).await
}

/// On whom a case is.
pub async fn subject_of(tx: &Tx, scope: &CaseScope) -> Result<Option<SubjectRow>> {
    store::subject(tx, scope, scope.case()).await
}

/// On whom a case is that was just made.
pub(super) async fn subject_in(tx: &Tx, by: &GroupMember, case: CaseId) -> Result<Option<SubjectRow>> {
    store::subject(tx, by, case).await
}

/// Notes that the cases of a group are exported.
pub async fn begin_export(tx: &Tx, by: &CaseExporter) -> Result<()> {
    let event = Event::new(by.account(), by.user(), Action::CasesExported, by.group()).in_group(by.group());
    audit::record(tx, event).await?;
    access_log::record(tx, &Opened::new(by.account(), by.user(), Record::CaseExport, by.group())).await
}

/// A part of an export: the cases older than this one, newest first.
pub async fn export(tx: &Tx, by: &CaseExporter, before: CaseId, limit: i64) -> Result<Vec<ExportRow>> {
    store::export(tx, by, before, limit).await
}

/// A page of the group's cases. Gives one more than the limit, if there are more.
pub async fn list(tx: &Tx, by: &GroupReader, filter: &Filter, limit: i64) -> Result<Vec<CaseRow>> {
    store::in_group(tx, by, filter, limit + 1).await
}

/// A page of the cases of all groups that the caller is in.
pub async fn list_mine(tx: &Tx, by: &SignedIn, filter: &Filter, limit: i64) -> Result<Vec<CaseRow>> {
    store::of_person(tx, by, filter, limit + 1).await
}

/// A page of the cases of all groups of the account; noted, for it is read from the parent account.
pub async fn list_from_parent(
    tx: &Tx,
    by: &AccountAdmin,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    let event = Event::new(by.account(), by.user(), Action::CasesListedFromParent, by.account());
    audit::record(tx, event).await?;
    store::of_account(tx, by, filter, limit + 1).await
}

/// A page of a group's cases in an order that people chose. Gives one more than the limit, if there are more.
pub async fn list_by(
    tx: &Tx,
    by: &GroupReader,
    filter: &Filter,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    store::sorted_in_group(tx, by, filter, order, limit + 1).await
}

/// A page of the cases of all groups that the caller is in, in an order that they chose.
pub async fn list_mine_by(
    tx: &Tx,
    by: &SignedIn,
    filter: &Filter,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    store::sorted_of_person(tx, by, filter, order, limit + 1).await
}

/// A page of the cases of all groups of the account in an order that people chose; noted, for it is read from the
/// parent account.
pub async fn list_from_parent_by(
    tx: &Tx,
    by: &AccountAdmin,
    filter: &Filter,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    let event = Event::new(by.account(), by.user(), Action::CasesListedFromParent, by.account());
    audit::record(tx, event).await?;
    store::sorted_of_account(tx, by, filter, order, limit + 1).await
}

/// A page of the cases on a client. Gives one more than the limit, if there are more.
pub async fn of_client(
    tx: &Tx,
    by: &ClientReader,
    listing: &Listing<Cases>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    store::of_client(tx, by, by.object(), listing, limit + 1).await
}

/// A page of a case's notes.
pub async fn notes(
    tx: &Tx,
    by: &CaseReader,
    listing: &Listing<CaseNotes>,
    limit: i64,
) -> Result<Vec<NoteRow>> {
    store::notes(tx, by, listing, limit + 1).await
}

/// Adds a note. Notes stay as they were written; a correction is another note.
///
/// # Errors
/// It is empty or too long.
pub async fn add_note(tx: &Tx, by: &CaseEditor, body: &str) -> Result<NoteId> {
    let body = text::prose(body).map_err(|why| Error::field("body", why))?;
    if body.is_empty() {
        return Err(Error::field("body", "Enter some text."));
    }
    let id = tx.id();
    store::insert_note(tx, by, id, &body).await?;
    store::touch(tx, by).await?;
    audit::record(
        tx,
        Event::new(by.account(), by.user(), Action::CaseNoteAdded, by.case()).in_group(by.group()),
    )
    .await?;
    Ok(id)
}

/// A page of a case's files. Gives one more than the limit, if there are more.
pub async fn files(
    tx: &Tx,
    by: &CaseReader,
    listing: &Listing<CaseFiles>,
    limit: i64,
) -> Result<Vec<FileRow>> {
    store::files(tx, by, listing, limit + 1).await
}

/// Attaches a file whose bytes are kept.
pub async fn add_file(tx: &Tx, by: &CaseEditor, file: &NewFile) -> Result<FileRow> {
    store::insert_file(tx, by, file).await?;
    store::touch(tx, by).await?;
    let detail = json!({ "file": file.id, "size": file.size });
    let event = Event::new(by.account(), by.user(), Action::CaseFileAdded, by.case()).in_group(by.group());
    audit::record(tx, event.with(detail)).await?;
    store::file(tx, by, file.id).await
}

/// A file; its bytes are kept beside the database.
pub async fn file(tx: &Tx, by: &FileReader) -> Result<FileRow> {
    store::file(tx, by, by.file()).await
}

/// Takes a file off its case. Its bytes are kept beside the database until the operator deletes them.
///
/// # Errors
/// It is gone already.
pub async fn remove_file(tx: &Tx, by: &FileEditor) -> Result<()> {
    if !store::remove_file(tx, by, by.file()).await? {
        return Err(Error::not_found());
    }
    let detail = json!({ "file": by.file() });
    let event = Event::new(by.account(), by.user(), Action::CaseFileRemoved, by.case()).in_group(by.group());
    audit::record(tx, event.with(detail)).await
}

/// Who can see a case, and why; or could, at any time in a span in the past. Before it existed, nobody.
pub async fn access(tx: &Tx, by: &CaseReader, span: Span) -> Result<(CaseRow, Seen)> {
    let case = store::show(tx, by).await?;
    let seen = explain::who_sees_case(tx, by, case.created_at, span).await?;
    Ok((case, seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_names_fit() {
        assert_eq!(automatic_name("Lameness", "North Barn", 7), "Lameness, North Barn #7");
        assert!(automatic_name(&"p".repeat(200), &"l".repeat(200), 7).chars().count() <= text::NAME_LIMIT);
    }
}
