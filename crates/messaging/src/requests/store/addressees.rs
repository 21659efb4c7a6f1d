//! The user groups that requests are addressed to, and who is in them.

use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, Period, RequestId, UserGroupId, UserId},
};
use storage::{One, Tx, row, sql};

row! {
    /// A user group as someone wants to send to it.
    pub(crate) struct Addressee {
        pub(crate) name: String = "g.name",
        pub(crate) active: bool = "g.active",
        pub(crate) deleted_at: Option<Time> = "g.deleted_at",
        pub(crate) receives: bool = "p.user_group_id IS NOT NULL",
    }
}

pub(crate) async fn addressee(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<Option<Addressee>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM user_groups g
             LEFT JOIN receivers p ON p.account_id = g.account_id AND p.user_group_id = g.id
             WHERE g.account_id = $1 AND g.id = $2",
            Addressee
        ),
        &[&account, &id],
    )
    .await
}

row! {
    /// A user group that can receive requests now.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = RequestReceiver)]
    pub struct Receiver {
        pub id: UserGroupId = "g.id",
        pub name: String = "g.name",
        pub description: String = "g.description",
        /// Whether a new request is addressed to it unless another is chosen.
        pub default: bool = "g.is_default",
        /// How many people are in it now.
        pub people: i64 =
            "(SELECT count(*) FROM user_group_people um
              WHERE um.account_id = g.account_id AND um.user_group_id = g.id)",
    }
}

pub(crate) async fn receivers(tx: &Tx, account: AccountId) -> Result<Vec<Receiver>> {
    tx.all(
        sql!(
            "SELECT {} FROM user_groups g
             JOIN receivers p ON p.account_id = g.account_id AND p.user_group_id = g.id
             WHERE g.account_id = $1 AND g.active AND g.deleted_at IS NULL ORDER BY g.name_key LIMIT 500",
            Receiver
        ),
        &[&account],
    )
    .await
}

/// How many people of a user group are listed.
const LISTED: i64 = 500;

/// How many people are in a user group now.
pub(crate) async fn count_present(tx: &Tx, account: AccountId, user_group: UserGroupId) -> Result<i64> {
    tx.value(
        sql!("SELECT count(*) FROM user_group_people WHERE account_id = $1 AND user_group_id = $2"),
        &[&account, &user_group],
    )
    .await
}

/// Who is in a user group now, with their names: the first by name.
pub(crate) async fn present(
    tx: &Tx,
    account: AccountId,
    user_group: UserGroupId,
) -> Result<Vec<(UserId, String)>> {
    tx.all(
        sql!(
            "SELECT u.id, u.name FROM user_group_people um
             JOIN users u ON u.id = um.user_id
             WHERE um.account_id = $1 AND um.user_group_id = $2
             ORDER BY u.name, u.id LIMIT $3"
        ),
        &[&account, &user_group, &LISTED],
    )
    .await
}

/// The name of someone who is in a user group now.
pub(crate) async fn present_name(
    tx: &Tx,
    account: AccountId,
    user_group: UserGroupId,
    user: UserId,
) -> Result<Option<String>> {
    let found = tx
        .maybe::<One<String>>(
            sql!(
                "SELECT u.name FROM user_group_people um
             JOIN users u ON u.id = um.user_id
             WHERE um.account_id = $1 AND um.user_group_id = $2 AND um.user_id = $3"
            ),
            &[&account, &user_group, &user],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// Notes to which user group a request is addressed from now on.
pub(crate) async fn address(tx: &Tx, account: AccountId, request: RequestId, to: UserGroupId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE request_addressees SET until = $3 WHERE account_id = $1 AND request_id = $2 AND until IS NULL"
        ),
        &[&account, &request, &tx.now()],
    )
    .await?;
    tx.exec(
        sql!(
            "INSERT INTO request_addressees (account_id, request_id, id, user_group_id, since)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        &[&account, &request, &tx.id::<Period>(), &to, &tx.now()],
    )
    .await?;
    Ok(())
}
