//! A case itself.

use crate::cases::Status;
use access::{CaseScope, GroupScope};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, CaseId, GroupId, LocationId, ProtocolId, UserId},
    search,
};
use storage::{Tx, row, sql};

row! {
    /// A case, as lists and its page show it.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct CaseRow {
        /// Newer ones have greater ids.
        pub id: CaseId = "c.id",
        /// Part of its key in the database.
        pub account: AccountId = "c.account_id",
        /// Part of its key in the database.
        pub group: GroupId = "c.group_id",
        /// The group's name.
        pub group_name: String = "g.name",
        /// Its number in the group, from 1.
        pub number: i64 = "c.number",
        /// One line, up to 200 characters.
        pub name: String = "c.name",
        /// Whether work goes on.
        pub status: Status = "c.status",
        /// What it follows.
        pub protocol: ProtocolId = "c.protocol_id",
        /// The protocol's name.
        pub protocol_name: String = "p.name",
        /// Where.
        pub location: LocationId = "c.location_id",
        /// The location's name.
        pub location_name: String = "l.name",
        /// Who created it.
        pub created_by: UserId = "c.created_by",
        /// The person's current name.
        pub creator: String = "u.name",
        /// By the server's clock.
        pub created_at: Time = "c.created_at",
        /// When it last changed.
        pub updated_at: Time = "c.updated_at",
        /// When it was closed.
        pub closed_at: Option<Time> = "c.closed_at",
        /// Counts the changes.
        pub version: i64 = "c.version",
    }
}

pub(crate) async fn show(tx: &Tx, scope: &CaseScope) -> Result<CaseRow> {
    of_group(tx, scope, scope.case()).await
}

/// A case of a group.
pub(crate) async fn of_group(tx: &Tx, scope: &GroupScope, id: CaseId) -> Result<CaseRow> {
    tx.one(
        select_cases!(
            "FROM cases c JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id",
            "WHERE c.account_id = $1 AND c.group_id = $2 AND c.id = $3"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// A case to be kept.
pub(crate) struct New<'a> {
    pub(crate) id: CaseId,
    pub(crate) number: i64,
    pub(crate) protocol: ProtocolId,
    pub(crate) location: LocationId,
    pub(crate) name: &'a str,
}

/// Takes the next number of a group.
pub(crate) async fn next_number(tx: &Tx, scope: &GroupScope) -> Result<i64> {
    tx.value(
        sql!("UPDATE groups SET cases_made = cases_made + 1 WHERE account_id = $1 AND id = $2 RETURNING cases_made"),
        &[&scope.account(), &scope.group()],
    )
    .await
}

fn search_text(number: i64, name: &str) -> String {
    search::key(&format!("#{number} {name}"))
}

pub(crate) async fn insert(tx: &Tx, scope: &GroupScope, new: &New<'_>) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO cases (account_id, group_id, id, number, protocol_id, location_id, name, search, status,
                                created_by, created_at, updated_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10, $10, 1)"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &new.id,
            &new.number,
            &new.protocol,
            &new.location,
            &new.name,
            &search_text(new.number, new.name),
            &scope.user(),
            &tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Changes a case, if it is still as it was read.
pub(crate) async fn update(tx: &Tx, scope: &CaseScope, row: &CaseRow) -> Result<bool> {
    let changed = tx.exec(
        sql!(
            "UPDATE cases SET protocol_id = $4, location_id = $5, name = $6, search = $7, status = $8, closed_at = $9,
                    updated_at = $10, version = version + 1
             WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $11"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &scope.case(),
            &row.protocol,
            &row.location,
            &row.name,
            &search_text(row.number, &row.name),
            &row.status,
            &row.closed_at,
            &tx.now(),
            &row.version,
        ],
    ).await?;
    Ok(changed == 1)
}

/// Marks a case as changed now.
pub(crate) async fn touch(tx: &Tx, scope: &CaseScope) -> Result<()> {
    tx.exec(
        sql!("UPDATE cases SET updated_at = $4 WHERE account_id = $1 AND group_id = $2 AND id = $3"),
        &[&scope.account(), &scope.group(), &scope.case(), &tx.now()],
    )
    .await?;
    Ok(())
}
