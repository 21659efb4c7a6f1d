//! Pages of locations.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::locations::{
    self, LocationRow, Sort,
    actions::{self, Changes},
    show,
};
use access::{GroupAdmin, GroupReader, LocationAdmin, policy::Wish};
use kernel::{error::Result, id::GroupId, order::Order};
use storage::ExpectedVersion;
use web::{
    Form, May, Page, Query,
    answer::cursor_id,
    cookies::Flash,
    entry::Entry,
    list::{self, Heads},
    page::{self, Frame, Here, confirm, crumb, go_with, settle},
};

/// How many locations a page shows.
const LIMIT: i64 = 50;

/// Those in use by name, archived ones last.
const USUAL: Order<Sort> = Order::ascending(Sort::Status);

/// Which locations to show.
#[derive(Default, Deserialize, utoipa::IntoParams)]
pub(crate) struct LocationsQuery {
    sort: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "locations/templates/list.html")]
struct ListPage {
    frame: Frame,
    group: GroupId,
    rows: Vec<LocationRow>,
    list: Heads,
    manages: bool,
    entry: Entry,
}

async fn list_page(may: &May<GroupReader>, query: &LocationsQuery, entry: Entry) -> Result<Response> {
    let order = list::order(query.sort.as_deref(), USUAL);
    let cursor = query.cursor.as_deref();
    let after = cursor.map(|cursor| cursor_id(Some(cursor))).transpose()?;
    let (frame, group, rows, manages) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let rows = locations::page(tx, by, order, after, LIMIT).await?;
            Ok((frame, by.group(), rows, by.may(Wish::Manage) && !by.archived()))
        })
        .await?;
    let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
    let list = Heads::new(&format!("/g/{group}/locations"), &[], order, USUAL)
        .paged(cursor, rows.next_cursor.as_deref());
    let (frame, status) = (frame.page(may, "locations", [], "Locations"), entry.status());
    page::show(may, status, &ListPage { frame, group, rows: rows.items, list, manages, entry })
}

pub(crate) async fn index(may: May<GroupReader>, Query(query): Query<LocationsQuery>) -> Result<Response> {
    list_page(&may, &query, Entry::default()).await
}

pub(crate) async fn add(may: May<GroupAdmin>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let (name, address) = (form.get("name").to_owned(), form.get("address").to_owned());
    match may.write(async move |tx, by| actions::add(tx, by, &name, &address).await).await {
        Ok(row) => {
            let flash = Flash::done(format!("“{}” was added. You can create cases there now.", row.name));
            go_with(&may, &format!("/g/{group}/locations"), &flash)
        }
        Err(error) => {
            let reader = may.within::<GroupReader>(&[("group", group.to_string())]);
            list_page(&reader, &LocationsQuery::default(), Entry::again(form, error)?).await
        }
    }
}

#[derive(Template)]
#[template(path = "locations/templates/edit.html")]
struct EditPage {
    frame: Frame,
    group: GroupId,
    row: LocationRow,
    entry: Entry,
}

async fn edit_page(may: &May<LocationAdmin>, entry: Option<Entry>) -> Result<Response> {
    let (frame, group, row) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            Ok((frame, by.group(), show(tx, by, by.location()).await?))
        })
        .await?;
    let entry = entry.unwrap_or_else(|| Entry::of(&[("name", &row.name), ("address", &row.address)]));
    let between = [crumb("Locations", format!("/g/{group}/locations"))];
    let (frame, status) = (frame.page(may, "locations", between, "Edit location"), entry.status());
    page::show(may, status, &EditPage { frame, group, row, entry })
}

pub(crate) async fn edit(may: May<LocationAdmin>) -> Result<Response> {
    edit_page(&may, None).await
}

pub(crate) async fn change(may: May<LocationAdmin>, form: Form) -> Result<Response> {
    let input = Changes {
        name: Some(form.get("name").to_owned()),
        address: Some(form.get("address").to_owned()),
        archived: None,
    };
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    match may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await {
        Ok(row) => {
            let flash = Flash::done(format!("“{}” was saved.", row.name));
            go_with(&may, &format!("/g/{}/locations", row.group), &flash)
        }
        Err(error) => edit_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

pub(crate) async fn archive(may: May<LocationAdmin>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let archived = form.get("archived") != "false";
    let back = format!("/g/{group}/locations");
    let question = page::Question {
        ask: "Archive this location?".to_owned(),
        detail: "Its cases stay, but you can’t create new ones there.",
        action: "Archive",
        back: &back,
    };
    if archived && let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let input = Changes { archived: Some(archived), ..Changes::default() };
    let changed =
        may.write(async move |tx, by| actions::change(tx, by, &input, ExpectedVersion::ANY).await).await;
    let own = may.request().path.clone();
    settle(&may, &back, changed, |row| match archived {
        true => Flash::done(format!("“{}” was archived. Existing cases keep it.", row.name))
            .undo(own, &[("archived", "false")]),
        false => Flash::done(format!("“{}” was restored.", row.name)),
    })
}
