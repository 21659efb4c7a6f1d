//! The statements behind the pictures.

use access::{AccountAdmin, GroupRole, GroupScope, Role};
use kernel::{
    clock::Time,
    error::Result,
    id::{GroupId, UserId},
};
use storage::{Param, Tx, row, sql};

/// In which of twelve months a moment is, whose beginnings are `$3` to `$14`.
macro_rules! month {
    ($at:literal) => {
        concat!(
            "CAST(CASE WHEN ",
            $at,
            " < $4 THEN 0 WHEN ",
            $at,
            " < $5 THEN 1 WHEN ",
            $at,
            " < $6 THEN 2 WHEN ",
            $at,
            " < $7 THEN 3 WHEN ",
            $at,
            " < $8 THEN 4 WHEN ",
            $at,
            " < $9 THEN 5 WHEN ",
            $at,
            " < $10 THEN 6 WHEN ",
            $at,
            " < $11 THEN 7 WHEN ",
            $at,
            " < $12 THEN 8 WHEN ",
            $at,
            " < $13 THEN 9 WHEN ",
            $at,
            " < $14 THEN 10 ELSE 11 END AS BIGINT)"
        )
    };
}

row! {
    /// How many cases were opened and closed in a month, by its place among the twelve.
    #[derive(Clone, Copy, Debug)]
    pub(super) struct MonthRow {
        pub(super) month: i64 = "q.month",
        pub(super) opened: i64 = "CAST(sum(q.opened) AS BIGINT)",
        pub(super) closed: i64 = "CAST(sum(q.closed) AS BIGINT)",
    }
}

/// The cases of a group by month: twelve months, the last of which goes on.
pub(super) async fn cases_by_month(
    tx: &Tx,
    scope: &GroupScope,
    starts: &[Time; 12],
) -> Result<Vec<MonthRow>> {
    let (account, group) = (scope.account(), scope.group());
    let mut params: Vec<&dyn Param> = vec![&account, &group];
    params.extend(starts.iter().map(|start| start as &dyn Param));
    tx.all(
        sql!(
            concat!(
                "SELECT {} FROM (SELECT ",
                month!("c.created_at"),
                " AS month, 1 AS opened, 0 AS closed FROM cases c
                  WHERE c.account_id = $1 AND c.group_id = $2 AND c.created_at >= $3
                  UNION ALL SELECT ",
                month!("d.closed_at"),
                ", 0, 1 FROM cases d WHERE d.account_id = $1 AND d.group_id = $2 AND d.closed_at >= $3) q
                 GROUP BY q.month ORDER BY q.month"
            ),
            MonthRow
        ),
        &params,
    )
    .await
}

/// The groups that are not archived, by name.
pub(super) async fn groups(tx: &Tx, by: &AccountAdmin, limit: i64) -> Result<Vec<(GroupId, String)>> {
    tx.all(
        sql!(
            "SELECT id, name FROM groups WHERE account_id = $1 AND archived_at IS NULL ORDER BY name_key, id LIMIT $2"
        ),
        &[&by.account(), &limit],
    )
    .await
}

row! {
    /// A person of the account, once for each group that they are in.
    #[derive(Clone, Debug)]
    pub(super) struct SightRow {
        pub(super) user: UserId = "u.id",
        pub(super) name: String = "u.name",
        pub(super) email: String = "u.email",
        pub(super) role: Role = "m.role",
        pub(super) group: Option<GroupId> = "gm.group_id",
        pub(super) group_role: Option<GroupRole> = "gm.role",
    }
}

/// Who is in the account and in which groups, by name.
pub(super) async fn sights(tx: &Tx, by: &AccountAdmin, limit: i64) -> Result<Vec<SightRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM members m JOIN users u ON u.id = m.user_id
             LEFT JOIN group_members gm
                  ON gm.account_id = m.account_id AND gm.user_id = m.user_id AND gm.until IS NULL
             WHERE m.account_id = $1 AND m.until IS NULL ORDER BY u.name_key, u.id LIMIT $2",
            SightRow
        ),
        &[&by.account(), &limit],
    )
    .await
}

row! {
    /// From when until when someone had a role, in the account or in one of its groups.
    #[derive(Clone, Debug)]
    pub(super) struct PeriodRow {
        /// None for the account itself.
        pub(super) group: Option<GroupId> = "q.group_id",
        /// The group's; empty for the account itself.
        pub(super) name: String = "q.name",
        pub(super) role: String = "q.role",
        pub(super) since: Time = "q.since",
        pub(super) until: Option<Time> = "q.until",
    }
}

/// When someone had which role: in the account first, then in its groups by name, the oldest first.
pub(super) async fn periods(tx: &Tx, by: &AccountAdmin, user: UserId, limit: i64) -> Result<Vec<PeriodRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM (
                 SELECT CASE WHEN 1 = 0 THEN m.account_id END AS group_id, '' AS name, '' AS name_key, m.role, m.since,
                        m.until
                 FROM members m WHERE m.account_id = $1 AND m.user_id = $2
                 UNION ALL
                 SELECT gm.group_id, g.name, g.name_key, gm.role, gm.since, gm.until
                 FROM group_members gm JOIN groups g ON g.account_id = gm.account_id AND g.id = gm.group_id
                 WHERE gm.account_id = $1 AND gm.user_id = $2) q
             ORDER BY q.name_key, q.group_id, q.since LIMIT $3",
            PeriodRow
        ),
        &[&by.account(), &user, &limit],
    )
    .await
}
