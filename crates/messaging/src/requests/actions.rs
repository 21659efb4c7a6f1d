//! The verbs of requests that don't move them: send, list, show, write, attach, choose emails. The ones that do are in
//! [`moves`](super::moves).
//!
//! The audit trail names requests, user groups, clients and cases by id, and user groups by name. What people write in
//! a request stays there.

use std::{borrow::Cow, collections::BTreeSet};

use serde_json::json;

use crate::requests::{
    MailPreference, MessageKind, Part, Place, Priority, State, Step, counted_since,
    news::{self, News},
    steps::after,
    store::{self, AboutCase, AboutClient, FileRow, Filter, MailboxRow, MessageRow, Receiver, RequestRow},
    topic_of,
};
use access::{
    AccountMember, AccountWorker, RequestReader, RequestScope, RequestSender,
    explain::{self, RequestSight},
};
use kernel::{
    clock::Time,
    error::{Checks, Error, Result},
    id::{AccountId, CaseId, ClientId, FileId, RequestId, UserGroupId, UserId},
    links::Site,
    text,
};
use people::plans;
use platform::{
    audit::{self, Action, Event},
    blobs::NewFile,
};
use storage::Tx;

/// The most clients one request can be about.
pub const CLIENT_LIMIT: usize = 200;
/// The most entries in a thread; steps are still recorded beyond it.
const THREAD_LIMIT: i64 = 500;
const FILE_LIMIT: i64 = 50;

/// A request to send.
#[derive(Clone, Debug)]
pub struct NewRequest {
    pub to: UserGroupId,
    pub subject: String,
    pub body: String,
    /// Clients of groups the sender is in.
    pub clients: Vec<ClientId>,
    /// A case of a group the sender is in.
    pub case: Option<CaseId>,
    pub priority: Priority,
    pub due_at: Option<Time>,
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub id: RequestId,
    pub number: i64,
    /// For the sender: no one is there to read it.
    pub warning: Option<String>,
}

/// The name of a user group that can get a request, or why it can't.
pub(super) async fn addressee(
    tx: &Tx,
    account: AccountId,
    to: UserGroupId,
) -> Result<std::result::Result<String, Cow<'static, str>>> {
    let found = store::addressee(tx, account, to).await?.filter(|group| group.deleted_at.is_none());
    Ok(match found {
        None => Err("This account has no such user group.".into()),
        Some(group) if !group.active => Err(format!(
            "{} is inactive, so no one would see the request. Choose another user group.",
            group.name
        )
        .into()),
        Some(group) if !group.receives => Err(format!(
            "{} can’t receive requests. An administrator of the account can give it that privilege.",
            group.name
        )
        .into()),
        Some(group) => Ok(group.name),
    })
}

const CLIENTS: &str =
    "Some of these clients are archived or in a group you aren’t in. Choose clients from your own groups.";

