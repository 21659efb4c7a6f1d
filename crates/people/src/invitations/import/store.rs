//! The statements of importing people.

use std::collections::HashSet;

use access::{Manager, Role};
use kernel::{
    error::Result,
    id::{GroupId, InvitationId, UserId},
};
use storage::{Tx, many, row, sql};

row! {
    /// Where an address stands toward an account.
    pub(super) struct Known {
        /// The address's key.
        pub(super) key: String = "k.value",
        pub(super) member: Option<UserId> = "m.user_id",
        pub(super) role: Option<Role> = "m.role",
        /// What was not settled.
        pub(super) invitation: Option<InvitationId> = "i.id",
    }
}

/// Those of many addresses that are members' or have an invitation that was not settled.
pub(super) async fn known(tx: &Tx, by: &Manager, keys: impl Iterator<Item = String>) -> Result<Vec<Known>> {
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM json_each($2) k
                     LEFT JOIN users u ON u.email_key = k.value
                     LEFT JOIN members m ON m.account_id = $1 AND m.user_id = u.id AND m.until IS NULL
                     LEFT JOIN invitations i ON i.account_id = $1 AND i.email_key = k.value AND i.state = 'pending'
                     WHERE m.user_id IS NOT NULL OR i.id IS NOT NULL",
            postgres: "SELECT {} FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS k(value)
                       LEFT JOIN users u ON u.email_key = k.value
                       LEFT JOIN members m ON m.account_id = $1 AND m.user_id = u.id AND m.until IS NULL
                       LEFT JOIN invitations i ON i.account_id = $1 AND i.email_key = k.value AND i.state = 'pending'
                       WHERE m.user_id IS NOT NULL OR i.id IS NOT NULL",
            Known
        ),
        &[&by.account(), &many(keys)],
    )
    .await
}

/// Who is in which group of an account.
pub(super) async fn memberships(tx: &Tx, by: &Manager) -> Result<HashSet<(UserId, GroupId)>> {
    let statement =
        sql!("SELECT user_id, group_id FROM group_members WHERE account_id = $1 AND until IS NULL");
    let found = tx.all::<(UserId, GroupId)>(statement, &[&by.account()]).await?;
    Ok(found.into_iter().collect())
}
