//! Pages of requests: the mailboxes, the form of a new one, one with its thread, and how to hear of them.
//!
//! Looking at a request's page marks it as read, up to what the page shows.

use std::collections::{BTreeMap, HashSet};

use askama::Template;
use axum::{http::StatusCode, response::Response};
use jiff::{civil::DateTime, tz::TimeZone};
use serde::Deserialize;

use crate::requests::{
    AboutCase, AboutClient, FileRow, Filter, MailPreference, Mailbox, MailboxRow, MessageRow, Part, Priority,
    Receiver, RequestRow, State, Step,
    actions::{self, NewRequest, Offer, Offers},
    moves,
    steps::after,
    topic, topic_of,
};
use access::{
    AccountWorker, Proof, RequestAuthor, RequestReader, RequestReceiver, RequestSender, Role,
    explain::RequestSight,
};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{Account, AccountId, CaseId, ClientId, Id, Named, RequestId, UserGroupId, UserId},
    text::first_of,
};
use platform::blobs::NewFile;
use storage::{Tx, Weight};
use web::{
    FileForm, Form, May, Page, Query, QueryForm,
    answer::cursor_id,
    cookies::Flash,
    entry::Entry,
    files::{self, Attached, Files},
    live::stream_of,
    page::{self, Frame, Frames, Here, confirm, crumb, go_with, settle},
    parts::{Choice, Pager, choices, link},
};

/// How many requests a page shows.
const LIMIT: i64 = 25;
/// How many of those who see a request its page names; the API names all.
const NAMED: usize = 50;

/// Which requests to show: open ones of the first mailbox, unless chosen otherwise.
#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct MailboxQuery {
    #[param(value_type = Option<String>)]
    r#box: Option<Mailbox>,
    to: Option<String>,
    state: Option<String>,
    due: Option<String>,
    q: Option<String>,
    cursor: Option<String>,
}

/// The mailbox that a query names; where it names none, the first inbox in which something waits.
struct Chosen {
    mailbox: Mailbox,
    to: Option<UserGroupId>,
}

impl Chosen {
    fn of(query: &MailboxQuery, all: &[MailboxRow]) -> Self {
        let to = query.to.as_deref().and_then(|to| to.parse().ok());
        let inboxes = || all.iter().filter(|row| row.receives);
        let first = inboxes().find(|row| row.unread > 0).or_else(|| inboxes().next());
        let first = first.and_then(|row| row.user_group);
        match query.r#box {
            Some(Mailbox::Inbox) | None if first.is_some() => {
                let known = inboxes().any(|row| row.user_group == to);
                Self { mailbox: Mailbox::Inbox, to: if known { to } else { first } }
            }
            Some(mailbox @ (Mailbox::Mine | Mailbox::Sent)) => Self { mailbox, to: None },
            _ => Self { mailbox: Mailbox::Sent, to: None },
        }
    }

    fn to(&self) -> String {
        self.to.map(|to| to.to_string()).unwrap_or_default()
    }
}

/// A tab over the list.
struct Tab {
    /// What its count is called in the live stream.
    key: String,
    label: String,
    href: String,
    unread: i64,
    current: bool,
}

/// The name of a mailbox's count in the live stream.
fn key(row: &MailboxRow) -> String {
    match row.user_group {
        Some(group) => format!("inbox-{group}"),
        None => row.mailbox.word().to_owned(),
    }
}

fn tabs(path: &str, all: &[MailboxRow], chosen: &Chosen) -> Vec<Tab> {
    let has_inbox = all.iter().any(|row| row.receives);
    let shown = all.iter().filter(|row| match row.mailbox {
        Mailbox::Inbox => row.receives,
        Mailbox::Mine => has_inbox,
        Mailbox::Sent => true,
    });
    let tab = |row: &MailboxRow| {
        let to = row.user_group.map(|group| group.to_string()).unwrap_or_default();
        Tab {
            key: key(row),
            label: match row.mailbox {
                Mailbox::Inbox => row.name.clone(),
                Mailbox::Mine => "Mine".to_owned(),
                Mailbox::Sent => "Sent".to_owned(),
            },
            href: link(path, &[("box", row.mailbox.word()), ("to", &to)]),
            unread: row.unread,
            current: chosen.mailbox == row.mailbox && chosen.to == row.user_group,
        }
    };
    shown.map(tab).collect()
}

