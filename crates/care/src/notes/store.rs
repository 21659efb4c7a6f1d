//! The statements of charts: notes and addenda.

use crate::notes::{Attendance, facts::Facts};
use access::GroupScope;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, AddendumId, ClientId, GroupId, GroupNoteId, LocationId, NoteId, UserId},
};
use storage::{
    Param, Sql, Tx,
    list::{Key, Listing, Statements},
    orders, row, sorted, sql,
};

row! {
    /// A note of a chart.
    #[derive(Clone, Debug)]
    pub struct NoteRow {
        /// Newer ones have greater ids.
        pub id: NoteId = "n.id",
        /// Part of its key in the database.
        pub account: AccountId = "n.account_id",
        /// Part of its key in the database.
        pub group: GroupId = "n.group_id",
        /// In whose chart.
        pub client: ClientId = "n.client_id",
        /// The client's name.
        pub client_name: String = "c.name",
        /// The group note that it was made from.
        pub group_note: Option<GroupNoteId> = "n.group_note_id",
        /// The name of its kind; empty for none.
        pub note_type: String = "n.note_type",
        /// What it is about; may be empty.
        pub description: String = "n.description",
        /// The day of the service: `2026-03-02`.
        pub service_date: String = "n.service_date",
        /// How long it took.
        pub minutes: Option<i64> = "n.minutes",
        /// Where.
        pub location: Option<LocationId> = "n.location_id",
        /// The location's name.
        pub location_name: Option<String> = "l.name",
        /// Whether the client was there, where it was made from a group note.
        pub attendance: Option<Attendance> = "n.attendance",
        /// What was remarked on their being there.
        pub comment: String = "n.comment",
        /// Plain text, up to 20,000 characters.
        pub body: String = "n.body",
        /// Whether it was made from a group note and has a text of its own.
        pub personalized: bool = "n.personalized",
        /// Who wrote it.
        pub author: UserId = "n.author_id",
        /// The person's current name.
        pub author_name: String = "u.name",
        /// By the server's clock.
        pub created_at: Time = "n.created_at",
        /// When it last changed.
        pub updated_at: Time = "n.updated_at",
        /// Who released it.
        pub released_by: Option<UserId> = "n.released_by",
        /// The person's current name.
        pub releaser_name: Option<String> = "r.name",
        /// When; from then on it never changes.
        pub released_at: Option<Time> = "n.released_at",
        /// Counts the changes.
        pub version: i64 = "n.version",
    }
}

impl NoteRow {
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

    /// Everything in it that someone reads and wrote, for the guard that looks for names.
    pub fn whole_text(&self) -> String {
        format!("{}\n{}\n{}", self.description, self.comment, self.body)
    }
}

row! {
    /// An addition to a released note.
    #[derive(Clone, Debug)]
    pub struct AddendumRow {
        /// Newer ones have greater ids.
        pub id: AddendumId = "a.id",
        /// To which note.
        pub note: NoteId = "a.note_id",
        /// Who signed it.
        pub author: UserId = "a.author_id",
        /// The person's current name.
        pub author_name: String = "u.name",
        /// Plain text, up to 20,000 characters.
        pub body: String = "a.body",
        /// By the server's clock.
        pub created_at: Time = "a.created_at",
    }
}

/// The columns of a [`NoteRow`], where this.
macro_rules! select_notes {
    ($($rest:literal)+) => {
        sql!(
            concat!(
                "SELECT {} FROM notes n \
                 JOIN clients c ON c.account_id = n.account_id AND c.group_id = n.group_id AND c.id = n.client_id \
                 JOIN users u ON u.id = n.author_id \
                 LEFT JOIN users r ON r.id = n.released_by \
                 LEFT JOIN locations l ON l.account_id = n.account_id AND l.group_id = n.group_id \
                      AND l.id = n.location_id ",
                $($rest),+
            ),
            NoteRow
        )
    };
}

orders! {
    /// The notes of a chart.
    pub Chart of Note: "-service_date" ["service_date" Folded, "created_at" Created, "updated_at" Moment] updated;
}

impl NoteRow {
    /// Where it is in a chart that is sorted so.
    pub fn place(&self, by: &str) -> (Key, NoteId) {
        let key = match by {
            "service_date" => self.service_date.clone().into(),
            "updated_at" => self.updated_at.into(),
            _ => Key::Created,
        };
        (key, self.id)
    }
}

macro_rules! of_client {
    ([$($after:literal)+] [$($order:literal)+]) => {
        select_notes!(
            "WHERE n.account_id = $5 AND n.group_id = $6 AND n.client_id = $7 AND n.id > $3 AND n.updated_at > $4 AND "
            $($after)+ " ORDER BY " $($order)+ " LIMIT $8"
        )
    };
}

