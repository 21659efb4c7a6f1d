//! The statements of membership.

use crate::users::UserRow;
use access::{AccountMember, Role, TransferParty};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, TransferId, UserId},
    search,
};
use storage::{
    One, Param, Tx, ids,
    list::{Key, Listing, Statements},
    orders, row, sorted, sql, word,
};

word! {
    /// Whether a member is one now.
    pub enum State as MemberState {
        /// In the account.
        Active = "active",
        /// Was in it.
        Removed = "removed",
    }
}

row! {
    /// A member, as administrators see them.
    #[derive(Clone, Debug)]
    pub struct MemberRow {
        /// Who.
        pub user: UserId = "u.id",
        /// Their name.
        pub name: String = "u.name",
        /// Their address.
        pub email: String = "u.email",
        /// What they are in the practice.
        pub user_type: crate::users::UserType = "u.user_type",
        /// Their role, or the last that they had.
        pub role: Role = "m.role",
        /// Since when they have it.
        pub since: Time = "m.since",
        /// Until when they had it.
        pub until: Option<Time> = "m.until",
        /// When they last used the server, to within five minutes.
        pub seen_at: Option<Time> = "u.seen_at",
        /// Whether a mail ever reached their address; if not, the inviter could have joined in their place.
        pub proved: bool = "u.proved_at IS NOT NULL",
        /// When they accepted an invitation to the account, the last time that they did.
        pub accepted_at: Option<Time> =
            "(SELECT max(i.settled_at) FROM invitations i
              WHERE i.account_id = m.account_id AND i.accepted_by = m.user_id)",
        /// The names of their groups, by name, a line each.
        pub groups: Option<String> =
            "(SELECT string_agg(g.name, '\n' ORDER BY g.name_key) FROM group_members gm
              JOIN groups g ON g.account_id = gm.account_id AND g.id = gm.group_id AND g.archived_at IS NULL
              WHERE gm.account_id = m.account_id AND gm.user_id = m.user_id AND gm.until IS NULL)",
    }
}

/// Which members to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name or address.
    pub search: Option<String>,
    /// Only this role.
    pub role: Option<Role>,
    /// Members or former members; members if not said.
    pub state: Option<State>,
    /// From where on, in which order.
    pub listing: Listing<Members>,
}

orders! {
    /// The members of an account; by the age of their sign-in, where no other order is asked for.
    pub Members of User: "user" ["user" Created, "name" Folded, "since" Moment] undated;
}

impl MemberRow {
    /// Where it is in a list of members that is sorted so.
    pub fn place(&self, by: &str) -> (Key, UserId) {
        let key = match by {
            "name" => search::key(&self.name).into(),
            "since" => self.since.into(),
            _ => Key::Created,
        };
        (key, self.user)
    }
}