/// Sends a request.
///
/// # Errors
/// It can't be addressed to that user group, it is about a client or case of a group the sender isn't in, a field is
/// invalid, or the account is read-only.
pub async fn send(tx: &Tx, by: &RequestSender, site: &Site, new: &NewRequest) -> Result<Sent> {
    plans::must_be_open(tx, by.account()).await?;
    let clients = new.clients.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let mut checks = Checks::default();
    let to = checks.take("to", addressee(tx, by.account(), new.to).await?);
    let subject = checks.take("subject", text::required_line(&new.subject, "Enter a subject."));
    let body = checks.take("body", text::prose(&new.body));
    checks.that(body.as_ref().is_none_or(|body| !body.is_empty()), "body", "Enter what you need.");
    checks.that(
        new.due_at.is_none_or(|due| due > tx.now()),
        "due_at",
        "This time has passed. Choose a time in the future, or leave it blank.",
    );
    if clients.len() > CLIENT_LIMIT {
        checks.that(false, "clients", format!("A request can be about at most {CLIENT_LIMIT} clients."));
    } else if !clients.is_empty() {
        let fine = store::askable(tx, by, &clients).await?;
        checks.that(usize::try_from(fine) == Ok(clients.len()), "clients", CLIENTS);
    }
    let mut case = None;
    if let Some(id) = new.case {
        case = store::group_of_case(tx, by, id).await?.map(|group| (group, id));
        checks.that(case.is_some(), "case", "Your groups have no such case.");
    }
    checks.done()?;
    let (to_name, subject) = (to.unwrap_or_default(), subject.unwrap_or_default());
    let id = tx.id();
    let kept = store::New {
        id,
        number: store::next_number(tx, by.account()).await?,
        to: new.to,
        subject: &subject,
        body: &body.unwrap_or_default(),
        priority: new.priority,
        due_at: new.due_at,
        case,
        clients: &clients,
    };
    store::insert(tx, by, &kept).await?;
    store::mark_read(tx, by.account(), by.user(), id, tx.now()).await?;
    news::sent(tx, by, site, id, new.to, &to_name).await?;
    let detail = json!({
        "name": to_name, "to": new.to, "number": kept.number, "clients": clients.len(), "case": new.case,
    });
    audit::record(tx, Event::new(by.account(), by.user(), Action::RequestSent, id).with(detail)).await?;
    let empty = store::present(tx, by.account(), new.to).await?.is_empty();
    Ok(Sent { id, number: kept.number, warning: empty.then(|| nobody(&to_name)) })
}

/// A page of a mailbox.
#[derive(Clone, Debug)]
pub struct Listed {
    /// One more than the limit, if there are more.
    pub rows: Vec<RequestRow>,
    by_urgency: bool,
    /// The moment that decides what is overdue, on this page and those after it.
    at: Time,
}

impl Listed {
    /// The cursor of the page that begins after this request.
    pub fn cursor(&self) -> impl Fn(&RequestRow) -> String + use<> {
        let (at, by_urgency) = (self.at, self.by_urgency);
        move |row| Place::of(row, at).cursor(by_urgency)
    }
}

/// A page of one of the caller's mailboxes: open requests by urgency, with closed ones newest first.
///
/// # Errors
/// The cursor is of another list.
pub async fn list(tx: &Tx, by: &AccountWorker, filter: &Filter, limit: i64) -> Result<Listed> {
    let by_urgency = filter.by_urgency();
    let place = Place::read(filter.cursor.as_deref(), by_urgency, tx.now())?;
    let rows = store::list(tx, by, filter, &place, counted_since(tx.now()), limit + 1).await?;
    Ok(Listed { rows, by_urgency, at: place.now })
}

/// The caller's mailboxes, with what is unread and overdue in each.
pub async fn mailboxes(tx: &Tx, by: &AccountWorker) -> Result<Vec<MailboxRow>> {
    store::mailboxes(tx, by.account(), by.user(), counted_since(tx.now())).await
}

/// The user groups that can receive requests.
pub async fn receivers(tx: &Tx, by: &AccountMember) -> Result<Vec<Receiver>> {
    store::receivers(tx, by.account()).await
}

/// A request with everything it shows, and what the caller may do with it.
#[derive(Clone, Debug)]
pub struct Detail {
    pub row: RequestRow,
    pub body: String,
    pub case: Option<AboutCase>,
    pub clients: Vec<AboutClient>,
    /// The thread, oldest first.
    pub messages: Vec<MessageRow>,
    pub files: Vec<FileRow>,
    /// The people of the user group it is addressed to: the first by name.
    pub people: Vec<(UserId, String)>,
    /// How many people that user group has.
    pub people_in_all: i64,
    /// The user groups it can be forwarded to; empty if the caller may not forward it.
    pub destinations: Vec<Receiver>,
    /// The caller's part in it.
    pub part: Part,
    /// When it was read.
    pub at: Time,
}

impl Detail {
    /// The steps the caller may take. Without another user group that receives, it can't be forwarded.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        Step::ALL.iter().copied().filter(|step| match step {
            Step::Forward => !self.destinations.is_empty(),
            step => after(*step, self.row.state, self.part).is_some(),
        })
    }

    /// For the sender: no one is there to read it.
    pub fn warning(&self) -> Option<String> {
        (self.people.is_empty() && self.row.state.open()).then(|| nobody(&self.row.user_group_name))
    }
}

