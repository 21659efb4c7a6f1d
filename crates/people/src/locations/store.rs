//! The statements of locations.

use access::{GroupScope, LocationAdmin};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, GroupId, LocationId, UserId},
    order::Order,
    sortable, text,
};
use platform::audit::{self, Action, Event};
use storage::{Tx, list::Key, orders, row, sql, word};

row! {
    /// A location.
    #[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = Location)]
    pub struct LocationRow {
        /// Its id.
        pub id: LocationId,
        /// Its group.
        pub group: GroupId = "group_id",
        /// Its name, unique in the group.
        pub name: String,
        /// Where it is.
        pub address: String,
        /// When it was added.
        pub created_at: Time,
        /// Since when it is no longer offered for new cases.
        pub archived_at: Option<Time>,
        /// Counts the changes.
        pub version: i64,
    }
}

orders! {
    /// The locations of a group.
    pub Locations of Location: "name" ["name" Folded, "created_at" Created];
}

impl LocationRow {
    /// Where it is in a list of locations that is sorted so. Archived ones come last by name.
    pub fn place(&self, by: &str) -> (Key, LocationId) {
        let key = if by == "name" { Key::name(&self.name, self.archived_at.is_some()) } else { Key::Created };
        (key, self.id)
    }
}

pub(super) fn name_taken() -> Error {
    Error::field(
        "name",
        "This group already has a location with this name. It may be archived. Choose another name.",
    )
}

/// Adds a location to a group, in the transaction of someone who may.
///
/// # Errors
/// The name is taken in the group, or the database fails.
pub async fn create(
    tx: &Tx,
    account: AccountId,
    group: GroupId,
    by: UserId,
    name: &str,
    address: &str,
) -> Result<LocationId> {
    let id = tx.id();
    let added = tx
        .exec(
            sql!(
            "INSERT INTO locations (account_id, group_id, id, name, name_key, address, created_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
             ON CONFLICT (account_id, group_id, name_key) DO NOTHING"
        ),
            &[&account, &group, &id, &name, &text::fold(name), &address, &tx.now()],
        )
        .await?;
    if added == 0 {
        return Err(name_taken());
    }
    let detail = serde_json::json!({ "name": name });
    audit::record(tx, Event::new(account, by, Action::LocationAdded, id).in_group(group).with(detail))
        .await?;
    Ok(id)
}

/// A group's locations by name, archived ones last.
///
/// # Errors
/// The database fails.
pub async fn list(tx: &Tx, scope: &GroupScope) -> Result<Vec<LocationRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM locations
             WHERE account_id = $1 AND group_id = $2 ORDER BY archived_at IS NOT NULL, name_key",
            LocationRow
        ),
        &[&scope.account(), &scope.group()],
    )
    .await
}

word! {
    /// What the list of a group's locations is sorted by.
    pub enum Sort as LocationSort {
        /// The name.
        Name = "name",
        /// Those in use first, then archived ones.
        Status = "status",
        /// When a location was added.
        Added = "added",
    }
}
sortable!(Sort);

/// A page of a group's locations by a text `k` of each, which has `$5` before its first value; the page before ended
/// at `$3`.
macro_rules! sorted {
    ($key:literal, $compare:literal, $way:literal) => {
        sql!(
            concat!(
                "WITH q AS (SELECT id, ",
                $key,
                " AS k FROM locations WHERE account_id = $1 AND group_id = $2)
                 SELECT {} FROM (SELECT id AS at, k FROM q WHERE (k, id) ",
                $compare,
                " (COALESCE((SELECT c.k FROM q c WHERE c.id = $3), $5), $3) ORDER BY k ",
                $way,
                ", id ",
                $way,
                " LIMIT $4) p CROSS JOIN locations WHERE account_id = $1 AND group_id = $2 AND id = p.at ORDER BY p.k ",
                $way,
                ", p.at ",
                $way
            ),
            LocationRow
        )
    };
}

/// A page of a group's locations. Gives one more than the limit, if there are more.
///
/// # Errors
/// The database fails.
pub async fn page(
    tx: &Tx,
    scope: &GroupScope,
    order: Order<Sort>,
    after: Option<LocationId>,
    limit: i64,
) -> Result<Vec<LocationRow>> {
    let statement = match (order.by, order.descending) {
        (Sort::Name, false) => sorted!("name_key", ">", "ASC"),
        (Sort::Name, true) => sorted!("name_key", "<", "DESC"),
        (Sort::Status, false) => {
            sorted!("CASE WHEN archived_at IS NULL THEN '0' ELSE '1' END || name_key", ">", "ASC")
        }
        (Sort::Status, true) => {
            sorted!("CASE WHEN archived_at IS NULL THEN '0' ELSE '1' END || name_key", "<", "DESC")
        }
        // As texts of one length, which sort as numbers do; SUBSTR lends them the order of the keys.
        (Sort::Added, false) => {
            sorted!("SUBSTR(name_key, 1, 0) || CAST(1000000000000000000 + created_at AS TEXT)", ">", "ASC")
        }
        (Sort::Added, true) => {
            sorted!("SUBSTR(name_key, 1, 0) || CAST(1000000000000000000 + created_at AS TEXT)", "<", "DESC")
        }
    };
    let (edge, first) = match order.descending {
        false => ("", LocationId::nil()),
        true => ("\u{10FFFF}", LocationId::last()),
    };
    let after = after.unwrap_or(first);
    tx.all(statement, &[&scope.account(), &scope.group(), &after, &(limit + 1), &edge]).await
}

/// One location of a group.
///
/// # Errors
/// The group has none of this id, or the database fails.
pub async fn show(tx: &Tx, scope: &GroupScope, id: LocationId) -> Result<LocationRow> {
    tx.one(
        sql!(
            "SELECT {} FROM locations
             WHERE account_id = $1 AND group_id = $2 AND id = $3",
            LocationRow
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

pub(super) async fn update(tx: &Tx, scope: &LocationAdmin, row: &LocationRow) -> Result<bool> {
    let changed = tx.exec(
        sql!(
            "UPDATE locations SET name = $4, name_key = $5, address = $6, archived_at = $7, version = version + 1
             WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $8"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &scope.location(),
            &row.name,
            &text::fold(&row.name),
            &row.address,
            &row.archived_at,
            &row.version,
        ],
    ).await?;
    Ok(changed == 1)
}

pub(super) async fn name_is_taken(tx: &Tx, scope: &LocationAdmin, name: &str) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM locations
             WHERE account_id = $1 AND group_id = $2 AND name_key = $4 AND id <> $3)"
        ),
        &[&scope.account(), &scope.group(), &scope.location(), &text::fold(name)],
    )
    .await
}

/// Copies the locations of an account to the copies of their groups in another.
///
/// # Errors
/// The database fails.
pub async fn copy_all(tx: &Tx, from: AccountId, to: AccountId) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO locations (account_id, group_id, id, name, name_key, address, created_at, archived_at, version)
             SELECT $2, group_id, id, name, name_key, address, created_at, archived_at, version
             FROM locations WHERE account_id = $1"
        ),
        &[&from, &to],
    )
    .await?;
    Ok(())
}

/// Forgets the locations of an account, once they and the cases there were copied.
///
/// # Errors
/// A case is still there, or the database fails.
pub async fn forget_all(tx: &Tx, account: AccountId) -> Result<()> {
    tx.exec(sql!("DELETE FROM locations WHERE account_id = $1"), &[&account]).await?;
    Ok(())
}
