//! Who was there.

use serde::Serialize;

use super::json;
use crate::notes::Attendance;
use access::GroupScope;
use kernel::{
    error::Result,
    id::{ClientGroupId, ClientId, GroupNoteId},
};
use storage::{One, Tx, ids, row, sql};

row! {
    /// Someone in the attendance of a group note.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct AttendanceRow {
        /// A client of the group.
        pub client: ClientId = "c.id",
        /// One line, up to 200 characters.
        pub name: String = "c.name",
        /// Whether they were there.
        pub attendance: Attendance = "a.attendance",
        /// A remark.
        pub comment: String = "a.comment",
        /// Whether they are there for this time only.
        pub guest: bool = "a.guest",
        /// Whether they were archived since.
        pub archived: bool = "c.archived_at IS NOT NULL",
        /// Whether they are in the client group now.
        pub in_client_group: bool =
            "EXISTS (SELECT 1 FROM group_notes g JOIN client_group_members m ON m.account_id = g.account_id
              AND m.group_id = g.group_id AND m.client_group_id = g.client_group_id
              AND m.client_id = a.client_id AND m.until IS NULL
              WHERE g.account_id = a.account_id AND g.group_id = a.group_id AND g.id = a.group_note_id)",
    }
}

pub(crate) async fn attendance(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<Vec<AttendanceRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM group_note_attendance a
             JOIN clients c ON c.account_id = a.account_id AND c.group_id = a.group_id AND c.id = a.client_id
             WHERE a.account_id = $1 AND a.group_id = $2 AND a.group_note_id = $3 ORDER BY c.name_key, c.id",
            AttendanceRow
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// Who is in the client group now and not in the attendance.
pub(crate) async fn missing(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<Vec<(ClientId, String)>> {
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

/// Everyone of the client group who is not archived, as present.
pub(crate) async fn attend_all(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<()> {
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

/// Which of these clients are in the group, and whether each is archived.
pub(crate) async fn known(
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

/// Who is in a client group now.
pub(crate) async fn members(tx: &Tx, scope: &GroupScope, id: ClientGroupId) -> Result<Vec<ClientId>> {
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
pub(crate) struct Attends {
    /// The client's id, by its [`hex`](storage::hex).
    pub(crate) c: String,
    pub(crate) a: Attendance,
    pub(crate) m: String,
    pub(crate) g: bool,
}

/// Puts another attendance in the place of the one before.
pub(crate) async fn set_attendance(
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

/// Some clients of the group by words that they are known by: active ones who are not in the attendance.
pub(crate) async fn candidates(
    tx: &Tx,
    scope: &GroupScope,
    id: GroupNoteId,
    words: &[String],
    limit: i64,
) -> Result<Vec<(ClientId, String)>> {
    let patterns: [Option<String>; 3] =
        std::array::from_fn(|at| words.get(at).map(|word| format!("%{word}%")));
    let [first, second, third] = &patterns;
    tx.all(
        sql!(
            "SELECT c.id, c.name FROM clients c
             WHERE c.account_id = $1 AND c.group_id = $2 AND c.archived_at IS NULL
               AND c.search LIKE $4 AND (CAST($5 AS TEXT) IS NULL OR c.search LIKE $5)
               AND (CAST($6 AS TEXT) IS NULL OR c.search LIKE $6) AND NOT EXISTS (
                   SELECT 1 FROM group_note_attendance a WHERE a.account_id = c.account_id
                      AND a.group_id = c.group_id AND a.group_note_id = $3 AND a.client_id = c.id)
             ORDER BY c.name_key, c.id LIMIT $7"
        ),
        &[&scope.account(), &scope.group(), &id, first, second, third, &limit],
    )
    .await
}
