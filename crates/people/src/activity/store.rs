//! Who gets an account's receipts.

use kernel::{
    error::Result,
    id::{AccountId, UserId},
};
use storage::{Tx, row, sql};

row! {
    /// An account's owner, as emails address them.
    pub struct Owner {
        /// Who it is.
        pub user: UserId = "u.id",
        /// Their address.
        pub email: String = "u.email",
        /// Their name.
        pub name: String = "u.name",
        /// The account's name.
        pub account_name: String = "a.name",
    }
}

/// The owner of an account; none once it is closed.
///
/// # Errors
/// The database fails.
pub async fn owner(tx: &Tx, account: AccountId) -> Result<Option<Owner>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM members m JOIN users u ON u.id = m.user_id JOIN accounts a ON a.id = m.account_id
             WHERE m.account_id = $1 AND m.role = 'owner' AND m.until IS NULL",
            Owner
        ),
        &[&account],
    )
    .await
}
