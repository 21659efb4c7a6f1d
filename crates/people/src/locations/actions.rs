//! The verbs of locations.

use serde_json::json;

use crate::{
    locations::store::{self, LocationRow},
    plans,
};
use access::{GroupAdmin, LocationAdmin};
use kernel::{
    error::{Checks, Error, Result},
    text,
};
use platform::audit::{self, Action, Event};
use storage::{ExpectedVersion, Tx};

/// Adds a location to a group.
///
/// # Errors
/// A field can't be used, the name is taken, the group is archived, or the account read-only.
pub async fn add(tx: &Tx, by: &GroupAdmin, name: &str, address: &str) -> Result<LocationRow> {
    by.must_be_current()?;
    if by.read_only() {
        return Err(plans::read_only());
    }
    let mut checks = Checks::default();
    let name = checks.take("name", text::line(name));
    let address = checks.take("address", text::prose(address));
    checks.done()?;
    let (name, address) = (name.unwrap_or_default(), address.unwrap_or_default());
    let id = store::create(tx, by.account(), by.group(), by.user(), &name, &address).await?;
    store::show(tx, by, id).await
}

/// What may be changed of a location. What is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Its name.
    pub name: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// Whether it is no longer offered for new cases. Its cases keep it.
    pub archived: Option<bool>,
}

/// Changes, archives or restores a location.
///
/// # Errors
/// A field can't be used, the name is taken, the group is archived, or someone changed it meanwhile.
pub async fn change(
    tx: &Tx,
    by: &LocationAdmin,
    input: &Changes,
    seen: ExpectedVersion,
) -> Result<LocationRow> {
    by.must_be_current()?;
    plans::must_be_open(tx, by.account()).await?;
    let before = store::show(tx, by, by.location()).await?;
    seen.check(before.version)?;
    let mut row = before.clone();
    let mut checks = Checks::default();
    if let Some(name) = &input.name {
        row.name = checks.take("name", text::line(name)).unwrap_or_default();
    }
    if let Some(address) = &input.address {
        row.address = checks.take("address", text::prose(address)).unwrap_or_default();
    }
    checks.done()?;
    if store::name_is_taken(tx, by, &row.name).await? {
        return Err(store::name_taken());
    }
    if let Some(archived) = input.archived {
        row.archived_at = archived.then(|| row.archived_at.unwrap_or(tx.now()));
    }
    if row == before {
        return Ok(row);
    }
    if !store::update(tx, by, &row).await? {
        return Err(Error::stale());
    }
    let detail = json!({ "name": row.name, "archived": row.archived_at.is_some() });
    let event = Event::new(by.account(), by.user(), Action::LocationChanged, row.id)
        .in_group(by.group())
        .with(detail);
    audit::record(tx, event).await?;
    store::show(tx, by, by.location()).await
}