/// The warning about a user group without members.
pub fn nobody(name: &str) -> String {
    format!("No one is in {name} right now. The request stays there until someone joins.")
}

/// A person's part in a request.
pub(super) fn part(by: &RequestScope, row: &RequestRow) -> Part {
    let holder = by.is_receiver() && row.state.open() && row.claimed_by == Some(by.user());
    Part { sender: by.is_sender(), receiver: by.is_receiver(), holder }
}

/// A request. Reading it doesn't mark it as read.
pub async fn show(tx: &Tx, by: &RequestScope) -> Result<Detail> {
    let row = store::show(tx, by).await?;
    let (body, case) = store::matter(tx, by).await?;
    let part = part(by, &row);
    let mut destinations = Vec::new();
    if after(Step::Forward, row.state, part).is_some() {
        destinations = store::receivers(tx, by.account()).await?;
        destinations.retain(|one| one.id != row.user_group);
    }
    Ok(Detail {
        body,
        destinations,
        case,
        clients: store::clients(tx, by).await?,
        messages: store::messages(tx, by, 2 * THREAD_LIMIT).await?,
        files: store::files(tx, by).await?,
        people: store::present(tx, by.account(), row.user_group).await?,
        people_in_all: store::count_present(tx, by.account(), row.user_group).await?,
        part,
        at: tx.now(),
        row,
    })
}

/// Who can see a request, and why.
pub async fn access(tx: &Tx, by: &RequestReader) -> Result<Vec<RequestSight>> {
    explain::who_sees_request(tx, by).await
}

/// Marks a request as read, up to this moment.
pub async fn mark_read(tx: &Tx, by: &RequestScope, up_to: Time) -> Result<()> {
    store::mark_read(tx, by.account(), by.user(), by.request(), up_to).await?;
    tx.announce(topic_of(by.account(), by.user()));
    Ok(())
}

/// Marks all of a request as read.
pub async fn mark_all_read(tx: &Tx, by: &RequestReader) -> Result<()> {
    let row = store::show(tx, by).await?;
    mark_read(tx, by, row.news_at).await
}

/// Refuses if the thread is full, or if a file is to be added and there are too many.
async fn must_take_more(tx: &Tx, by: &RequestScope, file: bool) -> Result<()> {
    let (entries, files) = store::sizes(tx, by).await?;
    let why = match (entries >= THREAD_LIMIT, file && files >= FILE_LIMIT) {
        (true, _) => {
            format!("A request can have at most {THREAD_LIMIT} entries. Send a new request instead.")
        }
        (_, true) => format!("A request can have at most {FILE_LIMIT} files. Send a new request instead."),
        _ => return Ok(()),
    };
    Err(Error::conflict("request_full", why))
}

/// Adds a message to the thread. If the request waits for its sender, their message is the answer.
///
/// # Errors
/// It is empty or too long, or the thread is full.
pub async fn add_message(tx: &Tx, by: &RequestReader, site: &Site, body: &str) -> Result<()> {
    plans::must_be_open(tx, by.account()).await?;
    let body = text::prose(body).map_err(|why| Error::field("body", why))?;
    if body.is_empty() {
        return Err(Error::field("body", "Enter a message."));
    }
    let row = store::show(tx, by).await?;
    // The answer to a question is always taken.
    if after(Step::Answer, row.state, part(by, &row)).is_none() {
        must_take_more(tx, by, false).await?;
    }
    if let Some(state) = after(Step::Answer, row.state, part(by, &row)) {
        let turn = store::Turn { state, holder: row.claimed_by.zip(row.claimed_at), to: row.user_group };
        if !store::turn(tx, by, &row, &turn).await? {
            return Err(Error::stale());
        }
    }
    store::say(tx, by, MessageKind::Message, &body).await?;
    news::tell(tx, by, site, &row, News::Said).await?;
    let detail = json!({ "name": row.user_group_name, "user_group": row.user_group, "number": row.number });
    let event = Event::new(by.account(), by.user(), Action::RequestMessageAdded, by.request());
    audit::record(tx, event.with(detail)).await
}

