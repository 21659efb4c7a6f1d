//! The statements behind the dashboard's charts.

use kernel::{clock::Time, error::Result, id::AccountId};
use storage::{Tx, sql};

/// How many invitations of an account are in each state, expired ones apart.
pub(super) async fn invitations_by_state(tx: &Tx, account: AccountId) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT CASE WHEN state = 'pending' AND expires_at <= $2 THEN 'expired' ELSE state END, count(*)
             FROM invitations WHERE account_id = $1 GROUP BY 1 ORDER BY 1"
        ),
        &[&account, &tx.now()],
    )
    .await
}

/// How many events each group's part of the trail holds since a moment, busiest first; archived groups
/// are left out.
pub(super) async fn activity_by_group(
    tx: &Tx,
    account: AccountId,
    since: Time,
    limit: i64,
) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT g.name, (SELECT count(*) FROM cases c WHERE c.account_id = g.account_id AND c.group_id = g.id
                             AND c.created_at >= $2)
                          + (SELECT count(*) FROM case_notes n WHERE n.account_id = g.account_id
                             AND n.group_id = g.id AND n.created_at >= $2) AS done
             FROM groups g WHERE g.account_id = $1 AND g.archived_at IS NULL
             ORDER BY done DESC, g.name_key LIMIT $3"
        ),
        &[&account, &since, &limit],
    )
    .await
}
