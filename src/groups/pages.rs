//! Pages of groups: the account's list, a group's home, its settings, its people.

use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::{
    access::{AccountAdmin, AccountMember, GroupAdmin, GroupReader, GroupRole, GroupSteward, policy::Wish},
    accounts::{Here, frame},
    cases::{self, CaseRow},
    clock::Time,
    error::{Error, Result},
    groups::{
        GroupMemberRow, GroupRow,
        actions::{self, Changes, NewGroup},
        list, people, show, topic,
    },
    id::{AccountId, GroupId, UserId},
    invitations::{self, InvitationRow, Outcome},
    sign_in,
    web::{
        Form, IfMatch, May, Query,
        cookies::Flash,
        entry::Entry,
        live::stream,
        page::{self, Frame, confirm, crumb, go_with, settle},
        parts::{Choice, choices},
    },
};

/// How many of the newest cases the home page shows.
const RECENT: i64 = 8;
/// How many invitations the page of people shows.
const INVITATIONS: i64 = 200;

/// Which groups to list.
#[derive(Deserialize, utoipa::IntoParams)]
pub(crate) struct GroupsQuery {
    archived: Option<bool>,
}

#[derive(Template)]
#[template(path = "groups/templates/list.html")]
struct ListPage {
    frame: Frame,
    account: AccountId,
    rows: Vec<GroupRow>,
    archived: bool,
    manages: bool,
    entry: Entry,
}

pub(crate) async fn index(may: May<AccountMember>, Query(query): Query<GroupsQuery>) -> Result<Response> {
    let archived = query.archived.unwrap_or(false);
    let page = may
        .read(async |tx, by| {
            if !by.role().works() {
                return Err(Error::not_found());
            }
            Ok(ListPage {
                frame: frame(tx, by.id(), Here::Account(by.account())).await?.page(
                    &may,
                    "groups",
                    [],
                    "Groups",
                ),
                account: by.account(),
                rows: list(tx, by, archived).await?,
                archived,
                manages: by.role().manages(),
                entry: Entry::default(),
            })
        })
        .await?;
    page::ok(&may, &page)
}

#[derive(Template)]
#[template(path = "groups/templates/new.html")]
struct NewPage {
    frame: Frame,
    account: AccountId,
    entry: Entry,
}

async fn new_page(may: &May<AccountAdmin>, entry: Entry) -> Result<Response> {
    let load = async |tx: &_, by: &AccountAdmin| {
        Ok((frame(tx, by.id(), Here::Account(by.account())).await?, by.account()))
    };
    let (frame, account) = may.read(load).await?;
    let between = [crumb("Groups", format!("/a/{account}/groups"))];
    let (frame, status) = (frame.page(may, "groups", between, "Create a group"), entry.status());
    page::show(may, status, &NewPage { frame, account, entry })
}

pub(crate) async fn new(may: May<AccountAdmin>) -> Result<Response> {
    new_page(&may, Entry::default()).await
}

#[derive(Template)]
#[template(path = "groups/templates/created.html")]
struct CreatedPage {
    frame: Frame,
    group: GroupId,
    name: String,
    outcome: Outcome,
    link: String,
}

pub(crate) async fn create(may: May<AccountAdmin>, form: Form) -> Result<Response> {
    let new = NewGroup {
        name: form.get("name").to_owned(),
        administrator_email: form.get("administrator_email").to_owned(),
        description: form.get("description").to_owned(),
    };
    let (site, name) = (may.app().site.clone(), new.name.trim().to_owned());
    let made = may.write(async move |tx, by| {
        let (group, outcome) = actions::create(tx, by, &site, &new).await?;
        Ok((frame(tx, by.id(), Here::Account(by.account())).await?, by.account(), group, outcome))
    });
    let (frame, account, group, outcome) = match made.await {
        Ok(made) => made,
        Err(error) => return new_page(&may, Entry::again(form, error)?).await,
    };
    if let Some(outcome) = outcome {
        if let Some(link) = outcome.link.clone() {
            let between = [crumb("Groups", format!("/a/{account}/groups"))];
            let frame = frame.page(&may, "groups", between, "Group created");
            return page::ok(&may, &CreatedPage { frame, group, name, outcome, link });
        }
        let told = format!("“{name}” was created. {}: {}", outcome.email, outcome.detail);
        return go_with(&may, &format!("/g/{group}"), &Flash::done(told));
    }
    go_with(&may, &format!("/g/{group}"), &Flash::done(format!("“{name}” was created.")))
}

