//! The outbox's statements.

use crate::jobs::{Letter, Voice};
use kernel::{
    clock::{DAY, HOUR, MINUTE, SECOND, SKEW, Time},
    error::{Error, Result},
    id::{AccountId, MailId},
};
use storage::{
    Param, Tx,
    list::{Listing, Statements},
    orders, row, sorted, sql, word,
};

/// What is announced when an email is queued.
pub(super) const TOPIC: &str = "outbox";
/// How long a worker may hold an email before another may take it: longer than any delivery takes.
const LEASE: i64 = 3 * MINUTE;
/// How many emails a worker takes at a time.
const BATCH: i64 = 20;
/// The pauses between the tries. After the last the email is given up, two days after the first.
pub(super) const PAUSES: [i64; 9] =
    [10 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR];

word! {
    /// The state of an email.
    pub enum MailState {
        /// Waiting for its next try.
        Queued = "queued",
        /// Taken by the mail server.
        Sent = "sent",
        /// Given up after every try.
        Failed = "failed",
    }
}

row! {
    /// An email as the worker delivers it.
    pub(super) struct Queued {
        pub(super) id: MailId,
        pub(super) recipient: String,
        pub(super) reply_to: Option<String>,
        pub(super) subject: String,
        pub(super) text: String = "text_body",
        pub(super) html: String = "html_body",
        pub(super) attempts: i64,
    }
}

row! {
    /// An email as an administrator sees it: not its content, which carries a link.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = Mail)]
    pub struct MailRow {
        /// Its id.
        pub id: MailId,
        /// The address.
        pub recipient: String,
        /// Its subject.
        pub subject: String,
        /// Where it is.
        pub state: MailState,
        /// How often it was tried.
        pub attempts: i64,
        /// When it was queued.
        pub created_at: Time,
        /// When it is tried next, if it is queued.
        pub next_at: Time,
        /// When it was sent, or finally failed.
        pub settled_at: Option<Time>,
        /// The mail server's last answer.
        pub last_error: Option<String>,
    }
}

pub(super) async fn insert(
    tx: &Tx,
    id: MailId,
    letter: &Letter,
    reply_to: Option<&str>,
    voice: &Voice<'_>,
) -> Result<()> {
    let (text, html) = (letter.text(), letter.html_as(voice)?);
    tx.exec(
        sql!(
            "INSERT INTO outbox (id, account_id, recipient, reply_to, subject, text_body, html_body, state, attempts,
                                 created_at, next_at, waits_since)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', 0, $8, $8, $8)"
        ),
        &[&id, &letter.account, &letter.to, &reply_to, &letter.subject, &text, &html, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Several emails in one statement.
pub(super) async fn insert_all(tx: &Tx, letters: &[Letter]) -> Result<()> {
    let mut rows = Vec::new();
    for letter in letters {
        rows.push(serde_json::json!({
            "id": tx.id::<kernel::id::Mail>().uuid().simple().to_string(),
            "account": letter.account.map(|account| account.uuid().simple().to_string()),
            "to": letter.to,
            "subject": letter.subject,
            "text": letter.text(),
            "html": letter.html()?,
        }));
    }
    let rows = serde_json::to_string(&rows).map_err(Error::internal)?;
    tx.exec(
        sql!(
            sqlite: "INSERT INTO outbox (id, account_id, recipient, subject, text_body, html_body, state, attempts,
                                 created_at, next_at, waits_since)
             SELECT unhex(value ->> 'id'), unhex(value ->> 'account'), value ->> 'to', value ->> 'subject',
                    value ->> 'text', value ->> 'html', 'queued', 0, $2, $2, $2 FROM json_each($1)",
            postgres: "INSERT INTO outbox (id, account_id, recipient, subject, text_body, html_body, state, attempts,
                                 created_at, next_at, waits_since)
             SELECT CAST(value ->> 'id' AS UUID), CAST(value ->> 'account' AS UUID), value ->> 'to',
                    value ->> 'subject', value ->> 'text', value ->> 'html', 'queued', 0, $2, $2, $2
             FROM jsonb_array_elements(CAST(CAST($1 AS TEXT) AS JSONB)) AS letters (value)",
        ),
        &[&rows, &tx.now()],
    )
    .await?;
    Ok(())
}

/// How many emails an account may send to one address in a day by its people's own doing.
const A_DAY: i64 = 6;

