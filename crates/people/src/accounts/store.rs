//! The statements of accounts and protocols.

use crate::accounts::Kind;
use access::{AccountMember, GroupRole, ProtocolAdmin, Role};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, GroupId, ProtocolId, UserId},
    practice::PracticeKind,
    search, text,
};
use storage::{Tx, list::Key, orders, row, sql};

row! {
    /// An account.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct AccountRow {
        /// Its id.
        pub id: AccountId,
        /// What it is.
        pub kind: Kind,
        /// Its name.
        pub name: String,
        /// What kind of practice it is.
        pub practice_kind: PracticeKind,
        /// The practice's particulars: address, phone.
        pub practice: String = "practice_details",
        /// Its time zone, by IANA's name.
        pub time_zone: String,
        /// Whether administrators of a group may add further groups.
        pub group_admins_add_groups: bool,
        /// When it was opened.
        pub created_at: Time,
        /// Counts the changes.
        pub version: i64,
    }
}

pub(super) async fn insert(
    tx: &Tx,
    id: AccountId,
    kind: Kind,
    practice_kind: PracticeKind,
    name: &str,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO accounts (id, kind, name, name_key, practice_kind, practice_details, time_zone, created_at,
                                   admitted_at, version)
             VALUES ($1, $2, $3, $4, $5, '', 'UTC', $6, $6, 1)"
        ),
        &[&id, &kind, &name, &search::key(name), &practice_kind, &tx.now()],
    )
    .await?;
    Ok(())
}

pub(super) async fn account(tx: &Tx, scope: &AccountMember) -> Result<AccountRow> {
    tx.one(sql!("SELECT {} FROM accounts WHERE id = $1", AccountRow), &[&scope.account()]).await
}

/// An account's name, for someone who has proved to know of it.
///
/// # Errors
/// The database fails.
pub async fn account_name(tx: &Tx, id: AccountId) -> Result<String> {
    tx.value(sql!("SELECT name FROM accounts WHERE id = $1"), &[&id]).await
}

/// What kind of practice an account is, for someone who has proved to be in it.
///
/// # Errors
/// None but the database's.
pub async fn practice_kind(tx: &Tx, id: AccountId) -> Result<PracticeKind> {
    tx.value(sql!("SELECT practice_kind FROM accounts WHERE id = $1"), &[&id]).await
}

/// Marks an account as one that anyone may have opened: until it is admitted, it writes little to outsiders.
///
/// # Errors
/// The database fails.
pub async fn await_admission(tx: &Tx, id: AccountId) -> Result<()> {
    tx.exec(sql!("UPDATE accounts SET admitted_at = NULL WHERE id = $1"), &[&id]).await?;
    Ok(())
}

/// Admits an account: it paid, or the operator says so. Says whether that is new.
///
/// # Errors
/// The database fails.
pub async fn admit(tx: &Tx, id: AccountId) -> Result<bool> {
    let admitted = tx
        .exec(
            sql!("UPDATE accounts SET admitted_at = $2 WHERE id = $1 AND admitted_at IS NULL"),
            &[&id, &tx.now()],
        )
        .await?;
    Ok(admitted == 1)
}

/// Whether an account is known to be a practice.
///
/// # Errors
/// The database fails.
pub async fn is_admitted(tx: &Tx, id: AccountId) -> Result<bool> {
    tx.value(sql!("SELECT admitted_at IS NOT NULL FROM accounts WHERE id = $1"), &[&id]).await
}

/// Sets the time zone of an account that is being opened.
///
/// # Errors
/// None but the database's.
pub async fn set_time_zone(tx: &Tx, id: AccountId, zone: &str) -> Result<()> {
    tx.exec(sql!("UPDATE accounts SET time_zone = $2 WHERE id = $1"), &[&id, &zone]).await?;
    Ok(())
}

/// Whether a person owned an account that was closed.
///
/// # Errors
/// The database fails.
pub async fn closed_one(tx: &Tx, user: UserId) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM members m JOIN accounts a ON a.id = m.account_id
             WHERE m.user_id = $1 AND m.role = 'owner' AND a.closed_at IS NOT NULL)"
        ),
        &[&user],
    )
    .await
}

/// Closes an account for good; says whether it was open.
///
/// # Errors
/// None but the database's.
pub async fn close(tx: &Tx, id: AccountId) -> Result<bool> {
    let closed = tx
        .exec(
            sql!(
                "UPDATE accounts SET closed_at = $2, version = version + 1 WHERE id = $1 AND closed_at IS NULL"
            ),
            &[&id, &tx.now()],
        )
        .await?;
    Ok(closed == 1)
}

/// Whether anyone but this person belongs to an account, support staff included.
///
/// # Errors
/// None but the database's.
pub async fn others_belong(tx: &Tx, id: AccountId, user: UserId) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM members WHERE account_id = $1 AND until IS NULL AND user_id <> $2)"
        ),
        &[&id, &user],
    )
    .await
}

