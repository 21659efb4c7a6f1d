//! Requests in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::requests::{
    FileRow, Filter, MailPreference, Mailbox, MailboxRow, MessageKind, MessageRow, Priority, Receiver,
    RequestRow, State, Step,
    actions::{self, Detail},
    moves, undo,
};
use access::{
    AccountWorker, RequestAuthor, RequestReader, RequestReceiver, RequestScope, RequestSender,
    explain::RequestSight,
};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, CaseId, ClientId, FileId, GroupId, MessageId, RequestId, UserGroupId, UserId},
};
use platform::blobs::NewFile;
use storage::{ExpectedVersion, Tx, Weight};
use web::{Answer, Body, Download, FileForm, Json, Limit, May, Page, Query, Tagged, files};

/// A person.
pub type RequestPerson = web::Named<kernel::id::User>;

/// A user group.
pub type RequestUserGroup = web::Named<kernel::id::UserGroup>;

/// A request in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = RequestSummary)]
pub struct ListedRequest {
    id: RequestId,
    account: AccountId,
    number: i64,
    subject: String,
    to: RequestUserGroup,
    sender: RequestPerson,
    state: State,
    priority: Priority,
    due_at: Option<Time>,
    overdue: bool,
    /// Who holds it, or held it last.
    claimed_by: Option<RequestPerson>,
    claimed_at: Option<Time>,
    /// The number of clients it is about.
    clients: i64,
    /// Whether it has news for the caller.
    unread: bool,
    created_at: Time,
    updated_at: Time,
    settled_at: Option<Time>,
}

impl ListedRequest {
    fn of(row: RequestRow, now: Time) -> Self {
        Self {
            overdue: row.overdue(now),
            id: row.id,
            account: row.account,
            number: row.number,
            subject: row.subject,
            to: RequestUserGroup { id: row.user_group, name: row.user_group_name },
            sender: RequestPerson { id: row.sender, name: row.sender_name },
            state: row.state,
            priority: row.priority,
            due_at: row.due_at,
            claimed_by: row.claimed_by.zip(row.claimer).map(|(id, name)| RequestPerson { id, name }),
            claimed_at: row.claimed_at,
            clients: row.clients,
            unread: row.unread,
            created_at: row.created_at,
            updated_at: row.updated_at,
            settled_at: row.settled_at,
        }
    }
}

/// What a request shows of a client.
#[derive(Serialize, ToSchema)]
pub struct RequestClient {
    id: ClientId,
    name: String,
    kind: String,
    birth_date: Option<String>,
    reference: String,
    /// Their group, for people who are in it; null for everyone else.
    group: Option<GroupId>,
}

/// What a request shows of a case.
#[derive(Serialize, ToSchema)]
pub struct RequestCase {
    id: CaseId,
    number: i64,
    name: String,
    status: String,
    /// Its group, for people who are in it; null for everyone else.
    group: Option<GroupId>,
}

/// An entry in a request's thread.
#[derive(Serialize, ToSchema)]
pub struct RequestMessage {
    id: MessageId,
    author: RequestPerson,
    kind: MessageKind,
    /// The text, or the name that the kind refers to.
    body: String,
    created_at: Time,
}

impl From<MessageRow> for RequestMessage {
    fn from(row: MessageRow) -> Self {
        let MessageRow { id, author, author_name, kind, body, created_at } = row;
        Self { id, author: RequestPerson { id: author, name: author_name }, kind, body, created_at }
    }
}

/// A request with its thread, its files, and what it is about.
#[derive(Serialize, ToSchema)]
#[schema(as = Request)]
pub struct RequestDetail {
    #[serde(flatten)]
    request: ListedRequest,
    body: String,
    about_clients: Vec<RequestClient>,
    case: Option<RequestCase>,
    messages: Vec<RequestMessage>,
    files: Vec<FileRow>,
    /// The steps the caller may take now.
    steps: Vec<Step>,
    /// For the sender: no one is in the user group right now.
    warning: Option<String>,
}

