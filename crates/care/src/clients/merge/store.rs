//! The statements that move what belongs to one client to another.

use crate::{client_groups, clients::ClientRow};
use access::ClientScope;
use kernel::{error::Result, id::ClientId};
use storage::{Param, Tx, row, sql};

row! {
    /// What belongs to a client, in numbers, and where that meets what the other has.
    #[derive(Clone, Debug)]
    pub struct Belongings {
        /// Animals, archived ones too.
        pub animals: i64 =
            "(SELECT count(*) FROM client_animals a
              WHERE a.account_id = $1 AND a.group_id = $2 AND a.client_id = $3)",
        /// Cases.
        pub cases: i64 =
            "(SELECT count(*) FROM case_clients k
              WHERE k.account_id = $1 AND k.group_id = $2 AND k.client_id = $3)",
        /// Notes in the chart.
        pub notes: i64 =
            "(SELECT count(*) FROM notes n
              WHERE n.account_id = $1 AND n.group_id = $2 AND n.client_id = $3)",
        /// Client groups that it is in.
        pub client_groups: i64 =
            "(SELECT count(*) FROM client_group_members s
              WHERE s.account_id = $1 AND s.group_id = $2 AND s.client_id = $3 AND s.until IS NULL)",
        /// Requests about it.
        pub requests: i64 =
            "(SELECT count(*) FROM request_clients r
              WHERE r.account_id = $1 AND r.group_id = $2 AND r.client_id = $3)",
        /// Client groups that both are in.
        pub shared_groups: i64 =
            "(SELECT count(*) FROM client_group_members s
              JOIN client_group_members o ON o.account_id = s.account_id AND o.group_id = s.group_id
                   AND o.client_group_id = s.client_group_id AND o.client_id = $4 AND o.until IS NULL
              WHERE s.account_id = $1 AND s.group_id = $2 AND s.client_id = $3 AND s.until IS NULL)",
        /// Group notes that both attended.
        pub shared_notes: i64 =
            "(SELECT count(*) FROM group_note_attendance t
              JOIN group_note_attendance o ON o.account_id = t.account_id AND o.group_id = t.group_id
                   AND o.group_note_id = t.group_note_id AND o.client_id = $4
              WHERE t.account_id = $1 AND t.group_id = $2 AND t.client_id = $3)",
    }
}

/// What belongs to the client of the scope, as it meets what `into` has.
pub(super) async fn belongings(tx: &Tx, scope: &ClientScope, into: ClientId) -> Result<Belongings> {
    tx.one(sql!("SELECT {}", Belongings), &[&scope.account(), &scope.group(), &scope.object(), &into]).await
}

/// Moves everything to `into`. Where both were in one place, the place of `into` stays: in a client group the
/// other's ends now, of two notes out of one group note the other's is on its own from now on.
pub(super) async fn move_belongings(tx: &Tx, scope: &ClientScope, into: ClientId) -> Result<()> {
    let place: [&dyn Param; 4] = [&scope.account(), &scope.group(), &scope.object(), &into];
    client_groups::move_client(tx, scope.account(), scope.group(), scope.object(), into).await?;
    tx.exec(
        sql!(
            "UPDATE group_notes SET version = version + 1
             WHERE account_id = $1 AND group_id = $2 AND id IN (SELECT a.group_note_id FROM group_note_attendance a
                   WHERE a.account_id = $1 AND a.group_id = $2 AND a.client_id = $3)"
        ),
        &place[..3],
    )
    .await?;
    for statement in [
        // Of two out of one group note, the one that was released stays with it.
        sql!(
            "UPDATE notes SET group_note_id = NULL
             WHERE account_id = $1 AND group_id = $2 AND client_id = $4 AND released_at IS NULL
               AND group_note_id IN (SELECT o.group_note_id FROM notes o
                   WHERE o.account_id = $1 AND o.group_id = $2 AND o.client_id = $3 AND o.released_at IS NOT NULL
                     AND o.group_note_id IS NOT NULL)"
        ),
        sql!(
            "UPDATE notes SET group_note_id = NULL
             WHERE account_id = $1 AND group_id = $2 AND client_id = $3
               AND group_note_id IN (SELECT o.group_note_id FROM notes o
                   WHERE o.account_id = $1 AND o.group_id = $2 AND o.client_id = $4 AND o.group_note_id IS NOT NULL)"
        ),
        sql!(
            "DELETE FROM group_note_attendance
             WHERE account_id = $1 AND group_id = $2 AND client_id = $3
               AND group_note_id IN (SELECT o.group_note_id FROM group_note_attendance o
                   WHERE o.account_id = $1 AND o.group_id = $2 AND o.client_id = $4)"
        ),
        sql!(
            "DELETE FROM request_clients
             WHERE account_id = $1 AND group_id = $2 AND client_id = $3
               AND request_id IN (SELECT o.request_id FROM request_clients o
                   WHERE o.account_id = $1 AND o.client_id = $4)"
        ),
        sql!("UPDATE client_animals SET client_id = $4 WHERE account_id = $1 AND group_id = $2 AND client_id = $3"),
        sql!("UPDATE case_clients SET client_id = $4 WHERE account_id = $1 AND group_id = $2 AND client_id = $3"),
        sql!("UPDATE notes SET client_id = $4 WHERE account_id = $1 AND group_id = $2 AND client_id = $3"),
        sql!(
            "UPDATE group_note_attendance SET client_id = $4
             WHERE account_id = $1 AND group_id = $2 AND client_id = $3"
        ),
        sql!(
            "UPDATE client_group_members SET client_id = $4
             WHERE account_id = $1 AND group_id = $2 AND client_id = $3"
        ),
        sql!("UPDATE request_clients SET client_id = $4 WHERE account_id = $1 AND group_id = $2 AND client_id = $3"),
        sql!("UPDATE clients SET merged_into = $4 WHERE account_id = $1 AND group_id = $2 AND merged_into = $3"),
    ] {
        tx.exec(statement, &place).await?;
    }
    Ok(())
}

/// Archives the client that was merged, if it is still as it was read.
pub(super) async fn retire(tx: &Tx, scope: &ClientScope, row: &ClientRow, into: ClientId) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE clients SET archived_at = $4, updated_at = $4, merged_into = $5, version = version + 1
                 WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $6"
            ),
            &[&scope.account(), &scope.group(), &row.id, &tx.now(), &into, &row.version],
        )
        .await?;
    Ok(changed == 1)
}
