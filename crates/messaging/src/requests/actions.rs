//! The verbs of requests that don't move them: send, look, write, attach, choose how to hear of them. Those that do
//! are in [`moves`](super::moves).
//!
//! The audit trail names requests, user groups, clients and cases by id, and user groups by name; what is
//! written in a request stays there.

use std::{borrow::Cow, collections::BTreeSet};

use serde_json::json;

use crate::requests::{
    MailPreference, MessageKind, Part, Priority, State, Step, counted_since,
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

/// About how many clients one request may be.
pub const CLIENT_LIMIT: usize = 200;
/// How many entries a thread takes; steps are taken beyond it.
const THREAD_LIMIT: i64 = 500;
/// How many files a request takes.
const FILE_LIMIT: i64 = 50;

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// To which user group.
    pub to: UserGroupId,
    /// What it is about, on one line.
    pub subject: String,
    /// What is asked.
    pub body: String,
    /// About which clients, all of groups that the sender is in.
    pub clients: Vec<ClientId>,
    /// About which case, of a group that the sender is in.
    pub case: Option<CaseId>,
    /// How pressing it is.
    pub priority: Priority,
    /// Until when it should be done.
    pub due_at: Option<Time>,
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its id.
    pub id: RequestId,
    /// Its number in the account.
    pub number: i64,
    /// What its sender should know: nobody is there to read it.
    pub warning: Option<String>,
}

/// The name of a user group to which a request may be addressed, or why it may not.
pub(super) async fn addressee(
    tx: &Tx,
    account: AccountId,
    to: UserGroupId,
) -> Result<std::result::Result<String, Cow<'static, str>>> {
    let found = store::addressee(tx, account, to).await?.filter(|group| group.deleted_at.is_none());
    Ok(match found {
        None => Err("There is no such user group in this account.".into()),
        Some(group) if !group.active => Err(format!(
            "{} is not active at present, so nobody would see the request. Choose another user group.",
            group.name
        )
        .into()),
        Some(group) if !group.receives => Err(format!(
            "{} may not receive requests. An administrator of the account can give it that privilege.",
            group.name
        )
        .into()),
        Some(group) => Ok(group.name),
    })
}

const CLIENTS: &str = "Some of these clients are archived, or of a group that you are not in. Choose clients of your own groups.";

/// Sends a request.
///
/// # Errors
/// It can't be addressed to that user group, it is about what the sender has no part in, a field can't be
/// used, or the account is read-only.
pub async fn send(tx: &Tx, by: &RequestSender, site: &Site, new: &NewRequest) -> Result<Sent> {
    plans::must_be_open(tx, by.account()).await?;
    let clients = new.clients.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let mut checks = Checks::default();
    let to = checks.take("to", addressee(tx, by.account(), new.to).await?);
    let subject = checks.take("subject", text::line(&new.subject));
    let body = checks.take("body", text::prose(&new.body));
    checks.that(body.as_ref().is_none_or(|body| !body.is_empty()), "body", "Please say what you ask for.");
    checks.that(
        new.due_at.is_none_or(|due| due > tx.now()),
        "due_at",
        "This time is over. Choose one in the future, or none.",
    );
    if clients.len() > CLIENT_LIMIT {
        checks.that(false, "clients", format!("A request is about {CLIENT_LIMIT} clients at most."));
    } else if !clients.is_empty() {
        let fine = store::askable(tx, by, &clients).await?;
        checks.that(usize::try_from(fine) == Ok(clients.len()), "clients", CLIENTS);
    }
    let mut case = None;
    if let Some(id) = new.case {
        case = store::group_of_case(tx, by, id).await?.map(|group| (group, id));
        checks.that(case.is_some(), "case", "There is no such case in your groups.");
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

/// A page of one of the caller's mailboxes, newest first. Gives one more than the limit, if there are more.
pub async fn list(tx: &Tx, by: &AccountWorker, filter: &Filter, limit: i64) -> Result<Vec<RequestRow>> {
    store::list(tx, by, filter, limit + 1).await
}

/// The caller's mailboxes with what waits in each.
pub async fn mailboxes(tx: &Tx, by: &AccountWorker) -> Result<Vec<MailboxRow>> {
    store::mailboxes(tx, by.account(), by.user(), counted_since(tx.now())).await
}

/// The user groups that may receive requests now.
pub async fn receivers(tx: &Tx, by: &AccountMember) -> Result<Vec<Receiver>> {
    store::receivers(tx, by.account()).await
}

/// A request with all that it shows, and what the one who looks may do with it.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The request.
    pub row: RequestRow,
    /// What is asked.
    pub body: String,
    /// The case that it is about.
    pub case: Option<AboutCase>,
    /// The clients that it is about.
    pub clients: Vec<AboutClient>,
    /// The thread, from its beginning.
    pub messages: Vec<MessageRow>,
    /// What is attached.
    pub files: Vec<FileRow>,
    /// Who is in the user group that it is addressed to: the first by name.
    pub people: Vec<(UserId, String)>,
    /// How many people that user group has.
    pub people_in_all: i64,
    /// The other user groups that could have it; none where the one who looks may not forward it.
    pub destinations: Vec<Receiver>,
    /// Who the one who looks is towards it.
    pub part: Part,
    /// The moment at which it was so.
    pub at: Time,
}

impl Detail {
    /// The steps that the one who looks may take. Nothing is forwarded where nobody else receives.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        Step::ALL.iter().copied().filter(|step| match step {
            Step::Forward => !self.destinations.is_empty(),
            step => after(*step, self.row.state, self.part).is_some(),
        })
    }

    /// What its sender should know: nobody is there to read it.
    pub fn warning(&self) -> Option<String> {
        (self.people.is_empty() && self.row.state.open()).then(|| nobody(&self.row.user_group_name))
    }
}

