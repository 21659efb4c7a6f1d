//! The statements of the ledger.

use crate::ledger::EntryKind;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, Entry, EntryId},
    money::{Currency, Money},
};
use storage::{Tx, row, sql};

row! {
    /// An entry of the ledger.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = LedgerEntry)]
    pub struct EntryRow {
        /// Its id.
        pub id: EntryId,
        /// When.
        pub at: Time,
        /// What it stands for.
        pub kind: EntryKind,
        /// Above zero where the account owes more, in minor units.
        pub amount: i64,
        /// In which currency.
        pub currency: Currency,
        /// The invoice or payment.
        pub object: String,
        /// A note.
        pub note: String,
    }
}

/// Adds an entry: above zero where the account owes more.
pub(crate) async fn enter(
    tx: &Tx,
    account: AccountId,
    kind: EntryKind,
    amount: Money,
    object: &str,
    note: &str,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO ledger (account_id, id, at, kind, amount, currency, object, note)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        &[&account, &tx.id::<Entry>(), &tx.now(), &kind, &amount.amount, &amount.currency, &object, &note],
    )
    .await?;
    Ok(())
}

/// What an account owes; below zero what it is owed. In minor units.
pub async fn balance(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!("SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT) FROM ledger WHERE account_id = $1"),
        &[&account],
    )
    .await
}

/// The sum of an account's entries of a kind between two moments, in minor units: payments are below zero.
pub(crate) async fn moved(
    tx: &Tx,
    account: AccountId,
    kind: EntryKind,
    from: Time,
    until: Time,
) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT) FROM ledger
             WHERE account_id = $1 AND kind = $2 AND at >= $3 AND at < $4"
        ),
        &[&account, &kind, &from, &until],
    )
    .await
}

/// A page of an account's ledger, newest first.
pub(super) async fn list(tx: &Tx, account: AccountId, before: EntryId, limit: i64) -> Result<Vec<EntryRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM ledger
             WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            EntryRow
        ),
        &[&account, &before, &limit],
    )
    .await
}

/// What the account has to its credit and is not on its way back already: it pays the next invoice.
pub(crate) async fn credit(tx: &Tx, account: AccountId) -> Result<i64> {
    let open: i64 = tx
        .value(
            sql!("SELECT CAST(COALESCE(sum(amount_due), 0) AS BIGINT) FROM invoices WHERE account_id = $1"),
            &[&account],
        )
        .await?;
    let credit = open - balance(tx, account).await? - refunds_under_way(tx, account).await?;
    Ok(credit.max(0))
}

/// How much is on its way back already, in minor units.
async fn refunds_under_way(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT) FROM payments
             WHERE account_id = $1 AND kind = 'refund' AND state = 'pending'"
        ),
        &[&account],
    )
    .await
}
