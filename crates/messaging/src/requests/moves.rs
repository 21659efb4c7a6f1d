//! The verbs that move a request. Each looks up in the table whether it is allowed, changes the request if it is still
//! as it was read, adds to the thread and the audit trail, and tells everyone it concerns.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::requests::{
    MessageKind, State, Step,
    actions::{addressee, part},
    news::{self, News},
    steps::after,
    store::{self, RequestRow, Turn},
};
use access::{RequestAuthor, RequestReader, RequestReceiver, RequestScope};
use kernel::{
    clock::{Time, ago},
    error::{Error, Result},
    id::{UserGroupId, UserId},
    links::Site,
    text,
};
use people::plans;
use platform::audit::{self, Action, Event};
use storage::Tx;

/// Why a step is refused: who holds the request, or what became of it.
fn refused(by: &RequestScope, row: &RequestRow, now: Time) -> Error {
    let ago = |at: Option<Time>| ago(at.unwrap_or(row.updated_at), now, &TimeZone::UTC);
    match (row.state, &row.claimer) {
        (State::Done | State::Declined | State::Canceled, claimer) => {
            let what = match row.state {
                State::Done => "completed",
                State::Declined => "declined",
                _ => "canceled",
            };
            let who = claimer.as_ref().map_or(String::new(), |name| format!(" {name} worked on it."));
            let further = match row.state {
                State::Canceled => "Send a new one instead.",
                _ => "Its sender can reopen it.",
            };
            let why = format!("This request was {what} {}.{who} {further}", ago(row.settled_at));
            Error::conflict("request_settled", why)
        }
        (State::Claimed | State::Waiting, Some(_)) if row.claimed_by == Some(by.user()) => {
            let wait =
                if row.state == State::Waiting { " It is waiting for its sender’s answer." } else { "" };
            let why = format!("You claimed this request {}.{wait}", ago(row.claimed_at));
            Error::conflict("request_claimed", why)
        }
        (State::Claimed | State::Waiting, Some(name)) => Error::conflict(
            "request_claimed",
            format!("{name} claimed this request {}.", ago(row.claimed_at)),
        ),
        _ => Error::conflict("request_not_claimed", "No one has claimed this request. Claim it first."),
    }
}

/// A request, and the state a step leads to from here.
async fn lead(tx: &Tx, by: &RequestScope, step: Step) -> Result<(RequestRow, State)> {
    plans::must_be_open(tx, by.account()).await?;
    let row = store::show(tx, by).await?;
    match after(step, row.state, part(by, &row)) {
        Some(state) => Ok((row, state)),
        None => Err(refused(by, &row, tx.now())),
    }
}

async fn turn(tx: &Tx, by: &RequestScope, row: &RequestRow, to: &Turn) -> Result<()> {
    match store::turn(tx, by, row, to).await? {
        true => Ok(()),
        false => Err(Error::stale()),
    }
}

async fn note(tx: &Tx, by: &RequestScope, action: Action, detail: Value) -> Result<()> {
    audit::record(tx, Event::new(by.account(), by.user(), action, by.request()).with(detail)).await
}

/// The audit detail of every step: the user group, which may be named, and the number.
fn of_group(row: &RequestRow) -> Value {
    json!({ "name": row.user_group_name, "user_group": row.user_group, "number": row.number })
}

/// A text, which must not be empty if there is a message for that.
fn words(text: &str, field: &'static str, missing: Option<&'static str>) -> Result<String> {
    let text = text::prose(text).map_err(|why| Error::field(field, why))?;
    match missing {
        Some(missing) if text.is_empty() => Err(Error::field(field, missing)),
        _ => Ok(text),
    }
}

/// Claims a request. Of many at once one wins, and the others learn who did.
///
/// # Errors
/// Someone holds it, or it is closed.
pub async fn claim(tx: &Tx, by: &RequestReceiver, site: &Site) -> Result<()> {
    plans::must_be_open(tx, by.account()).await?;
    let row = store::show(tx, by).await?;
    if !store::claim(tx, by).await? {
        return Err(refused(by, &store::show(tx, by).await?, tx.now()));
    }
    store::say(tx, by, MessageKind::Claimed, "").await?;
    news::tell(tx, by, site, &row, News::Claimed).await?;
    note(tx, by, Action::RequestClaimed, of_group(&row)).await
}

/// Releases a request: no one holds it then.
///
/// # Errors
/// The caller doesn't hold it.
pub async fn release(tx: &Tx, by: &RequestReceiver, site: &Site) -> Result<()> {
    let (row, state) = lead(tx, by, Step::Release).await?;
    turn(tx, by, &row, &Turn { state, holder: None, to: row.user_group }).await?;
    store::say(tx, by, MessageKind::Released, "").await?;
    news::tell(tx, by, site, &row, News::Released).await?;
    note(tx, by, Action::RequestReleased, of_group(&row)).await
}

/// Assigns a request to a person in its user group, which may be the caller.
///
/// # Errors
/// They are not in it, or it is closed.
pub async fn assign(tx: &Tx, by: &RequestReceiver, site: &Site, user: UserId) -> Result<()> {
    let (row, state) = lead(tx, by, Step::Assign).await?;
    let name = store::present_name(tx, by.account(), row.user_group, user).await?;
    let name = name.ok_or_else(|| Error::field("user", "Choose someone who is in the user group."))?;
    if row.claimed_by == Some(user) {
        return Err(Error::field("user", format!("This request is already assigned to {name}.")));
    }
    turn(tx, by, &row, &Turn { state, holder: Some((user, tx.now())), to: row.user_group }).await?;
    store::say(tx, by, MessageKind::Assigned, &name).await?;
    news::tell(tx, by, site, &row, News::Assigned).await?;
    let mut detail = of_group(&row);
    detail["to"] = json!(user);
    note(tx, by, Action::RequestAssigned, detail).await
}

