//! Releasing the notes of a group note: all together or none.

use std::collections::HashSet;

use serde_json::json;

use crate::notes::{
    NoteRow, actions,
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

/// Releases the notes of a group note: those of these clients, or all that are still drafts. Gives them as they
/// were.
///
/// # Errors
/// There is nothing to release; a client has no note; a note has no text, or names another client and nobody said
/// that it may. Nothing is released then, and the error names each note that stands in the way.
pub async fn release(
    tx: &Tx,
    by: &GroupNoteReleaser,
    clients: Option<&[ClientId]>,
    despite: bool,
) -> Result<Vec<NoteRow>> {
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
            "There is no draft to release. Generate the notes first; those that were released stay released.",
        ));
    }
    if let Some(error) = actions::empty(drafts.iter().map(|(note, _)| note)) {
        return Err(error);
    }
    let naming = drafts.iter().map(|(note, named)| (note, named.as_slice()));
    if let Some(error) = actions::names_others(naming).filter(|_| !despite) {
        return Err(error);
    }
    let ids = drafts.iter().map(|(note, _)| note.id).collect::<Vec<_>>();
    if store::release_notes(tx, by, by.object(), &ids).await? != ids.len() as u64 {
        return Err(Error::stale());
    }
    let event =
        Event::new(by.account(), by.user(), Action::GroupNoteReleased, by.object()).in_group(by.group());
    let naming = drafts.iter().filter(|(_, named)| !named.is_empty());
    let naming = naming.map(|(note, _)| note.id).collect::<Vec<_>>();
    audit::record(tx, event.with(json!({ "notes": ids, "despite": naming }))).await?;
    Ok(drafts.into_iter().map(|(note, _)| note).collect())
}

fn all_known(clients: &[ClientId], notes: &[(NoteRow, Vec<Named>)]) -> Result<()> {
    let absent =
        clients.iter().enumerate().filter(|(_, id)| notes.iter().all(|(note, _)| note.client != **id));
    let faults = absent.map(|(at, _)| FieldError {
        field: format!("clients[{at}]").into(),
        detail: "This client has no note out of this group note. Generate it first.".into(),
    });
    let faults = faults.collect::<Vec<_>>();
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}
