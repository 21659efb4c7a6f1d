//! A person's mailboxes, with what is unread and overdue in each.

use crate::requests::Mailbox;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, UserGroupId, UserId},
};
use storage::{Tx, row, sql};

/// The person's user groups `um` that can receive requests.
macro_rules! receiving {
    ($rest:literal) => {
        concat!(
            "user_group_members um JOIN receivers p ON p.account_id = um.account_id \
                 AND p.user_group_id = um.user_group_id ",
            $rest
        )
    };
}

row! {
    /// A mailbox, with what is unread and overdue in it.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct MailboxRow {
        pub mailbox: Mailbox,
        /// The user group of an inbox.
        pub user_group: Option<UserGroupId>,
        /// That user group's name.
        pub name: String,
        /// Whether that user group can receive requests now.
        pub receives: bool,
        /// Whether it may send them.
        pub sends: bool,
        /// The requests with news: in an inbox, of those no one holds.
        pub unread: i64,
        /// The overdue requests.
        pub overdue: i64,
    }
}

/// A person's mailboxes: one for each of their user groups, what they hold, what they sent. Closed requests count as
/// unread if that was after `since`.
pub(crate) async fn mailboxes(
    tx: &Tx,
    account: AccountId,
    user: UserId,
    since: Time,
) -> Result<Vec<MailboxRow>> {
    tx.all(
        sql!(
            concat!(
                "SELECT {} FROM (
                 SELECT 'inbox' AS mailbox, g.id AS user_group, g.name, p.user_group_id IS NOT NULL AS receives,
                        o.id IS NOT NULL AS sends,
                        (SELECT count(*) FROM requests r
                         LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = $2 AND d.request_id = r.id
                         WHERE r.account_id = g.account_id AND r.user_group_id = g.id AND r.state = 'new'
                           AND r.closed_at IS NULL AND p.user_group_id IS NOT NULL
                           AND r.receiver_news_at > COALESCE(d.read_at, 0)) AS unread,
                        (SELECT count(*) FROM requests r
                         WHERE r.account_id = g.account_id AND r.user_group_id = g.id AND r.state = 'new'
                           AND r.closed_at IS NULL AND p.user_group_id IS NOT NULL AND r.due_at < $4) AS overdue
                 FROM user_group_members um
                 JOIN user_groups g ON g.account_id = um.account_id AND g.id = um.user_group_id
                 LEFT JOIN receivers p ON p.account_id = g.account_id AND p.user_group_id = g.id
                 LEFT JOIN user_group_grants o ON o.account_id = g.account_id AND o.user_group_id = g.id
                      AND o.privilege = 'requests.send' AND o.until IS NULL
                 WHERE um.account_id = $1 AND um.user_id = $2 AND um.until IS NULL
                 UNION ALL
                 SELECT 'mine', NULL, '', FALSE, FALSE,
                        (SELECT count(*) FROM ",
                receiving!(
                    "JOIN requests r ON r.account_id = um.account_id AND r.user_group_id = um.user_group_id
                         AND r.claimed_by = um.user_id
                     LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = $2 AND d.request_id = r.id
                     WHERE um.account_id = $1 AND um.user_id = $2 AND um.until IS NULL
                       AND r.account_id = $1 AND r.claimed_by = $2
                       AND (r.closed_at IS NULL OR r.closed_at > $3) AND r.receiver_news_at > COALESCE(d.read_at, 0)"
                ),
                "), (SELECT count(*) FROM ",
                receiving!(
                    "JOIN requests r ON r.account_id = um.account_id AND r.user_group_id = um.user_group_id
                         AND r.claimed_by = um.user_id
                     WHERE um.account_id = $1 AND um.user_id = $2 AND um.until IS NULL
                       AND r.account_id = $1 AND r.claimed_by = $2 AND r.closed_at IS NULL AND r.due_at < $4"
                ),
                ")
                 UNION ALL
                 SELECT 'sent', NULL, '', FALSE, FALSE, count(*) FILTER (WHERE s.news), count(*) FILTER (WHERE s.late)
                 FROM (SELECT r.sender_news_at > COALESCE(d.read_at, 0) AS news,
                              r.closed_at IS NULL AND r.due_at < $4 AS late
                       FROM sent_requests r
                       LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = $2 AND d.request_id = r.id
                       WHERE r.account_id = $1 AND r.sender_id = $2 AND (r.closed_at IS NULL OR r.closed_at > $3)
                         AND (r.sender_news_at > COALESCE(d.read_at, 0) OR r.due_at < $4)) s
                 ) boxes ORDER BY mailbox, name"
            ),
            MailboxRow
        ),
        &[&account, &user, &since, &tx.now()],
    )
    .await
}
