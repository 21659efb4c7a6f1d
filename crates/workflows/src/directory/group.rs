//! The users of a group.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::directory::{
    LIMIT,
    account::tabs,
    hands_out,
    store::{Filter, Sort, in_group},
    table::{Row, USUAL, after, cursor, in_order, invitations_of, open, people_of},
};
use access::{GroupReader, policy::Wish};
use kernel::{error::Result, id::GroupId, order::Order};
use people::{
    groups::{self, GroupMemberRow},
    invitations,
    members::State,
};
use storage::Tx;
use web::{
    May, Page, Query,
    entry::Entry,
    list::{self, Heads},
    page::{self, Frame, Here, NavItem},
    parts::{Choice, choices},
};

/// Which people to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct UsersQuery {
    q: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "directory/templates/group.html")]
struct UsersPage {
    frame: Frame,
    tabs: Vec<NavItem>,
    group: GroupId,
    in_group: bool,
    manages: bool,
    entry: Entry,
    statuses: Vec<Choice>,
    rows: Vec<Row<GroupMemberRow>>,
    list: Heads,
    /// Whether links of invitations whose emails wait can be had.
    hands_out: bool,
    filtered: bool,
    archived: bool,
}

/// The rows of a page, and where the next begins. Who doesn't manage the group sees its people alone.
async fn rows(
    tx: &Tx,
    by: &GroupReader,
    query: &UsersQuery,
    order: Order<Sort>,
) -> Result<(Vec<Row<GroupMemberRow>>, Option<String>)> {
    let status = query.status.as_deref().unwrap_or_default();
    let filter = Filter {
        search: query.q.as_deref(),
        role: None,
        people: matches!(status, "" | "accepted").then_some(State::Active),
        invitations: open(status).filter(|_| by.may(Wish::Manage)),
        after: after(query.cursor.as_deref())?,
    };
    let lines = Page::cut(in_group(tx, by, &filter, order, LIMIT).await?, LIMIT, cursor);
    let people = groups::these(tx, by, &people_of(&lines.items)).await?;
    let found = invitations_of(&lines.items);
    let invited = invitations::these(tx, by.account(), Some(by.group()), &found).await?;
    let people = people.into_iter().map(|row| (row.user, row));
    Ok((in_order(&lines.items, people, invited, tx.now()), lines.next_cursor))
}

pub(crate) async fn users(may: May<GroupReader>, Query(query): Query<UsersQuery>) -> Result<Response> {
    let status = query.status.as_deref().unwrap_or_default();
    let search = query.q.as_deref().unwrap_or_default();
    let path = may.request().path.clone();
    let filters = [("q", search), ("status", status)];
    let page = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let manages = by.may(Wish::Manage);
            let order = list::order(query.sort.as_deref(), USUAL);
            let (rows, next) = rows(tx, by, &query, order).await?;
            Ok(UsersPage {
                frame: frame.page(&may, "users", [], "Users"),
                tabs: match by.role().manages() {
                    true => tabs(by.account(), Some(by.group()), true).into(),
                    false => Vec::new(),
                },
                group: by.group(),
                in_group: by.group_role().is_some(),
                manages,
                entry: Entry::of(&filters),
                statuses: choices([
                    ("", "Any"),
                    ("accepted", "Active"),
                    ("pending", "Pending"),
                    ("expired", "Expired"),
                ]),
                list: Heads::new(&path, &filters, order, USUAL)
                    .paged(query.cursor.as_deref(), next.as_deref()),
                rows,
                filtered: !search.is_empty() || !status.is_empty(),
                archived: by.archived(),
                hands_out: hands_out(&may.app().site),
            })
        })
        .await?;
    page::ok(&may, &page)
}
