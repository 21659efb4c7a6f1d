//! Lists of clients in an order that people chose.

use super::{ClientRow, Filter, MOST_WORDS};
use access::GroupScope;
use kernel::{error::Result, id::ClientId, order::Order, search, sortable};
use storage::{Param, Tx, sql, word};

word! {
    /// What lists of clients are sorted by.
    pub enum Sort as ClientSort {
        /// The name, accents aside.
        Name = "name",
        /// When a client last changed.
        Updated = "updated",
    }
}
sortable!(Sort);

impl Sort {
    /// Names from A on.
    pub const USUAL: Order<Self> = Order::ascending(Self::Name);
}

/// A page of a group's clients by a column of `c`, which is the same column of `x`; the searches and `$9` as in
/// [`super::list`], `$10` is before the column's first value. The comparison of the column alone says no more than that of
/// the pair, and lets SQLite begin in the middle of an index on an expression.
macro_rules! sorted {
    ($which:literal, $c:literal, $x:literal, $within:literal, $compare:literal, $way:literal) => {
        select_clients!(
            $which
            " AND " $c $within "COALESCE((SELECT " $x " FROM clients x WHERE x.account_id = $1 \
                   AND x.group_id = $2 AND x.id = $3), $10) \
              AND (" $c ", c.id) " $compare " (COALESCE((SELECT " $x " FROM clients x WHERE x.account_id = $1 \
                   AND x.group_id = $2 AND x.id = $3), $10), $3) \
              AND (CAST($4 AS TEXT) IS NULL OR c.kind = $4) \
              AND (CAST($5 AS TEXT) IS NULL OR c.search LIKE $5 ESCAPE '\\') \
              AND (CAST($6 AS TEXT) IS NULL OR c.search LIKE $6 ESCAPE '\\') \
              AND (CAST($7 AS TEXT) IS NULL OR c.search LIKE $7 ESCAPE '\\') \
              AND (CAST($8 AS TEXT) IS NULL OR c.search LIKE $8 ESCAPE '\\') \
             ORDER BY " $c $way ", c.id " $way " LIMIT $9"
        )
    };
}

/// The statement for an order. What is searched of a client begins with the words of the name, folded: names are sorted
/// by that, and the indexes `clients_sorted` and `clients_updated` have the first letters of it and the moment.
macro_rules! statement {
    ($which:literal, $order:expr) => {
        match ($order.by, $order.descending) {
            (Sort::Name, false) => {
                sorted!($which, "SUBSTR(c.search, 1, 60)", "SUBSTR(x.search, 1, 60)", " >= ", ">", " ASC")
            }
            (Sort::Name, true) => {
                sorted!($which, "SUBSTR(c.search, 1, 60)", "SUBSTR(x.search, 1, 60)", " <= ", "<", " DESC")
            }
            (Sort::Updated, false) => sorted!($which, "c.updated_at", "x.updated_at", " >= ", ">", " ASC"),
            (Sort::Updated, true) => sorted!($which, "c.updated_at", "x.updated_at", " <= ", "<", " DESC"),
        }
    };
}

/// Before the first value of the column that an order sorts by.
fn edge(order: Order<Sort>) -> Box<dyn Param + Send> {
    match (order.by, order.descending) {
        (Sort::Name, false) => Box::new(String::new()),
        (Sort::Name, true) => Box::new("\u{10FFFF}".to_owned()),
        (Sort::Updated, false) => Box::new(i64::MIN),
        (Sort::Updated, true) => Box::new(i64::MAX),
    }
}

/// A page of a group's clients. Words without a letter or digit find nothing.
pub(in crate::clients) async fn sorted(
    tx: &Tx,
    scope: &GroupScope,
    filter: &Filter,
    order: Order<Sort>,
    limit: i64,
) -> Result<Vec<ClientRow>> {
    let words = filter.search.as_deref().map(search::words);
    if words.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let mut patterns = words.unwrap_or_default().into_iter().take(MOST_WORDS).map(|word| format!("%{word}%"));
    let patterns: [Option<String>; MOST_WORDS] = std::array::from_fn(|_| patterns.next());
    let after = filter.after.unwrap_or(if order.descending { ClientId::last() } else { ClientId::nil() });
    let (account, group, edge) = (scope.account(), scope.group(), edge(order));
    let mut params: Vec<&dyn Param> = vec![&account, &group, &after, &filter.kind];
    params.extend(patterns.iter().map(|pattern| pattern as &dyn Param));
    params.extend([&limit as &dyn Param, edge.as_ref()]);
    match filter.archived {
        false => tx.all(statement!("c.archived_at IS NULL", order), &params).await,
        true => tx.all(statement!("c.archived_at IS NOT NULL", order), &params).await,
    }
}
