//! The page of events.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::events::{Event, actions, types};
use access::AccountAdmin;
use kernel::{
    error::{Error, Result},
    id::AccountId,
};
use web::{
    May, Page, Query,
    entry::Entry,
    page::{self, Frame, Here, crumb},
    parts::{Choice, Pager, choices},
};

/// How many events a page shows.
const LIMIT: i64 = 25;

/// Which events to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct EventsQuery {
    #[serde(rename = "type")]
    kind: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "events/templates/events.html")]
struct EventsPage {
    frame: Frame,
    account: AccountId,
    tab: &'static str,
    path: String,
    entry: Entry,
    kinds: Vec<Choice>,
    kind: &'static str,
    events: Vec<Event>,
    pager: Pager,
    types: Vec<(&'static str, &'static str)>,
}

pub(crate) async fn index(may: May<AccountAdmin>, Query(query): Query<EventsQuery>) -> Result<Response> {
    let kind = query.kind.as_deref().and_then(types::known);
    let before = query.cursor.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| Error::field("cursor", "This is not a page of this list."))?;
    let wanted = kind.into_iter().collect::<Vec<_>>();
    let (frame, account, rows) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            Ok((frame, by.account(), actions::newest(tx, by.account(), before, &wanted, LIMIT + 1).await?))
        })
        .await?;
    let path = may.request().path.clone();
    let kind = kind.unwrap_or_default();
    let rows = Page::cut(rows, LIMIT, |(seq, _)| seq.to_string());
    let pager = Pager::new(&path, &[("type", kind)], query.cursor.as_deref(), rows.next_cursor.as_deref());
    let types = types::told(frame.kit.sells).collect::<Vec<_>>();
    let mut kinds = choices([("", "All types")]);
    kinds.extend(choices(types.iter().map(|(kind, _)| (kind, kind))));
    let between = [crumb("Developers", format!("/a/{account}/developers"))];
    let page = EventsPage {
        frame: frame.page(&may, "developers", between, "Events"),
        account,
        tab: "events",
        entry: Entry::of(&[("type", kind)]),
        path,
        kinds,
        kind,
        events: rows.items.into_iter().map(|(_, event)| event).collect(),
        pager,
        types,
    };
    page::ok(&may, &page)
}