/// The warning about a user group in which nobody is.
pub fn nobody(name: &str) -> String {
    format!("Nobody is in {name} at present. The request waits there until somebody joins it.")
}

/// Who someone is towards a request.
pub(super) fn part(by: &RequestScope, row: &RequestRow) -> Part {
    let holder = by.is_receiver() && row.state.open() && row.claimed_by == Some(by.user());
    Part { sender: by.is_sender(), receiver: by.is_receiver(), holder }
}

/// A request. Looking marks nothing.
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

/// Who sees a request, and why.
pub async fn access(tx: &Tx, by: &RequestReader) -> Result<Vec<RequestSight>> {
    explain::who_sees_request(tx, by).await
}

/// Notes that someone has read a request, up to its news at this moment.
pub async fn mark_read(tx: &Tx, by: &RequestScope, up_to: Time) -> Result<()> {
    store::mark_read(tx, by.account(), by.user(), by.request(), up_to).await?;
    tx.announce(topic_of(by.account(), by.user()));
    Ok(())
}

/// As [`mark_read`], of all that is there now.
pub async fn mark_all_read(tx: &Tx, by: &RequestReader) -> Result<()> {
    let row = store::show(tx, by).await?;
    mark_read(tx, by, row.news_at).await
}

/// Refuses where a thread has so many entries that it takes no more, or so many files where one is to be added.
async fn must_take_more(tx: &Tx, by: &RequestScope, file: bool) -> Result<()> {
    let (entries, files) = store::sizes(tx, by).await?;
    let why = match (entries >= THREAD_LIMIT, file && files >= FILE_LIMIT) {
        (true, _) => format!("A request takes {THREAD_LIMIT} entries at most. Please send a new one."),
        (_, true) => format!("A request takes {FILE_LIMIT} files at most. Please send a new one."),
        _ => return Ok(()),
    };
    Err(Error::conflict("request_full", why))
}

/// Adds to the thread. What the sender writes while an answer of theirs is waited for is that answer.
///
/// # Errors
/// It is empty or too long, or the thread is full.
pub async fn add_message(tx: &Tx, by: &RequestReader, site: &Site, body: &str) -> Result<()> {
    plans::must_be_open(tx, by.account()).await?;
    let body = text::prose(body).map_err(|why| Error::field("body", why))?;
    if body.is_empty() {
        return Err(Error::field("body", "Please write something."));
    }
    let row = store::show(tx, by).await?;
    // An answer that is waited for is always taken.
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

/// Attaches a file to a request, whose bytes are kept already.
///
/// # Errors
/// The request takes no more.
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
/// There is none of that id in it.
pub async fn file(tx: &Tx, by: &RequestReader, id: FileId) -> Result<FileRow> {
    store::file(tx, by, id).await
}

/// How the caller hears of requests.
pub async fn mail_preference(tx: &Tx, by: &AccountWorker) -> Result<MailPreference> {
    store::mail_preference(tx, by.account(), by.user()).await
}

/// Chooses how to hear of requests.
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
    /// The client.
    pub id: ClientId,
    /// Their name.
    pub name: String,
    /// Their reference number.
    pub reference: String,
    /// Their group's name.
    pub group: String,
}

/// What a request can be about: the clients that are chosen already, others that were searched for, and cases.
pub struct Offers {
    /// Those that are chosen.
    pub chosen: Vec<Offer>,
    /// Others.
    pub others: Vec<Offer>,
    /// Whether there are more than those.
    pub more: bool,
    /// The newest open cases: id, name, group, number.
    pub cases: Vec<(CaseId, String, String, i64)>,
    /// Whether there are more than those.
    pub more_cases: bool,
}

/// How many clients and cases the form offers at once.
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

/// The state that a filter names: `open` for all in which there is still something to do.
///
/// # Errors
/// It is none.
pub(super) fn which(word: Option<&str>) -> Result<(bool, Option<State>)> {
    match word {
        None | Some("all") => Ok((false, None)),
        Some("open") => Ok((true, None)),
        Some(word) => match State::read(word) {
            Some(state) => Ok((false, Some(state))),
            None => Err(Error::field(
                "state",
                "Choose open, all, new, claimed, waiting, done, declined or canceled.",
            )),
        },
    }
}
