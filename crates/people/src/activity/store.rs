//! Who gets an account's receipts.

use kernel::{error::Result, id::AccountId};
use storage::{Tx, row, sql};

row! {
    /// An account's owner, as a receipt addresses them.
    pub(super) struct Owner {
        pub(super) email: String = "u.email",
        pub(super) name: String = "u.name",
        pub(super) account_name: String = "a.name",
    }
}

pub(super) async fn owner(tx: &Tx, account: AccountId) -> Result<Option<Owner>> {
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
