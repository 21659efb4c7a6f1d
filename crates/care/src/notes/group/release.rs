//! Releasing the notes of a group note: chosen ones all together or none; of all, those that can be.

use std::collections::{BTreeSet, HashSet};

use serde_json::json;

use crate::notes::{
    NoteRow,
    actions::{self, Obstacle},
    group::{actions::whole, store},
    names::Named,
};
use access::GroupNoteReleaser;
use kernel::{
    error::{Error, FieldError, Result},
    id::ClientId,
};
use platform::audit::{self, Action, Event};
use storage::Tx;

/// A draft that was not released, and why.
#[derive(Clone, Debug)]
pub struct Kept {
    /// As it was before.
    pub note: NoteRow,
    /// Why it stays a draft.
    pub obstacle: Obstacle,
    /// The same as a sentence.
    pub why: String,
}

/// What releasing came to.
#[derive(Clone, Debug, Default)]
pub struct Released {
    /// The notes that were released, as they were.
    pub released: Vec<NoteRow>,
    /// Those that stay drafts.
    pub kept: Vec<Kept>,
}

/// Releases the notes of a group note. Of these clients, all or none. Without clients, every draft that can be
/// released; the others stay drafts, and the result says why.
///
/// # Errors
/// There is nothing to release; a client has no note; the day is yet to come. A note of these clients, or each of all,
/// has no text, or names another client and nobody said that it may: nothing is released then, and the error names
/// each note that prevents it.
pub async fn release(
    tx: &Tx,
    by: &GroupNoteReleaser,
    clients: Option<&[ClientId]>,
    despite: bool,
) -> Result<Released> {
    let drafts = drafts(tx, by, clients).await?;
    for day in drafts.iter().map(|(note, _)| &note.service_date).collect::<BTreeSet<_>>() {
        actions::must_have_been(tx, by, day).await?;
    }
    let (mut clean, mut kept) = (Vec::new(), Vec::new());
    for (note, named) in drafts {
        match actions::obstacle(&note, &named, despite) {
            Some((obstacle, why)) => kept.push(Kept { note, obstacle, why }),
            None => clean.push((note, named)),
        }
    }
    if clients.is_some() || clean.is_empty() {
        let kept = kept.iter().map(|kept| (&kept.note, kept.obstacle, kept.why.as_str()));
        if let Some(error) = actions::refusal(kept) {
            return Err(error);
        }
    }
    let ids = clean.iter().map(|(note, _)| note.id).collect::<Vec<_>>();
    if store::release_notes(tx, by, by.object(), &ids).await? != ids.len() as u64 {
        return Err(Error::stale());
    }
    let event =
        Event::new(by.account(), by.user(), Action::GroupNoteReleased, by.object()).in_group(by.group());
    let naming = clean.iter().filter(|(_, named)| !named.is_empty());
    let naming = naming.map(|(note, _)| note.id).collect::<Vec<_>>();
    audit::record(tx, event.with(json!({ "notes": ids, "despite": naming }))).await?;
    Ok(Released { released: clean.into_iter().map(|(note, _)| note).collect(), kept })
}

/// The drafts of these clients, or all.
async fn drafts(
    tx: &Tx,
    by: &GroupNoteReleaser,
    clients: Option<&[ClientId]>,
) -> Result<Vec<(NoteRow, Vec<Named>)>> {
    let notes = whole(tx, by, by.object()).await?.notes;
    if let Some(clients) = clients {
        all_known(clients, &notes)?;
    }
    let asked = clients.map(|clients| clients.iter().copied().collect::<HashSet<_>>());
    let wished = |note: &NoteRow| {
        note.released_at.is_none() && asked.as_ref().is_none_or(|asked| asked.contains(&note.client))
    };
    let drafts = notes.into_iter().filter(|(note, _)| wished(note)).collect::<Vec<_>>();
    if drafts.is_empty() {
        return Err(Error::conflict(
            "nothing_to_release",
            "There are no drafts to release. Create notes first.",
        ));
    }
    Ok(drafts)
}

fn all_known(clients: &[ClientId], notes: &[(NoteRow, Vec<Named>)]) -> Result<()> {
    let absent =
        clients.iter().enumerate().filter(|(_, id)| notes.iter().all(|(note, _)| note.client != **id));
    let faults = absent.map(|(at, _)| {
        FieldError::new(
            format!("clients[{at}]"),
            "This client has no note from this group note. Create notes first.",
        )
    });
    let faults = faults.collect::<Vec<_>>();
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}
