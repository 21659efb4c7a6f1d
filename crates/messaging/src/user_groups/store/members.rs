//! Who is in a user group. What is written for many people at once is one statement.

use access::{AccountMember, Role};
use kernel::{
    error::Result,
    id::{AccountId, Period, UserGroupId, UserId},
};
use storage::{One, Tx, hex, ids, many, row, sql};

row! {
    /// Someone in a user group.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = UserGroupMember)]
    pub struct Person {
        pub id: UserId = "u.id",
        pub name: String = "u.name",
    }
}

/// A user group's members, by name.
pub(crate) async fn people(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<Vec<Person>> {
    tx.all(
        sql!(
            "SELECT {} FROM user_group_members m JOIN users u ON u.id = m.user_id
             WHERE m.account_id = $1 AND m.user_group_id = $2 AND m.until IS NULL ORDER BY u.name_key, u.id",
            Person
        ),
        &[&account, &id],
    )
    .await
}

/// The ids of a user group's members.
pub(crate) async fn members(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<Vec<UserId>> {
    let found = tx
        .all::<One<UserId>>(
            sql!(
                "SELECT user_id FROM user_group_members
                 WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL"
            ),
            &[&account, &id],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

row! {
    /// Someone who can be in a user group.
    pub(crate) struct Candidate {
        pub(crate) id: UserId = "u.id",
        pub(crate) name: String = "u.name",
        pub(crate) email: String = "u.email",
    }
}

/// Everyone who works in the account, by name.
pub(crate) async fn candidates(tx: &Tx, scope: &AccountMember) -> Result<Vec<Candidate>> {
    tx.all(
        sql!(
            "SELECT {} FROM workers m JOIN users u ON u.id = m.user_id
             WHERE m.account_id = $1
             ORDER BY u.name_key, u.id",
            Candidate
        ),
        &[&scope.account()],
    )
    .await
}

row! {
    /// Someone who can't be in a user group.
    pub(crate) struct Unfit {
        pub(crate) id: UserId = "v.id",
        /// Their name, if they were ever in the account.
        pub(crate) name: Option<String> =
            "(SELECT u.name FROM users u JOIN members e ON e.account_id = $1 AND e.user_id = u.id
              WHERE u.id = v.id LIMIT 1)",
        /// Their present role in it.
        pub(crate) role: Option<Role> = "m.role",
    }
}

/// Those of these people who don't work in the account now: the first few.
pub(crate) async fn unfit(tx: &Tx, account: AccountId, people: &[UserId]) -> Result<Vec<Unfit>> {
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM (SELECT unhex(value) AS id FROM json_each($2)) v
                     LEFT JOIN members m ON m.account_id = $1 AND m.user_id = v.id AND m.until IS NULL
                     WHERE NOT EXISTS (SELECT 1 FROM workers w WHERE w.account_id = $1 AND w.user_id = v.id)
                     ORDER BY v.id LIMIT 5",
            postgres: "SELECT {} FROM (SELECT CAST(t.value AS UUID) AS id
                             FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS t(value)) v
                       LEFT JOIN members m ON m.account_id = $1 AND m.user_id = v.id AND m.until IS NULL
                       WHERE NOT EXISTS (SELECT 1 FROM workers w WHERE w.account_id = $1 AND w.user_id = v.id)
                       ORDER BY v.id LIMIT 5",
            Unfit
        ),
        &[&account, &ids(people)],
    )
    .await
}

/// Begins the periods of these people.
pub(crate) async fn begin(tx: &Tx, account: AccountId, id: UserGroupId, people: &[UserId]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let periods = many(people.iter().map(|person| hex(tx.id::<Period>()) + hex(*person).as_str()));
    tx.exec(
        sql!(
            sqlite: "INSERT INTO user_group_members (account_id, user_group_id, id, user_id, since)
                     SELECT $1, $2, unhex(substr(value, 1, 32)), unhex(substr(value, 33)), $3 FROM json_each($4)",
            postgres: "INSERT INTO user_group_members (account_id, user_group_id, id, user_id, since)
                       SELECT $1, $2, CAST(substr(t.value, 1, 32) AS UUID), CAST(substr(t.value, 33) AS UUID), $3
                       FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS JSONB)) AS t(value)"
        ),
        &[&account, &id, &tx.now(), &periods],
    )
    .await?;
    Ok(())
}

/// Ends the periods of these people.
pub(crate) async fn end(tx: &Tx, account: AccountId, id: UserGroupId, people: &[UserId]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    tx.exec(
        sql!(
            sqlite: "UPDATE user_group_members SET until = $3
                     WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL
                       AND user_id IN (SELECT unhex(value) FROM json_each($4))",
            postgres: "UPDATE user_group_members SET until = $3
                       WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL
                         AND user_id IN (SELECT CAST(t.value AS UUID)
                             FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS JSONB)) AS t(value))"
        ),
        &[&account, &id, &tx.now(), &ids(people)],
    )
    .await?;
    Ok(())
}

/// Takes one person into a user group. Returns whether they were new.
pub(crate) async fn join(tx: &Tx, account: AccountId, id: UserGroupId, user: UserId) -> Result<bool> {
    let added = tx
        .exec(
            sql!(
                "INSERT INTO user_group_members (account_id, user_group_id, id, user_id, since)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (account_id, user_id, user_group_id) WHERE until IS NULL DO NOTHING"
            ),
            &[&account, &id, &tx.id::<Period>(), &user, &tx.now()],
        )
        .await?;
    if added == 1 {
        tx.exec(
            sql!("UPDATE user_groups SET version = version + 1 WHERE account_id = $1 AND id = $2"),
            &[&account, &id],
        )
        .await?;
    }
    Ok(added == 1)
}

/// Takes someone out of every user group of an account.
pub(crate) async fn leave_all(tx: &Tx, account: AccountId, user: UserId) -> Result<u64> {
    tx.exec(
        sql!(
            "UPDATE user_groups SET version = version + 1
             WHERE account_id = $1 AND id IN (SELECT m.user_group_id FROM user_group_members m
                   WHERE m.account_id = $1 AND m.user_id = $2 AND m.until IS NULL)"
        ),
        &[&account, &user],
    )
    .await?;
    tx.exec(
        sql!(
            "UPDATE user_group_members SET until = $3
             WHERE account_id = $1 AND user_id = $2 AND until IS NULL"
        ),
        &[&account, &user, &tx.now()],
    )
    .await
}