/// The color of a state.
fn tone(state: State) -> &'static str {
    match state {
        State::New => "blue",
        State::Claimed => "brand",
        State::Waiting => "pending",
        State::Done => "green",
        State::Declined => "red",
        State::Canceled => "closed",
    }
}

/// A request in a list.
struct View {
    row: RequestRow,
    tone: &'static str,
    overdue: bool,
}

#[derive(Template)]
#[template(path = "requests/templates/list.html")]
#[allow(clippy::struct_excessive_bools, reason = "each says what one part of the page shows")]
struct ListPage {
    frame: Frame,
    path: String,
    entry: Entry,
    mailbox: &'static str,
    states: Vec<Choice>,
    dues: Vec<Choice>,
    tabs: Vec<Tab>,
    rows: Vec<View>,
    pager: Pager,
    filtered: bool,
    /// The same mailbox without filters.
    clear: String,
    sends: bool,
    nobody_receives: bool,
}

fn states() -> Vec<Choice> {
    let mut all = choices([("open", "Open or unread"), ("all", "All")]);
    all.extend(choices(State::ALL.iter().map(|state| (state.word(), state.label()))));
    all
}

/// What the page of a mailbox is made of.
struct Loaded {
    frame: Frame,
    mailboxes: Vec<MailboxRow>,
    chosen: Chosen,
    rows: Vec<RequestRow>,
    role: Role,
    nobody_receives: bool,
}

async fn load(tx: &Tx, by: &AccountWorker, shell: &Frames, query: &MailboxQuery) -> Result<Loaded> {
    let mailboxes = actions::mailboxes(tx, by).await?;
    let chosen = Chosen::of(query, &mailboxes);
    let (open, state) = actions::which(query.state.as_deref().or(Some("open")))?;
    let filter = Filter {
        mailbox: chosen.mailbox,
        open,
        unread: true,
        state,
        to: chosen.to,
        overdue: query.due.as_deref() == Some("overdue"),
        search: query.q.clone(),
        before: cursor_id(query.cursor.as_deref())?,
    };
    let rows = actions::list(tx, by, &filter, LIMIT).await?;
    let nobody = rows.is_empty() && actions::receivers(tx, by).await?.is_empty();
    let frame = shell.frame(tx, by.user(), Here::Account(by.account())).await?;
    Ok(Loaded { frame, mailboxes, chosen, rows, role: by.role(), nobody_receives: nobody })
}

pub(crate) async fn index(may: May<AccountWorker>, Query(query): Query<MailboxQuery>) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let (shell, asked) = (may.shell(), query.clone());
    let work = async move |tx: &Tx, by: &AccountWorker| load(tx, by, &shell, &asked).await;
    let weight = if query.q.is_some() { Weight::Heavy } else { Weight::Light };
    let loaded = match weight {
        Weight::Light => may.read(work).await?,
        Weight::Heavy => may.read_heavy(work).await?,
    };
    let Loaded { mut frame, mailboxes, chosen, rows, role, nobody_receives } = loaded;
    frame.live = Some(format!("/a/{account}/requests/live"));
    let path = format!("/a/{account}/requests");
    let (to, now) = (chosen.to(), frame.kit.now);
    let state = query.state.as_deref().unwrap_or("open");
    let pairs = [
        ("box", chosen.mailbox.word()),
        ("to", to.as_str()),
        ("state", state),
        ("due", query.due.as_deref().unwrap_or_default()),
        ("q", query.q.as_deref().unwrap_or_default()),
    ];
    let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
    let page = ListPage {
        entry: Entry::of(&pairs),
        mailbox: chosen.mailbox.word(),
        states: states(),
        dues: choices([("", "Any time"), ("overdue", "Overdue")]),
        tabs: tabs(&path, &mailboxes, &chosen),
        pager: Pager::new(&path, &pairs, query.cursor.as_deref(), rows.next_cursor.as_deref()),
        rows: rows
            .items
            .into_iter()
            .map(|row| View { tone: tone(row.state), overdue: row.overdue(now), row })
            .collect(),
        filtered: query.q.is_some() || query.due.is_some() || !["open", "all"].contains(&state),
        clear: link(&path, &pairs[..2]),
        sends: role.manages() || mailboxes.iter().any(|row| row.sends),
        nobody_receives,
        frame: frame.page(&may, "requests", [], "Requests"),
        path,
    };
    page::ok(&may, &page)
}

