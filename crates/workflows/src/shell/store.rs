//! The statement of the frame.

use access::{GroupRole, Role};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, GroupId, UserId},
    practice::PracticeKind,
};
use people::plans;
use storage::{Tx, row, sql};

row! {
    /// A person with one of their places, for the frame around pages.
    pub(super) struct Seat {
        pub(super) name: String = "u.name",
        pub(super) email: String = "u.email",
        pub(super) here: Option<String> = "h.name",
        pub(super) account: Option<AccountId> = "a.id",
        pub(super) account_name: Option<String> = "a.name",
        pub(super) time_zone: Option<String> = "a.time_zone",
        pub(super) practice_kind: Option<PracticeKind> = "a.practice_kind",
        pub(super) role: Option<Role> = "m.role",
        pub(super) group: Option<GroupId> = "g.id",
        pub(super) group_name: Option<String> = "g.name",
        pub(super) group_role: Option<GroupRole> = "CASE WHEN g.id IS NOT NULL THEN gm.role END",
        pub(super) state: Option<plans::State> = "s.state",
        pub(super) due_at: Option<Time> = "s.due_at",
        pub(super) read_only_from: Option<Time> = "s.read_only_from",
        /// How many invitations wait for the person, at the address that they have proved. It begins at `$1`, not at
        /// `u`, so it is counted once and not for each seat.
        pub(super) invitations: i64 =
            "(SELECT COUNT(*) FROM users p JOIN invitations w ON w.email_key = p.email_key AND w.state = 'pending'
              AND w.expires_at > $4 WHERE p.id = $1 AND p.proved_at IS NOT NULL)",
        pub(super) first_steps: bool = "a.first_steps_dismissed_at IS NULL",
        /// When the account begins to require a second factor of them, who has none yet.
        pub(super) factor_due: Option<Time> =
            "(SELECT r.since FROM factor_rules r WHERE r.account_id = a.id AND r.since > $4
                 AND (r.who = 'everyone' OR m.role IN ('owner', 'administrator'))
                 AND NOT EXISTS (SELECT 1 FROM factors f WHERE f.user_id = $1))",
        pub(super) owner_name: Option<String> = "ou.name",
        pub(super) owner_email: Option<String> = "ou.email",
        pub(super) operates: bool = "EXISTS (SELECT 1 FROM operators o WHERE o.user_id = $1)",
    }
}

/// Who a person is, with all that they belong to as in [`belongings`], how the accounts stand with their
/// subscriptions, and the name of the group that they look at, which they have proved to see.
pub(super) async fn seats(tx: &Tx, user: UserId, account: AccountId, here: GroupId) -> Result<Vec<Seat>> {
    tx.all(
        sql!(
            "SELECT {} FROM users u
             LEFT JOIN members m ON m.user_id = u.id AND m.until IS NULL
             LEFT JOIN accounts a ON a.id = m.account_id
             LEFT JOIN subscriptions s ON s.account_id = a.id
             LEFT JOIN group_members gm
                  ON gm.account_id = m.account_id AND gm.user_id = m.user_id AND gm.until IS NULL
             LEFT JOIN groups g ON g.account_id = gm.account_id AND g.id = gm.group_id AND g.archived_at IS NULL
             LEFT JOIN members o ON o.account_id = m.account_id AND o.role = 'owner' AND o.until IS NULL
             LEFT JOIN users ou ON ou.id = o.user_id
             LEFT JOIN groups h ON h.account_id = $2 AND h.id = $3
             WHERE u.id = $1
             ORDER BY a.name, a.id, g.name_key, g.id",
            Seat
        ),
        &[&user, &account, &here, &tx.now()],
    )
    .await
}
