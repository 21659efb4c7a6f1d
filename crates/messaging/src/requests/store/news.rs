//! What is new to whom, and who gets an email about it.

use crate::requests::MailPreference;
use access::RequestScope;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, RequestId, UserGroupId, UserId},
};
use storage::{One, Tx, ids, row, sql};

/// Dates news for the sender and for the receivers.
pub(crate) async fn date_news(tx: &Tx, scope: &RequestScope, sender: bool, receivers: bool) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE requests SET sender_news_at = CASE WHEN $3 THEN $5 ELSE sender_news_at END,
                    receiver_news_at = CASE WHEN $4 THEN $5 ELSE receiver_news_at END, updated_at = $5
             WHERE account_id = $1 AND id = $2"
        ),
        &[&scope.account(), &scope.request(), &sender, &receivers, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Keeps up to when a person has read a request; the time never goes back.
pub(crate) async fn mark_read(
    tx: &Tx,
    account: AccountId,
    user: UserId,
    request: RequestId,
    up_to: Time,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO request_reads (account_id, user_id, request_id, read_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_id, user_id, request_id) DO UPDATE SET read_at =
                CASE WHEN excluded.read_at > request_reads.read_at THEN excluded.read_at
                     ELSE request_reads.read_at END"
        ),
        &[&account, &user, &request, &up_to],
    )
    .await?;
    Ok(())
}

