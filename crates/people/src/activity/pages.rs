//! The audit trail on a page, and as CSV.

use std::sync::Arc;

use askama::Template;
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::{
    accounts,
    activity::{
        begin_export,
        trail::{Told, tell},
    },
    members,
};
use access::AccountAdmin;
use kernel::{
    clock::{Span, Time},
    error::{Error, Result},
    id::UserId,
};
use platform::audit;
use web::{
    May, Page, Query, csv,
    entry::Entry,
    page::{self, Frame, Here},
    parts::{Choice, Pager, choices, link},
};

/// How many entries a page of a list shows.
const LIMIT: i64 = 25;
/// How many events one part of an export holds.
const PART: i64 = 1_000;

/// Which events to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct ActivityQuery {
    person: Option<String>,
    object: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
    verify: Option<String>,
}

/// A moment out of a date field: its first, or, for an end, the first of the next day.
fn day(
    field: &'static str,
    text: Option<&str>,
    zone: &jiff::tz::TimeZone,
    end: bool,
) -> Result<Option<Time>> {
    let Some(text) = text else { return Ok(None) };
    let day = text.parse().and_then(|date| Span::day(date, zone));
    let day = day.map_err(|_| Error::field(field, "Enter a date, such as 2026-03-01."))?;
    Ok(Some(if end { day.until } else { day.from }))
}

impl ActivityQuery {
    fn filter(&self, zone: &jiff::tz::TimeZone) -> Result<audit::Filter> {
        let cursor = self.cursor.as_deref().map(str::parse).transpose();
        let person = self.person.as_deref().map(str::parse).transpose();
        Ok(audit::Filter {
            actor: person.map_err(|_| Error::field("person", "Choose a person from the list."))?,
            object: self.object.clone(),
            from: day("from", self.from.as_deref(), zone, false)?,
            to: day("to", self.to.as_deref(), zone, true)?,
            before: cursor.map_err(|_| {
                Error::field(
                    "cursor",
                    "This page of the list doesn’t exist. Start \
                from the first page.",
                )
            })?,
        })
    }

    fn pairs(&self) -> [(&str, &str); 4] {
        [("person", &self.person), ("object", &self.object), ("from", &self.from), ("to", &self.to)]
            .map(|(name, value)| (name, value.as_deref().unwrap_or_default()))
    }
}

struct EventView {
    seq: i64,
    at: Time,
    actor: String,
    told: Told,
    only: String,
}

#[derive(Template)]
#[template(path = "activity/templates/activity.html")]
struct ActivityPage {
    frame: Frame,
    path: String,
    entry: Entry,
    people: Vec<Choice>,
    object: String,
    filtered: bool,
    events: Vec<EventView>,
    pager: Pager,
    export: String,
    verified: Option<audit::Verified>,
}

pub(crate) async fn activity(may: May<AccountAdmin>, Query(query): Query<ActivityQuery>) -> Result<Response> {
    let (frame, people, rows) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            let filter = query.filter(&frame.kit.zone)?;
            let rows = audit::list(tx, by.account(), &filter, LIMIT + 1).await?;
            Ok((frame, members::list(tx, by, &members::Filter::default(), 500).await?, rows))
        })
        .await?;
    let verified = match &query.verify {
        Some(_) => Some(may.read_heavy(async |tx, by| audit::verify(tx, by.account()).await).await?),
        None => None,
    };
    let path = may.request().path.clone();
    let rows = Page::cut(rows, LIMIT, |row| row.seq.to_string());
    let pager = Pager::new(&path, &query.pairs(), query.cursor.as_deref(), rows.next_cursor.as_deref());
    let names =
        people.iter().map(|person| (person.user.to_string(), person.name.clone())).collect::<Vec<_>>();
    let known = known_names(&names, &frame);
    let events = rows.items.into_iter().map(|row| {
        let mut told = tell(&row);
        if let Some((_, name)) = known.iter().find(|(id, _)| *id == told.about) {
            told.about.clone_from(name);
        }
        EventView {
            seq: row.seq,
            at: row.at,
            actor: row.actor_name.unwrap_or_else(|| "The server".to_owned()),
            told,
            only: link(&path, &[("object", &row.object)]),
        }
    });
    let events = events.collect();
    let mut everyone = choices([("", "Anyone")]);
    everyone.extend(choices(names));
    let page = ActivityPage {
        frame: frame.page(&may, "activity", [], "Activity"),
        entry: Entry::of(&query.pairs()),
        people: everyone,
        object: query.object.clone().unwrap_or_default(),
        filtered: query.pairs().iter().any(|(_, value)| !value.is_empty()),
        events,
        pager,
        export: link(&format!("{path}.csv"), &query.pairs()),
        path,
        verified,
    };
    page::ok(&may, &page)
}

/// What the page has names for: people, the caller's groups, the account itself.
fn known_names(people: &[(String, String)], frame: &Frame) -> Vec<(String, String)> {
    let places = frame.groups.iter().chain(&frame.above).filter_map(|place| {
        let id = place.href.split('/').nth(2)?.to_owned();
        Some((
            id,
            if place.sub.is_empty() || place.key == "group" {
                place.label.clone()
            } else {
                place.sub.clone()
            },
        ))
    });
    people.iter().cloned().chain(places).collect()
}

/// The trail as CSV, newest first. The export itself is an event.
pub(crate) async fn export_activity(
    may: May<AccountAdmin>,
    Query(query): Query<ActivityQuery>,
) -> Result<Response> {
    let zone = may.read(async |tx, by| accounts::actions::show(tx, by).await).await?.time_zone;
    let zone = jiff::tz::TimeZone::get(&zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let filter = query.filter(&zone)?;
    may.write(async |tx, by| begin_export(tx, by).await).await?;
    let parts = futures_util::stream::try_unfold((Arc::new(may), Some(filter)), |(may, filter)| async move {
        let Some(filter) = filter else { return Ok(None) };
        let part = filter.clone();
        let rows =
            may.read_heavy(async move |tx, by| audit::list(tx, by.account(), &part, PART).await).await?;
        let next = rows.last().map(|last| audit::Filter { before: Some(last.seq), ..filter });
        Ok::<_, Error>((!rows.is_empty()).then(|| (rows.iter().map(cells).collect(), (may, next))))
    });
    let headings = ["number", "time", "person", "person id", "what", "about", "object", "group", "detail"]
        .map(str::to_owned);
    Ok(csv::download("covey-activity.csv", &headings, parts).into())
}

fn cells(row: &audit::EventRow) -> Vec<String> {
    let Told { what, about } = tell(row);
    vec![
        row.seq.to_string(),
        row.at.to_string(),
        row.actor_name.clone().unwrap_or_default(),
        row.actor.map(|actor: UserId| actor.to_string()).unwrap_or_default(),
        what,
        about,
        row.object.clone(),
        row.group.clone(),
        row.detail.clone().unwrap_or_default(),
    ]
}

/// A receipt of the trail as it ends now, as a file to be kept elsewhere.
pub(crate) async fn receipt(may: May<AccountAdmin>) -> Result<Response> {
    let receipt = may.read(async |tx, by| audit::receipt(tx, by.account()).await).await?;
    let receipt = receipt.ok_or_else(Error::not_found)?;
    let mut response = format!("{}\n", receipt.line()?).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let named = format!("attachment; filename=\"covey-audit-receipt-{}.json\"", receipt.seq);
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&named).map_err(Error::internal)?);
    Ok(response)
}