#[derive(Template)]
#[template(path = "groups/templates/home.html")]
#[allow(clippy::struct_excessive_bools, reason = "each says what one part of the page shows")]
struct HomePage {
    frame: Frame,
    group: GroupRow,
    closed: i64,
    cases: Vec<CaseRow>,
    manages: bool,
    manages_account: bool,
    works: bool,
    from_parent: bool,
    me: UserId,
}

pub(crate) async fn home(may: May<GroupReader>) -> Result<Response> {
    let page = may
        .read(async |tx, by| {
            let mut frame = frame(tx, by.id(), Here::Group(by.account(), by.group())).await?;
            frame.live = Some(format!("/g/{}/live", by.group()));
            let group = show(tx, by).await?;
            // From the parent account a look at cases is noted, so it is asked for on their own page.
            let cases = match by.from_parent() {
                true => Vec::new(),
                false => cases::actions::list(tx, by, &cases::Filter::default(), RECENT).await?,
            };
            Ok(HomePage {
                frame: frame.page(&may, "home", [], group.name.clone()),
                closed: group.cases - group.open_cases,
                group,
                cases: cases.into_iter().take(usize::try_from(RECENT).unwrap_or_default()).collect(),
                manages: by.may(Wish::Manage),
                manages_account: by.role().manages(),
                works: by.may(Wish::Work),
                from_parent: by.from_parent(),
                me: by.id(),
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
            let frame = frame(tx, by.id(), Here::Group(by.account(), by.group())).await?;
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
    let seen = IfMatch(form.get("version").parse().ok());
    match may.write(async move |tx, by| actions::change(tx, by, &input, seen).await).await {
        Ok(row) => go_with(&may, &format!("/g/{}", row.id), &Flash::done("The group was saved.")),
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
    if archived && let Some(asked) = confirm(&may, &form, question).await? {
        return Ok(asked);
    }
    let input = Changes { archived: Some(archived), ..Changes::default() };
    let changed =
        may.write(async move |tx, by| actions::change(tx, &by.as_admin(), &input, IfMatch(None)).await).await;
    let own = may.request().path.clone();
    settle(&may, &format!("/g/{group}"), changed, |row| match archived {
        true => Flash::done(format!("“{}” is archived.", row.name)).undo(own, &[("archived", "false")]),
        false => Flash::done(format!("“{}” is in use again.", row.name)),
    })
}

pub(crate) async fn delete(may: May<GroupSteward>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let back = format!("/g/{group}/settings");
    let question = page::Question {
        ask: "Delete this group?".to_owned(),
        detail: "Its locations, memberships and invitations go with it. This can’t be undone.",
        action: "Delete the group",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question).await? {
        return Ok(asked);
    }
    let deleted = may.write(async |tx, by| {
        actions::delete(tx, by).await?;
        Ok(by.account())
    });
    match deleted.await {
        Ok(account) => go_with(&may, &format!("/a/{account}/groups"), &Flash::done("The group was deleted.")),
        Err(error) => settle(&may, &back, Err::<(), _>(error), |()| Flash::done("")),
    }
}

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
}

#[derive(Template)]
#[template(path = "groups/templates/users.html")]
struct UsersPage {
    frame: Frame,
    group: GroupId,
    in_group: bool,
    manages: bool,
    entry: Entry,
    statuses: Vec<Choice>,
    people: Vec<GroupMemberRow>,
    invitations: Vec<InvitationView>,
    filtered: bool,
    archived: bool,
}

pub(crate) async fn users(may: May<GroupReader>, Query(query): Query<UsersQuery>) -> Result<Response> {
    let status = query.status.as_deref().unwrap_or_default();
    let search = query.q.as_deref();
    let page = may
        .read(async |tx, by| {
            let frame = frame(tx, by.id(), Here::Group(by.account(), by.group())).await?;
            let manages = by.may(Wish::Manage);
            let people = match status {
                "" | "accepted" => people(tx, by, search).await?,
                _ => Vec::new(),
            };
            let pending = match manages && status != "accepted" {
                true => {
                    invitations::unsettled(tx, by.account(), Some(by.group()), search, INVITATIONS).await?
                }
                false => Vec::new(),
            };
            let pending = pending.into_iter().map(|row| InvitationView {
                expired: row.expires_at <= tx.now(),
                until: row.expires_at,
                // Of this group alone, with the role where it is more than membership.
                administrator: row.groups.as_deref().is_some_and(|name| name.ends_with(" (administrator)")),
                row,
            });
            Ok(UsersPage {
                frame: frame.page(&may, "users", [], "Users"),
                group: by.group(),
                in_group: by.group_role().is_some(),
                manages,
                entry: Entry::of(&[("q", search.unwrap_or_default()), ("status", status)]),
                statuses: choices([
                    ("", "Any"),
                    ("accepted", "Accepted"),
                    ("pending", "Pending"),
                    ("expired", "Expired"),
                ]),
                people,
                filtered: search.is_some() || !status.is_empty(),
                archived: by.archived(),
                invitations: pending
                    .filter(|view| match status {
                        "pending" => !view.expired,
                        "expired" => view.expired,
                        _ => true,
                    })
                    .collect(),
            })
        })
        .await?;
    page::ok(&may, &page)
}

pub(crate) async fn set_role(may: May<GroupAdmin>, form: Form) -> Result<Response> {
    let (group, user): (GroupId, UserId) = (may.id("group")?, may.id("user")?);
    let role = GroupRole::read(form.get("role"));
    let changed = may.write(async move |tx, by| {
        let role = role.ok_or_else(|| Error::field("role", "Choose a role."))?;
        actions::put_member(tx, by, user, role).await?;
        Ok((sign_in::user(tx, user).await?.name, role))
    });
    let changed = changed.await;
    settle(&may, &format!("/g/{group}/users"), changed, |(name, role)| match role {
        GroupRole::Administrator => Flash::done(format!("{name} is an administrator of the group now.")),
        GroupRole::Member => Flash::done(format!("{name} is a member of the group now.")),
    })
}

/// Adds those people of the account that were ticked.
pub(crate) async fn add_people(may: May<GroupAdmin>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let role = GroupRole::read(form.get("role")).unwrap_or(GroupRole::Member);
    let users = form.all("member").iter().map(|id| id.parse::<UserId>().ok()).collect::<Option<Vec<_>>>();
    let added = may.write(async move |tx, by| {
        let users = users.as_ref().filter(|users| !users.is_empty());
        let users = users.ok_or_else(|| Error::field("member", "Tick at least one person."))?;
        for user in users {
            actions::put_member(tx, by, *user, role).await?;
        }
        Ok(users.len())
    });
    let added = added.await;
    let back = if added.is_ok() { "users" } else { "invite" };
    settle(&may, &format!("/g/{group}/{back}"), added, |many| {
        let people = if many == 1 { "1 person was".to_owned() } else { format!("{many} people were") };
        Flash::done(format!("{people} added to the group, and can work in it now."))
    })
}

pub(crate) async fn remove(may: May<GroupAdmin>, form: Form) -> Result<Response> {
    let (group, user): (GroupId, UserId) = (may.id("group")?, may.id("user")?);
    let back = format!("/g/{group}/users");
    let question = page::Question {
        ask: "Remove this person from the group?".to_owned(),
        detail: "They no longer see its cases, from this moment on. They stay on the account.",
        action: "Remove",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question).await? {
        return Ok(asked);
    }
    let role = GroupRole::read(form.get("role")).unwrap_or(GroupRole::Member);
    let removed = may.write(async move |tx, by| {
        actions::remove_member(tx, by, user).await?;
        Ok(sign_in::user(tx, user).await?.name)
    });
    settle(&may, &back, removed.await, |name| {
        let undo = format!("/g/{group}/users/{user}/role");
        Flash::done(format!("{name} was removed from the group.")).undo(undo, &[("role", role.word())])
    })
}

pub(crate) async fn leave(may: May<GroupReader>, form: Form) -> Result<Response> {
    let group: GroupId = may.id("group")?;
    let back = format!("/g/{group}/users");
    let question = page::Question {
        ask: "Leave this group?".to_owned(),
        detail: "You no longer see its cases. Only its administrators can add you again.",
        action: "Leave the group",
        back: &back,
    };
    if let Some(asked) = confirm(&may, &form, question).await? {
        return Ok(asked);
    }
    let left = may.write(async |tx, by| actions::leave(tx, by).await).await;
    settle(&may, "/", left, |()| Flash::done("You left the group."))
}
