//! The statements of imports and their lines.

use serde_json::{Value, json};

use crate::clients::{
    Draft,
    import::{Outcome, State},
};
use access::{GroupScope, ImportScope};
use kernel::{
    clock::Time,
    error::Result,
    id::{ClientId, GroupId, ImportId, UserId},
    text,
};
use storage::{Tx, hex, row, sql};

row! {
    /// A file of clients on its way in.
    #[derive(Clone, Debug)]
    pub struct ImportRow {
        /// Its id.
        pub id: ImportId = "i.id",
        /// The group.
        pub group: GroupId = "i.group_id",
        /// The file's name.
        pub name: String = "i.name",
        /// How far it is.
        pub state: State = "i.state",
        /// How many lines it has, besides the headings.
        pub lines: i64 = "i.lines",
        /// How it was read, in JSON.
        pub(super) about: String = "i.format",
        /// Who chose it.
        pub made_by: UserId = "i.created_by",
        /// Their name.
        pub maker: String = "u.name",
        /// When.
        pub created_at: Time = "i.created_at",
        /// When it was done or thrown away.
        pub settled_at: Option<Time> = "i.settled_at",
    }
}

/// An import of the group.
pub(super) async fn find(tx: &Tx, scope: &GroupScope, id: ImportId) -> Result<ImportRow> {
    tx.one(
        sql!(
            "SELECT {} FROM client_imports i JOIN users u ON u.id = i.created_by
             WHERE i.account_id = $1 AND i.group_id = $2 AND i.id = $3",
            ImportRow
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

/// The group's imports, newest first.
pub(super) async fn recent(tx: &Tx, scope: &GroupScope, limit: i64) -> Result<Vec<ImportRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM client_imports i JOIN users u ON u.id = i.created_by
             WHERE i.account_id = $1 AND i.group_id = $2 AND i.state <> 'discarded'
             ORDER BY i.id DESC LIMIT $3",
            ImportRow
        ),
        &[&scope.account(), &scope.group(), &limit],
    )
    .await
}

pub(super) async fn insert(
    tx: &Tx,
    scope: &GroupScope,
    id: ImportId,
    name: &str,
    lines: i64,
    about: &str,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO client_imports (account_id, group_id, id, name, state, lines, format, created_by, created_at)
             VALUES ($1, $2, $3, $4, 'reading', $5, $6, $7, $8)"
        ),
        &[&scope.account(), &scope.group(), &id, &name, &lines, &about, &scope.user(), &tx.now()],
    )
    .await?;
    Ok(())
}

pub(super) async fn set_state(tx: &Tx, scope: &GroupScope, id: ImportId, state: State) -> Result<()> {
    let settled = matches!(state, State::Done | State::Discarded).then(|| tx.now());
    tx.exec(
        sql!(
            "UPDATE client_imports SET state = $4, settled_at = COALESCE(settled_at, CAST($5 AS BIGINT))
             WHERE account_id = $1 AND group_id = $2 AND id = $3"
        ),
        &[&scope.account(), &scope.group(), &id, &state, &settled],
    )
    .await?;
    Ok(())
}

/// A line to be kept.
pub struct NewLine {
    pub(super) number: i64,
    /// In JSON: its cells, and the client that it would be.
    pub(super) content: String,
    pub(super) outcome: Outcome,
    pub(super) detail: String,
    pub(super) client: Option<ClientId>,
}

/// Keeps lines. Those that are kept already stay as they are.
pub(super) async fn insert_lines(tx: &Tx, scope: &GroupScope, id: ImportId, lines: &[NewLine]) -> Result<()> {
    let rows = lines.iter().map(|line| {
        json!({ "n": line.number, "content": line.content, "outcome": line.outcome, "detail": line.detail,
                "client": line.client.map(hex) })
    });
    let rows = Value::Array(rows.collect()).to_string();
    tx.exec(
        sql!(
            sqlite: "INSERT INTO client_import_lines (account_id, group_id, import_id, number, content, outcome, detail,
                         client_id)
                     SELECT $1, $2, $3, r.value ->> 'n', r.value ->> 'content', r.value ->> 'outcome',
                         r.value ->> 'detail', unhex(r.value ->> 'client')
                     FROM json_each($4) r WHERE true ON CONFLICT DO NOTHING",
            postgres: "INSERT INTO client_import_lines (account_id, group_id, import_id, number, content, outcome,
                           detail, client_id)
                       SELECT CAST($1 AS UUID), CAST($2 AS UUID), CAST($3 AS UUID), r.n, r.content, r.outcome,
                           r.detail, r.client
                       FROM jsonb_to_recordset(CAST(CAST($4 AS TEXT) AS JSONB)) AS r(n BIGINT, content TEXT,
                           outcome TEXT, detail TEXT, client UUID) ON CONFLICT DO NOTHING",
        ),
        &[&scope.account(), &scope.group(), &id, &rows],
    )
    .await?;
    Ok(())
}