/// The live counts: of each mailbox, and in all.
pub(crate) async fn live(may: May<AccountWorker>) -> Result<Response> {
    let topics = may.read(async |tx, by| {
        let mailboxes = actions::mailboxes(tx, by).await?;
        let mut topics = vec![topic_of(by.account(), by.user())];
        topics.extend(mailboxes.iter().filter_map(|row| row.user_group).map(topic));
        Ok(topics)
    });
    let topics = topics.await?;
    Ok(stream_of(may, topics, |may| async move {
        may.read(async |tx, by| {
            let mailboxes = actions::mailboxes(tx, by).await?;
            let mut counts = mailboxes.iter().map(|row| (key(row), row.unread)).collect::<BTreeMap<_, _>>();
            counts.insert("requests".to_owned(), mailboxes.iter().map(|row| row.unread).sum());
            Ok(counts)
        })
        .await
    }))
}

#[derive(Template)]
#[template(path = "requests/templates/new.html")]
struct NewPage {
    frame: Frame,
    path: String,
    entry: Entry,
    receivers: Vec<Choice>,
    priorities: Vec<Choice>,
    cases: Vec<Choice>,
    more_cases: bool,
    chosen: Vec<Offer>,
    /// What else can be chosen, by group.
    groups: Vec<(String, Vec<Offer>)>,
    more: bool,
    /// In which zone times are meant.
    zone: String,
}

/// The ids that a form's field holds; what is none is left out.
fn ids<T: Named>(form: &Form, field: &str) -> Vec<Id<T>> {
    form.all(field).iter().filter_map(|id| id.parse().ok()).take(actions::CLIENT_LIMIT + 1).collect()
}

fn by_group(offers: Vec<Offer>) -> Vec<(String, Vec<Offer>)> {
    let mut groups: Vec<(String, Vec<Offer>)> = Vec::new();
    for offer in offers {
        match groups.last_mut().filter(|(name, _)| *name == offer.group) {
            Some((_, known)) => known.push(offer),
            None => groups.push((offer.group.clone(), vec![offer])),
        }
    }
    groups
}

