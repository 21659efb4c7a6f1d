//! The verbs of merging.

use serde_json::json;

use crate::clients::{
    AnimalRow, ClientRow, choices,
    merge::store::{self, Belongings},
    store as clients,
};
use access::ClientCurator;
use kernel::{
    clock::date_words,
    error::{Error, Result},
    id::ClientId,
    practice::PracticeKind,
};
use people::accounts;
use platform::audit::{self, Action, Event};
use storage::Tx;

/// A field of two clients, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// As people read it.
    pub label: &'static str,
    /// What the one has that will be archived.
    pub from: String,
    /// What the one has that stays.
    pub into: String,
    /// Whether the empty field of the one that stays is filled.
    pub filled: bool,
}

/// What merging will do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Who will be archived.
    pub from: ClientRow,
    /// Who stays.
    pub into: ClientRow,
    /// Their fields, side by side.
    pub lines: Vec<Line>,
    /// The animals that move.
    pub animals: Vec<AnimalRow>,
    /// What else moves, in numbers.
    pub belongings: Belongings,
}

impl Preview {
    /// The page that merges the same two the other way round.
    pub fn turned(&self) -> String {
        format!("/g/{}/clients/{}/merge?into={}", self.into.group, self.into.id, self.from.id)
    }
}

/// The two, if they can be merged.
async fn pair(tx: &Tx, by: &ClientCurator, into: ClientId) -> Result<(ClientRow, ClientRow)> {
    let from = clients::show(tx, by).await?;
    if from.merged_into.is_some() {
        return Err(Error::conflict("client_merged", "This client was merged already."));
    }
    if from.archived_at.is_some() {
        return Err(Error::conflict(
            "client_archived",
            "This client is archived. Restore it before you merge it.",
        ));
    }
    if into == from.id {
        return Err(Error::field("into", "A client can’t be merged into itself. Choose another one."));
    }
    let into = clients::find(tx, by, into).await?.filter(|row| row.archived_at.is_none());
    let into =
        into.ok_or_else(|| Error::field("into", "Choose a client of this group who is not archived."))?;
    Ok((from, into))
}

fn lines(from: &ClientRow, into: &ClientRow, practice: PracticeKind) -> Vec<Line> {
    let date = |row: &ClientRow| row.birth_date.as_deref().map(date_words).unwrap_or_default();
    let fields = [
        ("File number", from.reference.clone(), into.reference.clone()),
        ("Email", from.email.clone(), into.email.clone()),
        ("Phone", from.phone.clone(), into.phone.clone()),
        ("Address", from.address.clone(), into.address.clone()),
        ("Date of birth", date(from), date(into)),
        ("Remarks", from.remarks.clone(), into.remarks.clone()),
    ];
    let line = |(label, from, into): (&'static str, String, String)| Line {
        filled: into.is_empty() && !from.is_empty(),
        label,
        from,
        into,
    };
    let name = Line { label: "Name", from: from.name.clone(), into: into.name.clone(), filled: false };
    let kind = |row: &ClientRow| row.kind.label(practice).to_owned();
    let kind = Line { label: "Kind", from: kind(from), into: kind(into), filled: false };
    let fields = fields.into_iter().map(line).filter(|line| !(line.from.is_empty() && line.into.is_empty()));
    [name, kind].into_iter().chain(fields).collect()
}

/// What merging the client in the path into another would do.
///
/// # Errors
/// They can't be merged.
pub async fn preview(tx: &Tx, by: &ClientCurator, into: ClientId) -> Result<Preview> {
    let (from, into) = pair(tx, by, into).await?;
    let animals = clients::animals(tx, by, &[from.id]).await?;
    let belongings = store::belongings(tx, by, into.id).await?;
    let practice = accounts::practice_kind(tx, by.account()).await?;
    Ok(Preview { lines: lines(&from, &into, practice), from, into, animals, belongings })
}

/// Merges the client in the path into another of its group, and gives that one.
///
/// # Errors
/// They can't be merged.
pub async fn merge(tx: &Tx, by: &ClientCurator, into: ClientId) -> Result<ClientRow> {
    let (from, mut row) = pair(tx, by, into).await?;
    let moved = store::belongings(tx, by, into).await?;
    store::move_belongings(tx, by, into).await?;
    let fill = |own: &mut String, other: &String| {
        if own.is_empty() {
            own.clone_from(other);
        }
    };
    fill(&mut row.reference, &from.reference);
    fill(&mut row.email, &from.email);
    fill(&mut row.phone, &from.phone);
    fill(&mut row.address, &from.address);
    fill(&mut row.remarks, &from.remarks);
    row.birth_date = row.birth_date.or_else(|| from.birth_date.clone());
    let animals = clients::animals(tx, by, &[into]).await?;
    if !clients::update(tx, by, &row, &animals).await? || !store::retire(tx, by, &from, into).await? {
        return Err(Error::stale());
    }
    let detail =
        json!({ "into": into, "cases": moved.cases, "notes": moved.notes, "animals": moved.animals });
    let event = Event::new(by.account(), by.user(), Action::ClientMerged, from.id).in_group(by.group());
    audit::record(tx, event.with(detail)).await?;
    clients::find(tx, by, into).await?.ok_or_else(Error::not_found)
}

/// Others of the group that someone may mean: by what they search for, or, without words, by the name of the
/// client in the path.
pub async fn candidates(tx: &Tx, by: &ClientCurator, search: &str) -> Result<(ClientRow, Vec<ClientRow>)> {
    let from = clients::show(tx, by).await?;
    let words = if search.trim().is_empty() { from.name.clone() } else { search.to_owned() };
    let mut rows = choices(tx, by, &words, 24).await?;
    rows.retain(|row| row.id != from.id);
    Ok((from, rows))
}
