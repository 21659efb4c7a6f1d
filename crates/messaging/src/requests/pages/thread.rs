//! One request: its thread and files, and who can see it. Opening the page marks it as read, up to what it shows.

use std::collections::HashSet;

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::requests::{
    AboutCase, AboutClient, FileRow, MessageRow, Part, RequestRow, State, Step, actions, pages::tone,
    steps::after,
};
use access::{RequestReader, explain::RequestSight};
use kernel::{error::Result, id::UserId, text::first_of};
use storage::Tx;
use web::{
    May,
    entry::Entry,
    files::{Attached, Files},
    page::{self, Frame, Here, crumb},
    parts::{Choice, choices},
};

/// The most people a page names of those who can see the request; the API names all.
const NAMED: usize = 50;

/// A person who can see the request, in words.
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
    /// The person who looks, if they may take the request over from someone else.
    take_over: Option<UserId>,
    colleagues: Vec<Choice>,
    /// The note that not all of them are listed.
    not_listed: String,
    destinations: Vec<Choice>,
    seers: Vec<Seer>,
    /// How many people can see it, and how many of them are not named.
    seen_by: usize,
    unnamed: usize,
    reply: Entry,
    /// The label of the button that sends a message.
    say: &'static str,
}

impl ShowPage {
    /// Whether the person who looks may assign, forward or decline it.
    fn moves_on(&self) -> bool {
        (self.may("assign") && !self.colleagues.is_empty())
            || !self.destinations.is_empty()
            || self.may("decline")
    }

    /// Whether the person who looks may take this step.
    fn may(&self, step: &str) -> bool {
        Step::read(step).is_some_and(|step| after(step, self.row.state, self.part).is_some())
    }
}

/// Everything else on a request's page.
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

pub(super) async fn show_page(may: &May<RequestReader>, reply: Entry, upload: Entry) -> Result<Response> {
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
    // A sender who is in the user group has two reasons.
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
            Ok(listed) if listed < detail.people_in_all => first_of(
                listed,
                detail.people_in_all,
                "people",
                "The others can claim the request themselves.",
            ),
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