/// The address of a request's sender, if they get an email: they still see it, want one about each piece of news, are
/// not the person who acts, and had nothing unread in it.
pub(crate) async fn sender_to_tell(tx: &Tx, scope: &RequestScope) -> Result<Option<String>> {
    let found = tx
        .maybe::<One<String>>(
            sql!(
                "SELECT u.email FROM sent_requests r
             JOIN workers m ON m.account_id = r.account_id AND m.user_id = r.sender_id
             JOIN users u ON u.id = r.sender_id
             LEFT JOIN request_settings w ON w.account_id = r.account_id AND w.user_id = r.sender_id
             LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = r.sender_id
                  AND d.request_id = r.id
             WHERE r.account_id = $1 AND r.id = $2 AND r.sender_id <> $3 AND COALESCE(w.mail, 'each') = 'each'
               AND r.sender_news_at <= COALESCE(d.read_at, 0)"
            ),
            &[&scope.account(), &scope.request(), &scope.user()],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// The address of a request's holder, on the same terms. A person it was just assigned to is told in any case.
pub(crate) async fn holder_to_tell(tx: &Tx, scope: &RequestScope, assigned: bool) -> Result<Option<String>> {
    let found = tx
        .maybe::<One<String>>(
            sql!(
                "SELECT u.email FROM requests r
             JOIN user_group_people um ON um.account_id = r.account_id AND um.user_group_id = r.user_group_id
                  AND um.user_id = r.claimed_by
             JOIN receivers p ON p.account_id = um.account_id AND p.user_group_id = um.user_group_id
             JOIN users u ON u.id = um.user_id
             LEFT JOIN request_settings w ON w.account_id = r.account_id AND w.user_id = um.user_id
             LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = um.user_id
                  AND d.request_id = r.id
             WHERE r.account_id = $1 AND r.id = $2 AND r.claimed_by <> $3 AND COALESCE(w.mail, 'each') = 'each'
               AND ($4 OR r.receiver_news_at <= COALESCE(d.read_at, 0))"
            ),
            &[&scope.account(), &scope.request(), &scope.user(), &assigned],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// The addresses of a user group's people who want an email about each piece of news, without the person who acts and
/// the sender.
pub(crate) async fn group_to_tell(
    tx: &Tx,
    account: AccountId,
    user_group: UserGroupId,
    but: [UserId; 2],
) -> Result<Vec<String>> {
    let found = tx
        .all::<One<String>>(
            sql!(
                "SELECT u.email FROM user_group_people um
             JOIN users u ON u.id = um.user_id
             LEFT JOIN request_settings w ON w.account_id = um.account_id AND w.user_id = um.user_id
             WHERE um.account_id = $1 AND um.user_group_id = $2
               AND um.user_id <> $3 AND um.user_id <> $4 AND COALESCE(w.mail, 'each') = 'each'
             ORDER BY u.id"
            ),
            &[&account, &user_group, &but[0], &but[1]],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

/// A person's choice of emails about requests.
pub(crate) async fn mail_preference(tx: &Tx, account: AccountId, user: UserId) -> Result<MailPreference> {
    let found = tx
        .maybe::<One<MailPreference>>(
            sql!("SELECT mail FROM request_settings WHERE account_id = $1 AND user_id = $2"),
            &[&account, &user],
        )
        .await?;
    Ok(found.map_or(MailPreference::Each, |one| one.0))
}

/// Saves a person's choice of emails about requests. Their first summary comes the next morning.
pub(crate) async fn set_mail_preference(
    tx: &Tx,
    account: AccountId,
    user: UserId,
    mail: MailPreference,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO request_settings (account_id, user_id, mail, digest_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_id, user_id) DO UPDATE SET mail = excluded.mail, digest_at =
                CASE WHEN request_settings.mail = excluded.mail THEN request_settings.digest_at
                     ELSE excluded.digest_at END"
        ),
        &[&account, &user, &mail, &tx.now()],
    )
    .await?;
    Ok(())
}

row! {
    /// An account in which someone wants daily summaries.
    pub(crate) struct Subscriber {
        pub(crate) account: AccountId = "w.account_id",
        pub(crate) time_zone: String = "a.time_zone",
        /// When the oldest of their summaries was looked at.
        pub(crate) oldest: Time = "MIN(COALESCE(w.digest_at, 0))",
    }
}

/// The accounts in which someone wants daily summaries.
pub(crate) async fn subscribers(tx: &Tx) -> Result<Vec<Subscriber>> {
    tx.all(
        sql!(
            "SELECT {} FROM request_settings w
             JOIN accounts a ON a.id = w.account_id
             WHERE w.mail = 'digest' GROUP BY w.account_id, a.time_zone ORDER BY w.account_id",
            Subscriber
        ),
        &[],
    )
    .await
}

/// Claims the summaries of an account that were last looked at before `due`: whose they are.
pub(crate) async fn claim_digests(tx: &Tx, account: AccountId, due: Time) -> Result<Vec<UserId>> {
    let claimed = tx
        .all::<One<UserId>>(
            sql!(
                "UPDATE request_settings SET digest_at = $3
             WHERE account_id = $1 AND mail = 'digest' AND COALESCE(digest_at, 0) < $2 RETURNING user_id"
            ),
            &[&account, &due, &tx.now()],
        )
        .await?;
    Ok(claimed.into_iter().map(|one| one.0).collect())
}

row! {
    /// What waits for someone in an account.
    pub(crate) struct Waiting {
        pub(crate) email: String = "u.email",
        pub(crate) unread: i64 = "count(*) FILTER (WHERE w.news)",
        pub(crate) overdue: i64 = "count(*) FILTER (WHERE w.late)",
    }
}

/// What waits for these people in an account; only those for whom something does.
pub(crate) async fn waiting(
    tx: &Tx,
    account: AccountId,
    people: &[UserId],
    since: Time,
) -> Result<Vec<Waiting>> {
    tx.all(
        listed!(
            "SELECT {} FROM (
                SELECT um.user_id, r.id, r.receiver_news_at > COALESCE(d.read_at, 0) AS news,
                       COALESCE(r.closed_at IS NULL AND r.due_at < $4, FALSE) AS late
                FROM user_group_members um
                JOIN receivers p ON p.account_id = um.account_id AND p.user_group_id = um.user_group_id
                JOIN requests r ON r.account_id = um.account_id AND r.user_group_id = um.user_group_id
                     AND (r.state = 'new' OR r.claimed_by = um.user_id)
                LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = um.user_id
                     AND d.request_id = r.id
                WHERE um.account_id = $1 AND um.until IS NULL AND (r.closed_at IS NULL OR r.closed_at > $3)
                UNION ALL
                SELECT r.sender_id, r.id, r.sender_news_at > COALESCE(d.read_at, 0),
                       COALESCE(r.closed_at IS NULL AND r.due_at < $4, FALSE)
                FROM sent_requests r
                LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = r.sender_id
                     AND d.request_id = r.id
                WHERE r.account_id = $1 AND (r.closed_at IS NULL OR r.closed_at > $3)) w
             JOIN workers m ON m.account_id = $1 AND m.user_id = w.user_id
             JOIN users u ON u.id = w.user_id
             WHERE (w.news OR w.late) AND w.user_id IN ",
            "$2",
            " GROUP BY u.id, u.email ORDER BY u.id",
            Waiting
        ),
        &[&account, &ids(people), &since, &tx.now()],
    )
    .await
}