impl From<Detail> for RequestDetail {
    fn from(detail: Detail) -> Self {
        let (steps, warning) = (detail.steps().collect(), detail.warning());
        let clients = detail.clients.into_iter().map(|client| RequestClient {
            id: client.id,
            name: client.name,
            kind: client.kind,
            birth_date: client.birth_date,
            reference: client.reference,
            group: client.group,
        });
        let case = detail.case.map(|case| RequestCase {
            id: case.id,
            number: case.number,
            name: case.name,
            status: case.status,
            group: case.group,
        });
        Self {
            request: ListedRequest::of(detail.row, detail.at),
            body: detail.body,
            about_clients: clients.collect(),
            case,
            messages: detail.messages.into_iter().map(Into::into).collect(),
            files: detail.files,
            steps,
            warning,
        }
    }
}

async fn detail(tx: &Tx, by: &RequestScope) -> Result<RequestDetail> {
    actions::show(tx, by).await.map(Into::into)
}

/// Which requests to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RequestQuery {
    /// `inbox` (the default), `sent` or `mine`.
    #[param(inline)]
    mailbox: Option<Mailbox>,
    /// `all` (the default), `open`, or a state. Open requests are sorted by urgency: overdue, high priority, due date,
    /// last change. With `all` or a closed state, the newest come first.
    state: Option<String>,
    #[param(inline)]
    to: Option<UserGroupId>,
    overdue: Option<bool>,
    q: Option<String>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn index(
    may: May<AccountWorker>,
    Query(query): Query<RequestQuery>,
) -> Result<Json<Page<ListedRequest>>> {
    let (open, state) = actions::which(query.state.as_deref())?;
    let filter = Filter {
        mailbox: query.mailbox.unwrap_or(Mailbox::Inbox),
        open,
        unread: false,
        state,
        to: query.to,
        overdue: query.overdue.unwrap_or(false),
        search: query.q,
        cursor: query.cursor,
    };
    let (Limit(limit), weight) = (query.limit, filter.weight());
    let work =
        async move |tx: &Tx, by: &AccountWorker| Ok((tx.now(), actions::list(tx, by, &filter, limit).await?));
    let (now, listed) = match weight {
        Weight::Light => may.read(work).await?,
        Weight::Heavy => may.read_heavy(work).await?,
    };
    let cursor = listed.cursor();
    let page = Page::cut(listed.rows, limit, cursor);
    Ok(Json(page.map(|row| ListedRequest::of(row, now))))
}

/// A request to send.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    /// A user group that can receive requests.
    to: UserGroupId,
    subject: String,
    body: String,
    /// At most 200 clients, of groups the caller is in.
    #[serde(default)]
    clients: Vec<ClientId>,
    /// A case of a group the caller is in.
    case: Option<CaseId>,
    priority: Option<Priority>,
    due_at: Option<Time>,
}

/// The request that was sent.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedRequest)]
pub struct SentRequest {
    id: RequestId,
    number: i64,
    state: State,
    /// For the sender: no one is in the user group right now.
    warning: Option<String>,
}

pub(crate) async fn send(
    may: May<RequestSender>,
    Body(input): Body<NewRequest>,
) -> Result<Answer<SentRequest>> {
    let NewRequest { to, subject, body, clients, case, priority, due_at } = input;
    let priority = priority.unwrap_or(Priority::Normal);
    let new = actions::NewRequest { to, subject, body, clients, case, priority, due_at };
    let site = may.app().site.clone();
    may.post(async move |tx, by| {
        let sent = actions::send(tx, by, &site, &new).await?;
        let actions::Sent { id, number, warning } = sent;
        Ok(SentRequest { id, number, state: State::New, warning })
    })
    .await
}

pub(crate) async fn receivers(
    may: May<AccountWorker>,
    Query(part): Query<web::Part>,
) -> Result<Json<Page<Receiver>>> {
    let items = may.read(async |tx, by| actions::receivers(tx, by).await).await?;
    Page::of(items, &part, |row| row.id.to_string()).map(Json)
}