/// The form, with what was typed; what is wrong with it stands beside it.
async fn new_page(may: &May<RequestSender>, form: Form, error: Option<Error>) -> Result<Response> {
    let chosen: Vec<ClientId> = ids(&form, "client");
    let case: Option<CaseId> = form.get("case").parse().ok();
    let find = Some(form.get("find").to_owned()).filter(|find| !find.trim().is_empty());
    let shell = may.shell();
    let (frame, receivers, offers) = may
        .read_heavy(async move |tx, by| {
            let frame = shell.frame(tx, by.user(), Here::Account(by.account())).await?;
            let receivers = actions::receivers(tx, by).await?;
            Ok((frame, receivers, actions::offers(tx, by, &chosen, find.as_deref(), case).await?))
        })
        .await?;
    let account: AccountId = may.id("account")?;
    let default = receivers.iter().find(|one| one.default);
    let preset = if receivers.len() == 1 { receivers.first() } else { default };
    let mut form = form;
    if let Some(preset) = preset.filter(|_| form.get("to").is_empty()) {
        form = form.with("to", preset.id.to_string());
    }
    if form.get("priority").is_empty() {
        form = form.with("priority", Priority::Normal.word().to_owned());
    }
    let label = |one: &Receiver| match one.people {
        0 => format!("{} (nobody is there at present)", one.name),
        _ => one.name.clone(),
    };
    let mut to = if preset.is_some() { Vec::new() } else { choices([("", "Choose…")]) };
    if receivers.is_empty() {
        to.clear();
    }
    to.extend(choices(receivers.iter().map(|one| (one.id, label(one)))));
    let Offers { chosen, others, more, cases, more_cases } = offers;
    let mut about = choices([("", "None")]);
    about.extend(choices(
        cases.iter().map(|(id, name, group, number)| (id, format!("{name} (#{number}, {group})"))),
    ));
    let entry = match error {
        Some(error) => Entry::again(form, error)?,
        None => Entry::from(form),
    };
    let path = format!("/a/{account}/requests");
    let status = entry.status();
    let page = NewPage {
        zone: format!("By the clock of the account: {}.", frame.zone.iana_name().unwrap_or("UTC")),
        frame: frame.page(may, "requests", [crumb("Requests", path.clone())], "New request"),
        entry,
        receivers: to,
        priorities: choices(Priority::ALL.iter().map(|priority| (priority.word(), priority.label()))),
        cases: about,
        more_cases,
        chosen,
        groups: by_group(others),
        more,
        path,
    };
    page::show(may, status, &page)
}

pub(crate) async fn new(may: May<RequestSender>, QueryForm(form): QueryForm) -> Result<Response> {
    new_page(&may, form, None).await
}

/// A moment as a form sends it, by the account's clock; none where it is empty.
fn moment(text: &str, zone: &TimeZone) -> Result<Option<Time>> {
    if text.is_empty() {
        return Ok(None);
    }
    let at = text.parse::<DateTime>().and_then(|at| at.to_zoned(zone.clone()));
    at.map(|at| Some(at.timestamp().into()))
        .map_err(|_| Error::field("due_at", "Please give a date and a time."))
}

pub(crate) async fn create(may: May<RequestSender>, form: Form) -> Result<Response> {
    if form.get("do") == "find" {
        return new_page(&may, form, None).await;
    }
    let (shell, site, sent) = (may.shell(), may.app().site.clone(), form.clone());
    let made = may.write(async move |tx, by| {
        let zone = shell.frame(tx, by.user(), Here::Account(by.account())).await?.kit.zone;
        let case = sent.get("case");
        let new = NewRequest {
            to: sent.get("to").parse().map_err(|_| Error::field("to", "Choose a user group."))?,
            subject: sent.get("subject").to_owned(),
            body: sent.get("body").to_owned(),
            clients: ids(&sent, "client"),
            case: match case.is_empty() {
                true => None,
                false => Some(case.parse().map_err(|_| Error::field("case", "There is no such case."))?),
            },
            priority: Priority::read(sent.get("priority")).unwrap_or(Priority::Normal),
            due_at: moment(sent.get("due_at"), &zone)?,
        };
        actions::send(tx, by, &site, &new).await
    });
    match made.await {
        Ok(sent) => {
            let path = format!("/a/{}/requests/{}", may.id::<Account>("account")?, sent.id);
            go_with(&may, &path, &Flash::done(format!("Request #{} was sent.", sent.number)))
        }
        Err(error) => new_page(&may, form, Some(error)).await,
    }
}

/// Someone who sees the request, in words.
struct Seer {
    name: String,
    sub: String,
    reason: String,
    tone: &'static str,
}