/// Refuses where an address had emails enough of an account today: nobody's patience is without end, and
/// an account is no means of writing to strangers.
///
/// # Errors
/// It had.
pub async fn spare(tx: &Tx, account: AccountId, email: &str) -> Result<()> {
    let since = tx.now().plus(-DAY);
    let sent: i64 = tx
        .value(
            sql!(
                "SELECT count(*) FROM outbox
                 WHERE account_id = $1 AND recipient = $2 AND created_at > $3 AND created_at <= $4"
            ),
            &[&account, &email, &since, &tx.now().plus(SKEW)],
        )
        .await?;
    if sent >= A_DAY {
        Err(Error::throttled(u32::try_from(DAY / SECOND).unwrap_or(u32::MAX)))
    } else {
        Ok(())
    }
}

/// How many emails an account has sent in a day, by whatever cause.
///
/// # Errors
/// The database fails.
pub async fn sent_today(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!("SELECT count(*) FROM outbox WHERE account_id = $1 AND created_at > $2 AND created_at <= $3"),
        &[&account, &tx.now().plus(-DAY), &tx.now().plus(SKEW)],
    )
    .await
}

/// Takes the emails that are due, for as long as [`LEASE`]; no other worker takes them meanwhile. A wait that
/// began in the future did so before the clock was set back, and is over.
pub(super) async fn claim(tx: &Tx) -> Result<Vec<Queued>> {
    tx.all(
        sql!(
            sqlite: "UPDATE outbox SET next_at = $2, waits_since = $1, attempts = attempts + 1
             WHERE id IN (SELECT id FROM outbox WHERE state = 'queued' AND (next_at <= $1 OR waits_since > $4)
                          ORDER BY next_at LIMIT $3)
             RETURNING {}",
            postgres: "UPDATE outbox SET next_at = $2, waits_since = $1, attempts = attempts + 1
             WHERE id IN (SELECT id FROM outbox WHERE state = 'queued' AND (next_at <= $1 OR waits_since > $4)
                          ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED)
             RETURNING {}",
            Queued,
        ),
        &[&tx.now(), &tx.now().plus(LEASE), &BATCH, &tx.now().plus(SKEW)],
    )
    .await
}

/// Notes that an email was taken by the mail server, and wipes what it said.
pub(super) async fn sent(tx: &Tx, id: MailId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE outbox SET state = 'sent', settled_at = $2, text_body = '', html_body = '', last_error = NULL
             WHERE id = $1 AND state = 'queued'"
        ),
        &[&id, &tx.now()],
    )
    .await?;
    Ok(())
}

/// A try that failed.
pub(super) struct Failed {
    /// When the next one is; none where the letter is given up.
    pub(super) next: Option<Time>,
    /// What was said.
    pub(super) why: String,
    /// Whether no answer came from the mail server.
    pub(super) unreachable: bool,
}

/// Notes a failed try, and either sets the next or gives up.
pub(super) async fn failed(tx: &Tx, id: MailId, failed: &Failed) -> Result<()> {
    let next = failed.next;
    tx.exec(
        sql!(
            "UPDATE outbox SET state = $2, next_at = $3, settled_at = $4, last_error = $5, waits_since = $6,
                    unreachable = $7
             WHERE id = $1 AND state = 'queued'"
        ),
        &[
            &id,
            &if next.is_some() { MailState::Queued } else { MailState::Failed },
            &next.unwrap_or(tx.now()),
            &next.is_none().then_some(tx.now()),
            &failed.why,
            &tx.now(),
            &failed.unreachable,
        ],
    )
    .await?;
    Ok(())
}

row! {
    /// Emails of an account that were tried and wait for another try.
    #[derive(Clone, Copy, Debug)]
    pub struct HeldUp {
        /// How many there are.
        pub letters: i64 = "count(*)",
        /// When the first of them was queued.
        pub since: Option<Time> = "min(created_at)",
        /// When the next one is tried.
        pub next_at: Option<Time> = "min(next_at)",
    }
}

/// The emails of an account that were tried and wait for another try.
///
/// # Errors
/// The database fails.
pub async fn held_up(tx: &Tx, account: AccountId) -> Result<HeldUp> {
    tx.one(
        sql!(
            "SELECT {} FROM outbox WHERE account_id = $1 AND state = 'queued' AND last_error IS NOT NULL",
            HeldUp
        ),
        &[&account],
    )
    .await
}