const OF_CLIENT: Statements =
    sorted!(of_client; "n.id"; Folded "n.service_date", Created, Moment "n.updated_at");

/// A page of a client's notes.
pub(super) async fn chart(
    tx: &Tx,
    scope: &GroupScope,
    client: ClientId,
    listing: &Listing<Chart>,
    limit: i64,
) -> Result<Vec<NoteRow>> {
    let (account, group) = (scope.account(), scope.group());
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &group, &client, &limit]);
    tx.all(listing.statement(OF_CLIENT)?, &params).await
}

/// The addenda to a client's notes of the days between these, both included, oldest first.
pub(super) async fn addenda_of_chart(
    tx: &Tx,
    scope: &GroupScope,
    client: ClientId,
    days: (&str, &str),
) -> Result<Vec<AddendumRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM notes n
             JOIN note_addenda a ON a.account_id = n.account_id AND a.group_id = n.group_id AND a.note_id = n.id
             JOIN users u ON u.id = a.author_id
             WHERE n.account_id = $1 AND n.group_id = $2 AND n.client_id = $3
               AND n.service_date >= $4 AND n.service_date <= $5
             ORDER BY a.id",
            AddendumRow
        ),
        &[&scope.account(), &scope.group(), &client, &days.0, &days.1],
    )
    .await
}

/// The addenda to a note, oldest first.
pub(super) async fn addenda(tx: &Tx, scope: &GroupScope, note: NoteId) -> Result<Vec<AddendumRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM note_addenda a JOIN users u ON u.id = a.author_id
             WHERE a.account_id = $1 AND a.group_id = $2 AND a.note_id = $3 ORDER BY a.id",
            AddendumRow
        ),
        &[&scope.account(), &scope.group(), &note],
    )
    .await
}

