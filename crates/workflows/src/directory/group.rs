//! The users of a group.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::directory::{LOOKED_THROUGH, account::tabs, cut, hands_out};
use access::{GroupReader, policy::Wish};
use kernel::{clock::Time, error::Result, id::GroupId};
use people::{
    groups::{GroupMemberRow, people},
    invitations::{self, InvitationRow, MailWaits, State},
};
use web::{
    May, Query,
    entry::Entry,
    page::{self, Frame, Here, NavItem},
    parts::{Choice, choices},
};

/// Which people to show.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct UsersQuery {
    q: Option<String>,
    status: Option<String>,
}

/// An invitation in a list of people.
struct InvitationView {
    row: InvitationRow,
    expired: bool,
    until: Time,
    administrator: bool,
    waits: Option<MailWaits>,
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
    people: Vec<GroupMemberRow>,
    invitations: Vec<InvitationView>,
    /// Whether links of invitations whose emails wait can be had.
    hands_out: bool,
    /// What is to be said where not all of them are shown.
    not_shown: Option<String>,
    filtered: bool,
    archived: bool,
}

pub(crate) async fn users(may: May<GroupReader>, Query(query): Query<UsersQuery>) -> Result<Response> {
    let status = query.status.as_deref().unwrap_or_default();
    let search = query.q.as_deref();
    let page = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            let manages = by.may(Wish::Manage);
            let people = match status {
                "" | "accepted" => people(tx, by, search).await?,
                _ => Vec::new(),
            };
            let pending = match manages && status != "accepted" {
                true => {
                    invitations::unsettled(tx, by.account(), Some(by.group()), search, LOOKED_THROUGH).await?
                }
                false => Vec::new(),
            };
            let pending = pending.into_iter().map(|row| InvitationView {
                expired: row.state(tx.now()) != State::Pending,
                until: row.expires_at,
                // Of this group alone, with the role where it is more than membership.
                waits: row.mail_waits(tx.now()),
                administrator: row.groups.as_deref().is_some_and(|name| name.ends_with(" (administrator)")),
                row,
            });
            let mut invitations = pending
                .filter(|view| match status {
                    "pending" => !view.expired,
                    "expired" => view.expired,
                    _ => true,
                })
                .collect();
            let not_shown = cut(&mut invitations);
            Ok(UsersPage {
                frame: frame.page(&may, "users", [], "Users"),
                tabs: match by.role().manages() {
                    true => tabs(by.account(), Some(by.group()), true).into(),
                    false => Vec::new(),
                },
                group: by.group(),
                in_group: by.group_role().is_some(),
                manages,
                entry: Entry::of(&[("q", search.unwrap_or_default()), ("status", status)]),
                statuses: choices([
                    ("", "Any"),
                    ("accepted", "Active"),
                    ("pending", "Pending"),
                    ("expired", "Expired"),
                ]),
                people,
                filtered: search.is_some() || !status.is_empty(),
                archived: by.archived(),
                invitations,
                hands_out: hands_out(&may.app().site),
                not_shown,
            })
        })
        .await?;
    page::ok(&may, &page)
}
