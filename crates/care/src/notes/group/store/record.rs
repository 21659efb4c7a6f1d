//! A group note itself.

use crate::notes::facts::Facts;
use access::GroupScope;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, ClientGroupId, GroupId, GroupNoteId, LocationId, UserId},
};
use storage::{
    Param, Tx,
    list::{Key, Listing, Statements},
    orders, row, sorted, sql,
};

orders! {
    /// The notes of a client group.
    pub GroupNotes of GroupNote: "-created_at" ["created_at" Created, "updated_at" Moment, "service_date" Folded] updated;
}

row! {
    /// A group note.
    #[derive(Clone, Debug)]
    pub struct GroupNoteRow {
        /// Newer ones have greater ids.
        pub id: GroupNoteId = "g.id",
        /// Part of its key in the database.
        pub account: AccountId = "g.account_id",
        /// Part of its key in the database.
        pub group: GroupId = "g.group_id",
        /// The client group that it was written for.
        pub client_group: ClientGroupId = "g.client_group_id",
        /// The client group's name.
        pub client_group_name: String = "cg.name",
        /// The name of its kind; empty for none.
        pub note_type: String = "g.note_type",
        /// What the session was about; may be empty.
        pub description: String = "g.description",
        /// The day of the session: `2026-03-02`.
        pub service_date: String = "g.service_date",
        /// How long it took.
        pub minutes: Option<i64> = "g.minutes",
        /// Where.
        pub location: Option<LocationId> = "g.location_id",
        /// The location's name.
        pub location_name: Option<String> = "l.name",
        /// The shared text.
        pub body: String = "g.body",
        /// Who wrote it.
        pub author: UserId = "g.author_id",
        /// The person's current name.
        pub author_name: String = "u.name",
        /// By the server's clock.
        pub created_at: Time = "g.created_at",
        /// When it last changed.
        pub updated_at: Time = "g.updated_at",
        /// When its notes were last made.
        pub notes_created_at: Option<Time> = "g.notes_created_at",
        /// How many notes were made from it and are there.
        pub notes: i64 =
            "(SELECT count(*) FROM notes n WHERE n.account_id = g.account_id AND n.group_id = g.group_id
              AND n.group_note_id = g.id)",
        /// How many of them were released.
        pub released: i64 =
            "(SELECT count(n.released_at) FROM notes n WHERE n.account_id = g.account_id
              AND n.group_id = g.group_id AND n.group_note_id = g.id)",
        /// Counts the changes.
        pub version: i64 = "g.version",
    }
}

impl GroupNoteRow {
    /// Where it is in a list of group notes that is sorted so.
    pub fn place(&self, by: &str) -> (Key, GroupNoteId) {
        let key = match by {
            "updated_at" => self.updated_at.into(),
            "service_date" => self.service_date.clone().into(),
            _ => Key::Created,
        };
        (key, self.id)
    }

    /// What is known of the session beyond the text.
    pub fn facts(&self) -> Facts {
        Facts {
            note_type: self.note_type.clone(),
            description: self.description.clone(),
            service_date: self.service_date.clone(),
            minutes: self.minutes,
            location: self.location,
        }
    }

    /// Whether it changed after its notes were last made.
    pub fn ahead_of_notes(&self) -> bool {
        self.notes_created_at.is_some_and(|at| self.updated_at > at)
    }
}

/// The columns of a [`GroupNoteRow`], where this.
macro_rules! select_group_notes {
    ($($rest:literal)+) => {
        sql!(
            concat!(
                "SELECT {} FROM group_notes g \
             JOIN client_groups cg ON cg.account_id = g.account_id AND cg.group_id = g.group_id \
                  AND cg.id = g.client_group_id \
             JOIN users u ON u.id = g.author_id \
             LEFT JOIN locations l ON l.account_id = g.account_id AND l.group_id = g.group_id \
                  AND l.id = g.location_id ",
                $($rest),+
            ),
            GroupNoteRow
        )
    };
}

macro_rules! listed {
    ([$($after:literal)+] [$($order:literal)+]) => {
        select_group_notes!(
            "WHERE g.account_id = $5 AND g.group_id = $6 AND g.client_group_id = $7 AND g.id > $3
               AND g.updated_at > $4 AND " $($after)+ " ORDER BY " $($order)+ " LIMIT $8"
        )
    };
}

const LISTED: Statements = sorted!(listed; "g.id"; Created, Moment "g.updated_at", Folded "g.service_date");

/// A page of the notes of a client group.
pub(crate) async fn list(
    tx: &Tx,
    scope: &GroupScope,
    client_group: ClientGroupId,
    listing: &Listing<GroupNotes>,
    limit: i64,
) -> Result<Vec<GroupNoteRow>> {
    let (account, group) = (scope.account(), scope.group());
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &group, &client_group, &limit]);
    tx.all(listing.statement(LISTED)?, &params).await
}

pub(crate) async fn show(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<GroupNoteRow> {
    tx.one(
        select_group_notes!("WHERE g.account_id = $1 AND g.group_id = $2 AND g.id = $3"),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// A client group's name, and whether it is active. One that was deleted is not there.
pub(crate) async fn client_group(tx: &Tx, scope: &GroupScope, id: ClientGroupId) -> Result<(String, bool)> {
    tx.one(
        sql!(
            "SELECT name, active FROM client_groups
             WHERE account_id = $1 AND group_id = $2 AND id = $3 AND deleted_at IS NULL"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// Adds a group note with an empty attendance.
pub(crate) async fn insert(
    tx: &Tx,
    scope: &GroupScope,
    client_group: ClientGroupId,
    facts: &Facts,
    body: &str,
) -> Result<GroupNoteId> {
    let id = tx.id();
    tx.exec(
        sql!(
            "INSERT INTO group_notes (account_id, group_id, id, client_group_id, note_type, description, service_date,
                                      minutes, location_id, body, author_id, created_at, updated_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, 1)"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &id,
            &client_group,
            &facts.note_type,
            &facts.description,
            &facts.service_date,
            &facts.minutes,
            &facts.location,
            &body,
            &scope.user(),
            &tx.now(),
        ],
    )
    .await?;
    Ok(id)
}

/// Changes a group note, if it is still as it was read.
pub(crate) async fn update(tx: &Tx, scope: &GroupScope, row: &GroupNoteRow, facts: &Facts) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE group_notes SET note_type = $4, description = $5, service_date = $6, minutes = $7,
                        location_id = $8, body = $9, updated_at = $10, version = version + 1
                 WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $11"
            ),
            &[
                &scope.account(),
                &scope.group(),
                &row.id,
                &facts.note_type,
                &facts.description,
                &facts.service_date,
                &facts.minutes,
                &facts.location,
                &row.body,
                &tx.now(),
                &row.version,
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Deletes a group note with its drafts and its attendance, if it is still as it was read and none was released.
pub(crate) async fn delete(tx: &Tx, scope: &GroupScope, row: &GroupNoteRow) -> Result<bool> {
    let (account, group) = (scope.account(), scope.group());
    tx.exec(
        sql!(
            "DELETE FROM notes
             WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3 AND released_at IS NULL"
        ),
        &[&account, &group, &row.id],
    )
    .await?;
    tx.exec(
        sql!(
            "DELETE FROM group_note_attendance WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3"
        ),
        &[&account, &group, &row.id],
    )
    .await?;
    let gone = tx
        .exec(
            sql!(
                "DELETE FROM group_notes WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $4"
            ),
            &[&account, &group, &row.id, &row.version],
        )
        .await?;
    Ok(gone == 1)
}