/// Makes one person's account a practice's.
///
/// # Errors
/// The database fails.
pub async fn become_group(tx: &Tx, id: AccountId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE accounts SET kind = 'group', version = version + 1 WHERE id = $1 AND kind = 'individual'"
        ),
        &[&id],
    )
    .await?;
    Ok(())
}

row! {
    /// What stands at the head of an account's emails.
    #[derive(Clone, Debug)]
    pub struct Letterhead {
        /// Its name.
        pub name: String,
        /// The practice's particulars: address, phone.
        pub practice: String = "practice_details",
        /// Its time zone, by IANA's name.
        pub time_zone: String,
    }
}

impl Letterhead {
    /// The lines of the particulars, without the name where it stands first among them.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.practice.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
        lines.enumerate().filter(|(i, line)| *i > 0 || *line != self.name).map(|(_, line)| line).collect()
    }

    /// The zone in which its times are told.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

/// An account's letterhead, for someone who has proved to know of it.
///
/// # Errors
/// The database fails.
pub async fn letterhead(tx: &Tx, id: AccountId) -> Result<Letterhead> {
    tx.one(sql!("SELECT {} FROM accounts WHERE id = $1", Letterhead), &[&id]).await
}

pub(super) async fn update(tx: &Tx, scope: &AccountMember, row: &AccountRow) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE accounts SET name = $2, name_key = $6, practice_details = $3, time_zone = $4,
                        group_admins_add_groups = $7, practice_kind = $8, version = version + 1
             WHERE id = $1 AND version = $5"
            ),
            &[
                &scope.account(),
                &row.name,
                &row.practice,
                &row.time_zone,
                &row.version,
                &search::key(&row.name),
                &row.group_admins_add_groups,
                &row.practice_kind,
            ],
        )
        .await?;
    Ok(changed == 1)
}

row! {
    /// A person's place in an account, and in one of its groups if they are in any.
    #[derive(Clone, Debug)]
    pub struct Belonging {
        /// The account.
        pub account: AccountId = "a.id",
        /// Its name.
        pub account_name: String = "a.name",
        /// What it is.
        pub kind: Kind = "a.kind",
        /// Its time zone.
        pub time_zone: String = "a.time_zone",
        /// Their role there.
        pub role: Role = "m.role",
        /// One of their groups.
        pub group: Option<GroupId> = "g.id",
        /// Its name.
        pub group_name: Option<String> = "g.name",
        /// Their role in it.
        pub group_role: Option<GroupRole> = "CASE WHEN g.id IS NOT NULL THEN gm.role END",
    }
}

/// Everything that a person belongs to: a row per group, or one for an account without any.
/// Archived groups are left out. By name.
///
/// # Errors
/// The database fails.
pub async fn belongings(tx: &Tx, user: UserId) -> Result<Vec<Belonging>> {
    tx.all(
        sql!(
            "SELECT {} FROM members m
             JOIN accounts a ON a.id = m.account_id
             LEFT JOIN group_members gm
                  ON gm.account_id = m.account_id AND gm.user_id = m.user_id AND gm.until IS NULL
             LEFT JOIN groups g ON g.account_id = gm.account_id AND g.id = gm.group_id AND g.archived_at IS NULL
             WHERE m.user_id = $1 AND m.until IS NULL
             ORDER BY a.name, a.id, g.name_key, g.id",
            Belonging
        ),
        &[&user],
    )
    .await
}

row! {
    /// A kind of work that a case follows.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    pub struct Protocol {
        /// Its id.
        pub id: ProtocolId,
        /// Its name, unique in the account.
        pub name: String,
        /// Since when it is no longer offered for new cases.
        pub archived_at: Option<Time>,
    }
}

orders! {
    /// The protocols of an account.
    pub Protocols of Protocol: "name" ["name" Folded, "created_at" Created];
}

impl Protocol {
    /// Where it is in a list of protocols that is sorted so. Archived ones come last by name.
    pub fn place(&self, by: &str) -> (Key, ProtocolId) {
        let key = if by == "name" { Key::name(&self.name, self.archived_at.is_some()) } else { Key::Created };
        (key, self.id)
    }
}

/// An account's protocols by name, archived ones last. The caller has proved to be in the account.
///
/// # Errors
/// The database fails.
pub async fn protocols(tx: &Tx, account: AccountId) -> Result<Vec<Protocol>> {
    tx.all(
        sql!(
            "SELECT {} FROM protocols WHERE account_id = $1
             ORDER BY archived_at IS NOT NULL, name_key",
            Protocol
        ),
        &[&account],
    )
    .await
}

/// Adds a protocol; says whether its name was free.
pub(super) async fn insert_protocol(tx: &Tx, account: AccountId, id: ProtocolId, name: &str) -> Result<bool> {
    let added = tx
        .exec(
            sql!(
                "INSERT INTO protocols (account_id, id, name, name_key) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_id, name_key) DO NOTHING"
            ),
            &[&account, &id, &name, &text::fold(name)],
        )
        .await?;
    Ok(added == 1)
}

