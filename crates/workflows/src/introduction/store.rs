//! The statements of the introduction.

use kernel::{error::Result, id::AccountId};
use storage::{Tx, row, sql};

row! {
    /// The email that introduces the team.
    #[derive(Clone, Debug)]
    pub(super) struct Introduction {
        /// Its subject.
        pub(super) subject: String,
        /// Its text, with placeholders.
        pub(super) body: String,
        /// Counts the changes.
        pub(super) version: i64,
    }
}

pub(super) async fn introduction(tx: &Tx, account: AccountId) -> Result<Option<Introduction>> {
    tx.maybe(sql!("SELECT {} FROM introductions WHERE account_id = $1", Introduction), &[&account]).await
}

/// Writes the email, if nobody else did since; says so.
pub(super) async fn save(tx: &Tx, account: AccountId, new: &Introduction) -> Result<bool> {
    let saved = tx
        .exec(
            sql!(
                "INSERT INTO introductions (account_id, subject, body, version) VALUES ($1, $2, $3, CAST($4 AS BIGINT) + 1)
                 ON CONFLICT (account_id) DO UPDATE SET subject = $2, body = $3, version = introductions.version + 1
                 WHERE introductions.version = $4"
            ),
            &[&account, &new.subject, &new.body, &new.version],
        )
        .await?;
    Ok(saved == 1)
}

row! {
    /// Someone whom the introduction can be sent to.
    #[derive(Clone, Debug)]
    pub(super) struct Recipient {
        /// Their address.
        pub(super) email: String,
        /// Their name; empty while they are invited.
        pub(super) name: String,
    }
}

/// The account's members and the people with a pending invitation, members first, by name.
pub(super) async fn recipients(tx: &Tx, account: AccountId) -> Result<Vec<Recipient>> {
    tx.all(
        sql!(
            "SELECT {} FROM (
                SELECT u.email, u.name, u.name_key FROM members m JOIN users u ON u.id = m.user_id
                WHERE m.account_id = $1 AND m.until IS NULL
                UNION ALL
                SELECT i.email, '', '' FROM invitations i
                WHERE i.account_id = $1 AND i.state = 'pending' AND i.expires_at > $2) people
             ORDER BY CASE WHEN name = '' THEN 1 ELSE 0 END, name_key, email",
            Recipient
        ),
        &[&account, &tx.now()],
    )
    .await
}