impl From<FileRow> for Attached {
    fn from(FileRow { id, name, size, uploader, created_at, .. }: FileRow) -> Self {
        Self { id, name, size, uploader, created_at }
    }
}

#[derive(Template)]
#[template(path = "requests/templates/show.html")]
struct ShowPage {
    frame: Frame,
    path: String,
    row: RequestRow,
    part: Part,
    tone: &'static str,
    overdue: bool,
    warning: Option<String>,
    body: String,
    case: Option<AboutCase>,
    clients: Vec<AboutClient>,
    messages: Vec<MessageRow>,
    files: Files,
    /// Whoever looks, where they may take the request over from someone else.
    take_over: Option<UserId>,
    colleagues: Vec<Choice>,
    /// What is to be said where not all of them are listed.
    not_listed: String,
    destinations: Vec<Choice>,
    seers: Vec<Seer>,
    /// How many people see it, and how many of them are not named.
    seen_by: usize,
    unnamed: usize,
    reply: Entry,
    /// The words on the button that sends a message.
    say: &'static str,
}

impl ShowPage {
    /// Whether the one who looks may pass it on, or refuse it.
    fn hands_on(&self) -> bool {
        (self.may("assign") && !self.colleagues.is_empty())
            || !self.destinations.is_empty()
            || self.may("decline")
    }

    /// Whether the one who looks may take this step.
    fn may(&self, step: &str) -> bool {
        Step::read(step).is_some_and(|step| after(step, self.row.state, self.part).is_some())
    }
}

/// What the page of a request is made of, besides the request.
struct Around {
    frame: Frame,
    me: UserId,
    seers: Vec<RequestSight>,
}

async fn around(tx: &Tx, by: &RequestReader, may: &May<RequestReader>) -> Result<Around> {
    Ok(Around {
        frame: may.frame(tx, by.user(), Here::Account(by.account())).await?,
        me: by.user(),
        seers: actions::access(tx, by).await?,
    })
}

async fn show_page(may: &May<RequestReader>, reply: Entry, upload: Entry) -> Result<Response> {
    let (detail, around) = may
        .read(async |tx, by| {
            let detail = actions::show(tx, by).await?;
            let around = around(tx, by, may).await?;
            Ok((detail, around))
        })
        .await?;
    if detail.row.unread {
        let seen = detail.row.news_at;
        may.write(async move |tx, by| actions::mark_read(tx, by, seen).await).await?;
    }
    let Around { mut frame, me, seers } = around;
    let (account, request) = (detail.row.account, detail.row.id);
    frame.live = Some(format!("/a/{account}/requests/live"));
    // Who sent it to a user group of their own has two reasons.
    let people = |some: &[RequestSight]| some.iter().map(|seer| seer.user).collect::<HashSet<_>>().len();
    let seen_by = people(&seers);
    let unnamed = seen_by - people(&seers[..seers.len().min(NAMED)]);
    let seers = seers.into_iter().take(NAMED).map(|seer| Seer {
        sub: format!("since {}", frame.day(&seer.since)),
        reason: seer.reason(),
        tone: if seer.user_group.is_some() { "brand" } else { "blue" },
        name: seer.name,
    });
    let seers = seers.collect();
    let holder = detail.row.claimed_by;
    let assigns = after(Step::Assign, detail.row.state, detail.part).is_some();
    let colleagues = detail.people.iter().filter(|(id, _)| *id != me && Some(*id) != holder);
    let between = [crumb("Requests", format!("/a/{account}/requests"))];
    let status = [&reply, &upload].into_iter().map(Entry::status).find(|status| *status != StatusCode::OK);
    let path = format!("/a/{account}/requests/{request}");
    let warning = detail.warning();
    let files = Files::new(&frame.kit, format!("{path}/files"), detail.files);
    let page = ShowPage {
        frame: frame.page(may, "requests", between, format!("#{}", detail.row.number)),
        files: files.upload(may.app(), &path, upload),
        path,
        tone: tone(detail.row.state),
        overdue: detail.row.overdue(detail.at),
        warning,
        take_over: (assigns && holder.is_some_and(|holder| holder != me)).then_some(me),
        colleagues: choices(colleagues.map(|(id, name)| (id, name))),
        not_listed: match i64::try_from(detail.people.len()) {
            Ok(listed) if listed < detail.people_in_all => {
                first_of(listed, detail.people_in_all, "people", "The others can claim it themselves.")
            }
            _ => String::new(),
        },
        say: if detail.part.sender && detail.row.state == State::Waiting { "Answer" } else { "Send message" },
        part: detail.part,
        row: detail.row,
        body: detail.body,
        case: detail.case,
        clients: detail.clients,
        messages: detail.messages,
        destinations: choices(detail.destinations.iter().map(|one| (one.id, &one.name))),
        seers,
        seen_by,
        unnamed,
        reply,
    };
    page::show(may, status.unwrap_or_default(), &page)
}