macro_rules! listed {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM members m JOIN users u ON u.id = m.user_id
                 WHERE m.account_id = $4 AND u.id > $3 AND ",
                $($after,)+
                " AND (CAST($5 AS TEXT) IS NULL OR u.name_key LIKE $5 ESCAPE '\\'
                       OR REPLACE(u.email_key, '''', '') LIKE $6 ESCAPE '\\')
                  AND (CAST($7 AS TEXT) IS NULL OR m.role = $7)
                  AND ((NOT $8 AND m.until IS NULL) OR ($8 AND m.until IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM members l WHERE l.account_id = m.account_id AND l.user_id = m.user_id
                          AND (l.until IS NULL OR l.until > m.until OR (l.until = m.until AND l.id > m.id)))))
                 ORDER BY ",
                $($order,)+ " LIMIT $9"
            ),
            MemberRow
        )
    };
}

const LISTED: Statements = sorted!(listed; "u.id"; Created, Folded "u.name_key", Moment "m.since");

/// A page of an account's members. Of former members, those who are not members again, with their last period.
///
/// # Errors
/// The database fails.
pub async fn list(tx: &Tx, scope: &AccountMember, filter: &Filter, limit: i64) -> Result<Vec<MemberRow>> {
    let name = filter.search.as_deref().map(search::pattern);
    let address = filter.search.as_deref().map(search::address_pattern);
    let (account, removed) = (scope.account(), filter.state == Some(State::Removed));
    let mut params = filter.listing.params();
    params.extend([&account as &dyn Param, &name, &address, &filter.role, &removed, &limit]);
    tx.all(filter.listing.statement(LISTED)?, &params).await
}

/// These members of an account; of former ones, their last period. In no order.
///
/// # Errors
/// The database fails.
pub async fn these(
    tx: &Tx,
    scope: &AccountMember,
    people: &[UserId],
    state: State,
) -> Result<Vec<MemberRow>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM json_each($2) r CROSS JOIN members m CROSS JOIN users u
                     WHERE m.account_id = $1 AND m.user_id = unhex(r.value) AND u.id = m.user_id
                       AND ((NOT $3 AND m.until IS NULL) OR ($3 AND m.until IS NOT NULL AND NOT EXISTS (
                            SELECT 1 FROM members l WHERE l.account_id = m.account_id AND l.user_id = m.user_id
                               AND (l.until IS NULL OR l.until > m.until OR (l.until = m.until AND l.id > m.id)))))",
            postgres: "SELECT {} FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS r(value)
                       JOIN members m ON m.user_id = CAST(r.value AS UUID)
                       JOIN users u ON u.id = m.user_id
                       WHERE m.account_id = $1
                         AND ((NOT $3 AND m.until IS NULL) OR ($3 AND m.until IS NOT NULL AND NOT EXISTS (
                              SELECT 1 FROM members l WHERE l.account_id = m.account_id AND l.user_id = m.user_id
                                 AND (l.until IS NULL OR l.until > m.until OR (l.until = m.until AND l.id > m.id)))))",
            MemberRow
        ),
        &[&scope.account(), &ids(people), &(state == State::Removed)],
    )
    .await
}

/// Someone's present role in an account.
///
/// # Errors
/// The database fails.
pub async fn current_role(tx: &Tx, account: AccountId, user: UserId) -> Result<Option<Role>> {
    let found = tx
        .maybe::<One<Role>>(
            sql!("SELECT role FROM members WHERE account_id = $1 AND user_id = $2 AND until IS NULL"),
            &[&account, &user],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// Begins a period; says whether they were not in the account yet.
pub(super) async fn join(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<bool> {
    let added = tx
        .exec(
            sql!(
                "INSERT INTO members (account_id, id, user_id, role, since) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_id, user_id) WHERE until IS NULL DO NOTHING"
            ),
            &[&account, &tx.id::<kernel::id::Period>(), &user, &role, &tx.now()],
        )
        .await?;
    tx.announce(super::topic(account));
    Ok(added == 1)
}

/// Ends a period, if it is still the present one and has this role.
pub(super) async fn end_period(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<bool> {
    let ended = tx
        .exec(
            sql!(
                "UPDATE members SET until = $4
             WHERE account_id = $1 AND user_id = $2 AND role = $3 AND until IS NULL"
            ),
            &[&account, &user, &role, &tx.now()],
        )
        .await?;
    tx.announce(super::topic(account));
    Ok(ended == 1)
}

pub(super) async fn end_group_periods(tx: &Tx, account: AccountId, user: UserId) -> Result<u64> {
    tx.exec(
        sql!("UPDATE group_members SET until = $3 WHERE account_id = $1 AND user_id = $2 AND until IS NULL"),
        &[&account, &user, &tx.now()],
    )
    .await
}

row! {
    /// A pending offer of ownership.
    #[derive(Clone, Debug)]
    pub struct TransferRow {
        /// Its id.
        pub id: TransferId = "t.id",
        /// Whom it is offered to.
        pub to: UserId = "t.to_user",
        /// Their name.
        pub to_name: String = "u.name",
        /// Since when.
        pub created_at: Time = "t.created_at",
    }
}

/// The pending offer of an account, if there is one. The caller has proved to manage it or to be a party.
///
/// # Errors
/// The database fails.
pub async fn pending_transfer(tx: &Tx, account: AccountId) -> Result<Option<TransferRow>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM ownership_transfers t
             JOIN users u ON u.id = t.to_user WHERE t.account_id = $1 AND t.state = 'pending'",
            TransferRow
        ),
        &[&account],
    )
    .await
}

/// The names of those who manage an account, the owner first: whom its people can ask.
///
/// # Errors
/// None but the database's.
pub async fn managers(tx: &Tx, account: AccountId) -> Result<Vec<String>> {
    let found = tx
        .all::<One<String>>(
            sql!(
                "SELECT u.name FROM members m JOIN users u ON u.id = m.user_id
                 WHERE m.account_id = $1 AND m.until IS NULL AND m.role IN ('owner', 'administrator')
                 ORDER BY CASE m.role WHEN 'owner' THEN 0 ELSE 1 END, u.name_key, u.id LIMIT 5"
            ),
            &[&account],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

/// The owner and the administrators of an account.
///
/// # Errors
/// None but the database's.
pub async fn people_who_manage(tx: &Tx, account: AccountId) -> Result<Vec<UserRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM users WHERE id IN (SELECT user_id FROM members WHERE account_id = $1 AND until IS NULL
                 AND role IN ('owner', 'administrator')) ORDER BY email_key",
            UserRow
        ),
        &[&account],
    )
    .await
}

/// Offers ownership; says whether no other offer was pending.
pub(super) async fn insert_transfer(
    tx: &Tx,
    account: AccountId,
    id: TransferId,
    from: UserId,
    to: UserId,
) -> Result<bool> {
    let added = tx
        .exec(
            sql!(
                "INSERT INTO ownership_transfers (account_id, id, from_user, to_user, state, created_at)
             VALUES ($1, $2, $3, $4, 'pending', $5)
             ON CONFLICT (account_id) WHERE state = 'pending' DO NOTHING"
            ),
            &[&account, &id, &from, &to, &tx.now()],
        )
        .await?;
    Ok(added == 1)
}

/// Settles an offer; says whether it was still pending.
pub(super) async fn settle_transfer(tx: &Tx, party: &TransferParty, state: &'static str) -> Result<bool> {
    let settled = tx
        .exec(
            sql!(
                "UPDATE ownership_transfers SET state = $3, settled_at = $4
             WHERE account_id = $1 AND id = $2 AND state = 'pending'"
            ),
            &[&party.account(), &party.transfer(), &state, &tx.now()],
        )
        .await?;
    Ok(settled == 1)
}

/// Voids the offers to someone who leaves.
pub(super) async fn void_transfers_to(tx: &Tx, account: AccountId, user: UserId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE ownership_transfers SET state = 'void', settled_at = $3
             WHERE account_id = $1 AND to_user = $2 AND state = 'pending'"
        ),
        &[&account, &user, &tx.now()],
    )
    .await?;
    Ok(())
}
