//! The few newest cases whose name or number has the words of a search.

use crate::cases::Status;
use access::Reach;
use kernel::{
    error::Result,
    id::{CaseId, GroupId},
    search,
};
use storage::{Tx, row, sql};

row! {
    /// A case as a search across slices shows it.
    #[derive(Clone, Debug)]
    pub struct FoundCase {
        /// Newer ones have greater ids.
        pub id: CaseId = "c.id",
        /// Within the reach of the search.
        pub group: GroupId = "c.group_id",
        /// Its number in the group, from 1.
        pub number: i64 = "c.number",
        /// One line, up to 200 characters.
        pub name: String = "c.name",
        /// Whether work goes on.
        pub status: Status = "c.status",
    }
}

/// The newest cases within reach that have all these words, as many as the limit.
///
/// PostgreSQL takes each group by itself and at most a limit of each, so that it never walks through the cases of
/// others.
pub async fn find(tx: &Tx, reach: &Reach, words: &str, limit: i64) -> Result<Vec<FoundCase>> {
    let Some([one, two, three, four]) = search::patterns(words) else { return Ok(Vec::new()) };
    if reach.groups().is_empty() {
        return Ok(Vec::new());
    }
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM (
                         SELECT c.account_id, c.group_id, c.id FROM json_each($1) r CROSS JOIN cases c
                         WHERE c.account_id = unhex(substr(r.value, 1, 32)) AND c.group_id = unhex(substr(r.value, 33))
                           AND c.search LIKE $2 AND c.search LIKE $3 AND c.search LIKE $4 AND c.search LIKE $5
                         ORDER BY c.id DESC LIMIT $6) n CROSS JOIN cases c
                     WHERE c.account_id = n.account_id AND c.group_id = n.group_id AND c.id = n.id
                     ORDER BY n.id DESC",
            postgres: "SELECT {} FROM jsonb_array_elements_text(CAST(CAST($1 AS TEXT) AS JSONB)) AS r(value)
                       CROSS JOIN LATERAL (
                           SELECT x.id, x.group_id, x.number, x.name, x.status FROM cases x
                           WHERE x.account_id = CAST(substr(r.value, 1, 32) AS UUID)
                             AND x.group_id = CAST(substr(r.value, 33) AS UUID)
                             AND x.search LIKE $2 AND x.search LIKE $3 AND x.search LIKE $4 AND x.search LIKE $5
                           ORDER BY x.id DESC LIMIT $6) c
                       ORDER BY c.id DESC LIMIT $6",
            FoundCase,
        ),
        &[&reach.keys(), &one, &two, &three, &four, &limit],
    )
    .await
}
