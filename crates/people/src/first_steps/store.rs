//! The statements of the first steps.

use access::AccountAdmin;
use kernel::{
    error::Result,
    id::{AccountId, GroupId, UserId},
};
use storage::{Tx, row, sql};

row! {
    /// What of the first steps is there already, and where the others are done.
    pub(super) struct Facts {
        pub(super) group: bool =
            "EXISTS (SELECT 1 FROM groups g WHERE g.account_id = a.id AND g.archived_at IS NULL)",
        pub(super) location: bool =
            "EXISTS (SELECT 1 FROM locations l WHERE l.account_id = a.id AND l.archived_at IS NULL)",
        /// Another member, or an invitation.
        pub(super) people: bool =
            "EXISTS (SELECT 1 FROM members m WHERE m.account_id = a.id AND m.until IS NULL AND m.user_id <> $2)
             OR EXISTS (SELECT 1 FROM invitations i WHERE i.account_id = a.id)",
        pub(super) case: bool = "EXISTS (SELECT 1 FROM cases c WHERE c.account_id = a.id)",
        pub(super) practice_details: bool = "a.practice_details <> ''",
        pub(super) any_group: Option<GroupId> =
            "(SELECT g.id FROM groups g WHERE g.account_id = a.id AND g.archived_at IS NULL
              ORDER BY g.created_at, g.id LIMIT 1)",
        /// One that the reader is in, for only its members start cases.
        pub(super) own_group: Option<GroupId> =
            "(SELECT g.id FROM groups g JOIN group_members gm ON gm.account_id = g.account_id AND gm.group_id = g.id
              WHERE g.account_id = a.id AND g.archived_at IS NULL AND gm.user_id = $2 AND gm.until IS NULL
              ORDER BY g.created_at, g.id LIMIT 1)",
        pub(super) dismissed: bool = "a.first_steps_dismissed_at IS NOT NULL",
    }
}

pub(super) async fn facts(tx: &Tx, account: AccountId, user: UserId) -> Result<Facts> {
    tx.one(sql!("SELECT {} FROM accounts a WHERE a.id = $1", Facts), &[&account, &user]).await
}

pub(super) async fn dismiss(tx: &Tx, by: &AccountAdmin, dismissed: bool) -> Result<()> {
    let at = dismissed.then(|| tx.now());
    tx.exec(sql!("UPDATE accounts SET first_steps_dismissed_at = $2 WHERE id = $1"), &[&by.account(), &at])
        .await?;
    Ok(())
}
