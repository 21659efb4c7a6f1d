//! Lists of cases in another order than the newest first, which has [statements of its own](super::lists).

use super::{Filter, record::CaseRow};
use access::{AccountAdmin, GroupScope, SignedIn};
use kernel::{error::Result, id::CaseId, order::Order, search, sortable};
use storage::{Param, Sql, Tx, sql, word};

word! {
    /// What lists of cases are sorted by.
    pub enum Sort as CaseSort {
        /// When a case was created.
        Created = "created",
        /// When it last changed.
        Updated = "updated",
    }
}
sortable!(Sort);

impl Sort {
    /// The newest first.
    pub const USUAL: Order<Self> = Order::descending(Self::Created);
}

/// A page of a group's cases by a column of `c`, which is the same column of `x`; `$9` is beyond its first value.
macro_rules! in_group {
    ($c:literal, $x:literal, $compare:literal, $way:literal) => {
        select_cases!(
            "FROM cases c
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id ",
            "WHERE c.account_id = $1 AND c.group_id = $2 AND ("
            $c
            ", c.id) "
            $compare
            " (COALESCE((SELECT "
            $x
            " FROM cases x WHERE x.account_id = $1 AND x.group_id = $2 AND x.id = $3), $9), $3)
              AND (CAST($4 AS TEXT) IS NULL OR c.status = $4)
              AND (CAST($5 AS TEXT) IS NULL OR c.search LIKE $5 ESCAPE '\\')
              AND ($6 OR c.location_id = $7)
              ORDER BY "
            $c
            $way
            ", c.id "
            $way
            " LIMIT $8"
        )
    };
}

/// A page of the cases of several groups `s` by a column, each group bounded to one page inside the join, as the newest
/// ones are: `$1` is whose, `$2` where the page before ended, `$3` the page's last row from 0, `$4` the limit, `$5` is
/// before the column's first value and `$6` beyond its last one.
macro_rules! of_groups {
    ($groups:literal, $before:literal, [$c:literal, $x:literal, $y:literal], $compare:literal, $within:literal, $way:literal) => {
        sql!(
            concat!(
                "SELECT {} FROM (SELECT c.account_id, c.group_id, c.id, ",
                $c,
                " AS k FROM ",
                $groups,
                "  AND c.account_id = s.account_id AND c.group_id = s.group_id AND (",
                $c,
                ", c.id) ",
                $compare,
                " (COALESCE((SELECT ",
                $y,
                $before,
                "), $5), $2) AND ",
                $c,
                $within,
                " COALESCE((SELECT ",
                $x,
                " FROM cases x WHERE x.account_id = s.account_id AND x.group_id = s.group_id AND (",
                $x,
                ", x.id) ",
                $compare,
                " (COALESCE((SELECT ",
                $y,
                $before,
                "), $5), $2) AND (CAST($7 AS TEXT) IS NULL OR x.status = $7) \
                   AND (CAST($8 AS TEXT) IS NULL OR x.search LIKE $8 ESCAPE '\\') ORDER BY ",
                $x,
                $way,
                ", x.id ",
                $way,
                " LIMIT 1 OFFSET $3), $6) AND (CAST($7 AS TEXT) IS NULL OR c.status = $7) \
                   AND (CAST($8 AS TEXT) IS NULL OR c.search LIKE $8 ESCAPE '\\') ORDER BY ",
                $c,
                $way,
                ", c.id ",
                $way,
                " LIMIT $4) n \
                 CROSS JOIN cases c CROSS JOIN groups g CROSS JOIN protocols p CROSS JOIN locations l CROSS JOIN users u \
                 WHERE c.account_id = n.account_id AND c.group_id = n.group_id AND c.id = n.id \
                   AND g.account_id = c.account_id AND g.id = c.group_id \
                   AND p.account_id = c.account_id AND p.id = c.protocol_id \
                   AND l.account_id = c.account_id AND l.group_id = c.group_id AND l.id = c.location_id \
                   AND u.id = c.created_by \
                 ORDER BY n.k ",
                $way,
                ", n.id ",
                $way
            ),
            CaseRow
        )
    };
}

/// The statements of a list for each order but the usual one.
struct Sorted {
    oldest: Sql,
    updated_first: Sql,
    updated_last: Sql,
}

impl Sorted {
    fn statement(&self, order: Order<Sort>) -> Sql {
        match (order.by, order.descending) {
            (Sort::Created, _) => self.oldest,
            (Sort::Updated, true) => self.updated_first,
            (Sort::Updated, false) => self.updated_last,
        }
    }
}

