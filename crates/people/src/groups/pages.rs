//! Pages of groups: the account's list, a group's settings, the buttons that change its people, and the live counts
//! of its home. The home itself and the list of people are workflows.

use crate::users;
use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::{
    first_steps::{self, FirstSteps},
    groups::{
        self, GroupRow, Sort,
        actions::{self, Changes},
        show, topic,
    },
    members,
};
use access::{AccountMember, GroupAdmin, GroupReader, GroupRole, GroupSteward, may_add_groups};
use kernel::{
    error::{Error, Result},
    id::{AccountId, GroupId, UserId},
    order::Order,
    text::{self, counted},
};
use storage::ExpectedVersion;
use web::{
    Form, May, Page, Query,
    answer::cursor_id,
    cookies::Flash,
    entry::Entry,
    list::{self, Heads},
    live::stream,
    page::{self, Frame, Here, confirm, go_with, settle},
};

/// Which groups to list.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct GroupsQuery {
    archived: Option<bool>,
    sort: Option<String>,
    cursor: Option<String>,
}

/// How many groups a page shows.
const LIMIT: i64 = 100;

/// Names from A on.
const USUAL: Order<Sort> = Order::ascending(Sort::Name);

#[derive(Template)]
#[template(path = "groups/templates/list.html")]
struct ListPage {
    frame: Frame,
    account: AccountId,
    rows: Vec<GroupRow>,
    list: Heads,
    archived: bool,
    manages: bool,
    adds_groups: bool,
    /// Who can add the reader to a group, by name.
    ask: String,
    entry: Entry,
    first_steps: Option<FirstSteps>,
    /// Where the checklist's button leads back to.
    back: String,
}

pub(crate) async fn index(may: May<AccountMember>, Query(query): Query<GroupsQuery>) -> Result<Response> {
    let archived = query.archived.unwrap_or(false);
    let order = list::order(query.sort.as_deref(), USUAL);
    let cursor = query.cursor.as_deref();
    let after = cursor.map(|cursor| cursor_id(Some(cursor))).transpose()?;
    let path = may.request().path.clone();
    let page = may
        .read(async |tx, by| {
            if !by.role().works() {
                return Err(Error::not_found());
            }
            let frame = may.frame(tx, by.user(), Here::Account(by.account())).await?;
            let first_steps = match frame.first_steps {
                true => Some(first_steps::of(tx, by.account(), by.user(), frame.kit.sells).await?),
                false => None,
            };
            let rows = groups::page(tx, by, archived, order, after, LIMIT).await?;
            let rows = Page::cut(rows, LIMIT, |row| row.id.to_string());
            let filters = [("archived", if archived { "true" } else { "" })];
            Ok(ListPage {
                frame: frame.page(&may, "groups", [], "Groups"),
                first_steps,
                back: format!("/a/{}/groups", by.account()),
                account: by.account(),
                list: Heads::new(&path, &filters, order, USUAL).paged(cursor, rows.next_cursor.as_deref()),
                rows: rows.items,
                archived,
                manages: by.role().manages(),
                adds_groups: may_add_groups(tx, by.account(), by.user(), by.role()).await?,
                ask: text::any_of(&members::managers(tx, by.account()).await?),
                entry: Entry::default(),
            })
        })
        .await?;
    page::ok(&may, &page)
}

/// The live counts of a group.
#[derive(PartialEq, Serialize)]
struct Counts {
    pending: i64,
    people: i64,
}

pub(crate) async fn live(may: May<GroupReader>) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    may.read(async |_, _| Ok(())).await?;
    Ok(stream(may, topic(group), |may| async move {
        may.read(async |tx, by| {
            let row = show(tx, by).await?;
            Ok(Counts { pending: row.pending, people: row.people })
        })
        .await
    }))
}

#[derive(Template)]
#[template(path = "groups/templates/settings.html")]
struct SettingsPage {
    frame: Frame,
    group: GroupRow,
    entry: Entry,
    manages_account: bool,
}

async fn settings_page(may: &May<GroupAdmin>, entry: Option<Entry>) -> Result<Response> {
    let (frame, group, manages_account) = may
        .read(async |tx, by| {
            let frame = may.frame(tx, by.user(), Here::Group(by.account(), by.group())).await?;
            Ok((frame, show(tx, by).await?, by.role().manages()))
        })
        .await?;
    let entry =
        entry.unwrap_or_else(|| Entry::of(&[("name", &group.name), ("description", &group.description)]));
    let (frame, status) = (frame.page(may, "settings", [], "Settings"), entry.status());
    page::show(may, status, &SettingsPage { frame, group, entry, manages_account })
}

pub(crate) async fn settings(may: May<GroupAdmin>) -> Result<Response> {
    settings_page(&may, None).await
}

