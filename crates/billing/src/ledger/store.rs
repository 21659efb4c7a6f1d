//! The statements of the ledger.

use crate::ledger::EntryKind;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, Entry, EntryId},
    money::{Currency, Money},
};
use storage::{
    Param, Tx,
    list::{Listing, Statements},
    orders, row, sorted, sql,
};

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

orders! {
    /// The entries of an account.
    pub Entries of Entry: "-created_at" ["created_at" Created];
}

macro_rules! listed {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM ledger WHERE account_id = $4 AND id > $3 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $5"
            ),
            EntryRow
        )
    };
}

const LISTED: Statements = sorted!(listed; "id"; Created);

/// A page of an account's ledger.
pub(super) async fn list(
    tx: &Tx,
    account: AccountId,
    listing: &Listing<Entries>,
    limit: i64,
) -> Result<Vec<EntryRow>> {
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &limit]);
    tx.all(listing.statement(LISTED)?, &params).await
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
