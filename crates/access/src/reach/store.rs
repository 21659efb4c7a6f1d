//! The statements of how far a search goes.

use crate::{GroupRole, Role};
use kernel::{
    error::Result,
    id::{AccountId, GroupId, UserId},
};
use storage::{Tx, row, sql};

row! {
    /// An account of someone's, with one of the groups in it that they search.
    pub(super) struct ReachRow {
        pub(super) account: AccountId = "m.account_id",
        pub(super) role: Role = "m.role",
        pub(super) group: Option<GroupId> = "g.id",
        pub(super) group_name: Option<String> = "g.name",
        pub(super) group_role: Option<GroupRole> = "gm.role",
        pub(super) archived: bool = "g.archived_at IS NOT NULL",
    }
}

/// The groups that someone is in, of one account or of all, by name; an account without any is there once.
pub(super) async fn reached_by_member(
    tx: &Tx,
    user: UserId,
    account: Option<AccountId>,
) -> Result<Vec<ReachRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM members m
             LEFT JOIN group_members gm ON gm.account_id = m.account_id AND gm.user_id = m.user_id
                  AND gm.until IS NULL AND m.role <> 'support_staff'
             LEFT JOIN groups g ON g.account_id = gm.account_id AND g.id = gm.group_id
             WHERE m.user_id = $1 AND m.until IS NULL AND ($2 OR m.account_id = $3)
             ORDER BY m.account_id, g.name_key, g.id",
            ReachRow
        ),
        &[&user, &account.is_none(), &account],
    )
    .await
}

/// All groups of an account that someone manages, by name.
pub(super) async fn reached_by_manager(tx: &Tx, user: UserId, account: AccountId) -> Result<Vec<ReachRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM members m
             JOIN groups g ON g.account_id = m.account_id
             LEFT JOIN group_members gm ON gm.account_id = m.account_id AND gm.user_id = m.user_id
                  AND gm.group_id = g.id AND gm.until IS NULL
             WHERE m.user_id = $1 AND m.account_id = $2 AND m.until IS NULL
               AND m.role IN ('owner', 'administrator')
             ORDER BY g.name_key, g.id",
            ReachRow
        ),
        &[&user, &account],
    )
    .await
}
