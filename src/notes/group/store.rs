//! The statements of group notes. Lists of ids and texts go in and out as one JSON parameter, so that the number
//! of statements does not grow with the group.

use serde::Serialize;

use crate::{
    access::GroupScope,
    clock::Time,
    db::{One, Tx, ids},
    error::{Error, Result},
    id::{AccountId, ClientGroupId, ClientId, GroupId, GroupNoteId, LocationId, NoteId, UserId},
    notes::{Attendance, facts::Facts},
    row, sql, text,
};

row! {
    /// A group note.
    #[derive(Clone, Debug)]
    pub struct GroupNoteRow {
        /// Its id.
        pub id: GroupNoteId,
        /// Its account.
        pub account: AccountId,
        /// Its group.
        pub group: GroupId,
        /// The client group that it was written for.
        pub client_group: ClientGroupId,
        /// The client group's name.
        pub client_group_name: String,
        /// The name of its kind; empty for none.
        pub note_type: String,
        /// What the session was about; may be empty.
        pub description: String,
        /// The day of the session: `2026-03-02`.
        pub service_date: String,
        /// How long it took.
        pub minutes: Option<i64>,
        /// Where.
        pub location: Option<LocationId>,
        /// The location's name.
        pub location_name: Option<String>,
        /// The shared text.
        pub body: String,
        /// Who wrote it.
        pub author: UserId,
        /// Their name.
        pub author_name: String,
        /// When.
        pub created_at: Time,
        /// When it last changed.
        pub updated_at: Time,
        /// When its notes were last made.
        pub generated_at: Option<Time>,
        /// How many notes were made from it and are there.
        pub notes: i64,
        /// How many of them were released.
        pub released: i64,
        /// Counts the changes.
        pub version: i64,
    }
}

impl GroupNoteRow {
    /// What is known of the session besides the text.
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
        self.generated_at.is_some_and(|at| self.updated_at > at)
    }
}

row! {
    /// Somebody in the attendance of a group note.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct AttendanceRow {
        /// Who.
        pub client: ClientId,
        /// Their name.
        pub name: String,
        /// Whether they were there.
        pub attendance: Attendance,
        /// A remark.
        pub comment: String,
        /// Whether they are there for this time only.
        pub guest: bool,
        /// Whether they were archived meanwhile.
        pub archived: bool,
        /// Whether they are in the client group at present.
        pub in_client_group: bool,
    }
}

/// The columns of a [`GroupNoteRow`], where this.
macro_rules! select_group_notes {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.account_id, g.group_id, g.client_group_id, cg.name, g.note_type, g.description, \
                    g.service_date, g.minutes, g.location_id, l.name, g.body, g.author_id, u.name, g.created_at, \
                    g.updated_at, g.generated_at, \
                    (SELECT count(*) FROM notes n WHERE n.account_id = g.account_id AND n.group_id = g.group_id \
                        AND n.group_note_id = g.id), \
                    (SELECT count(n.released_at) FROM notes n WHERE n.account_id = g.account_id \
                        AND n.group_id = g.group_id AND n.group_note_id = g.id), \
                    g.version \
             FROM group_notes g \
             JOIN client_groups cg ON cg.account_id = g.account_id AND cg.group_id = g.group_id \
                  AND cg.id = g.client_group_id \
             JOIN users u ON u.id = g.author_id \
             LEFT JOIN locations l ON l.account_id = g.account_id AND l.group_id = g.group_id \
                  AND l.id = g.location_id ",
            $rest
        )
    };
}

/// A page of the notes of a client group, those written last first.
pub(super) async fn list(
    tx: &Tx,
    scope: &GroupScope,
    client_group: ClientGroupId,
    before: GroupNoteId,
    limit: i64,
) -> Result<Vec<GroupNoteRow>> {
    tx.all(
        sql!(select_group_notes!(
            "WHERE g.account_id = $1 AND g.group_id = $2 AND g.client_group_id = $3 AND g.id < $4
             ORDER BY g.id DESC LIMIT $5"
        )),
        &[&scope.account(), &scope.group(), &client_group, &before, &limit],
    )
    .await
}

