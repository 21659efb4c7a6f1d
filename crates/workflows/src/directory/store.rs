//! Who is on a page of the list of users: people and open invitations in one order, by one statement. What is shown of
//! them is read by the slices that they belong to.

use access::{AccountMember, GroupScope, Role};
use kernel::{
    error::Result,
    id::{InvitationId, UserId},
    order::Order,
    search, sortable,
};
use people::members::State;
use storage::{Param, Sql, Tx, row, sql, word};

word! {
    /// What the list of users is sorted by.
    pub(super) enum Sort {
        /// The name; of who was invited without one, the address.
        Name = "name",
        /// The role, the highest first.
        Role = "role",
        /// Open invitations first, then those that ended, then people.
        Status = "status",
        /// When they were last here; who never was is first.
        Seen = "seen",
    }
}
sortable!(Sort);

/// Which invitations are wanted of those that were neither accepted nor canceled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// All of them.
    All,
    /// Those that can still be accepted.
    Pending,
    /// Those whose time is over, or whose giver may no longer give them.
    Ended,
}

/// Who is wanted.
pub(super) struct Filter<'a> {
    /// Part of the name or address.
    pub(super) search: Option<&'a str>,
    /// Only this role in the account.
    pub(super) role: Option<Role>,
    /// Present or former members, if any.
    pub(super) people: Option<State>,
    /// Invitations, if any.
    pub(super) invitations: Option<Open>,
    /// Where the page before ended.
    pub(super) after: Option<UserId>,
}

row! {
    /// A line of the list: a person or an invitation.
    pub(super) struct Line {
        pub(super) person: Option<UserId> = "q.person",
        pub(super) invitation: Option<InvitationId> = "q.invitation",
    }
}

/// The people of the account `$1` and its invitations, `m` and `i` with `x`.
macro_rules! of_account {
    ($($rest:tt)*) => {
        listed!(
            "members m JOIN users u ON u.id = m.user_id WHERE m.account_id = $1
               AND ((NOT $3 AND m.until IS NULL) OR ($3 AND m.until IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM members l WHERE l.account_id = m.account_id AND l.user_id = m.user_id
                       AND (l.until IS NULL OR l.until > m.until OR (l.until = m.until AND l.id > m.id)))))",
            "invitations i JOIN invitations x ON x.account_id = i.account_id AND x.id = i.id WHERE i.account_id = $1",
            $($rest)*
        )
    };
}

/// The people of the group `$13` of the account `$1` and the invitations into it.
macro_rules! of_group {
    ($($rest:tt)*) => {
        listed!(
            "group_members m JOIN users u ON u.id = m.user_id
             WHERE m.account_id = $1 AND m.group_id = $13 AND m.until IS NULL AND NOT $3",
            "invitations i JOIN invitation_groups x ON x.account_id = i.account_id AND x.invitation_id = i.id
                  AND x.group_id = $13 WHERE i.account_id = $1",
            $($rest)*
        )
    };
}

/// A page of people and invitations by a key of each. The page before ended at `$11`; `$edge` is beyond every key.
macro_rules! listed {
    ($people:literal, $invited:literal, $person:literal, $invitation:literal, $compare:literal, $edge:literal, $way:literal) => {
        sql!(
            concat!(
                "WITH q AS (
                   SELECT u.id AS id, u.id AS person, CASE WHEN 1 = 0 THEN u.id END AS invitation, ",
                $person,
                " AS k FROM ",
                $people,
                " AND $2 AND (CAST($8 AS TEXT) IS NULL OR u.name_key LIKE $8 ESCAPE '\\'
                        OR REPLACE(u.email_key, '''', '') LIKE $9 ESCAPE '\\')
                   AND (CAST($10 AS TEXT) IS NULL OR m.role = $10)
                   UNION ALL
                   SELECT i.id, CASE WHEN 1 = 0 THEN i.id END, i.id, ",
                $invitation,
                " FROM ",
                $invited,
                " AND $4 AND (i.state = 'pending' OR (i.state = 'withdrawn'
                      AND NOT EXISTS (SELECT 1 FROM invitations later WHERE later.account_id = i.account_id
                          AND later.email_key = i.email_key AND later.id > i.id)))
                   AND ($5 OR (i.state = 'pending' AND i.expires_at > $7) <> $6)
                   AND (CAST($8 AS TEXT) IS NULL OR i.name_key LIKE $8 ESCAPE '\\'
                        OR REPLACE(i.email_key, '''', '') LIKE $9 ESCAPE '\\')
                   AND (CAST($10 AS TEXT) IS NULL OR i.role = $10))
                 SELECT {} FROM q WHERE (q.k, q.id) ",
                $compare,
                " (COALESCE((SELECT c.k FROM q c WHERE c.id = $11), ",
                $edge,
                "), $11) ORDER BY q.k ",
                $way,
                ", q.id ",
                $way,
                " LIMIT $12"
            ),
            Line
        )
    };
}

