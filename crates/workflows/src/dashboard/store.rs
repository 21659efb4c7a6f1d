//! The statements behind the dashboard's charts.

use kernel::{clock::Time, error::Result, id::AccountId};
use storage::{Tx, row, sql};

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

/// How many requests of an account that were sent since a moment are in each state.
pub(super) async fn requests_by_state(
    tx: &Tx,
    account: AccountId,
    since: Time,
) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT state, count(*) FROM requests WHERE account_id = $1 AND created_at >= $2
             GROUP BY state ORDER BY state"
        ),
        &[&account, &since],
    )
    .await
}

row! {
    /// How long a user group took to answer, on average.
    pub(super) struct AnswerRow {
        pub(super) name: String = "g.name",
        /// How many requests were answered.
        pub(super) answered: i64 = "count(a.first_at)",
        /// In microseconds.
        pub(super) average: i64 = "CAST(avg(a.first_at - r.created_at) AS BIGINT)",
    }
}

/// How long the user groups took to give requests that were sent since a moment their first answer, the slowest first:
/// a message, a question, a completion or a refusal by someone else than the sender.
pub(super) async fn answer_times(
    tx: &Tx,
    account: AccountId,
    since: Time,
    limit: i64,
) -> Result<Vec<AnswerRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM requests r
             JOIN user_groups g ON g.account_id = r.account_id AND g.id = r.user_group_id AND g.deleted_at IS NULL
             JOIN (SELECT m.account_id, m.request_id, min(m.created_at) AS first_at FROM request_messages m
                   JOIN requests q ON q.account_id = m.account_id AND q.id = m.request_id
                   WHERE m.account_id = $1 AND m.created_at >= $2 AND m.author_id <> q.sender_id
                     AND m.kind IN ('message', 'asked', 'completed', 'declined')
                   GROUP BY m.account_id, m.request_id) a ON a.account_id = r.account_id AND a.request_id = r.id
             WHERE r.account_id = $1 AND r.created_at >= $2
             GROUP BY g.id, g.name ORDER BY 3 DESC, 1 LIMIT $3",
            AnswerRow
        ),
        &[&account, &since, &limit],
    )
    .await
}

/// How often handouts were shared since a moment, by their topic.
pub(super) async fn shares_by_topic(tx: &Tx, account: AccountId, since: Time) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT h.topic, count(*) AS shared FROM handout_shares s
             JOIN handouts h ON h.account_id = s.owner_id AND h.id = s.handout_id
             WHERE s.account_id = $1 AND s.created_at >= $2 GROUP BY h.topic ORDER BY shared DESC, h.topic LIMIT 10"
        ),
        &[&account, &since],
    )
    .await
}