/// The caller's choice of emails about requests.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSettings {
    mail: MailPreference,
}

pub(crate) async fn settings(may: May<AccountWorker>) -> Result<Json<RequestSettings>> {
    let mail = may.read(async |tx, by| actions::mail_preference(tx, by).await).await?;
    Ok(Json(RequestSettings { mail }))
}

pub(crate) async fn set_settings(
    may: May<AccountWorker>,
    Body(input): Body<RequestSettings>,
) -> Result<Json<RequestSettings>> {
    let mail = may.write(async move |tx, by| actions::set_mail_preference(tx, by, input.mail).await).await?;
    Ok(Json(RequestSettings { mail }))
}

/// Unread and overdue requests in the inbox of a user group.
#[derive(Serialize, ToSchema)]
#[schema(as = UnreadUserGroup)]
pub struct UnreadGroup {
    user_group: RequestUserGroup,
    unread: i64,
    overdue: i64,
}

/// The caller's unread and overdue requests.
#[derive(Serialize, ToSchema)]
#[schema(as = UnreadRequests)]
pub struct Unread {
    /// In all mailboxes.
    unread: i64,
    overdue: i64,
    /// In the inboxes: requests no one holds.
    groups: Vec<UnreadGroup>,
    /// In requests the caller holds.
    mine: i64,
    /// In requests the caller sent.
    sent: i64,
}

impl From<Vec<MailboxRow>> for Unread {
    fn from(rows: Vec<MailboxRow>) -> Self {
        let of = |mailbox| rows.iter().filter(|row| row.mailbox == mailbox).map(|row| row.unread).sum();
        Self {
            unread: rows.iter().map(|row| row.unread).sum(),
            overdue: rows.iter().map(|row| row.overdue).sum(),
            mine: of(Mailbox::Mine),
            sent: of(Mailbox::Sent),
            groups: rows.into_iter().filter(|row| row.receives).filter_map(unread_group).collect(),
        }
    }
}

fn unread_group(row: MailboxRow) -> Option<UnreadGroup> {
    let user_group = RequestUserGroup { id: row.user_group?, name: row.name };
    Some(UnreadGroup { user_group, unread: row.unread, overdue: row.overdue })
}

pub(crate) async fn unread(may: May<AccountWorker>) -> Result<Json<Unread>> {
    may.read(async |tx, by| actions::mailboxes(tx, by).await).await.map(|rows| Json(rows.into()))
}

pub(crate) async fn show(may: May<RequestReader>) -> Result<Tagged<RequestDetail>> {
    let found = may.read(async |tx, by| actions::show(tx, by).await).await?;
    Ok(Tagged(found.row.version, found.into()))
}

/// A message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRequestMessage)]
pub struct Words {
    #[serde(default)]
    body: String,
}

/// Why the request is declined.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestDecline)]
pub struct Reason {
    reason: String,
}

/// The person to assign the request to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestAssignment)]
pub struct Assignee {
    user: UserId,
}

/// The user group to forward the request to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestForwarding)]
pub struct Destination {
    to: UserGroupId,
}

pub(crate) async fn add_message(
    may: May<RequestReader>,
    Body(input): Body<Words>,
) -> Result<Answer<RequestDetail>> {
    let site = may.app().site.clone();
    may.post(async move |tx, by| {
        actions::add_message(tx, by, &site, &input.body).await?;
        detail(tx, by).await
    })
    .await
}

/// The steps without a body.
macro_rules! plain_steps {
    ($($name:ident: $proof:ident;)*) => {$(
        pub(crate) async fn $name(may: May<$proof>) -> Result<Answer<RequestDetail, 200>> {
            let site = may.app().site.clone();
            may.post(async move |tx, by| {
                moves::$name(tx, by, &site).await?;
                detail(tx, by).await
            })
            .await
        }
    )*};
}
plain_steps! {
    claim: RequestReceiver;
    release: RequestReceiver;
    cancel: RequestAuthor;
    reopen: RequestAuthor;
}