macro_rules! sorted {
    ($groups:literal, $before:literal) => {
        Sorted {
            oldest: of_groups!($groups, $before, ["c.id", "x.id", "y.id"], ">", " <=", " ASC"),
            updated_first: of_groups!(
                $groups,
                $before,
                ["c.updated_at", "x.updated_at", "y.updated_at"],
                "<",
                " >=",
                " DESC"
            ),
            updated_last: of_groups!(
                $groups,
                $before,
                ["c.updated_at", "x.updated_at", "y.updated_at"],
                ">",
                " <=",
                " ASC"
            ),
        }
    };
}

const IN_GROUP: Sorted = Sorted {
    oldest: in_group!("c.id", "x.id", ">", " ASC"),
    updated_first: in_group!("c.updated_at", "x.updated_at", "<", " DESC"),
    updated_last: in_group!("c.updated_at", "x.updated_at", ">", " ASC"),
};

/// Of the groups that the person `$1` is in.
const OF_PERSON: Sorted = sorted!(
    "workers m CROSS JOIN group_members s CROSS JOIN cases c \
     WHERE m.user_id = $1 AND s.account_id = m.account_id AND s.user_id = m.user_id AND s.until IS NULL ",
    " FROM workers v JOIN group_members t ON t.account_id = v.account_id AND t.user_id = v.user_id AND t.until IS NULL \
      JOIN cases y ON y.account_id = t.account_id AND y.group_id = t.group_id AND y.id = $2 WHERE v.user_id = $1"
);

/// Of all groups of the account `$1`.
const OF_ACCOUNT: Sorted = sorted!(
    "(SELECT account_id, id AS group_id FROM groups WHERE account_id = $1) s CROSS JOIN cases c \
     WHERE c.account_id = $1 ",
    " FROM cases y WHERE y.account_id = $1 AND y.id = $2"
);

/// Before the first and beyond the last value of the column that an order sorts by.
fn edges(order: Order<Sort>) -> (Box<dyn Param + Send>, Box<dyn Param + Send>) {
    let (least, most): (Box<dyn Param + Send>, Box<dyn Param + Send>) = match order.by {
        Sort::Created => (Box::new(CaseId::nil()), Box::new(CaseId::last())),
        Sort::Updated => (Box::new(i64::MIN), Box::new(i64::MAX)),
    };
    if order.descending { (most, least) } else { (least, most) }
}

/// Where the page before ended, or before the first case.
fn before(filter: &Filter, order: Order<Sort>) -> CaseId {
    filter.before.unwrap_or(if order.descending { CaseId::last() } else { CaseId::nil() })
}

/// A page of a group's cases.
pub(crate) async fn in_group(
    tx: &Tx,
    scope: &GroupScope,
    filter: &Filter,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    if order == Sort::USUAL {
        return super::lists::in_group(tx, scope, filter, limit).await;
    }
    let (before, (first, _)) = (before(filter, order), edges(order));
    let search = filter.search.as_deref().map(search::pattern);
    let (account, group, anywhere) = (scope.account(), scope.group(), filter.location.is_none());
    let params: [&dyn Param; 9] = [
        &account,
        &group,
        &before,
        &filter.status,
        &search,
        &anywhere,
        &filter.location,
        &limit,
        first.as_ref(),
    ];
    tx.all(IN_GROUP.statement(order), &params).await
}

async fn of_groups(
    tx: &Tx,
    sorted: &Sorted,
    of: &dyn Param,
    filter: &Filter,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    let (before, (first, last)) = (before(filter, order), edges(order));
    let (row, pattern) = (limit - 1, filter.search.as_deref().map(search::pattern));
    let params: [&dyn Param; 8] =
        [of, &before, &row, &limit, first.as_ref(), last.as_ref(), &filter.status, &pattern];
    tx.all(sorted.statement(order), &params).await
}

/// A page of the cases of all groups that a person is in.
pub(crate) async fn of_person(
    tx: &Tx,
    scope: &SignedIn,
    filter: &Filter,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    match order == Sort::USUAL {
        true => super::lists::of_person(tx, scope, filter, limit).await,
        false => of_groups(tx, &OF_PERSON, &scope.user(), filter, order, limit).await,
    }
}

/// A page of the cases of all groups of an account, for who manages it.
pub(crate) async fn of_account(
    tx: &Tx,
    scope: &AccountAdmin,
    filter: &Filter,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    match order == Sort::USUAL {
        true => super::lists::of_account(tx, scope, filter, limit).await,
        false => of_groups(tx, &OF_ACCOUNT, &scope.account(), filter, order, limit).await,
    }
}