pub(crate) async fn change(may: May<GroupAdmin>, form: Form) -> Result<Response> {
    let input = Changes {
        name: Some(form.get("name").to_owned()),
        description: Some(form.get("description").to_owned()),
        archived: None,
    };
    let seen = ExpectedVersion::of(form.get("version").parse().ok());
    match may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await {
        Ok(row) => go_with(&may, &format!("/g/{}", row.id), &Flash::done("Group saved.")),
        Err(error) => settings_page(&may, Some(Entry::again(form, error)?)).await,
    }
}

pub(crate) async fn archive(may: May<GroupSteward>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let archived = form.get("archived") != "false";
    let back = format!("/g/{group}/settings");
    let question = page::Question {
        ask: "Archive this group?".to_owned(),
        detail: "Everything in it stays readable, and nothing in it changes until it is restored.",
        action: "Archive",
        back: &back,
    };
    if archived && let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let input = Changes { archived: Some(archived), ..Changes::default() };
    let changed = may
        .write(async move |tx, by| actions::change(tx, &by.as_admin(), &input, ExpectedVersion::ANY).await)
        .await;
    let own = may.request().path.clone();
    settle(&may, &format!("/g/{group}"), changed, |row| match archived {
        true => Flash::done(format!("“{}” was archived.", row.name)).undo(own, &[("archived", "false")]),
        false => Flash::done(format!("“{}” was restored.", row.name)),
    })
}

pub(crate) async fn delete(may: May<GroupSteward>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let back = format!("/g/{group}/settings");
    let question = page::Question {
        ask: "Delete this group?".to_owned(),
        detail: "Its locations, memberships, and invitations are deleted too. This can’t be undone.",
        action: "Delete group",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let deleted = may.write(async |tx, by| {
        actions::delete(tx, by).await?;
        Ok(by.account())
    });
    match deleted.await {
        Ok(account) => go_with(&may, &format!("/a/{account}/groups"), &Flash::done("Group deleted.")),
        Err(error) => settle(&may, &back, Err::<(), _>(error), |()| Flash::done("")),
    }
}

pub(crate) async fn set_role(may: May<GroupAdmin>, form: Form) -> Result<Response> {
    let (group, user): (GroupId, UserId) = (may.id("group")?, may.id("user")?);
    let role = GroupRole::read(form.get("role"));
    let site = may.app().site.clone();
    let changed = may.write(async move |tx, by| {
        let role = role.ok_or_else(|| Error::field("role", "Choose a role."))?;
        actions::put_member(tx, by, user, role, &site).await?;
        Ok((users::user(tx, user).await?.name, role))
    });
    let changed = changed.await;
    settle(&may, &format!("/g/{group}/users"), changed, |(name, role)| match role {
        GroupRole::Administrator => Flash::done(format!("{name} is now an administrator of the group.")),
        GroupRole::Member => Flash::done(format!("{name} is now a member of the group.")),
    })
}

/// Adds the members of the account who were selected.
pub(crate) async fn add_people(may: May<GroupAdmin>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let role = GroupRole::read(form.get("role")).unwrap_or(GroupRole::Member);
    let users = form.all("member").iter().map(|id| id.parse::<UserId>().ok()).collect::<Option<Vec<_>>>();
    let site = may.app().site.clone();
    let added = may.write(async move |tx, by| {
        let users = users.as_ref().filter(|users| !users.is_empty());
        let users = users.ok_or_else(|| Error::field("member", "Select at least one person."))?;
        for user in users {
            actions::put_member(tx, by, *user, role, &site).await?;
        }
        Ok(users.len())
    });
    let added = added.await;
    let back = if added.is_ok() { "users" } else { "invite" };
    settle(&may, &format!("/g/{group}/{back}"), added, |many| {
        let people = counted(many, "person was", "people were");
        Flash::done(format!("{people} added to the group."))
    })
}

pub(crate) async fn remove(may: May<GroupAdmin>, form: Form) -> Result<Response> {
    let (group, user): (GroupId, UserId) = (may.id("group")?, may.id("user")?);
    let back = format!("/g/{group}/users");
    let question = page::Question {
        ask: "Remove this person from the group?".to_owned(),
        detail: "They lose access to its cases right away. They stay in the account.",
        action: "Remove",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let site = may.app().site.clone();
    let removed = may.write(async move |tx, by| {
        let role = actions::remove_member(tx, by, user, &site).await?;
        Ok((users::user(tx, user).await?.name, role))
    });
    settle(&may, &back, removed.await, |(name, role)| {
        let undo = format!("/g/{group}/users/{user}/role");
        Flash::done(format!("{name} was removed from the group.")).undo(undo, &[("role", role.word())])
    })
}

pub(crate) async fn leave(may: May<GroupReader>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let back = format!("/g/{group}/users");
    let question = page::Question {
        ask: "Leave this group?".to_owned(),
        detail: "You lose access to its cases right away. Only an administrator can add you again.",
        action: "Leave group",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question)? {
        return Ok(asked);
    }
    let left = may.write(async |tx, by| actions::leave(tx, by).await).await;
    settle(&may, "/", left, |()| Flash::done("You left the group."))
}