/// Asks the sender something, and waits for the answer.
///
/// # Errors
/// The caller doesn't hold it, or the question is missing.
pub async fn ask(tx: &Tx, by: &RequestReceiver, site: &Site, body: &str) -> Result<()> {
    let body = words(body, "body", Some("Enter your question for the sender."))?;
    let (row, state) = lead(tx, by, Step::Ask).await?;
    let holder = row.claimed_by.zip(row.claimed_at);
    turn(tx, by, &row, &Turn { state, holder, to: row.user_group }).await?;
    store::say(tx, by, MessageKind::Asked, &body).await?;
    news::tell(tx, by, site, &row, News::Asked).await?;
    note(tx, by, Action::RequestAsked, of_group(&row)).await
}

/// Completes a request, perhaps with a last message.
///
/// # Errors
/// The caller doesn't hold it.
pub async fn complete(tx: &Tx, by: &RequestReceiver, site: &Site, body: &str) -> Result<()> {
    let body = words(body, "body", None)?;
    let (row, state) = lead(tx, by, Step::Complete).await?;
    let holder = row.claimed_by.zip(row.claimed_at);
    turn(tx, by, &row, &Turn { state, holder, to: row.user_group }).await?;
    store::say(tx, by, MessageKind::Completed, &body).await?;
    news::tell(tx, by, site, &row, News::Done).await?;
    note(tx, by, Action::RequestCompleted, of_group(&row)).await
}

/// Declines a request, with a reason. A person who declines one that no one holds becomes its holder.
///
/// # Errors
/// Someone else holds it, or the reason is missing.
pub async fn decline(tx: &Tx, by: &RequestReceiver, site: &Site, reason: &str) -> Result<()> {
    let reason = words(reason, "reason", Some("Enter a reason, so the sender knows what to do next."))?;
    let (row, state) = lead(tx, by, Step::Decline).await?;
    let holder = row.claimed_by.zip(row.claimed_at).or(Some((by.user(), tx.now())));
    turn(tx, by, &row, &Turn { state, holder, to: row.user_group }).await?;
    store::say(tx, by, MessageKind::Declined, &reason).await?;
    news::tell(tx, by, site, &row, News::Declined).await?;
    note(tx, by, Action::RequestDeclined, of_group(&row)).await
}

/// Cancels a request.
///
/// # Errors
/// It is closed.
pub async fn cancel(tx: &Tx, by: &RequestAuthor, site: &Site) -> Result<()> {
    let (row, state) = lead(tx, by, Step::Cancel).await?;
    let holder = row.claimed_by.zip(row.claimed_at);
    turn(tx, by, &row, &Turn { state, holder, to: row.user_group }).await?;
    store::say(tx, by, MessageKind::Canceled, "").await?;
    news::tell(tx, by, site, &row, News::Canceled).await?;
    note(tx, by, Action::RequestCanceled, of_group(&row)).await
}

/// Reopens a request that was completed or declined: no one holds it then.
///
/// # Errors
/// It is open, or was canceled, or its user group no longer receives.
pub async fn reopen(tx: &Tx, by: &RequestAuthor, site: &Site) -> Result<()> {
    let (row, state) = lead(tx, by, Step::Reopen).await.map_err(|error| match error.code() {
        "request_claimed" | "request_not_claimed" => {
            Error::conflict("request_open", "This request is already open.")
        }
        _ => error,
    })?;
    addressee(tx, by.account(), row.user_group).await?.map_err(|why| {
        Error::conflict("not_receiving", format!("{why} Send a new request to another user group."))
    })?;
    turn(tx, by, &row, &Turn { state, holder: None, to: row.user_group }).await?;
    store::say(tx, by, MessageKind::Reopened, "").await?;
    news::tell(tx, by, site, &row, News::Reopened).await?;
    note(tx, by, Action::RequestReopened, of_group(&row)).await
}

/// A request after it was forwarded.
#[derive(Clone, Debug)]
pub struct Forwarded {
    /// The user group that has it now.
    pub to: UserGroupId,
    /// That user group's name.
    pub name: String,
    pub state: State,
}

/// Forwards a request to another user group that may receive: it is new there, and no one holds it.
///
/// # Errors
/// It can't be addressed to that user group, someone else holds it, or it is closed.
pub async fn forward(tx: &Tx, by: &RequestReader, site: &Site, to: UserGroupId) -> Result<Forwarded> {
    let (row, state) = lead(tx, by, Step::Forward).await?;
    if to == row.user_group {
        return Err(Error::field("to", format!("{} already has this request.", row.user_group_name)));
    }
    let name = addressee(tx, by.account(), to).await?.map_err(|why| Error::field("to", why))?;
    turn(tx, by, &row, &Turn { state, holder: None, to }).await?;
    store::address(tx, by.account(), by.request(), to).await?;
    store::say(tx, by, MessageKind::Forwarded, &name).await?;
    news::tell(tx, by, site, &row, News::Forwarded(to, name.clone())).await?;
    let detail = json!({ "name": name, "user_group": to, "from": row.user_group, "number": row.number });
    note(tx, by, Action::RequestForwarded, detail).await?;
    Ok(Forwarded { to, name, state })
}
