//! Lists of cases: of a group, of all groups of a person or an account, of a client.

use crate::cases::{CaseRow, Status};
use access::{AccountAdmin, GroupScope, SignedIn};
use kernel::{
    error::Result,
    id::{CaseId, ClientId, LocationId},
    search,
};
use storage::{
    Param, Tx, Weight,
    list::{Key, Listing, Statements},
    orders, sorted, sql,
};

orders! {
    /// Cases.
    pub Cases of Case: "-created_at" ["created_at" Created, "updated_at" Moment] updated;
}

impl CaseRow {
    /// Where it is in a list of cases that is sorted so.
    pub fn place(&self, by: &str) -> (Key, CaseId) {
        let key = if by == "updated_at" { self.updated_at.into() } else { Key::Created };
        (key, self.id)
    }
}

/// Which cases to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only open or only closed ones.
    pub status: Option<Status>,
    /// Part of the name or the number.
    pub search: Option<String>,
    /// Only at this location.
    pub location: Option<LocationId>,
    /// From where on, in which order.
    pub listing: Listing<Cases>,
    /// Where a page in an order that people chose goes on.
    pub before: Option<CaseId>,
}

impl Filter {
    /// Whether finding them takes long.
    pub fn weight(&self) -> Weight {
        match self.search.is_some() || self.location.is_some() || !self.listing.is_plain() {
            true => Weight::Heavy,
            false => Weight::Light,
        }
    }
}

/// A page of a group's cases.
pub(crate) async fn in_group(
    tx: &Tx,
    scope: &GroupScope,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    let search = filter.search.as_deref().map(search::pattern);
    let (account, group, anywhere) = (scope.account(), scope.group(), filter.location.is_none());
    let mut params = filter.listing.params();
    params.extend([&account as &dyn Param, &group, &limit]);
    let statements = match (&search, &filter.location, &filter.status) {
        (None, None, None) => LISTED,
        (None, None, Some(status)) => {
            params.push(status);
            LISTED_BY_STATUS
        }
        _ => {
            params.extend([&filter.status as &dyn Param, &search, &anywhere, &filter.location]);
            FOUND
        }
    };
    tx.all(filter.listing.statement(statements)?, &params).await
}

/// The cases of a group, of which more is demanded. `+` keeps the index of changes out of lists that are sorted by
/// something else.
macro_rules! in_group {
    ($more:literal; [$($after:literal)+] [$($order:literal)+]) => {
        select_cases!(
            "FROM cases c
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
            "WHERE c.account_id = $5 AND c.group_id = $6 AND " $($after)+ " AND c.id > $3 AND +c.updated_at > $4 "
            $more " ORDER BY " $($order)+ " LIMIT $7"
        )
    };
}
macro_rules! listed { ($($part:tt)+) => { in_group!(""; $($part)+) }; }
macro_rules! listed_by_status { ($($part:tt)+) => { in_group!("AND c.status = $8"; $($part)+) }; }
macro_rules! searched_in_group {
    ($($part:tt)+) => {
        in_group!(
            "AND (CAST($8 AS TEXT) IS NULL OR c.status = $8)
             AND (CAST($9 AS TEXT) IS NULL OR c.search LIKE $9 ESCAPE '\\')
             AND ($10 OR c.location_id = $11)"; $($part)+
        )
    };
}

const LISTED: Statements = sorted!(listed; "c.id"; Created, Moment "c.updated_at");
const LISTED_BY_STATUS: Statements = sorted!(listed_by_status; "c.id"; Created, Moment "c.updated_at");
const FOUND: Statements = sorted!(searched_in_group; "c.id"; Created, Moment "c.updated_at");

/// The newest cases of several groups `s`: `$1` is whose, `$2` where the page before ended, `$3` the
/// page's last row from 0, `$4` the id before the oldest one, `$5` the limit.
///
/// Each group is bounded to one page inside the join, which stays fast as groups grow, where a plain
/// join reads them whole; the names come last, for the few rows that are left. `CROSS JOIN … WHERE` is
/// an ordinary join that SQLite takes in the written order: left to itself it walks the whole account.
macro_rules! newest_of_groups {
    ($groups:literal, $x:literal, $c:literal) => {
        sql!(
            concat!(
                "SELECT {} FROM (SELECT c.account_id, c.group_id, c.id FROM ",
                $groups,
                "  AND c.account_id = s.account_id AND c.group_id = s.group_id AND c.id < $2 \
                   AND c.id >= COALESCE((SELECT x.id FROM cases x WHERE x.account_id = s.account_id \
                       AND x.group_id = s.group_id AND x.id < $2 ",
                $x,
                "      ORDER BY x.id DESC LIMIT 1 OFFSET $3), $4) AND c.id > $4 ",
                $c,
                "  ORDER BY c.id DESC LIMIT $5) n \
                 CROSS JOIN cases c CROSS JOIN groups g CROSS JOIN protocols p CROSS JOIN locations l CROSS JOIN users u \
                 WHERE c.account_id = n.account_id AND c.group_id = n.group_id AND c.id = n.id \
                   AND g.account_id = c.account_id AND g.id = c.group_id \
                   AND p.account_id = c.account_id AND p.id = c.protocol_id \
                   AND l.account_id = c.account_id AND l.group_id = c.group_id AND l.id = c.location_id \
                   AND u.id = c.created_by \
                 ORDER BY n.id DESC"
            ),
            CaseRow
        )
    };
}