/// The statement for an order.
macro_rules! statement {
    ($of:ident, $order:expr) => {
        match ($order.by, $order.descending) {
            (Sort::Name, false) => both_ways!($of, "u.name_key", "COALESCE(i.name_key, i.email_key)", up),
            (Sort::Name, true) => both_ways!($of, "u.name_key", "COALESCE(i.name_key, i.email_key)", down),
            (Sort::Role, false) => by_role!($of, up),
            (Sort::Role, true) => by_role!($of, down),
            (Sort::Status, false) => by_status!($of, up),
            (Sort::Status, true) => by_status!($of, down),
            (Sort::Seen, false) => by_seen!($of, up),
            (Sort::Seen, true) => by_seen!($of, down),
        }
    };
}

macro_rules! both_ways {
    ($of:ident, $person:literal, $invitation:literal, up) => {
        $of!($person, $invitation, ">", "''", "ASC")
    };
    ($of:ident, $person:literal, $invitation:literal, down) => {
        $of!($person, $invitation, "<", "'\u{10FFFF}'", "DESC")
    };
}

macro_rules! by_role {
    ($of:ident, $way:ident) => {
        both_ways!(
            $of,
            "CASE m.role WHEN 'owner' THEN '0' WHEN 'administrator' THEN '1' WHEN 'member' THEN '2' ELSE '3' END
               || u.name_key",
            "CASE x.role WHEN 'administrator' THEN '1' WHEN 'member' THEN '2' ELSE '3' END
               || COALESCE(i.name_key, i.email_key)",
            $way
        )
    };
}

macro_rules! by_status {
    ($of:ident, $way:ident) => {
        both_ways!(
            $of,
            "'3' || u.name_key",
            "CASE WHEN i.state <> 'pending' THEN '2' WHEN i.expires_at > $7 THEN '0' ELSE '1' END
               || COALESCE(i.name_key, i.email_key)",
            $way
        )
    };
}

// Moments as texts of one length, which sort as numbers do; SUBSTR lends them the order of the keys.
macro_rules! by_seen {
    ($of:ident, $way:ident) => {
        both_ways!(
            $of,
            "SUBSTR(u.name_key, 1, 0) || CAST(1000000000000000000 + COALESCE(u.seen_at, 0) AS TEXT)",
            "SUBSTR(i.email_key, 1, 0) || CAST(1000000000000000000 AS TEXT)",
            $way
        )
    };
}

/// A page of an account's people and open invitations. Gives one more than the limit, if there are more.
pub(super) async fn in_account(
    tx: &Tx,
    scope: &AccountMember,
    filter: &Filter<'_>,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<Line>> {
    let statement: Sql = statement!(of_account, order);
    page(tx, statement, &scope.account(), None, filter, order, limit).await
}

/// A page of a group's people and of the open invitations into it. Gives one more than the limit, if there are more.
pub(super) async fn in_group(
    tx: &Tx,
    scope: &GroupScope,
    filter: &Filter<'_>,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<Line>> {
    let statement: Sql = statement!(of_group, order);
    page(tx, statement, &scope.account(), Some(&scope.group()), filter, order, limit).await
}

async fn page(
    tx: &Tx,
    statement: Sql,
    account: &dyn Param,
    group: Option<&dyn Param>,
    filter: &Filter<'_>,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<Line>> {
    let name = filter.search.map(search::pattern);
    let address = filter.search.map(search::address_pattern);
    let edge = if order.descending { UserId::last() } else { UserId::nil() };
    let (with_people, removed) = (filter.people.is_some(), filter.people == Some(State::Removed));
    let (with_invitations, all) = (filter.invitations.is_some(), filter.invitations == Some(Open::All));
    let (ended, now) = (filter.invitations == Some(Open::Ended), tx.now());
    let (after, one_more) = (filter.after.unwrap_or(edge), limit + 1);
    let mut params: Vec<&dyn Param> = vec![account, &with_people, &removed, &with_invitations, &all, &ended];
    params.extend([&now as &dyn Param, &name, &address, &filter.role, &after, &one_more]);
    params.extend(group);
    tx.all(statement, &params).await
}