pub(crate) async fn show(may: May<RequestReader>) -> Result<Response> {
    show_page(&may, Entry::default(), Entry::default()).await
}

/// The same request for its page, after a form on it was not accepted.
fn reader<P: Proof>(may: &May<P>) -> Result<May<RequestReader>> {
    let (account, request): (AccountId, RequestId) = (may.id("account")?, may.id("request")?);
    Ok(may.within(&[("account", account.to_string()), ("request", request.to_string())]))
}

fn own_path<P: Proof>(may: &May<P>) -> Result<String> {
    let (account, request): (AccountId, RequestId) = (may.id("account")?, may.id("request")?);
    Ok(format!("/a/{account}/requests/{request}"))
}

/// Answers a form of the page: says what happened, or shows it again with what was typed.
async fn answer<P: Proof>(may: &May<P>, form: Form, done: Result<()>, says: &str) -> Result<Response> {
    match done {
        Ok(()) => go_with(may, &format!("{}#thread", own_path(may)?), &Flash::done(says)),
        Err(error) => show_page(&reader(may)?, Entry::again(form, error)?, Entry::default()).await,
    }
}

pub(crate) async fn add_message(may: May<RequestReader>, form: Form) -> Result<Response> {
    let (site, body) = (may.app().site.clone(), form.get("body").to_owned());
    let done = may.write(async move |tx, by| actions::add_message(tx, by, &site, &body).await).await;
    answer(&may, form, done, "Your message was sent.").await
}

/// The steps that take what was written, and the field that it stands in.
macro_rules! written {
    ($($name:ident $field:literal $says:literal;)*) => {$(
        pub(crate) async fn $name(may: May<RequestReceiver>, form: Form) -> Result<Response> {
            let (site, text) = (may.app().site.clone(), form.get($field).to_owned());
            let done = may.write(async move |tx, by| moves::$name(tx, by, &site, &text).await).await;
            answer(&may, form, done, $says).await
        }
    )*};
}
written! {
    wait "body" "The sender was asked.";
    complete "body" "The request is done.";
    decline "reason" "The request was declined.";
}

/// The steps that are a button.
macro_rules! pressed {
    ($($name:ident $proof:ident $says:literal;)*) => {$(
        pub(crate) async fn $name(may: May<$proof>) -> Result<Response> {
            let site = may.app().site.clone();
            let done = may.write(async move |tx, by| moves::$name(tx, by, &site).await).await;
            settle(&may, &own_path(&may)?, done, |()| Flash::done($says))
        }
    )*};
}
pressed! {
    claim RequestReceiver "You hold this request now.";
    release RequestReceiver "You gave the request back; anybody of the user group can claim it.";
    reopen RequestAuthor "The request is open again.";
}