/// The steps with a text.
macro_rules! steps_with {
    ($($name:ident $input:ident $field:ident;)*) => {$(
        pub(crate) async fn $name(
            may: May<RequestReceiver>,
            Body(input): Body<$input>,
        ) -> Result<Answer<RequestDetail, 200>> {
            let site = may.app().site.clone();
            may.post(async move |tx, by| {
                moves::$name(tx, by, &site, &input.$field).await?;
                detail(tx, by).await
            })
            .await
        }
    )*};
}
steps_with! {
    ask Words body;
    complete Words body;
    decline Reason reason;
}

pub(crate) async fn undo(
    may: May<RequestReceiver>,
    seen: ExpectedVersion,
) -> Result<Answer<RequestDetail, 200>> {
    let site = may.app().site.clone();
    may.post(async move |tx, by| {
        undo::undo(tx, by, &site, seen).await?;
        detail(tx, by).await
    })
    .await
}

pub(crate) async fn assign(
    may: May<RequestReceiver>,
    Body(input): Body<Assignee>,
) -> Result<Answer<RequestDetail, 200>> {
    let site = may.app().site.clone();
    may.post(async move |tx, by| {
        moves::assign(tx, by, &site, input.user).await?;
        detail(tx, by).await
    })
    .await
}

/// A request after it was forwarded. The caller may no longer see it.
#[derive(Serialize, ToSchema)]
pub struct ForwardedRequest {
    id: RequestId,
    to: RequestUserGroup,
    state: State,
}

pub(crate) async fn forward(
    may: May<RequestReader>,
    Body(input): Body<Destination>,
) -> Result<Answer<ForwardedRequest, 200>> {
    let site = may.app().site.clone();
    may.post(async move |tx, by| {
        let moves::Forwarded { to, name, state } = moves::forward(tx, by, &site, input.to).await?;
        Ok(ForwardedRequest { id: by.request(), to: RequestUserGroup { id: to, name }, state })
    })
    .await
}

pub(crate) async fn read(may: May<RequestReader>) -> Result<Answer<RequestDetail, 200>> {
    may.post(async |tx, by| {
        actions::mark_all_read(tx, by).await?;
        detail(tx, by).await
    })
    .await
}

pub(crate) async fn add_file(may: May<RequestReader>, form: FileForm) -> Result<Answer<FileRow>> {
    let site = may.app().site.clone();
    files::attach(may, form, async move |tx: &Tx, by: &RequestReader, file: &NewFile| {
        actions::add_file(tx, by, &site, file).await
    })
    .await
}

pub(crate) async fn open_file(may: May<RequestReader>) -> Result<Download> {
    let id: FileId = may.id("file")?;
    let row = may.read(async |tx, by| actions::file(tx, by, id).await).await?;
    files::serve(may.app(), row.id, &row.name, &row.content_type).await
}

/// A person who can see a request, and why.
#[derive(Serialize, ToSchema)]
#[schema(as = RequestAccessGrant)]
pub struct RequestSeer {
    user: RequestPerson,
    /// `sent it`, `in Insurance Verification, which it is addressed to`.
    why: String,
    since: Time,
}

impl From<RequestSight> for RequestSeer {
    fn from(sight: RequestSight) -> Self {
        let why = sight.reason();
        Self { user: RequestPerson { id: sight.user, name: sight.name }, why, since: sight.since }
    }
}

pub(crate) async fn access(
    may: May<RequestReader>,
    Query(part): Query<web::Part>,
) -> Result<Json<Page<RequestSeer>>> {
    let seers = may.read(async |tx, by| actions::access(tx, by).await).await?;
    let key = |seer: &RequestSight| format!("{}.{}", seer.user, seer.since.micros());
    Ok(Json(Page::of(seers, &part, key)?.map(Into::into)))
}