pub(super) async fn show(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<GroupNoteRow> {
    tx.one(
        sql!(select_group_notes!("WHERE g.account_id = $1 AND g.group_id = $2 AND g.id = $3")),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// A client group's name, and whether it is active. One that was deleted is not there.
pub(super) async fn client_group(tx: &Tx, scope: &GroupScope, id: ClientGroupId) -> Result<(String, bool)> {
    tx.one(
        sql!(
            "SELECT name, active FROM client_groups
             WHERE account_id = $1 AND group_id = $2 AND id = $3 AND deleted_at IS NULL"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

pub(super) async fn attendance(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<Vec<AttendanceRow>> {
    tx.all(
        sql!(
            "SELECT c.id, c.name, a.attendance, a.comment, a.guest, c.archived_at IS NOT NULL,
                    EXISTS (SELECT 1 FROM group_notes g JOIN client_group_members m ON m.account_id = g.account_id
                        AND m.group_id = g.group_id AND m.client_group_id = g.client_group_id
                        AND m.client_id = a.client_id AND m.until IS NULL
                        WHERE g.account_id = a.account_id AND g.group_id = a.group_id AND g.id = a.group_note_id)
             FROM group_note_attendance a
             JOIN clients c ON c.account_id = a.account_id AND c.group_id = a.group_id AND c.id = a.client_id
             WHERE a.account_id = $1 AND a.group_id = $2 AND a.group_note_id = $3 ORDER BY c.name_key, c.id"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// Who is in the client group at present and not in the attendance.
pub(super) async fn missing(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<Vec<(ClientId, String)>> {
    tx.all(
        sql!(
            "SELECT c.id, c.name FROM group_notes g
             JOIN client_group_members m ON m.account_id = g.account_id AND m.group_id = g.group_id
                  AND m.client_group_id = g.client_group_id AND m.until IS NULL
             JOIN clients c ON c.account_id = g.account_id AND c.group_id = g.group_id AND c.id = m.client_id
                  AND c.archived_at IS NULL
             WHERE g.account_id = $1 AND g.group_id = $2 AND g.id = $3 AND NOT EXISTS (
                 SELECT 1 FROM group_note_attendance a WHERE a.account_id = g.account_id
                    AND a.group_id = g.group_id AND a.group_note_id = g.id AND a.client_id = c.id)
             ORDER BY c.name_key, c.id"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// Adds a group note with an empty attendance.
pub(super) async fn insert(
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
            &scope.id(),
            &tx.now(),
        ],
    )
    .await?;
    Ok(id)
}

/// Everybody of the client group who is not archived, as present.
pub(super) async fn attend_all(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO group_note_attendance (account_id, group_id, group_note_id, client_id, attendance, comment, guest)
             SELECT g.account_id, g.group_id, g.id, m.client_id, 'present', '', FALSE FROM group_notes g
             JOIN client_group_members m ON m.account_id = g.account_id AND m.group_id = g.group_id
                  AND m.client_group_id = g.client_group_id AND m.until IS NULL
             JOIN clients c ON c.account_id = g.account_id AND c.group_id = g.group_id AND c.id = m.client_id
                  AND c.archived_at IS NULL
             WHERE g.account_id = $1 AND g.group_id = $2 AND g.id = $3"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await?;
    Ok(())
}

/// Changes a group note, if it is still as it was read.
pub(super) async fn update(tx: &Tx, scope: &GroupScope, row: &GroupNoteRow, facts: &Facts) -> Result<bool> {
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

fn json(rows: &impl Serialize) -> Result<String> {
    serde_json::to_string(rows).map_err(Error::internal)
}

/// Which of these clients are in the group, and whether each is archived.
pub(super) async fn known(
    tx: &Tx,
    scope: &GroupScope,
    clients: &[ClientId],
) -> Result<Vec<(ClientId, bool)>> {
    let list = ids(clients);
    tx.all(
        sql!(
            sqlite: "SELECT c.id, c.archived_at IS NOT NULL FROM json_each($3) j
                     CROSS JOIN clients c WHERE c.account_id = $1 AND c.group_id = $2 AND c.id = unhex(j.value)",
            postgres: "SELECT c.id, c.archived_at IS NOT NULL
                       FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS jsonb)) j(value)
                       JOIN clients c ON c.account_id = $1 AND c.group_id = $2 AND c.id = CAST(j.value AS uuid)"
        ),
        &[&scope.account(), &scope.group(), &list],
    )
    .await
}

/// Who is in a client group at present.
pub(super) async fn members(tx: &Tx, scope: &GroupScope, id: ClientGroupId) -> Result<Vec<ClientId>> {
    let rows = tx
        .all::<One<ClientId>>(
            sql!(
                "SELECT client_id FROM client_group_members
                 WHERE account_id = $1 AND group_id = $2 AND client_group_id = $3 AND until IS NULL"
            ),
            &[&scope.account(), &scope.group(), &id],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// One of an attendance, as it is written.
#[derive(Serialize)]
pub(super) struct Attends {
    /// The client's id, by its [`hex`](crate::db::hex).
    pub(super) c: String,
    pub(super) a: Attendance,
    pub(super) m: String,
    pub(super) g: bool,
}

/// Puts another attendance in the place of the one before.
pub(super) async fn set_attendance(
    tx: &Tx,
    scope: &GroupScope,
    id: GroupNoteId,
    rows: &[Attends],
) -> Result<()> {
    let list = json(&rows)?;
    tx.exec(
        sql!(
            "DELETE FROM group_note_attendance WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await?;
    tx.exec(
        sql!(
            sqlite: "INSERT INTO group_note_attendance
                         (account_id, group_id, group_note_id, client_id, attendance, comment, guest)
                     SELECT $1, $2, $3, unhex(value->>'c'), value->>'a', value->>'m', value->>'g' FROM json_each($4)",
            postgres: "INSERT INTO group_note_attendance
                           (account_id, group_id, group_note_id, client_id, attendance, comment, guest)
                       SELECT $1, $2, $3, CAST(x->>'c' AS uuid), x->>'a', x->>'m', CAST(x->>'g' AS boolean)
                       FROM jsonb_array_elements(CAST(CAST($4 AS TEXT) AS jsonb)) x"
        ),
        &[&scope.account(), &scope.group(), &id, &list],
    )
    .await?;
    Ok(())
}

row! {
    /// Where one client stands towards a group note: their attendance, and the note that there is.
    #[derive(Clone, Debug)]
    pub(super) struct Standing {
        pub(super) client: ClientId,
        pub(super) name: String,
        pub(super) archived: bool,
        pub(super) merged_into: Option<ClientId>,
        pub(super) attendance: Option<Attendance>,
        pub(super) comment: Option<String>,
        pub(super) note: Option<NoteId>,
        pub(super) note_attendance: Option<Attendance>,
        pub(super) note_comment: Option<String>,
        pub(super) note_body: Option<String>,
        pub(super) individual: Option<bool>,
        pub(super) released: bool,
        /// Whether the note's facts are the group note's.
        pub(super) same_facts: Option<bool>,
    }
}

/// Where everybody stands who is in the attendance or has a note out of the group note, by name.
pub(super) async fn standings(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<Vec<Standing>> {
    tx.all(
        sql!(
            "SELECT c.id, c.name, c.archived_at IS NOT NULL, c.merged_into, a.attendance, a.comment, n.id,
                    n.attendance, n.comment, n.body, n.individual, n.released_at IS NOT NULL,
                    n.note_type = g.note_type AND n.description = g.description
                        AND n.service_date = g.service_date AND COALESCE(n.minutes, 0) = COALESCE(g.minutes, 0)
                        AND (n.location_id = g.location_id OR n.location_id IS NULL AND g.location_id IS NULL)
             FROM group_notes g
             JOIN (SELECT client_id FROM group_note_attendance
                   WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3
                   UNION
                   SELECT client_id FROM notes WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3) x ON TRUE
             JOIN clients c ON c.account_id = g.account_id AND c.group_id = g.group_id AND c.id = x.client_id
             LEFT JOIN group_note_attendance a ON a.account_id = g.account_id AND a.group_id = g.group_id
                  AND a.group_note_id = g.id AND a.client_id = c.id
             LEFT JOIN notes n ON n.account_id = g.account_id AND n.group_id = g.group_id
                  AND n.group_note_id = g.id AND n.client_id = c.id
             WHERE g.account_id = $1 AND g.group_id = $2 AND g.id = $3 ORDER BY c.name_key, c.id"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// A note to be made, or to be renewed.
#[derive(Serialize)]
pub(super) struct Made {
    /// The note's id, by its [`hex`](crate::db::hex).
    pub(super) n: String,
    /// The client's id, by its [`hex`](crate::db::hex).
    pub(super) c: String,
    pub(super) a: Attendance,
    pub(super) m: String,
    pub(super) b: String,
    /// Whether the text is the note's own.
    pub(super) i: bool,
}

/// Makes notes, all in one statement. Whoever wrote the group note is their author, whoever generates them.
pub(super) async fn make_notes(
    tx: &Tx,
    scope: &GroupScope,
    row: &GroupNoteRow,
    made: &[Made],
) -> Result<u64> {
    let list = json(&made)?;
    tx.exec(
        sql!(
            sqlite: "INSERT INTO notes (account_id, group_id, client_id, id, group_note_id, note_type, description,
                                        service_date, minutes, location_id, attendance, comment, body, individual,
                                        author_id, created_at, updated_at, version)
                     SELECT $1, $2, unhex(value->>'c'), unhex(value->>'n'), $3, $4, $5, $6, $7, $8, value->>'a',
                            value->>'m', value->>'b', FALSE, $9, $10, $10, 1
                     FROM json_each($11)",
            postgres: "INSERT INTO notes (account_id, group_id, client_id, id, group_note_id, note_type, description,
                                          service_date, minutes, location_id, attendance, comment, body, individual,
                                          author_id, created_at, updated_at, version)
                       SELECT $1, $2, CAST(x->>'c' AS uuid), CAST(x->>'n' AS uuid), $3, $4, $5, $6, $7, $8, x->>'a',
                              x->>'m', x->>'b', FALSE, $9, $10, $10, 1
                       FROM jsonb_array_elements(CAST(CAST($11 AS TEXT) AS jsonb)) x"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &row.id,
            &row.note_type,
            &row.description,
            &row.service_date,
            &row.minutes,
            &row.location,
            &row.author,
            &tx.now(),
            &list,
        ],
    )
    .await
}

/// Renews drafts, all in one statement: the facts, the attendance and the text. Gives how many there were.
pub(super) async fn renew_notes(
    tx: &Tx,
    scope: &GroupScope,
    row: &GroupNoteRow,
    renewed: &[Made],
) -> Result<u64> {
    let list = json(&renewed)?;
    tx.exec(
        sql!(
            sqlite: "UPDATE notes SET note_type = $4, description = $5, service_date = $6, minutes = $7,
                            location_id = $8, attendance = j.a, comment = j.m, body = j.b, individual = j.i,
                            updated_at = $9, version = version + 1
                     FROM (SELECT unhex(value->>'n') AS n, value->>'a' AS a, value->>'m' AS m, value->>'b' AS b,
                                  value->>'i' AS i FROM json_each($10)) j
                     WHERE notes.account_id = $1 AND notes.group_id = $2 AND notes.group_note_id = $3
                       AND notes.id = j.n AND notes.released_at IS NULL",
            postgres: "UPDATE notes SET note_type = $4, description = $5, service_date = $6, minutes = $7,
                              location_id = $8, attendance = j.a, comment = j.m, body = j.b, individual = j.i,
                              updated_at = $9, version = version + 1
                       FROM (SELECT CAST(x->>'n' AS uuid) AS n, x->>'a' AS a, x->>'m' AS m, x->>'b' AS b,
                                    CAST(x->>'i' AS boolean) AS i
                             FROM jsonb_array_elements(CAST(CAST($10 AS TEXT) AS jsonb)) x) j
                       WHERE notes.account_id = $1 AND notes.group_id = $2 AND notes.group_note_id = $3
                         AND notes.id = j.n AND notes.released_at IS NULL"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &row.id,
            &row.note_type,
            &row.description,
            &row.service_date,
            &row.minutes,
            &row.location,
            &tx.now(),
            &list,
        ],
    )
    .await
}

/// Withdraws drafts. Gives how many there were.
pub(super) async fn withdraw_notes(
    tx: &Tx,
    scope: &GroupScope,
    id: GroupNoteId,
    notes: &[String],
) -> Result<u64> {
    let list = json(&notes)?;
    tx.exec(
        sql!(
            sqlite: "DELETE FROM notes WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3
                       AND released_at IS NULL AND id IN (SELECT unhex(value) FROM json_each($4))",
            postgres: "DELETE FROM notes WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3
                         AND released_at IS NULL AND id IN (
                             SELECT CAST(value AS uuid)
                             FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS jsonb)) j(value))"
        ),
        &[&scope.account(), &scope.group(), &id, &list],
    )
    .await
}

/// Writes down that the notes were made now, if the group note is still as it was read.
pub(super) async fn set_generated(tx: &Tx, scope: &GroupScope, row: &GroupNoteRow) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE group_notes SET generated_at = $4, version = version + 1
                 WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $5"
            ),
            &[&scope.account(), &scope.group(), &row.id, &tx.now(), &row.version],
        )
        .await?;
    Ok(changed == 1)
}

/// Releases drafts, all in one statement. Gives how many there were.
pub(super) async fn release_notes(
    tx: &Tx,
    scope: &GroupScope,
    id: GroupNoteId,
    notes: &[NoteId],
) -> Result<u64> {
    let list = ids(notes);
    tx.exec(
        sql!(
            sqlite: "UPDATE notes SET released_by = $4, released_at = $5, version = version + 1
                     WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3
                       AND released_at IS NULL AND id IN (SELECT unhex(value) FROM json_each($6))",
            postgres: "UPDATE notes SET released_by = $4, released_at = $5, version = version + 1
                       WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3
                         AND released_at IS NULL AND id IN (
                             SELECT CAST(value AS uuid)
                             FROM jsonb_array_elements_text(CAST(CAST($6 AS TEXT) AS jsonb)) j(value))"
        ),
        &[&scope.account(), &scope.group(), &id, &scope.id(), &tx.now(), &list],
    )
    .await
}

/// Deletes a group note with its drafts and its attendance, if it is still as it was read and none was released.
pub(super) async fn delete(tx: &Tx, scope: &GroupScope, row: &GroupNoteRow) -> Result<bool> {
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

/// Some clients of the group by a part of their name: active ones who are not in the attendance.
pub(super) async fn candidates(
    tx: &Tx,
    scope: &GroupScope,
    id: GroupNoteId,
    name: &str,
    limit: i64,
) -> Result<Vec<(ClientId, String)>> {
    tx.all(
        sql!(
            "SELECT c.id, c.name FROM clients c
             WHERE c.account_id = $1 AND c.group_id = $2 AND c.archived_at IS NULL
               AND c.name_key LIKE $4 ESCAPE '\\' AND NOT EXISTS (
                   SELECT 1 FROM group_note_attendance a WHERE a.account_id = c.account_id
                      AND a.group_id = c.group_id AND a.group_note_id = $3 AND a.client_id = c.id)
             ORDER BY c.name_key, c.id LIMIT $5"
        ),
        &[&scope.account(), &scope.group(), &id, &text::contains_pattern(name), &limit],
    )
    .await
}