/// Archives a protocol of this name that no case ever followed.
pub(super) async fn archive_unused_protocol(tx: &Tx, account: AccountId, name: &str) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE protocols SET archived_at = $3
             WHERE account_id = $1 AND name_key = $2 AND archived_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM cases c
                               WHERE c.account_id = protocols.account_id AND c.protocol_id = protocols.id)"
        ),
        &[&account, &text::fold(name), &tx.now()],
    )
    .await?;
    Ok(())
}

/// Restores a protocol of this name, if there is an archived one.
pub(super) async fn offer_protocol(tx: &Tx, account: AccountId, name: &str) -> Result<()> {
    tx.exec(
        sql!("UPDATE protocols SET archived_at = NULL WHERE account_id = $1 AND name_key = $2"),
        &[&account, &text::fold(name)],
    )
    .await?;
    Ok(())
}

/// Renames a protocol; says whether the new name was free.
pub(super) async fn rename_protocol(tx: &Tx, scope: &ProtocolAdmin, name: &str) -> Result<bool> {
    let changed = tx.exec(
        sql!(
            "UPDATE protocols SET name = $3, name_key = $4 WHERE account_id = $1 AND id = $2
             AND NOT EXISTS (SELECT 1 FROM protocols o WHERE o.account_id = $1 AND o.name_key = $4 AND o.id <> $2)"
        ),
        &[&scope.account(), &scope.protocol(), &name, &text::fold(name)],
    ).await?;
    Ok(changed == 1)
}

pub(super) async fn archive_protocol(tx: &Tx, scope: &ProtocolAdmin, at: Option<Time>) -> Result<()> {
    tx.exec(
        sql!("UPDATE protocols SET archived_at = $3 WHERE account_id = $1 AND id = $2"),
        &[&scope.account(), &scope.protocol(), &at],
    )
    .await?;
    Ok(())
}

pub(super) async fn protocol(tx: &Tx, scope: &ProtocolAdmin) -> Result<Protocol> {
    tx.one(
        sql!("SELECT {} FROM protocols WHERE account_id = $1 AND id = $2", Protocol),
        &[&scope.account(), &scope.protocol()],
    )
    .await
}

/// The accounts of kind `individual` that someone owns and whose subscription runs: usually none or one.
///
/// # Errors
/// The database fails.
pub async fn own_accounts(tx: &Tx, user: UserId) -> Result<Vec<(AccountId, String)>> {
    tx.all(
        sql!(
            "SELECT a.id, a.name FROM members m JOIN accounts a ON a.id = m.account_id AND a.kind = 'individual'
             JOIN subscriptions s ON s.account_id = a.id AND s.state <> 'ended'
             WHERE m.user_id = $1 AND m.until IS NULL AND m.role = 'owner'
               AND NOT EXISTS (SELECT 1 FROM workers o WHERE o.account_id = a.id AND o.user_id <> $1)
             ORDER BY a.id"
        ),
        &[&user],
    )
    .await
}

row! {
    /// An account that someone owns, with a subscription that runs.
    #[derive(Clone, Debug)]
    pub struct Owned {
        pub account: AccountId = "a.id",
        pub name: String = "a.name",
        pub kind: Kind = "a.kind",
        /// Whether others work in it.
        pub shared: bool =
            "EXISTS (SELECT 1 FROM workers o WHERE o.account_id = a.id AND o.user_id <> m.user_id)",
    }
}

/// Every account that someone owns and whose subscription runs: of them, [`own_accounts`] are those that can merge.
///
/// # Errors
/// None but the database's.
pub async fn owned(tx: &Tx, user: UserId) -> Result<Vec<Owned>> {
    tx.all(
        sql!(
            "SELECT {} FROM members m JOIN accounts a ON a.id = m.account_id
             JOIN subscriptions s ON s.account_id = a.id AND s.state <> 'ended'
             WHERE m.user_id = $1 AND m.until IS NULL AND m.role = 'owner' ORDER BY a.id",
            Owned
        ),
        &[&user],
    )
    .await
}

/// Adds to an account those protocols of another that its cases follow, where it has none of the name.
///
/// # Errors
/// The database fails.
pub async fn copy_protocols(tx: &Tx, from: AccountId, to: AccountId) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO protocols (account_id, id, name, name_key, archived_at)
             SELECT $2, p.id, p.name, p.name_key, p.archived_at FROM protocols p
             WHERE p.account_id = $1
               AND EXISTS (SELECT 1 FROM cases c WHERE c.account_id = p.account_id AND c.protocol_id = p.id)
             ON CONFLICT (account_id, name_key) DO NOTHING"
        ),
        &[&from, &to],
    )
    .await?;
    Ok(())
}
