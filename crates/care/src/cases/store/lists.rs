//! Lists of cases: of a group, of all groups of a person or an account, of a client.

use crate::cases::{CaseRow, Status};
use access::{AccountAdmin, GroupScope, SignedIn};
use kernel::{
    error::Result,
    id::{CaseId, ClientId, LocationId},
    search,
};
use storage::{Param, Tx, Weight, sql};

/// Which cases to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only open or only closed ones.
    pub status: Option<Status>,
    /// Part of the name or the number.
    pub search: Option<String>,
    /// Only at this location.
    pub location: Option<LocationId>,
    /// Only older ones than this: where the page before ended.
    pub before: Option<CaseId>,
}

impl Filter {
    /// Whether finding them takes long.
    pub fn weight(&self) -> Weight {
        match self.search.is_some() || self.location.is_some() {
            true => Weight::Heavy,
            false => Weight::Light,
        }
    }
}

/// A page of a group's cases, newest first.
pub(crate) async fn in_group(
    tx: &Tx,
    scope: &GroupScope,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    let search = filter.search.as_deref().map(search::pattern);
    let before = filter.before.unwrap_or(CaseId::last());
    let (account, group) = (scope.account(), scope.group());
    if search.is_none() && filter.location.is_none() {
        return match filter.status {
            None => tx.all(LIST, &[&account, &group, &before, &limit]).await,
            Some(status) => tx.all(LIST_BY_STATUS, &[&account, &group, &before, &status, &limit]).await,
        };
    }
    tx.all(
        select_cases!(
            "FROM cases c
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
            "WHERE c.account_id = $1 AND c.group_id = $2 AND c.id < $3
               AND (CAST($4 AS TEXT) IS NULL OR c.status = $4)
               AND (CAST($5 AS TEXT) IS NULL OR c.search LIKE $5 ESCAPE '\\')
               AND ($6 OR c.location_id = $7)
             ORDER BY c.id DESC LIMIT $8"
        ),
        &[
            &account,
            &group,
            &before,
            &filter.status,
            &search,
            &filter.location.is_none(),
            &filter.location,
            &limit,
        ],
    )
    .await
}

const LIST: storage::Sql = select_cases!(
    "FROM cases c
     JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
    "WHERE c.account_id = $1 AND c.group_id = $2 AND c.id < $3
     ORDER BY c.id DESC LIMIT $4"
);

const LIST_BY_STATUS: storage::Sql = select_cases!(
    "FROM cases c
     JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
    "WHERE c.account_id = $1 AND c.group_id = $2 AND c.id < $3 AND c.status = $4
     ORDER BY c.id DESC LIMIT $5"
);

/// The newest cases of several groups `s`: `$1` is whose, `$2` where the page before ended, `$3` the
/// page's last row from 0, `$4` the least id, `$5` the limit.
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
                "      ORDER BY x.id DESC LIMIT 1 OFFSET $3), $4) ",
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

/// The three forms that a page of several groups takes: as it is, of one status, and searched.
struct Newest {
    plain: storage::Sql,
    by_status: storage::Sql,
    searched: storage::Sql,
}

macro_rules! newest {
    ($groups:literal) => {
        Newest {
            plain: newest_of_groups!($groups, "", ""),
            by_status: newest_of_groups!($groups, "AND x.status = $6 ", "AND c.status = $6 "),
            searched: newest_of_groups!(
                $groups,
                "AND (CAST($6 AS TEXT) IS NULL OR x.status = $6) AND x.search LIKE $7 ESCAPE '\\' ",
                "AND (CAST($6 AS TEXT) IS NULL OR c.status = $6) AND c.search LIKE $7 ESCAPE '\\' "
            ),
        }
    };
}

/// Of the groups that the person `$1` is in.
const OF_PERSON: Newest = newest!(
    "workers m CROSS JOIN group_members s CROSS JOIN cases c \
     WHERE m.user_id = $1 AND s.account_id = m.account_id AND s.user_id = m.user_id AND s.until IS NULL "
);

/// Of all groups of the account `$1`.
const OF_ACCOUNT: Newest = newest!(
    "(SELECT account_id, id AS group_id FROM groups WHERE account_id = $1) s CROSS JOIN cases c \
     WHERE c.account_id = $1 "
);

impl Newest {
    async fn page(&self, tx: &Tx, of: &dyn Param, filter: &Filter, limit: i64) -> Result<Vec<CaseRow>> {
        let before = filter.before.unwrap_or(CaseId::last());
        let (last, least) = (limit - 1, CaseId::nil());
        let pattern = filter.search.as_deref().map(search::pattern);
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

/// A page of the cases of all groups that a person is in, newest first.
pub(crate) async fn of_person(
    tx: &Tx,
    scope: &SignedIn,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    OF_PERSON.page(tx, &scope.user(), filter, limit).await
}

/// A page of the cases of all groups of an account, for who manages it, newest first.
pub(crate) async fn of_account(
    tx: &Tx,
    scope: &AccountAdmin,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    OF_ACCOUNT.page(tx, &scope.account(), filter, limit).await
}

/// A page of the cases on a client of the group, newest first.
pub(crate) async fn of_client(
    tx: &Tx,
    scope: &GroupScope,
    client: ClientId,
    before: CaseId,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    tx.all(
        select_cases!(
            "FROM case_clients k
             JOIN cases c ON c.account_id = k.account_id AND c.group_id = k.group_id AND c.id = k.case_id
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
            "WHERE k.account_id = $1 AND k.group_id = $2 AND k.client_id = $3 AND k.case_id < $4
             ORDER BY k.case_id DESC LIMIT $5"
        ),
        &[&scope.account(), &scope.group(), &client, &before, &limit],
    )
    .await
}