/// Since when the mail server gives no answer, as an account's emails show: the first that waits for one was queued
/// then, and none got out since one was tried in vain.
///
/// # Errors
/// The database fails.
pub async fn outage(tx: &Tx, account: AccountId) -> Result<Option<Time>> {
    tx.value(
        sql!(
            "SELECT min(q.created_at) FROM outbox q
             WHERE q.account_id = $1 AND q.state = 'queued' AND q.unreachable AND NOT EXISTS (
                   SELECT 1 FROM outbox s WHERE s.account_id = $1 AND s.state = 'sent'
                       AND s.settled_at >= (SELECT max(w.waits_since) FROM outbox w WHERE w.account_id = $1
                                            AND w.state = 'queued' AND w.unreachable))"
        ),
        &[&account],
    )
    .await
}

/// How many emails wait in all.
///
/// # Errors
/// The database fails.
pub async fn waiting(tx: &Tx) -> Result<i64> {
    tx.value(sql!("SELECT count(*) FROM outbox WHERE state = 'queued'"), &[]).await
}

orders! {
    /// The emails of an account.
    pub Mails of Mail: "-created_at" ["created_at" Created];
}

macro_rules! listed {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM outbox WHERE account_id = $4 AND (CAST($5 AS TEXT) IS NULL OR state = $5) AND id > $3 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $6"
            ),
            MailRow
        )
    };
}

const LISTED: Statements = sorted!(listed; "id"; Created);

/// A page of an account's emails, perhaps in one state, for its administrators.
///
/// # Errors
/// The database fails.
pub async fn list(
    tx: &Tx,
    account: AccountId,
    state: Option<MailState>,
    listing: &Listing<Mails>,
    limit: i64,
) -> Result<Vec<MailRow>> {
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &state, &limit]);
    tx.all(listing.statement(LISTED)?, &params).await
}

/// Queues an account's failed email again; says whether there was one. An email that waits is hurried.
///
/// # Errors
/// The database fails.
pub async fn retry(tx: &Tx, account: AccountId, id: MailId) -> Result<bool> {
    requeue(tx, Some(account), id).await
}

/// As [`retry`], whosever the email is: for the operator.
///
/// # Errors
/// The database fails.
pub async fn retry_for_anyone(tx: &Tx, id: MailId) -> Result<bool> {
    requeue(tx, None, id).await
}

/// Queues an email of this account again, or without one, anyone's.
async fn requeue(tx: &Tx, account: Option<AccountId>, id: MailId) -> Result<bool> {
    let (anyone, account) = (account.is_none(), account.unwrap_or(AccountId::nil()));
    let changed = tx
        .exec(
            sql!(
                "UPDATE outbox SET state = 'queued', attempts = 0, next_at = $4, waits_since = $4, settled_at = NULL
             WHERE ($1 OR account_id = $2) AND id = $3 AND state <> 'sent'"
            ),
            &[&anyone, &account, &id, &tx.now()],
        )
        .await?;
    tx.announce(TOPIC);
    Ok(changed > 0)
}

/// Deletes what has had its time: sessions, links, keys of repeated requests, throttles, old mail.
pub(super) async fn tidy(tx: &Tx) -> Result<()> {
    let now = tx.now();
    tx.exec(sql!("DELETE FROM sessions WHERE expires_at < $1"), &[&now]).await?;
    tx.exec(sql!("DELETE FROM links WHERE expires_at < $1"), &[&now.plus(-30 * DAY)]).await?;
    tx.exec(sql!("DELETE FROM sign_ups WHERE expires_at < $1"), &[&now]).await?;
    tx.exec(sql!("DELETE FROM idempotency_keys WHERE created_at < $1"), &[&now.plus(-DAY)]).await?;
    tx.exec(sql!("DELETE FROM devices WHERE seen_at < $1"), &[&now.plus(-365 * DAY)]).await?;
    tx.exec(sql!("DELETE FROM throttles WHERE last_at < $1"), &[&now.plus(-DAY)]).await?;
    tx.exec(sql!("DELETE FROM outbox WHERE state <> 'queued' AND settled_at < $1"), &[&now.plus(-90 * DAY)])
        .await?;
    Ok(())
}