/// How many lines have which outcome.
pub(super) async fn counts(tx: &Tx, scope: &GroupScope, id: ImportId) -> Result<Vec<(Outcome, i64)>> {
    tx.all(
        sql!(
            "SELECT outcome, count(*) FROM client_import_lines
             WHERE account_id = $1 AND group_id = $2 AND import_id = $3 GROUP BY outcome"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

row! {
    /// A line of a file.
    #[derive(Clone, Debug)]
    pub struct LineRow {
        /// Its number in the file, from 1.
        pub number: i64,
        pub(super) content: String,
        /// What becomes of it.
        pub outcome: Outcome,
        /// Why.
        pub detail: String,
        /// The client that it became, or that it is a duplicate of.
        pub client: Option<ClientId> = "client_id",
    }
}

/// The lines after this one; of one outcome, or all.
pub(super) async fn lines(
    tx: &Tx,
    scope: &ImportScope,
    outcome: Option<Outcome>,
    after: i64,
    limit: i64,
) -> Result<Vec<LineRow>> {
    let (account, group, import) = (scope.account(), scope.group(), scope.object());
    match outcome {
        Some(outcome) => {
            tx.all(
                sql!(
                    sqlite: "SELECT {} FROM client_import_lines INDEXED BY client_import_lines_by_outcome
                             WHERE account_id = $1 AND group_id = $2 AND import_id = $3 AND outcome = $4
                               AND number > $5
                             ORDER BY number LIMIT $6",
                    postgres: "SELECT {} FROM client_import_lines
                               WHERE account_id = $1 AND group_id = $2 AND import_id = $3 AND outcome = $4
                                 AND number > $5
                               ORDER BY number LIMIT $6",
                    LineRow,
                ),
                &[&account, &group, &import, &outcome, &after, &limit],
            )
            .await
        }
        None => {
            tx.all(
                sql!(
                    "SELECT {} FROM client_import_lines
                     WHERE account_id = $1 AND group_id = $2 AND import_id = $3 AND number > $4
                     ORDER BY number LIMIT $5",
                    LineRow
                ),
                &[&account, &group, &import, &after, &limit],
            )
            .await
        }
    }
}

/// The lines after this one that did not become clients.
pub(super) async fn left_over(tx: &Tx, scope: &ImportScope, after: i64, limit: i64) -> Result<Vec<LineRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM client_import_lines
             WHERE account_id = $1 AND group_id = $2 AND import_id = $3 AND number > $4 AND outcome <> 'added'
             ORDER BY number LIMIT $5",
            LineRow
        ),
        &[&scope.account(), &scope.group(), &scope.object(), &after, &limit],
    )
    .await
}

/// What became of a line at the run.
pub(super) struct Settled {
    pub(super) number: i64,
    pub(super) outcome: Outcome,
    pub(super) detail: String,
    pub(super) client: ClientId,
}

/// Writes what became of lines, which are all there: an insert that meets them goes from line to line by their
/// keys, where an update would look through the whole import for each.
pub(super) async fn settle(tx: &Tx, scope: &ImportScope, lines: &[Settled]) -> Result<()> {
    let rows = lines.iter().map(|line| {
        json!({ "n": line.number, "outcome": line.outcome, "detail": line.detail, "client": hex(line.client) })
    });
    let rows = Value::Array(rows.collect()).to_string();
    tx.exec(
        sql!(
            sqlite: "INSERT INTO client_import_lines (account_id, group_id, import_id, number, content, outcome, detail,
                         client_id)
                     SELECT $1, $2, $3, r.value ->> 'n', '', r.value ->> 'outcome', r.value ->> 'detail',
                         unhex(r.value ->> 'client')
                     FROM json_each($4) r WHERE true
                     ON CONFLICT (account_id, group_id, import_id, number)
                     DO UPDATE SET outcome = excluded.outcome, detail = excluded.detail,
                         client_id = excluded.client_id",
            postgres: "INSERT INTO client_import_lines (account_id, group_id, import_id, number, content, outcome,
                           detail, client_id)
                       SELECT CAST($1 AS UUID), CAST($2 AS UUID), CAST($3 AS UUID), r.n, '', r.outcome, r.detail,
                           r.client
                       FROM jsonb_to_recordset(CAST(CAST($4 AS TEXT) AS JSONB)) AS r(n BIGINT, outcome TEXT,
                           detail TEXT, client UUID)
                       ON CONFLICT (account_id, group_id, import_id, number)
                       DO UPDATE SET outcome = excluded.outcome, detail = excluded.detail,
                           client_id = excluded.client_id",
        ),
        &[&scope.account(), &scope.group(), &scope.object(), &rows],
    )
    .await?;
    Ok(())
}