/// The cases of several groups in another order. All of them are looked at.
macro_rules! of_groups {
    ($groups:literal; [$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM ",
                $groups,
                " AND ", $($after,)+ " AND c.id > $3 AND c.updated_at > $4 \
                  AND (CAST($7 AS TEXT) IS NULL OR c.status = $7) \
                  AND (CAST($8 AS TEXT) IS NULL OR c.search LIKE $8 ESCAPE '\\') \
                  AND g.account_id = c.account_id AND g.id = c.group_id \
                  AND p.account_id = c.account_id AND p.id = c.protocol_id \
                  AND l.account_id = c.account_id AND l.group_id = c.group_id AND l.id = c.location_id \
                  AND u.id = c.created_by \
                 ORDER BY ", $($order,)+ " LIMIT $6"
            ),
            CaseRow
        )
    };
}

/// The forms that a page of several groups takes: newest first as it is, of one status, and searched; and in any other
/// order.
struct OfGroups {
    plain: storage::Sql,
    by_status: storage::Sql,
    searched: storage::Sql,
    sorted: Statements,
}

macro_rules! newest {
    ($groups:literal, $sorted:expr) => {
        OfGroups {
            plain: newest_of_groups!($groups, "", ""),
            by_status: newest_of_groups!($groups, "AND x.status = $6 ", "AND c.status = $6 "),
            searched: newest_of_groups!(
                $groups,
                "AND (CAST($6 AS TEXT) IS NULL OR x.status = $6) AND x.search LIKE $7 ESCAPE '\\' ",
                "AND (CAST($6 AS TEXT) IS NULL OR c.status = $6) AND c.search LIKE $7 ESCAPE '\\' "
            ),
            sorted: $sorted,
        }
    };
}

macro_rules! sorted_of_person {
    ($($part:tt)+) => {
        of_groups!(
            "workers m CROSS JOIN group_members s CROSS JOIN cases c CROSS JOIN groups g CROSS JOIN protocols p \
             CROSS JOIN locations l CROSS JOIN users u \
             WHERE m.user_id = $5 AND s.account_id = m.account_id AND s.user_id = m.user_id AND s.until IS NULL \
               AND c.account_id = s.account_id AND c.group_id = s.group_id "; $($part)+
        )
    };
}

macro_rules! sorted_of_account {
    ($($part:tt)+) => {
        of_groups!(
            "cases c CROSS JOIN groups g CROSS JOIN protocols p CROSS JOIN locations l CROSS JOIN users u \
             WHERE c.account_id = $5 "; $($part)+
        )
    };
}

/// Of the groups that the person `$1` is in.
const OF_PERSON: OfGroups = newest!(
    "workers m CROSS JOIN group_members s CROSS JOIN cases c \
     WHERE m.user_id = $1 AND s.account_id = m.account_id AND s.user_id = m.user_id AND s.until IS NULL ",
    sorted!(sorted_of_person; "c.id"; Created, Moment "c.updated_at")
);

/// Of all groups of the account `$1`.
const OF_ACCOUNT: OfGroups = newest!(
    "(SELECT account_id, id AS group_id FROM groups WHERE account_id = $1) s CROSS JOIN cases c \
     WHERE c.account_id = $1 ",
    sorted!(sorted_of_account; "c.id"; Created, Moment "c.updated_at")
);

impl OfGroups {
    async fn page(&self, tx: &Tx, of: &dyn Param, filter: &Filter, limit: i64) -> Result<Vec<CaseRow>> {
        let pattern = filter.search.as_deref().map(search::pattern);
        if !(filter.listing.is_plain() && filter.listing.descends()) {
            let mut params = filter.listing.params();
            params.extend([of, &limit, &filter.status, &pattern]);
            return tx.all(filter.listing.statement(self.sorted)?, &params).await;
        }
        let (before, least, last) = (filter.listing.after(), filter.listing.least(), limit - 1);
        let mut params: Vec<&dyn Param> = vec![of, &before, &last, &least, &limit];
        let statement = match (&pattern, &filter.status) {
            (None, None) => self.plain,
            (None, Some(status)) => {
                params.push(status);
                self.by_status
            }
            (Some(pattern), _) => {
                params.extend([&filter.status as &dyn Param, pattern]);
                self.searched
            }
        };
        tx.all(statement, &params).await
    }
}

/// A page of the cases of all groups that a person is in.
pub(crate) async fn of_person(
    tx: &Tx,
    scope: &SignedIn,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    OF_PERSON.page(tx, &scope.user(), filter, limit).await
}

/// A page of the cases of all groups of an account, for who manages it.
pub(crate) async fn of_account(
    tx: &Tx,
    scope: &AccountAdmin,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    OF_ACCOUNT.page(tx, &scope.account(), filter, limit).await
}

macro_rules! on_client {
    ([$($after:literal)+] [$($order:literal)+]) => {
        select_cases!(
            "FROM case_clients k
             JOIN cases c ON c.account_id = k.account_id AND c.group_id = k.group_id AND c.id = k.case_id
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
            "WHERE k.account_id = $5 AND k.group_id = $6 AND k.client_id = $7 AND " $($after)+
            " AND k.case_id > $3 AND +c.updated_at > $4 ORDER BY " $($order)+ " LIMIT $8"
        )
    };
}

const ON_CLIENT: Statements = sorted!(on_client; "k.case_id"; Created, Moment "c.updated_at");

/// A page of the cases on a client of the group.
pub(crate) async fn of_client(
    tx: &Tx,
    scope: &GroupScope,
    client: ClientId,
    listing: &Listing<Cases>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    let (account, group) = (scope.account(), scope.group());
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &group, &client, &limit]);
    tx.all(listing.statement(ON_CLIENT)?, &params).await
}
