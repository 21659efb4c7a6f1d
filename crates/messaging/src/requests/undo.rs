//! Undoing the last step: a claim, a release or a completion, by the person who took it, until anyone else does
//! something to the request. The thread keeps both entries.

use serde_json::json;

use crate::requests::{
    MessageKind, State,
    actions::part,
    news::{self, News},
    store::{self, MessageRow, RequestRow, Turn},
};
use access::RequestReceiver;
use kernel::{
    error::{Error, Result},
    id::UserId,
    links::Site,
};
use people::plans;
use platform::audit::{self, Action, Event};
use storage::{ExpectedVersion, Tx};

/// The word on the button of a step that can be undone.
const fn button(kind: MessageKind) -> Option<&'static str> {
    match kind {
        MessageKind::Claimed => Some("Claim"),
        MessageKind::Released => Some("Release"),
        MessageKind::Completed => Some("Complete"),
        _ => None,
    }
}

/// The state that a request was in while someone worked on it, at the end of these entries: waiting for its sender, or
/// claimed.
fn worked_on(entries: &[MessageRow], sender: UserId) -> State {
    let mut undone = false;
    for entry in entries.iter().rev() {
        match entry.kind {
            MessageKind::Undone => undone = true,
            kind if undone && button(kind).is_some() => undone = false,
            MessageKind::Asked => return State::Waiting,
            MessageKind::Message if entry.author != sender => {}
            MessageKind::FileAdded => {}
            _ => return State::Claimed,
        }
    }
    State::Claimed
}

fn too_late() -> Error {
    Error::conflict(
        "undo_too_late",
        "Someone else acted on this request in the meantime, so your step can’t be undone.",
    )
}

/// Where undoing the last entry leads, if this person may: it is theirs, and the request is as it left it.
fn before(row: &RequestRow, entries: &[MessageRow], by: &RequestReceiver) -> Option<(MessageKind, State)> {
    let (last, earlier) = entries.split_last()?;
    let holds = part(by, row).holder;
    let fits = match last.kind {
        MessageKind::Claimed => row.state == State::Claimed && holds,
        MessageKind::Released => row.state == State::New,
        MessageKind::Completed => row.state == State::Done && row.claimed_by == Some(by.user()),
        _ => false,
    };
    if last.author != by.user() || !fits {
        return None;
    }
    let state = match last.kind {
        MessageKind::Claimed => State::New,
        _ => worked_on(earlier, row.sender),
    };
    Some((last.kind, state))
}

/// Undoes the caller's claim, release or completion of a request, which is then as it was before.
///
/// # Errors
/// Anyone did something to it since, or the last step was another's or can't be undone.
pub(super) async fn undo(tx: &Tx, by: &RequestReceiver, site: &Site, seen: ExpectedVersion) -> Result<()> {
    plans::must_be_open(tx, by.account()).await?;
    let row = store::show(tx, by).await?;
    seen.check(row.version).map_err(|_| too_late())?;
    let entries = store::last_messages(tx, by).await?;
    let (kind, state) = before(&row, &entries, by).ok_or_else(too_late)?;
    let holder = match state {
        State::New => None,
        _ => Some((by.user(), row.claimed_at.unwrap_or_else(|| tx.now()))),
    };
    if !store::turn(tx, by, &row, &Turn { state, holder, to: row.user_group }).await? {
        return Err(too_late());
    }
    store::say(tx, by, MessageKind::Undone, button(kind).unwrap_or_default()).await?;
    let news = if kind == MessageKind::Completed { News::Undone } else { News::Restored };
    news::tell(tx, by, site, &row, news).await?;
    let detail = json!({
        "name": row.user_group_name, "user_group": row.user_group, "number": row.number, "undid": kind,
    });
    audit::record(tx, Event::new(by.account(), by.user(), Action::RequestUndone, by.request()).with(detail))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{clock::Time, id::MessageId};

    fn state_after(kinds: &[(MessageKind, bool)]) -> State {
        let (sender, other) = (UserId::nil(), UserId::last());
        let entry = |(kind, by_sender): &(MessageKind, bool)| MessageRow {
            id: MessageId::nil(),
            author: if *by_sender { sender } else { other },
            author_name: String::new(),
            kind: *kind,
            body: String::new(),
            created_at: Time::from_micros(0),
        };
        worked_on(&kinds.iter().map(entry).collect::<Vec<_>>(), sender)
    }

    #[test]
    fn a_request_goes_back_to_waiting_if_its_sender_was_still_to_answer() {
        use MessageKind::{Asked, Claimed, Completed, Message, Released, Undone};
        assert_eq!(state_after(&[(Claimed, false)]), State::Claimed);
        assert_eq!(state_after(&[(Claimed, false), (Asked, false)]), State::Waiting);
        assert_eq!(state_after(&[(Claimed, false), (Asked, false), (Message, false)]), State::Waiting);
        assert_eq!(state_after(&[(Claimed, false), (Asked, false), (Message, true)]), State::Claimed);
        let undone = [(Asked, false), (Completed, false), (Undone, false)];
        assert_eq!(state_after(&undone), State::Waiting);
        let twice = [(Asked, false), (Completed, false), (Undone, false), (Released, false), (Undone, false)];
        assert_eq!(state_after(&twice), State::Waiting);
        assert_eq!(state_after(&[]), State::Claimed);
    }
}
