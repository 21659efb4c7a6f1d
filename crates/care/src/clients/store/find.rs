//! The few clients that have the words of a search.

use crate::clients::Kind;
use access::Reach;
use kernel::{
    error::Result,
    id::{ClientId, GroupId},
    search,
};
use storage::{Tx, row, sql};

row! {
    /// A client as a search across slices shows it.
    #[derive(Clone, Debug)]
    pub struct FoundClient {
        /// Newer ones have greater ids.
        pub id: ClientId = "c.id",
        /// Within the reach of the search.
        pub group: GroupId = "c.group_id",
        /// What they are to the group.
        pub kind: Kind = "c.kind",
        /// One line, up to 200 characters.
        pub name: String = "c.name",
        /// The group's own file number.
        pub reference: String = "c.reference",
        /// The names of their animals, a line each.
        pub animals: Option<String> =
            "(SELECT string_agg(a.name, '\n' ORDER BY a.id) FROM client_animals a
              WHERE a.account_id = c.account_id AND a.group_id = c.group_id AND a.client_id = c.id
                AND a.archived_at IS NULL)",
    }
}

/// Clients within reach that have all these words, as many as the limit: first those whose name begins with the first.
pub async fn find(tx: &Tx, reach: &Reach, words: &str, limit: i64) -> Result<Vec<FoundClient>> {
    let Some([one, two, three, four]) = search::patterns(words) else { return Ok(Vec::new()) };
    if reach.groups().is_empty() {
        return Ok(Vec::new());
    }
    let begins = one.trim_start_matches('%').to_owned();
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM (
                         SELECT c.account_id, c.group_id, c.id, c.name_key, c.search NOT LIKE $7 AS late
                         FROM json_each($1) r CROSS JOIN clients c
                         WHERE c.account_id = unhex(substr(r.value, 1, 32)) AND c.group_id = unhex(substr(r.value, 33))
                           AND c.archived_at IS NULL
                           AND c.search LIKE $2 AND c.search LIKE $3 AND c.search LIKE $4 AND c.search LIKE $5
                         ORDER BY late, c.name_key, c.id LIMIT $6) n CROSS JOIN clients c
                     WHERE c.account_id = n.account_id AND c.group_id = n.group_id AND c.id = n.id
                     ORDER BY n.late, n.name_key, n.id",
            postgres: "SELECT {} FROM (
                           SELECT x.account_id, x.group_id, x.id, x.late
                           FROM jsonb_array_elements_text(CAST(CAST($1 AS TEXT) AS JSONB)) AS r(value)
                           CROSS JOIN LATERAL (
                               SELECT y.account_id, y.group_id, y.id, y.name_key, y.search NOT LIKE $7 AS late
                               FROM clients y
                               WHERE y.account_id = CAST(substr(r.value, 1, 32) AS UUID)
                                 AND y.group_id = CAST(substr(r.value, 33) AS UUID) AND y.archived_at IS NULL
                                 AND y.search LIKE $2 AND y.search LIKE $3 AND y.search LIKE $4 AND y.search LIKE $5
                               ORDER BY 5, y.name_key, y.id LIMIT $6) x
                           ORDER BY x.late, x.name_key, x.id LIMIT $6) n
                       JOIN clients c ON c.account_id = n.account_id AND c.group_id = n.group_id AND c.id = n.id
                       ORDER BY n.late, c.name_key, c.id",
            FoundClient,
        ),
        &[&reach.keys(), &one, &two, &three, &four, &limit, &begins],
    )
    .await
}
