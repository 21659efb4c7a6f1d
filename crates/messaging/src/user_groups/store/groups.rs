//! User groups themselves.

use crate::user_groups::store::privileges::grant;
use access::{AccountMember, Privilege};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, UserGroupId},
    text,
};
use storage::{
    Param, Tx,
    list::{Key, Listing, Statements},
    orders, row, sorted, sql,
};

row! {
    /// A user group, as a list shows it.
    /// A statement of it says in `$2` how many names it wants.
    #[derive(Clone, Debug)]
    pub struct UserGroupRow {
        pub id: UserGroupId = "g.id",
        pub account: AccountId = "g.account_id",
        /// Its name, unique in the account among those that are not deleted.
        pub name: String = "g.name",
        pub description: String = "g.description",
        /// Whether it gives anything now.
        pub active: bool = "g.active",
        /// Whether new members join it, and new requests go to it.
        pub default: bool = "g.is_default",
        /// The words of what was chosen for it.
        chosen: String = "g.privileges",
        /// When it was made.
        pub created_at: Time = "g.created_at",
        /// Counts the changes, of its people too.
        pub version: i64 = "g.version",
        /// How many people are in it.
        pub count: i64 =
            "(SELECT count(*) FROM user_group_members m
              WHERE m.account_id = g.account_id AND m.user_group_id = g.id AND m.until IS NULL)",
        /// The names of the first of them, a line each.
        names: Option<String> =
            "(SELECT string_agg(n.name, '\n' ORDER BY n.name_key) FROM (SELECT u.name, u.name_key
              FROM user_group_members m JOIN users u ON u.id = m.user_id
              WHERE m.account_id = g.account_id AND m.user_group_id = g.id AND m.until IS NULL
              ORDER BY u.name_key, u.id LIMIT $2) n)",
    }
}

impl UserGroupRow {
    /// What was chosen for it, whether or not it is active.
    pub fn privileges(&self) -> Vec<Privilege> {
        self.chosen.split(' ').filter_map(Privilege::read).collect()
    }

    /// What it gives now.
    pub fn gives(&self) -> Vec<Privilege> {
        if self.active { self.privileges() } else { Vec::new() }
    }

    /// Whether it gives a privilege now.
    pub fn gives_this(&self, privilege: Privilege) -> bool {
        self.gives().contains(&privilege)
    }

    /// The names of the first people in it.
    pub fn people(&self) -> Vec<String> {
        self.names.as_deref().map(|names| names.lines().map(str::to_owned).collect()).unwrap_or_default()
    }
}

/// Of how many people of a user group a list names.
const NAMES: i64 = 50;

orders! {
    /// The user groups of an account.
    pub UserGroups of UserGroup: "name" ["name" Folded, "created_at" Created];
}

impl UserGroupRow {
    /// Where it is in a list of user groups that is sorted so.
    pub fn place(&self, by: &str) -> (Key, UserGroupId) {
        let key = if by == "name" { text::fold(&self.name).into() } else { Key::Created };
        (key, self.id)
    }
}

macro_rules! listed {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM user_groups g
                 WHERE g.account_id = $1 AND g.deleted_at IS NULL AND g.id > $6 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $3"
            ),
            UserGroupRow
        )
    };
}

const LISTED: Statements = sorted!(listed ("$4" "$5"); "g.id"; Folded "g.name_key", Created);

/// A page of an account's user groups.
pub(crate) async fn list(
    tx: &Tx,
    scope: &AccountMember,
    listing: &Listing<UserGroups>,
    limit: i64,
) -> Result<Vec<UserGroupRow>> {
    let account = scope.account();
    let mut params: Vec<&dyn Param> = vec![&account, &NAMES, &limit];
    params.extend(listing.params());
    tx.all(listing.statement(LISTED)?, &params).await
}

/// A user group that is not deleted.
pub(crate) async fn show(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<UserGroupRow> {
    tx.one(
        sql!(
            "SELECT {} FROM user_groups g WHERE g.account_id = $1 AND g.id = $3 AND g.deleted_at IS NULL",
            UserGroupRow
        ),
        &[&account, &0_i64, &id],
    )
    .await
}

/// How many user groups an account has.
pub(crate) async fn count(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!("SELECT count(*) FROM user_groups WHERE account_id = $1 AND deleted_at IS NULL"),
        &[&account],
    )
    .await
}

/// Whether another user group than this has a name.
pub(crate) async fn name_is_taken(tx: &Tx, account: AccountId, id: UserGroupId, name: &str) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM user_groups
             WHERE account_id = $1 AND name_key = $3 AND id <> $2 AND deleted_at IS NULL)"
        ),
        &[&account, &id, &text::fold(name)],
    )
    .await
}

/// What is written of a user group itself.
pub(crate) struct Kept<'a> {
    pub(crate) id: UserGroupId,
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    pub(crate) active: bool,
    pub(crate) default: bool,
    pub(crate) privileges: &'a [Privilege],
}

fn words(privileges: &[Privilege]) -> String {
    privileges.iter().map(|privilege| privilege.word()).collect::<Vec<_>>().join(" ")
}

/// Adds a user group.
pub(crate) async fn insert(tx: &Tx, account: AccountId, kept: &Kept<'_>) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO user_groups (account_id, id, name, name_key, description, active, is_default, privileges,
                                      created_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)"
        ),
        &[
            &account,
            &kept.id,
            &kept.name,
            &text::fold(kept.name),
            &kept.description,
            &kept.active,
            &kept.default,
            &words(kept.privileges),
            &tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Changes a user group. Returns whether it still had that version.
pub(crate) async fn update(tx: &Tx, account: AccountId, kept: &Kept<'_>, version: i64) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE user_groups SET name = $3, name_key = $4, description = $5, active = $6, is_default = $7,
                        privileges = $8, version = version + 1
                 WHERE account_id = $1 AND id = $2 AND version = $9 AND deleted_at IS NULL"
            ),
            &[
                &account,
                &kept.id,
                &kept.name,
                &text::fold(kept.name),
                &kept.description,
                &kept.active,
                &kept.default,
                &words(kept.privileges),
                &version,
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes *Default* from every other user group.
pub(crate) async fn take_default(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE user_groups SET is_default = FALSE, version = version + 1
             WHERE account_id = $1 AND id <> $2 AND is_default AND deleted_at IS NULL"
        ),
        &[&account, &id],
    )
    .await?;
    Ok(())
}

/// Deletes a user group, with everything that it gave. Returns whether it still had that version.
pub(crate) async fn delete(tx: &Tx, account: AccountId, id: UserGroupId, version: i64) -> Result<bool> {
    let deleted = tx
        .exec(
            sql!(
                "UPDATE user_groups SET deleted_at = $3, active = FALSE, is_default = FALSE, version = version + 1
                 WHERE account_id = $1 AND id = $2 AND version = $4 AND deleted_at IS NULL"
            ),
            &[&account, &id, &tx.now(), &version],
        )
        .await?;
    tx.exec(
        sql!(
            "UPDATE user_group_members SET until = $3
             WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL"
        ),
        &[&account, &id, &tx.now()],
    )
    .await?;
    grant(tx, account, id, &[]).await?;
    Ok(deleted == 1)
}

/// The default user group of an account.
pub(crate) async fn default_of(tx: &Tx, account: AccountId) -> Result<Option<(UserGroupId, String)>> {
    tx.maybe(
        sql!("SELECT id, name FROM user_groups WHERE account_id = $1 AND is_default AND deleted_at IS NULL"),
        &[&account],
    )
    .await
}
