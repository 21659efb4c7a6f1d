//! The mailboxes: their lists, and the live counts.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::requests::{
    Filter, Mailbox, MailboxRow, RequestRow, State,
    actions::{self, Listed},
    pages::tone,
    topics,
};
use access::{AccountWorker, Role};
use kernel::{
    error::Result,
    id::{AccountId, UserGroupId},
};
use storage::{Tx, Weight};
use web::{
    May, Page, Query,
    entry::Entry,
    live::{LIFE, stream_of},
    page::{self, Frame, Frames, Here},
    parts::{Choice, Pager, choices, link},
};

const LIMIT: i64 = 25;

/// Which requests to show: by default the open ones of the first mailbox.
#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct MailboxQuery {
    #[param(inline)]
    mailbox: Option<Mailbox>,
    to: Option<String>,
    state: Option<String>,
    due: Option<String>,
    q: Option<String>,
    cursor: Option<String>,
}

/// The mailbox that a query names; if it names none, the first inbox with something unread.
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
        match query.mailbox {
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
    /// The name of its count in the live stream.
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
            href: link(path, &[("mailbox", row.mailbox.word()), ("to", &to)]),
            unread: row.unread,
            current: chosen.mailbox == row.mailbox && chosen.to == row.user_group,
        }
    };
    shown.map(tab).collect()
}

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
    by_urgency: bool,
    pager: Pager,
    filtered: bool,
    /// The link to the same mailbox without filters.
    clear: String,
    sends: bool,
    nobody_receives: bool,
}

fn states() -> Vec<Choice> {
    let mut all = choices([("open", "Open or unread"), ("all", "All")]);
    all.extend(choices(State::ALL.iter().map(|state| (state.word(), state.label()))));
    all
}

/// Everything a mailbox's page is made of.
struct Loaded {
    frame: Frame,
    mailboxes: Vec<MailboxRow>,
    chosen: Chosen,
    listed: Listed,
    by_urgency: bool,
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
        cursor: query.cursor.clone(),
    };
    let listed = actions::list(tx, by, &filter, LIMIT).await?;
    let nobody = listed.rows.is_empty() && actions::receivers(tx, by).await?.is_empty();
    let frame = shell.frame(tx, by.user(), Here::Account(by.account())).await?;
    Ok(Loaded {
        frame,
        mailboxes,
        chosen,
        listed,
        by_urgency: filter.by_urgency(),
        role: by.role(),
        nobody_receives: nobody,
    })
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
    let Loaded { mut frame, mailboxes, chosen, listed, by_urgency, role, nobody_receives } = loaded;
    frame.live = Some(format!("/a/{account}/requests/live"));
    let path = format!("/a/{account}/requests");
    let (to, now) = (chosen.to(), frame.kit.now);
    let state = query.state.as_deref().unwrap_or("open");
    let pairs = [
        ("mailbox", chosen.mailbox.word()),
        ("to", to.as_str()),
        ("state", state),
        ("due", query.due.as_deref().unwrap_or_default()),
        ("q", query.q.as_deref().unwrap_or_default()),
    ];
    let cursor = listed.cursor();
    let rows = Page::cut(listed.rows, LIMIT, cursor);
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
        by_urgency,
        filtered: query.q.is_some() || query.due.is_some() || !["open", "all"].contains(&state),
        clear: link(&path, &pairs[..2]),
        sends: role.manages() || mailboxes.iter().any(|row| row.sends),
        nobody_receives,
        frame: frame.page(&may, "requests", [], "Requests"),
        path,
    };
    page::ok(&may, &page)
}

/// The live counts: of each mailbox, and of all together.
pub(crate) async fn live(may: May<AccountWorker>) -> Result<Response> {
    let topics = may.read(async |tx, by| topics(tx, by.account(), by.user()).await).await?;
    Ok(stream_of(may, topics, LIFE, |may| async move {
        may.read(async |tx, by| {
            let mailboxes = actions::mailboxes(tx, by).await?;
            let mut counts = mailboxes.iter().map(|row| (key(row), row.unread)).collect::<BTreeMap<_, _>>();
            counts.insert("requests".to_owned(), mailboxes.iter().map(|row| row.unread).sum());
            Ok(counts)
        })
        .await
    }))
}
