//! The statements of billing details.

use kernel::{
    error::Result,
    id::{AccountId, UserId},
};
use storage::{One, Tx, row, sql};

row! {
    /// To whom and where invoices go.
    #[derive(Clone, Debug, Default)]
    pub struct Details {
        /// The name on them.
        pub name: String,
        /// The address on them.
        pub address: String,
        /// Where they are mailed.
        pub email: String,
        /// The tax number on them.
        pub tax_id: String,
        /// Counts the changes.
        pub version: i64,
    }
}

/// The details that the account gave, if it did.
pub(super) async fn details(tx: &Tx, account: AccountId) -> Result<Option<Details>> {
    tx.maybe(sql!("SELECT {} FROM billing_details WHERE account_id = $1", Details), &[&account]).await
}

/// Writes the details, if nobody else did since; says so.
pub(super) async fn save(tx: &Tx, account: AccountId, new: &Details) -> Result<bool> {
    let saved = tx
        .exec(
            sql!(
                "INSERT INTO billing_details (account_id, name, address, email, tax_id, version)
                 VALUES ($1, $2, $3, $4, $5, CAST($6 AS BIGINT) + 1)
                 ON CONFLICT (account_id) DO UPDATE SET name = $2, address = $3, email = $4, tax_id = $5,
                     version = billing_details.version + 1
                 WHERE billing_details.version = $6"
            ),
            &[&account, &new.name, &new.address, &new.email, &new.tax_id, &new.version],
        )
        .await?;
    Ok(saved == 1)
}

/// The account's owner.
pub(super) async fn owner(tx: &Tx, account: AccountId) -> Result<UserId> {
    let found = tx
        .one::<One<UserId>>(
            sql!("SELECT user_id FROM members WHERE account_id = $1 AND role = 'owner' AND until IS NULL"),
            &[&account],
        )
        .await?;
    Ok(found.0)
}
