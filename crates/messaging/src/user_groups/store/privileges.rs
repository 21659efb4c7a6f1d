//! What user groups give, and to whom; and the requests that are addressed to them.

use access::{AccountMember, Privilege, Role};
use kernel::{
    error::Result,
    id::{AccountId, GroupId, Period, UserGroupId},
};
use storage::{Tx, hex, many, row, sql};

/// Makes what the user group gives exactly these: ends the other periods, and begins those that are missing.
pub(crate) async fn grant(tx: &Tx, account: AccountId, id: UserGroupId, given: &[Privilege]) -> Result<()> {
    tx.exec(
        sql!(
            sqlite: "UPDATE user_group_grants SET until = $3
                     WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL
                       AND privilege NOT IN (SELECT value FROM json_each($4))",
            postgres: "UPDATE user_group_grants SET until = $3
                       WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL
                         AND privilege NOT IN (SELECT t.value
                             FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS JSONB)) AS t(value))"
        ),
        &[&account, &id, &tx.now(), &many(given.iter().map(|privilege| privilege.word().to_owned()))],
    )
    .await?;
    let periods = many(given.iter().map(|privilege| hex(tx.id::<Period>()) + privilege.word()));
    tx.exec(
        sql!(
            sqlite: "INSERT INTO user_group_grants (account_id, user_group_id, id, privilege, since)
                     SELECT $1, $2, unhex(substr(value, 1, 32)), substr(value, 33), $3 FROM json_each($4) WHERE TRUE
                     ON CONFLICT (account_id, user_group_id, privilege) WHERE until IS NULL DO NOTHING",
            postgres: "INSERT INTO user_group_grants (account_id, user_group_id, id, privilege, since)
                       SELECT $1, $2, CAST(substr(t.value, 1, 32) AS UUID), substr(t.value, 33), $3
                       FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS JSONB)) AS t(value)
                       ON CONFLICT (account_id, user_group_id, privilege) WHERE until IS NULL DO NOTHING"
        ),
        &[&account, &id, &tx.now(), &periods],
    )
    .await?;
    Ok(())
}

/// The number of open requests addressed to a user group.
pub(crate) async fn open_requests(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT count(*) FROM requests
             WHERE account_id = $1 AND user_group_id = $2 AND state IN ('new', 'claimed', 'waiting')"
        ),
        &[&account, &id],
    )
    .await
}

row! {
    /// How many people of a role have a privilege from one user group and from no other.
    pub(crate) struct Alone {
        pub(crate) privilege: Privilege = "p.privilege",
        pub(crate) role: Role = "a.role",
        pub(crate) people: i64 = "count(*)",
    }
}

/// Who has what from this user group alone, counted by role.
pub(crate) async fn given_alone(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<Vec<Alone>> {
    tx.all(
        sql!(
            "SELECT {} FROM user_group_grants p
             JOIN user_group_members m ON m.account_id = p.account_id AND m.user_group_id = p.user_group_id
                  AND m.until IS NULL
             JOIN members a ON a.account_id = m.account_id AND a.user_id = m.user_id AND a.until IS NULL
             WHERE p.account_id = $1 AND p.user_group_id = $2 AND p.until IS NULL AND NOT EXISTS (
                SELECT 1 FROM user_group_members o
                JOIN user_group_grants q ON q.account_id = o.account_id AND q.user_group_id = o.user_group_id
                     AND q.privilege = p.privilege AND q.until IS NULL
                WHERE o.account_id = m.account_id AND o.user_id = m.user_id AND o.until IS NULL
                  AND o.user_group_id <> p.user_group_id)
             GROUP BY p.privilege, a.role",
            Alone
        ),
        &[&account, &id],
    )
    .await
}

/// The user groups that can receive requests, but for this one, by name.
pub(crate) async fn receivers(
    tx: &Tx,
    account: AccountId,
    but: UserGroupId,
) -> Result<Vec<(UserGroupId, String)>> {
    tx.all(
        sql!(
            "SELECT g.id, g.name FROM user_groups g
             JOIN receivers p ON p.account_id = g.account_id AND p.user_group_id = g.id
             WHERE g.account_id = $1 AND g.id <> $2 AND g.deleted_at IS NULL ORDER BY g.name_key"
        ),
        &[&account, &but],
    )
    .await
}

row! {
    /// A user group that gives a privilege now.
    pub(crate) struct Giver {
        pub(crate) privilege: Privilege = "p.privilege",
        pub(crate) id: UserGroupId = "g.id",
        pub(crate) name: String = "g.name",
    }
}

/// Which user groups give which privilege, by name.
pub(crate) async fn givers(tx: &Tx, scope: &AccountMember) -> Result<Vec<Giver>> {
    tx.all(
        sql!(
            "SELECT {} FROM user_group_grants p
             JOIN user_groups g ON g.account_id = p.account_id AND g.id = p.user_group_id
             WHERE p.account_id = $1 AND p.until IS NULL ORDER BY g.name_key",
            Giver
        ),
        &[&scope.account()],
    )
    .await
}

/// The groups of an account that someone administers, by name.
pub(crate) async fn administered(tx: &Tx, scope: &AccountMember) -> Result<Vec<(GroupId, String)>> {
    tx.all(
        sql!(
            "SELECT g.id, g.name FROM group_members m
             JOIN groups g ON g.account_id = m.account_id AND g.id = m.group_id AND g.archived_at IS NULL
             WHERE m.account_id = $1 AND m.user_id = $2 AND m.role = 'administrator' AND m.until IS NULL
             ORDER BY g.name_key"
        ),
        &[&scope.account(), &scope.user()],
    )
    .await
}
