//! The verbs of accounts.

use serde_json::json;

use crate::{
    accounts::{
        Protocol, exchange_protocols,
        store::{self, AccountRow},
    },
    plans,
};
use access::{AccountAdmin, AccountMember, ProtocolAdmin};
use kernel::{
    error::{Checks, Error, Result},
    practice::PracticeKind,
    text::{self},
};
use platform::audit::{self, Action, Event};
use storage::{ExpectedVersion, Tx};

/// Changes to an account. What is absent stays the same.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Its name.
    pub name: Option<String>,
    /// What kind of practice it is.
    pub practice_kind: Option<PracticeKind>,
    /// The practice's details, such as its address and phone.
    pub practice: Option<String>,
    /// Its time zone, by IANA's name.
    pub time_zone: Option<String>,
    /// Whether administrators of a group may add further groups to the account.
    pub group_admins_add_groups: Option<bool>,
}

/// The account.
///
/// # Errors
/// The database fails.
pub async fn show(tx: &Tx, scope: &AccountMember) -> Result<AccountRow> {
    store::account(tx, scope).await
}

/// Changes an account's settings.
///
/// # Errors
/// A field can't be used, or someone changed them meanwhile.
pub async fn change(
    tx: &Tx,
    by: &AccountAdmin,
    input: &Settings,
    seen: ExpectedVersion,
) -> Result<AccountRow> {
    let before = store::account(tx, by).await?;
    seen.check(before.version)?;
    let mut row = before.clone();
    let mut checks = Checks::default();
    if let Some(name) = &input.name {
        row.name = checks.take("name", text::line(name)).unwrap_or_default();
    }
    if let Some(practice) = &input.practice {
        row.practice = checks.take("practice", text::prose(practice)).unwrap_or_default();
    }
    if let Some(zone) = &input.time_zone {
        let known = jiff::tz::TimeZone::get(zone).is_ok();
        checks.that(known, "time_zone", "Choose a time zone, such as America/Chicago.");
        row.time_zone.clone_from(zone);
    }
    row.group_admins_add_groups = input.group_admins_add_groups.unwrap_or(row.group_admins_add_groups);
    checks.done()?;
    row.practice_kind = input.practice_kind.unwrap_or(row.practice_kind);
    if row == before {
        return Ok(row);
    }
    if !store::update(tx, by, &row).await? {
        return Err(Error::stale());
    }
    let detail = json!({ "name": row.name, "time_zone": row.time_zone,
                         "group_admins_add_groups": row.group_admins_add_groups });
    audit::record(tx, Event::new(by.account(), by.user(), Action::AccountChanged, by.account()).with(detail))
        .await?;
    if row.practice_kind != before.practice_kind {
        changed_kind(tx, by, before.practice_kind, row.practice_kind).await?;
    }
    store::account(tx, by).await
}

/// What follows from another kind of practice. Records of animals, cases, notes and handouts stay as they are.
async fn changed_kind(tx: &Tx, by: &AccountAdmin, from: PracticeKind, to: PracticeKind) -> Result<()> {
    exchange_protocols(tx, by.account(), from, to).await?;
    let event = Event::new(by.account(), by.user(), Action::PracticeKindChanged, by.account());
    audit::record(tx, event.with(json!({ "from": from, "to": to }))).await
}

fn name_taken() -> Error {
    Error::field("name", "A protocol with this name already exists. If it’s archived, restore it.")
}

fn protocol_name(name: &str) -> Result<String> {
    text::line(name).map_err(|why| Error::field("name", why))
}

/// Adds a protocol to the account's list.
///
/// # Errors
/// The name can't be used or is taken.
pub async fn add_protocol(tx: &Tx, by: &AccountAdmin, name: &str) -> Result<Protocol> {
    plans::must_be_open(tx, by.account()).await?;
    let (id, name) = (tx.id(), protocol_name(name)?);
    if !store::insert_protocol(tx, by.account(), id, &name).await? {
        return Err(name_taken());
    }
    let detail = json!({ "name": name });
    audit::record(tx, Event::new(by.account(), by.user(), Action::ProtocolAdded, id).with(detail)).await?;
    Ok(Protocol { id, name, archived_at: None })
}

/// Renames, archives or restores a protocol. Cases that follow it keep it.
///
/// # Errors
/// The name can't be used or is taken.
pub async fn change_protocol(
    tx: &Tx,
    by: &ProtocolAdmin,
    name: Option<&str>,
    archived: Option<bool>,
) -> Result<Protocol> {
    plans::must_be_open(tx, by.account()).await?;
    if let Some(name) = name {
        let name = protocol_name(name)?;
        if !store::rename_protocol(tx, by, &name).await? {
            return Err(name_taken());
        }
    }
    if let Some(archived) = archived {
        store::archive_protocol(tx, by, archived.then_some(tx.now())).await?;
    }
    let now = store::protocol(tx, by).await?;
    let detail = json!({ "name": now.name, "archived": now.archived_at.is_some() });
    audit::record(tx, Event::new(by.account(), by.user(), Action::ProtocolChanged, now.id).with(detail))
        .await?;
    Ok(now)
}