/// Forgets what stands in the lines.
pub(super) async fn forget_lines(tx: &Tx, scope: &ImportScope) -> Result<()> {
    tx.exec(
        sql!("DELETE FROM client_import_lines WHERE account_id = $1 AND group_id = $2 AND import_id = $3"),
        &[&scope.account(), &scope.group(), &scope.object()],
    )
    .await?;
    Ok(())
}

row! {
    /// A client that a line would double.
    pub(super) struct Match {
        pub(super) number: i64,
        pub(super) client: ClientId,
        pub(super) name: String,
        /// `email`, `reference` or `name`.
        pub(super) why: String,
    }
}

/// The clients of the group, archived ones aside, that lines would double: by address for mail, file number, or
/// name and date of birth. SQLite, left to itself, looks through the whole group for each line.
pub(super) async fn matches(
    tx: &Tx,
    scope: &GroupScope,
    lines: impl Iterator<Item = (i64, &Draft)>,
) -> Result<Vec<Match>> {
    let rows = lines.map(|(number, draft)| {
        json!({ "n": number, "email_key": text::fold(&draft.email), "reference": draft.reference,
                "name_key": text::fold(&draft.name), "birth_date": draft.birth_date.as_deref().unwrap_or_default() })
    });
    let rows = Value::Array(rows.collect()).to_string();
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM (
                     SELECT r.value ->> 'n' AS number, c.id AS client, c.name, 'email' AS why
                     FROM json_each($3) r CROSS JOIN clients c INDEXED BY clients_by_email
                     WHERE c.account_id = $1 AND c.group_id = $2 AND c.email_key = r.value ->> 'email_key'
                       AND c.email_key <> '' AND c.archived_at IS NULL
                     UNION ALL
                     SELECT r.value ->> 'n', c.id, c.name, 'reference' FROM json_each($3) r CROSS JOIN clients c INDEXED BY clients_by_reference
                     WHERE c.account_id = $1 AND c.group_id = $2 AND c.reference = r.value ->> 'reference'
                       AND c.reference <> '' AND c.archived_at IS NULL
                     UNION ALL
                     SELECT r.value ->> 'n', c.id, c.name, 'name' FROM json_each($3) r CROSS JOIN clients c INDEXED BY clients_by_name
                     WHERE c.account_id = $1 AND c.group_id = $2 AND c.name_key = r.value ->> 'name_key'
                       AND c.birth_date = r.value ->> 'birth_date' AND c.archived_at IS NULL) found",
            postgres: "WITH r AS MATERIALIZED (SELECT x.n, x.email_key, x.reference, x.name_key, x.birth_date
                           FROM jsonb_to_recordset(CAST(CAST($3 AS TEXT) AS JSONB)) AS x(n BIGINT,
                               email_key TEXT COLLATE \"C\", reference TEXT, name_key TEXT COLLATE \"C\",
                               birth_date TEXT))
                       SELECT {} FROM (
                       SELECT r.n AS number, c.id AS client, c.name, 'email' AS why
                       FROM r JOIN clients c ON c.email_key = r.email_key
                       WHERE c.account_id = $1 AND c.group_id = $2 AND c.email_key <> '' AND c.archived_at IS NULL
                       UNION ALL
                       SELECT r.n, c.id, c.name, 'reference' FROM r JOIN clients c ON c.reference = r.reference
                       WHERE c.account_id = $1 AND c.group_id = $2 AND c.reference <> '' AND c.archived_at IS NULL
                       UNION ALL
                       SELECT r.n, c.id, c.name, 'name' FROM r
                       JOIN clients c ON c.name_key = r.name_key AND c.birth_date = r.birth_date
                       WHERE c.account_id = $1 AND c.group_id = $2 AND c.archived_at IS NULL) found",
            Match,
        ),
        &[&scope.account(), &scope.group(), &rows],
    )
    .await
}
