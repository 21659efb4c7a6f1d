//! The notes that are made from a group note: the state of each, and what is written of it, each for all of
//! them in one statement.

use serde::Serialize;

use super::json;
use crate::notes::{Attendance, group::store::GroupNoteRow};
use access::GroupScope;
use kernel::{
    error::Result,
    id::{ClientId, GroupNoteId, NoteId},
};
use storage::{Tx, ids, row, sql};

row! {
    /// A client in a group note: their attendance, and their note if there is one.
    #[derive(Clone, Debug)]
    pub(crate) struct Standing {
        pub(crate) client: ClientId = "c.id",
        pub(crate) name: String = "c.name",
        pub(crate) archived: bool = "c.archived_at IS NOT NULL",
        pub(crate) merged_into: Option<ClientId> = "c.merged_into",
        pub(crate) attendance: Option<Attendance> = "a.attendance",
        pub(crate) comment: Option<String> = "a.comment",
        pub(crate) note: Option<NoteId> = "n.id",
        pub(crate) note_attendance: Option<Attendance> = "n.attendance",
        pub(crate) note_comment: Option<String> = "n.comment",
        pub(crate) note_body: Option<String> = "n.body",
        pub(crate) personalized: Option<bool> = "n.personalized",
        pub(crate) released: bool = "n.released_at IS NOT NULL",
        /// Whether the note's facts are the group note's.
        pub(crate) same_facts: Option<bool> =
            "n.note_type = g.note_type AND n.description = g.description
              AND n.service_date = g.service_date AND COALESCE(n.minutes, 0) = COALESCE(g.minutes, 0)
              AND (n.location_id = g.location_id OR n.location_id IS NULL AND g.location_id IS NULL)",
    }
}

/// Everyone in the attendance or with a note from the group note, by name.
pub(crate) async fn standings(tx: &Tx, scope: &GroupScope, id: GroupNoteId) -> Result<Vec<Standing>> {
    tx.all(
        sql!(
            "SELECT {} FROM group_notes g
             JOIN (SELECT client_id FROM group_note_attendance
                   WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3
                   UNION
                   SELECT client_id FROM notes WHERE account_id = $1 AND group_id = $2 AND group_note_id = $3) x ON TRUE
             JOIN clients c ON c.account_id = g.account_id AND c.group_id = g.group_id AND c.id = x.client_id
             LEFT JOIN group_note_attendance a ON a.account_id = g.account_id AND a.group_id = g.group_id
                  AND a.group_note_id = g.id AND a.client_id = c.id
             LEFT JOIN notes n ON n.account_id = g.account_id AND n.group_id = g.group_id
                  AND n.group_note_id = g.id AND n.client_id = c.id
             WHERE g.account_id = $1 AND g.group_id = $2 AND g.id = $3 ORDER BY c.name_key, c.id",
            Standing
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// A note to be made, or to be renewed.
#[derive(Serialize)]
pub(crate) struct Made {
    /// The note's id, by its [`hex`](storage::hex).
    pub(crate) n: String,
    /// The client's id, by its [`hex`](storage::hex).
    pub(crate) c: String,
    pub(crate) a: Attendance,
    pub(crate) m: String,
    pub(crate) b: String,
    /// Whether the text is the note's own.
    pub(crate) i: bool,
}

/// Makes notes, all in one statement. Their author is the author of the group note, not the person who creates them.
pub(crate) async fn make_notes(
    tx: &Tx,
    scope: &GroupScope,
    row: &GroupNoteRow,
    made: &[Made],
) -> Result<u64> {
    let list = json(&made)?;
    tx.exec(
        sql!(
            sqlite: "INSERT INTO notes (account_id, group_id, client_id, id, group_note_id, note_type, description,
                                        service_date, minutes, location_id, attendance, comment, body, personalized,
                                        author_id, created_at, updated_at, version)
                     SELECT $1, $2, unhex(value->>'c'), unhex(value->>'n'), $3, $4, $5, $6, $7, $8, value->>'a',
                            value->>'m', value->>'b', FALSE, $9, $10, $10, 1
                     FROM json_each($11)",
            postgres: "INSERT INTO notes (account_id, group_id, client_id, id, group_note_id, note_type, description,
                                          service_date, minutes, location_id, attendance, comment, body, personalized,
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
pub(crate) async fn renew_notes(
    tx: &Tx,
    scope: &GroupScope,
    row: &GroupNoteRow,
    renewed: &[Made],
) -> Result<u64> {
    let list = json(&renewed)?;
    tx.exec(
        sql!(
            sqlite: "UPDATE notes SET note_type = $4, description = $5, service_date = $6, minutes = $7,
                            location_id = $8, attendance = j.a, comment = j.m, body = j.b, personalized = j.i,
                            updated_at = $9, version = version + 1
                     FROM (SELECT unhex(value->>'n') AS n, value->>'a' AS a, value->>'m' AS m, value->>'b' AS b,
                                  value->>'i' AS i FROM json_each($10)) j
                     WHERE notes.account_id = $1 AND notes.group_id = $2 AND notes.group_note_id = $3
                       AND notes.id = j.n AND notes.released_at IS NULL",
            postgres: "UPDATE notes SET note_type = $4, description = $5, service_date = $6, minutes = $7,
                              location_id = $8, attendance = j.a, comment = j.m, body = j.b, personalized = j.i,
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
pub(crate) async fn withdraw_notes(
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
pub(crate) async fn set_notes_created(tx: &Tx, scope: &GroupScope, row: &GroupNoteRow) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE group_notes SET notes_created_at = $4, version = version + 1
                 WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $5"
            ),
            &[&scope.account(), &scope.group(), &row.id, &tx.now(), &row.version],
        )
        .await?;
    Ok(changed == 1)
}

/// Releases drafts, all in one statement. Gives how many there were.
pub(crate) async fn release_notes(
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
        &[&scope.account(), &scope.group(), &id, &scope.user(), &tx.now(), &list],
    )
    .await
}