/// A note of a group.
pub(super) async fn show(tx: &Tx, scope: &GroupScope, id: NoteId) -> Result<NoteRow> {
    tx.one(
        select_notes!("WHERE n.account_id = $1 AND n.group_id = $2 AND n.id = $3"),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// The notes that were made from a group note, by client.
pub(super) async fn of_group_note(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<Vec<NoteRow>> {
    tx.all(
        select_notes!(
            "WHERE n.account_id = $1 AND n.group_id = $2 AND n.group_note_id = $3 ORDER BY c.name_key, c.id"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// A client's name, and since when they are archived.
pub(super) async fn client(tx: &Tx, scope: &GroupScope, id: ClientId) -> Result<(String, Option<Time>)> {
    tx.one(
        sql!("SELECT name, archived_at FROM clients WHERE account_id = $1 AND group_id = $2 AND id = $3"),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// Adds a draft to a chart.
pub(super) async fn insert(
    tx: &Tx,
    scope: &GroupScope,
    client: ClientId,
    facts: &Facts,
    body: &str,
) -> Result<NoteId> {
    let id = tx.id();
    tx.exec(
        sql!(
            "INSERT INTO notes (account_id, group_id, client_id, id, note_type, description, service_date, minutes,
                                location_id, comment, body, personalized, author_id, created_at, updated_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, FALSE, $11, $12, $12, 1)"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &client,
            &id,
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

/// Changes a draft, if it is still as it was read.
pub(super) async fn update(tx: &Tx, scope: &GroupScope, row: &NoteRow, facts: &Facts) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE notes SET note_type = $4, description = $5, service_date = $6, minutes = $7, location_id = $8,
                        body = $9, personalized = $10, updated_at = $11, version = version + 1
                 WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $12 AND released_at IS NULL"
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
                &row.personalized,
                &tx.now(),
                &row.version,
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes a draft out of its chart, if it is still as it was read.
pub(super) async fn delete(tx: &Tx, scope: &GroupScope, row: &NoteRow) -> Result<bool> {
    let gone = tx
        .exec(
            sql!(
                "DELETE FROM notes
                 WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $4 AND released_at IS NULL"
            ),
            &[&scope.account(), &scope.group(), &row.id, &row.version],
        )
        .await?;
    Ok(gone == 1)
}

/// Releases a draft, if it is still as it was read.
pub(super) async fn release(tx: &Tx, scope: &GroupScope, row: &NoteRow) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE notes SET released_by = $5, released_at = $6, version = version + 1
                 WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $4 AND released_at IS NULL"
            ),
            &[&scope.account(), &scope.group(), &row.id, &row.version, &scope.user(), &tx.now()],
        )
        .await?;
    Ok(changed == 1)
}

pub(super) async fn insert_addendum(
    tx: &Tx,
    scope: &GroupScope,
    note: NoteId,
    body: &str,
) -> Result<AddendumId> {
    let id = tx.id();
    tx.exec(
        sql!(
            "INSERT INTO note_addenda (account_id, group_id, note_id, id, author_id, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        &[&scope.account(), &scope.group(), &note, &id, &scope.user(), &body, &tx.now()],
    )
    .await?;
    Ok(id)
}

row! {
    /// The shared text as it would be for one client's note now.
    pub(super) struct SharedText {
        pub(super) body: String = "g.body",
        pub(super) attendance: Option<Attendance> = "a.attendance",
        pub(super) comment: Option<String> = "a.comment",
    }
}

/// The shared text of a group note, with what its attendance says of a client.
pub(super) async fn shared(
    tx: &Tx,
    scope: &GroupScope,
    group_note: GroupNoteId,
    client: ClientId,
) -> Result<SharedText> {
    tx.one(
        sql!(
            "SELECT {} FROM group_notes g
             LEFT JOIN group_note_attendance a ON a.account_id = g.account_id AND a.group_id = g.group_id
                  AND a.group_note_id = g.id AND a.client_id = $4
             WHERE g.account_id = $1 AND g.group_id = $2 AND g.id = $3",
            SharedText
        ),
        &[&scope.account(), &scope.group(), &group_note, &client],
    )
    .await
}

/// Whom the notes of a group note might name: anyone who is or was in the client group, was in the attendance or
/// has a note of it, archived or not; and by the names of those who were merged into one of them.
pub(super) async fn roster(
    tx: &Tx,
    scope: &GroupScope,
    group_note: GroupNoteId,
) -> Result<Vec<(ClientId, String)>> {
    tx.all(
        sql!(
            "WITH people (id) AS (
                 SELECT a.client_id FROM group_note_attendance a
                 WHERE a.account_id = $1 AND a.group_id = $2 AND a.group_note_id = $3
                 UNION
                 SELECT n.client_id FROM notes n
                 WHERE n.account_id = $1 AND n.group_id = $2 AND n.group_note_id = $3
                 UNION
                 SELECT m.client_id FROM group_notes g
                 JOIN client_group_members m ON m.account_id = g.account_id AND m.group_id = g.group_id
                      AND m.client_group_id = g.client_group_id
                 WHERE g.account_id = $1 AND g.group_id = $2 AND g.id = $3)
             SELECT c.id, c.name FROM people p
             JOIN clients c ON c.account_id = $1 AND c.group_id = $2 AND c.id = p.id
             UNION
             SELECT p.id, c.name FROM people p
             JOIN clients c ON c.account_id = $1 AND c.group_id = $2 AND c.merged_into = p.id"
        ),
        &[&scope.account(), &scope.group(), &group_note],
    )
    .await
}

/// Brings the notes of an account's groups along to their copies in another. Note types and group notes are copied;
/// the notes themselves, and with them their addenda, change their account and nothing else, for what was released
/// can't be deleted. Clients, client groups and locations must have been copied before.
pub async fn copy_all(tx: &Tx, from: AccountId, to: AccountId) -> Result<()> {
    for statement in COPY {
        tx.exec(*statement, &[&from, &to]).await?;
    }
    Ok(())
}

const COPY: &[Sql] = &[
    sql!(
        "INSERT INTO note_types (account_id, id, name, name_key, body, created_at, archived_at, version)
         SELECT $2, id, name, name_key, body, created_at, archived_at, version FROM note_types WHERE account_id = $1
         ON CONFLICT (account_id, name_key) DO NOTHING"
    ),
    sql!(
        "INSERT INTO group_notes (account_id, group_id, id, client_group_id, note_type, description, service_date,
                                  minutes, location_id, body, author_id, created_at, updated_at, notes_created_at, version)
         SELECT $2, group_id, id, client_group_id, note_type, description, service_date, minutes, location_id, body,
                author_id, created_at, updated_at, notes_created_at, version
         FROM group_notes WHERE account_id = $1"
    ),
    sql!(
        "INSERT INTO group_note_attendance (account_id, group_id, group_note_id, client_id, attendance, comment, guest)
         SELECT $2, group_id, group_note_id, client_id, attendance, comment, guest
         FROM group_note_attendance WHERE account_id = $1"
    ),
    sql!("UPDATE notes SET account_id = $2 WHERE account_id = $1"),
];

/// Forgets the group notes of an account, once everything was brought along. Before its clients, client groups and
/// locations are.
///
/// # Errors
/// A note is still there, or the database fails.
pub async fn forget_all(tx: &Tx, account: AccountId) -> Result<()> {
    tx.exec(sql!("DELETE FROM group_note_attendance WHERE account_id = $1"), &[&account]).await?;
    tx.exec(sql!("DELETE FROM group_notes WHERE account_id = $1"), &[&account]).await?;
    Ok(())
}