/// Attaches a file, whose bytes are stored already.
///
/// # Errors
/// The request can have no more.
pub async fn add_file(tx: &Tx, by: &RequestReader, site: &Site, file: &NewFile) -> Result<FileRow> {
    plans::must_be_open(tx, by.account()).await?;
    must_take_more(tx, by, true).await?;
    let row = store::show(tx, by).await?;
    store::insert_file(tx, by, file).await?;
    store::say(tx, by, MessageKind::FileAdded, &file.name).await?;
    news::tell(tx, by, site, &row, News::Said).await?;
    let detail = json!({ "file": file.id, "size": file.size });
    let event = Event::new(by.account(), by.user(), Action::RequestFileAdded, by.request());
    audit::record(tx, event.with(detail)).await?;
    store::file(tx, by, file.id).await
}

/// A file of a request.
///
/// # Errors
/// It has no such file.
pub async fn file(tx: &Tx, by: &RequestReader, id: FileId) -> Result<FileRow> {
    store::file(tx, by, id).await
}

/// The caller's choice of emails about requests.
pub async fn mail_preference(tx: &Tx, by: &AccountWorker) -> Result<MailPreference> {
    store::mail_preference(tx, by.account(), by.user()).await
}

/// Changes the caller's choice of emails about requests.
pub async fn set_mail_preference(
    tx: &Tx,
    by: &AccountWorker,
    mail: MailPreference,
) -> Result<MailPreference> {
    store::set_mail_preference(tx, by.account(), by.user(), mail).await?;
    Ok(mail)
}

/// A client that the form of a new request offers.
#[derive(Clone, Debug)]
pub struct Offer {
    pub id: ClientId,
    pub name: String,
    pub reference: String,
    /// The name of their group.
    pub group: String,
}

/// What a request can be about: the clients selected so far, others that match the search, and cases.
pub struct Offers {
    pub chosen: Vec<Offer>,
    pub others: Vec<Offer>,
    /// Whether there are more clients than these.
    pub more: bool,
    /// The newest open cases: id, name, group, number.
    pub cases: Vec<(CaseId, String, String, i64)>,
    /// Whether there are more cases than these.
    pub more_cases: bool,
}

/// The most clients and cases the form offers at once.
const OFFERED: i64 = 100;

/// What the form of a new request offers.
pub async fn offers(
    tx: &Tx,
    by: &RequestSender,
    chosen: &[ClientId],
    search: Option<&str>,
    case: Option<CaseId>,
) -> Result<Offers> {
    let offer = |row: store::Offered| Offer {
        id: row.id,
        name: row.name,
        reference: row.reference,
        group: row.group_name,
    };
    let picked = store::chosen_clients(tx, by, chosen).await?.into_iter().map(offer).collect::<Vec<_>>();
    let mut others = store::offered_clients(tx, by, search, OFFERED + 1).await?;
    let more = i64::try_from(others.len()).unwrap_or(i64::MAX) > OFFERED;
    others.truncate(usize::try_from(OFFERED).unwrap_or_default());
    others.retain(|row| picked.iter().all(|one| one.id != row.id));
    let mut cases = store::offered_cases(tx, by, case, OFFERED + 1).await?;
    let more_cases = i64::try_from(cases.len()).unwrap_or(i64::MAX) > OFFERED;
    cases.truncate(usize::try_from(OFFERED).unwrap_or_default());
    Ok(Offers { chosen: picked, others: others.into_iter().map(offer).collect(), more, cases, more_cases })
}

/// Reads a filter's state: `open` means new, claimed or waiting.
///
/// # Errors
/// There is no such state.
pub(super) fn which(word: Option<&str>) -> Result<(bool, Option<State>)> {
    match word {
        None | Some("all") => Ok((false, None)),
        Some("open") => Ok((true, None)),
        Some(word) => match State::read(word) {
            Some(state) => Ok((false, Some(state))),
            None => Err(Error::field(
                "state",
                "Use open, all, new, claimed, waiting, done, declined or canceled.",
            )),
        },
    }
}
