//! The verbs of groups.

use serde_json::json;

use crate::{
    accounts,
    groups::{
        mail,
        store::{self, GroupRow},
    },
    plans, users, withdrawals,
};
use access::{GroupAdmin, GroupReader, GroupRole, GroupSteward, policy::Wish};
use kernel::{
    error::{Checks, Error, Result},
    id::UserId,
    links::Site,
    text::{self},
};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue_from,
};
use storage::{ExpectedVersion, Tx};

/// What may be changed of a group. What is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is archived: readable, but nothing in it changes. For the account's managers alone.
    pub archived: Option<bool>,
}

/// Changes a group.
///
/// # Errors
/// A field can't be used, the name is taken, the group is archived, or someone changed it meanwhile.
pub async fn change(tx: &Tx, by: &GroupAdmin, input: &Changes, seen: ExpectedVersion) -> Result<GroupRow> {
    // Restoring it is the one change that an archived group takes.
    if input.archived != Some(false) {
        by.must_be_current()?;
    }
    plans::must_be_open(tx, by.account()).await?;
    let before = store::show(tx, by).await?;
    seen.check(before.version)?;
    let mut row = before.clone();
    let mut checks = Checks::default();
    if let Some(name) = &input.name {
        row.name = checks.take("name", text::line(name)).unwrap_or_default();
    }
    if let Some(description) = &input.description {
        row.description = checks.take("description", text::prose(description)).unwrap_or_default();
    }
    checks.done()?;
    if store::name_is_taken(tx, by, &row.name).await? {
        return Err(store::name_taken());
    }
    if let Some(archived) = input.archived {
        if !by.may(Wish::Retire) {
            return Err(Error::forbidden(
                "not_administrator",
                "Only the owner and administrators of the account can archive or restore groups.",
            ));
        }
        row.archived_at = archived.then(|| row.archived_at.unwrap_or(tx.now()));
    }
    if row == before {
        return Ok(row);
    }
    if !store::update(tx, by, &row).await? {
        return Err(Error::stale());
    }
    let detail = json!({ "name": row.name, "archived": row.archived_at.is_some() });
    audit::record(
        tx,
        Event::new(by.account(), by.user(), Action::GroupChanged, row.id).in_group(row.id).with(detail),
    )
    .await?;
    withdrawals::withdraw(tx, by.account(), by.user()).await?;
    store::show(tx, by).await
}

/// Deletes a group that never had a case or a client. One that had is archived instead: clinical records stay.
///
/// # Errors
/// It had cases or clients.
pub async fn delete(tx: &Tx, by: &GroupSteward) -> Result<()> {
    let group = store::show(tx, by).await?;
    if group.cases > 0 {
        return Err(Error::conflict(
            "group_has_cases",
            "This group has cases, which are kept permanently. Archive it instead. It stays readable, and \
             nothing in \
             it changes.",
        ));
    }
    if store::has_records(tx, by).await? {
        return Err(Error::conflict(
            "group_has_clients",
            "This group has clients, whose charts are kept permanently. Archive it instead. It stays \
             readable, and \
             nothing in it changes.",
        ));
    }
    store::delete(tx, by).await?;
    withdrawals::withdraw(tx, by.account(), by.user()).await?;
    let detail = json!({ "name": group.name });
    audit::record(tx, Event::new(by.account(), by.user(), Action::GroupDeleted, group.id).with(detail)).await
}

/// Adds a member of the account to the group, or changes their role in it. Someone whom another person added is told
/// by email.
///
/// # Errors
/// They are not in the account, or are support staff.
pub async fn put_member(tx: &Tx, by: &GroupAdmin, user: UserId, role: GroupRole, site: &Site) -> Result<()> {
    plans::must_be_open(tx, by.account()).await?;
    by.must_be_current()?;
    let present = store::role(tx, by.account(), by.group(), user).await?;
    if present == Some(role) {
        return Ok(());
    }
    if let Some(present) = present {
        store::end(tx, by, user).await?;
        store::begin(tx, by.account(), by.group(), user, role).await?;
        let name = store::about(tx, user, by.account(), by.group()).await?;
        let detail = json!({ "name": name, "from": present, "to": role });
        let event =
            Event::new(by.account(), by.user(), Action::GroupMemberRoleChanged, user).in_group(by.group());
        audit::record(tx, event.with(detail)).await?;
        return withdrawals::withdraw(tx, by.account(), by.user()).await;
    }
    if store::add(tx, by.account(), by.group(), user, role, by.user()).await? {
        return if user == by.user() { Ok(()) } else { tell_added(tx, by, user, site).await };
    }
    Err(Error::field("user", "Choose a person in the account who isn't support staff."))
}

/// Removes someone from the group: they no longer see its cases, and are told by email unless they removed
/// themselves. They stay on the account. An archived group can be left as well: that ends a right and changes nothing
/// in it. Gives the role that they had, with which that is undone.
///
/// # Errors
/// They are not in it.
pub async fn remove_member(tx: &Tx, by: &GroupAdmin, user: UserId, site: &Site) -> Result<GroupRole> {
    let role = store::role(tx, by.account(), by.group(), user).await?.ok_or_else(Error::not_found)?;
    if !store::end(tx, by, user).await? {
        return Err(Error::not_found());
    }
    if user != by.user() {
        tell_removed(tx, by, user, site).await?;
    }
    removed(tx, by, user).await?;
    Ok(role)
}

async fn tell_added(tx: &Tx, by: &GroupAdmin, user: UserId, site: &Site) -> Result<()> {
    let (adder, person) = (users::user(tx, by.user()).await?, users::user(tx, user).await?);
    let group = [store::show(tx, by).await?.name];
    let link = site.page(&format!("/g/{}", by.group()));
    let letter = mail::added(by.account(), &person.email, &adder.name, &group, &link);
    enqueue_from(tx, &letter, &adder.email).await.map(drop)
}

async fn tell_removed(tx: &Tx, by: &GroupAdmin, user: UserId, site: &Site) -> Result<()> {
    let remover = users::user(tx, by.user()).await?;
    let removed = mail::Removed {
        account: by.account(),
        account_name: &accounts::account_name(tx, by.account()).await?,
        group: &store::show(tx, by).await?.name,
        by: &remover.name,
        home: &site.page("/"),
    };
    let letter = mail::removed(&users::user(tx, user).await?, &removed);
    enqueue_from(tx, &letter, &remover.email).await.map(drop)
}

/// Leaves the group.
///
/// # Errors
/// The caller is not in it.
pub async fn leave(tx: &Tx, by: &GroupReader) -> Result<()> {
    if !store::end(tx, by, by.user()).await? {
        return Err(Error::not_found());
    }
    removed(tx, by, by.user()).await
}

async fn removed(tx: &Tx, by: &access::GroupScope, user: UserId) -> Result<()> {
    let name = store::about(tx, user, by.account(), by.group()).await?;
    let detail = json!({ "name": name });
    let event = Event::new(by.account(), by.user(), Action::GroupMemberRemoved, user).in_group(by.group());
    audit::record(tx, event.with(detail)).await?;
    withdrawals::withdraw(tx, by.account(), by.user()).await
}

/// Everyone in the account who could be in the group, with their role in it.
///
/// # Errors
/// The database fails.
pub async fn candidates(tx: &Tx, by: &GroupAdmin) -> Result<Vec<store::Candidate>> {
    store::candidates(tx, by).await
}