pub(crate) async fn cancel(may: May<RequestAuthor>, form: Form) -> Result<Response> {
    let (site, back) = (may.app().site.clone(), own_path(&may)?);
    let question = page::Question {
        ask: "Cancel this request?".to_owned(),
        detail: "Whoever works on it is told, and it can’t be opened again.",
        action: "Cancel the request",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let done = may.write(async move |tx, by| moves::cancel(tx, by, &site).await).await;
    settle(&may, &back, done, |()| Flash::done("The request was canceled."))
}

pub(crate) async fn assign(may: May<RequestReceiver>, form: Form) -> Result<Response> {
    let (site, user) = (may.app().site.clone(), form.get("user").parse::<UserId>().ok());
    let done = may.write(async move |tx, by| {
        let user = user.ok_or_else(|| Error::field("user", "Choose somebody."))?;
        moves::assign(tx, by, &site, user).await?;
        Ok(user == by.user())
    });
    settle(&may, &own_path(&may)?, done.await, |own| match own {
        true => Flash::done("You hold this request now."),
        false => Flash::done("The request was handed over."),
    })
}

pub(crate) async fn forward(may: May<RequestReader>, form: Form) -> Result<Response> {
    let (site, to) = (may.app().site.clone(), form.get("to").parse::<UserGroupId>().ok());
    let done = may.write(async move |tx, by| {
        let to = to.ok_or_else(|| Error::field("to", "Choose a user group."))?;
        let done = moves::forward(tx, by, &site, to).await?;
        Ok((done.name, by.is_sender()))
    });
    let (done, own) = (done.await, own_path(&may)?);
    let account: AccountId = may.id("account")?;
    // Who is not in the user group that has it now sees it no longer.
    let back = match &done {
        Ok((_, false)) => format!("/a/{account}/requests"),
        _ => own,
    };
    settle(&may, &back, done, |(name, _)| Flash::done(format!("The request is with {name} now.")))
}

pub(crate) async fn add_file(may: May<RequestReader>, form: FileForm) -> Result<Response> {
    let (path, reader) = (own_path(&may)?, reader(&may)?);
    let site = may.app().site.clone();
    let attached = files::attach(may, form, async move |tx: &Tx, by: &RequestReader, file: &NewFile| {
        actions::add_file(tx, by, &site, file).await
    });
    match attached.await {
        Ok(_) => go_with(&reader, &format!("{path}#files"), &Flash::done("The file was attached.")),
        Err(error) => show_page(&reader, Entry::default(), Entry::again(Form::default(), error)?).await,
    }
}

#[derive(Template)]
#[template(path = "requests/templates/settings.html")]
struct SettingsPage {
    frame: Frame,
    path: String,
    mail: MailPreference,
    entry: Entry,
}

async fn settings_page(may: &May<AccountWorker>, entry: Entry) -> Result<Response> {
    let account: AccountId = may.id("account")?;
    let (frame, mail) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, actions::mail_preference(tx, by).await?))
        })
        .await?;
    let path = format!("/a/{account}/requests");
    let between = [crumb("Requests", path.clone())];
    let (frame, status) = (frame.page(may, "requests", between, "Mail settings"), entry.status());
    page::show(may, status, &SettingsPage { frame, path, mail, entry })
}

pub(crate) async fn settings(may: May<AccountWorker>) -> Result<Response> {
    settings_page(&may, Entry::default()).await
}

pub(crate) async fn set_settings(may: May<AccountWorker>, form: Form) -> Result<Response> {
    let (account, mail) = (may.id::<Account>("account")?, MailPreference::read(form.get("mail")));
    let done = may.write(async move |tx, by| {
        let mail = mail.ok_or_else(|| Error::field("mail", "Choose one of the three."))?;
        actions::set_mail_preference(tx, by, mail).await
    });
    match done.await {
        Ok(_) => go_with(&may, &format!("/a/{account}/requests"), &Flash::done("Your choice was saved.")),
        Err(error) => settings_page(&may, Entry::again(form, error)?).await,
    }
}
