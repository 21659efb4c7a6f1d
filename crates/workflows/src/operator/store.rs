//! What an operator sees of all accounts: who they are and what they owe, and nothing of what they record.

use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, InvoiceId, MailId, UserId},
    money::{Currency, Money},
    search,
};
use people::plans;
use storage::{Tx, row, sql};

row! {
    /// A person who may open the operator's pages.
    #[derive(Clone, Debug)]
    pub struct OperatorRow {
        /// Their name.
        pub name: String = "u.name",
        /// Their address.
        pub email: String = "u.email",
        /// When they were named.
        pub since: Time = "o.since",
    }
}

/// The operators, by name.
///
/// # Errors
/// The database fails.
pub async fn operators(tx: &Tx) -> Result<Vec<OperatorRow>> {
    let listed = sql!(
        "SELECT {} FROM operators o JOIN users u ON u.id = o.user_id ORDER BY u.name_key, u.id",
        OperatorRow
    );
    tx.all(listed, &[]).await
}

/// Whether an account has asked for licenses since a moment.
pub(super) async fn asked_since(tx: &Tx, account: AccountId, since: Time) -> Result<bool> {
    let asked = sql!(
        "SELECT EXISTS (SELECT 1 FROM audit_events WHERE account_id = $1 AND action = 'licenses.asked' AND at > $2)"
    );
    tx.value(asked, &[&account, &since]).await
}

pub(super) async fn insert(tx: &Tx, user: UserId) -> Result<bool> {
    let new = sql!("INSERT INTO operators (user_id, since) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING");
    Ok(tx.exec(new, &[&user, &tx.now()]).await? == 1)
}

pub(super) async fn delete(tx: &Tx, user: UserId) -> Result<bool> {
    Ok(tx.exec(sql!("DELETE FROM operators WHERE user_id = $1"), &[&user]).await? == 1)
}

row! {
    /// An account as the operator sees it.
    pub(super) struct AccountRow {
        pub(super) id: AccountId = "a.id",
        pub(super) name: String = "a.name",
        pub(super) owner: String = "u.name",
        pub(super) email: String = "u.email",
        pub(super) created_at: Time = "a.created_at",
        pub(super) admitted_at: Option<Time> = "a.admitted_at",
        pub(super) state: plans::State = "s.state",
        pub(super) used: i64 = "c.used",
        pub(super) total: i64 = "c.total",
    }
}

/// A page of the accounts, newest first: those whose name, or whose owner's address, holds `words`, which are folded.
pub(super) async fn accounts(
    tx: &Tx,
    words: &str,
    unadmitted: bool,
    before: AccountId,
    limit: i64,
) -> Result<Vec<AccountRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM accounts a
             JOIN subscriptions s ON s.account_id = a.id
             JOIN license_counts c ON c.account_id = a.id AND c.kind = 'license'
             JOIN members m ON m.account_id = a.id AND m.role = 'owner' AND m.until IS NULL
             JOIN users u ON u.id = m.user_id
             WHERE a.id < $1 AND (a.name_key LIKE $2 ESCAPE '\\' OR REPLACE(u.email_key, '''', '') LIKE $5 ESCAPE '\\')
               AND (NOT $3 OR a.admitted_at IS NULL)
             ORDER BY a.id DESC LIMIT $4",
            AccountRow
        ),
        &[&before, &search::pattern(words), &unadmitted, &limit, &search::address_pattern(words)],
    )
    .await
}

row! {
    /// An open invoice of any account.
    pub(super) struct OpenInvoice {
        pub(super) id: InvoiceId = "i.id",
        pub(super) number: String = "i.number",
        pub(super) account: AccountId = "i.account_id",
        pub(super) name: String = "a.name",
        pub(super) currency: Currency = "i.currency",
        pub(super) total: i64 = "i.total",
        pub(super) open: i64 = "i.amount_due",
        pub(super) issued_at: Time = "i.issued_at",
        pub(super) due_at: Time = "i.due_at",
    }
}

impl OpenInvoice {
    pub(super) fn total(&self) -> Money {
        Money::new(self.total, self.currency)
    }

    pub(super) fn left(&self) -> Money {
        Money::new(self.open, self.currency)
    }
}

/// A page of the open invoices, oldest first.
pub(super) async fn open_invoices(tx: &Tx, after: InvoiceId, limit: i64) -> Result<Vec<OpenInvoice>> {
    tx.all(
        sql!(
            "SELECT {} FROM invoices i JOIN accounts a ON a.id = i.account_id
             WHERE i.amount_due > 0 AND i.id > $1 ORDER BY i.id LIMIT $2",
            OpenInvoice
        ),
        &[&after, &limit],
    )
    .await
}

row! {
    /// A refund that an account has requested.
    pub(super) struct Refund {
        pub(super) account: AccountId = "p.account_id",
        pub(super) name: String = "a.name",
        pub(super) currency: Currency = "p.currency",
        pub(super) amount: i64 = "p.amount",
        pub(super) requested_at: Time = "p.created_at",
        pub(super) requested_by: Option<String> = "u.name",
    }
}

impl Refund {
    pub(super) fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

/// The refunds that are to be paid out, oldest first.
pub(super) async fn refunds(tx: &Tx, limit: i64) -> Result<Vec<Refund>> {
    tx.all(
        sql!(
            "SELECT {} FROM payments p JOIN accounts a ON a.id = p.account_id
             LEFT JOIN users u ON u.id = p.requested_by
             WHERE p.state = 'requested' ORDER BY p.id LIMIT $1",
            Refund
        ),
        &[&limit],
    )
    .await
}

row! {
    /// An email that was given up, without what it says.
    pub(super) struct LostLetter {
        pub(super) id: MailId = "o.id",
        pub(super) recipient: String = "o.recipient",
        pub(super) subject: String = "o.subject",
        pub(super) account_name: Option<String> = "a.name",
        pub(super) attempts: i64 = "o.attempts",
        pub(super) settled_at: Option<Time> = "o.settled_at",
        pub(super) last_error: Option<String> = "o.last_error",
    }
}

/// A page of the emails that were given up, newest first.
pub(super) async fn lost_letters(tx: &Tx, before: MailId, limit: i64) -> Result<Vec<LostLetter>> {
    tx.all(
        sql!(
            "SELECT {} FROM outbox o LEFT JOIN accounts a ON a.id = o.account_id
             WHERE o.state = 'failed' AND o.id < $1 ORDER BY o.id DESC LIMIT $2",
            LostLetter
        ),
        &[&before, &limit],
    )
    .await
}
