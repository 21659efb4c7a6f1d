//! The statements of imports and their lines.

use serde_json::{Value, json};

use crate::clients::{
    Draft,
    import::{Outcome, Plan, State},
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
        /// Newer ones have greater ids.
        pub id: ImportId = "i.id",
        /// Part of its key in the database.
        pub group: GroupId = "i.group_id",
        /// The file's name.
        pub name: String = "i.name",
        /// How far it is.
        pub state: State = "i.state",
        /// How many lines it has, not counting the headings.
        pub lines: i64 = "i.lines",
        /// How it was read, in JSON.
        pub(super) about: String = "i.format",
        /// Who chose it.
        pub made_by: UserId = "i.created_by",
        /// The person's current name.
        pub maker: String = "u.name",
        /// By the server's clock.
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

/// Whether lines that are there already stay, or are written anew.
macro_rules! write_lines {
    ($sqlite:literal, $postgres:literal) => {
        sql!(
            sqlite: concat!("INSERT INTO client_import_lines (account_id, group_id, import_id, number, content, outcome,
                         plan, detail, client_id, earlier_line, animals, noticed)
                     SELECT $1, $2, $3, r.value ->> 'n', r.value ->> 'content', r.value ->> 'outcome',
                         r.value ->> 'plan', r.value ->> 'detail', unhex(r.value ->> 'client'),
                         r.value ->> 'earlier', r.value ->> 'animals', r.value ->> 'noticed'
                     FROM json_each($4) r WHERE true ON CONFLICT ", $sqlite),
            postgres: concat!("INSERT INTO client_import_lines (account_id, group_id, import_id, number, content, outcome,
                           plan, detail, client_id, earlier_line, animals, noticed)
                       SELECT CAST($1 AS UUID), CAST($2 AS UUID), CAST($3 AS UUID), r.n, r.content, r.outcome,
                           r.plan, r.detail, r.client, r.earlier, r.animals, r.noticed
                       FROM jsonb_to_recordset(CAST(CAST($4 AS TEXT) AS JSONB)) AS r(n BIGINT, content TEXT,
                           outcome TEXT, plan TEXT, detail TEXT, client UUID, earlier BIGINT, animals BIGINT,
                           noticed BOOLEAN) ON CONFLICT ", $postgres),
        )
    };
}

/// A line to be kept.
pub struct NewLine {
    pub(super) number: i64,
    /// In JSON: its cells, and what they would become.
    pub(super) content: String,
    pub(super) outcome: Outcome,
    pub(super) plan: Plan,
    pub(super) detail: String,
    pub(super) client: Option<ClientId>,
    pub(super) earlier: Option<i64>,
    pub(super) animals: i64,
    pub(super) noticed: bool,
}

impl NewLine {
    fn json(&self) -> Value {
        json!({ "n": self.number, "content": self.content, "outcome": self.outcome, "plan": self.plan,
                "detail": self.detail, "client": self.client.map(hex), "earlier": self.earlier,
                "animals": self.animals, "noticed": self.noticed })
    }
}

/// Keeps lines. Those that are kept already stay as they are.
pub(super) async fn insert_lines(tx: &Tx, scope: &GroupScope, id: ImportId, lines: &[NewLine]) -> Result<()> {
    let rows = Value::Array(lines.iter().map(NewLine::json).collect()).to_string();
    let statement = write_lines!("DO NOTHING", "DO NOTHING");
    tx.exec(statement, &[&scope.account(), &scope.group(), &id, &rows]).await?;
    Ok(())
}

/// Writes lines anew that are kept already.
pub(super) async fn replace_lines(tx: &Tx, scope: &ImportScope, lines: &[NewLine]) -> Result<()> {
    let rows = Value::Array(lines.iter().map(NewLine::json).collect()).to_string();
    let statement = write_lines!(
        "(account_id, group_id, import_id, number) DO UPDATE SET content = excluded.content,
             outcome = excluded.outcome, plan = excluded.plan, detail = excluded.detail,
             client_id = excluded.client_id, earlier_line = excluded.earlier_line, animals = excluded.animals,
             noticed = excluded.noticed",
        "(account_id, group_id, import_id, number) DO UPDATE SET content = excluded.content,
             outcome = excluded.outcome, plan = excluded.plan, detail = excluded.detail,
             client_id = excluded.client_id, earlier_line = excluded.earlier_line, animals = excluded.animals,
             noticed = excluded.noticed"
    );
    tx.exec(statement, &[&scope.account(), &scope.group(), &scope.object(), &rows]).await?;
    Ok(())
}

/// Writes down how the file was read.
pub(super) async fn describe(tx: &Tx, scope: &GroupScope, id: ImportId, about: &str) -> Result<()> {
    tx.exec(
        sql!("UPDATE client_imports SET format = $4 WHERE account_id = $1 AND group_id = $2 AND id = $3"),
        &[&scope.account(), &scope.group(), &id, &about],
    )
    .await?;
    Ok(())
}

/// What became of the columns of the account's last file with these headings, in JSON.
pub(super) async fn mapping(tx: &Tx, scope: &GroupScope, headings: &str) -> Result<Option<String>> {
    tx.value(
        sql!("SELECT MAX(mapping) FROM client_import_mappings WHERE account_id = $1 AND headings = $2"),
        &[&scope.account(), &headings],
    )
    .await
}

/// Remembers what became of a file's columns.
pub(super) async fn remember(tx: &Tx, scope: &GroupScope, headings: &str, mapping: &str) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO client_import_mappings (account_id, headings, mapping, updated_by, updated_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_id, headings)
             DO UPDATE SET mapping = excluded.mapping, updated_by = excluded.updated_by,
                 updated_at = excluded.updated_at"
        ),
        &[&scope.account(), &headings, &mapping, &scope.user(), &tx.now()],
    )
    .await?;
    Ok(())
}

/// How many lines are kept.
pub(super) async fn line_count(tx: &Tx, scope: &ImportScope) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT count(*) FROM client_import_lines WHERE account_id = $1 AND group_id = $2 AND import_id = $3"
        ),
        &[&scope.account(), &scope.group(), &scope.object()],
    )
    .await
}

row! {
    /// How many lines are alike in what they are and what is done with them.
    #[derive(Clone, Debug)]
    pub struct Count {
        /// What they are.
        pub outcome: Outcome,
        /// What the run does with them.
        pub plan: Plan,
        /// How many.
        pub lines: i64 = "count(*)",
        /// How many animals they bring.
        pub animals: i64 = "CAST(COALESCE(SUM(animals), 0) AS BIGINT)",
        /// In how many of them a cell was left out.
        pub noticed: i64 = "CAST(COALESCE(SUM(CASE WHEN noticed THEN 1 ELSE 0 END), 0) AS BIGINT)",
    }
}

/// How many lines have which outcome and plan.
pub(super) async fn counts(tx: &Tx, scope: &GroupScope, id: ImportId) -> Result<Vec<Count>> {
    tx.all(
        sql!(
            "SELECT {} FROM client_import_lines
             WHERE account_id = $1 AND group_id = $2 AND import_id = $3 GROUP BY outcome, plan",
            Count
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
        /// What it is, or became.
        pub outcome: Outcome,
        /// What the run does with it.
        pub plan: Plan,
        /// The reason, as a sentence.
        pub detail: String,
        /// The client that it became, or that it is.
        pub client: Option<ClientId> = "client_id",
        /// The line further up that is the same person, or may be.
        pub earlier: Option<i64> = "earlier_line",
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

/// The lines after this one in which a cell was left out.
pub(super) async fn noticed(tx: &Tx, scope: &ImportScope, after: i64, limit: i64) -> Result<Vec<LineRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM client_import_lines
             WHERE account_id = $1 AND group_id = $2 AND import_id = $3 AND number > $4 AND noticed
             ORDER BY number LIMIT $5",
            LineRow
        ),
        &[&scope.account(), &scope.group(), &scope.object(), &after, &limit],
    )
    .await
}

/// The first lines that the run has something to do with.
pub(super) async fn planned(tx: &Tx, scope: &ImportScope, limit: i64) -> Result<Vec<LineRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM client_import_lines
             WHERE account_id = $1 AND group_id = $2 AND import_id = $3 AND plan IN ('add', 'merge')
             ORDER BY number LIMIT $4",
            LineRow
        ),
        &[&scope.account(), &scope.group(), &scope.object(), &limit],
    )
    .await
}

/// The clients that these lines became, or were merged into.
pub(super) async fn clients_of(tx: &Tx, scope: &ImportScope, lines: &[i64]) -> Result<Vec<(i64, ClientId)>> {
    let numbers = json!(lines).to_string();
    tx.all(
        sql!(
            sqlite: "SELECT l.number, l.client_id FROM json_each($4) r CROSS JOIN client_import_lines l
                     WHERE l.account_id = $1 AND l.group_id = $2 AND l.import_id = $3 AND l.number = r.value
                       AND l.plan = 'done' AND l.client_id IS NOT NULL",
            postgres: "SELECT l.number, l.client_id
                       FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS JSONB)) AS r(value)
                       JOIN client_import_lines l ON l.number = CAST(r.value AS BIGINT)
                       WHERE l.account_id = $1 AND l.group_id = $2 AND l.import_id = $3
                         AND l.plan = 'done' AND l.client_id IS NOT NULL",
        ),
        &[&scope.account(), &scope.group(), &scope.object(), &numbers],
    )
    .await
}

/// Decides what the run does with lines that are someone already, for certain or likely: with one, or with all of
/// an outcome. Says how many there were.
pub(super) async fn decide(
    tx: &Tx,
    scope: &ImportScope,
    plan: Plan,
    outcome: Option<Outcome>,
    line: Option<i64>,
) -> Result<u64> {
    tx.exec(
        sql!(
            "UPDATE client_import_lines SET plan = $4
             WHERE account_id = $1 AND group_id = $2 AND import_id = $3
               AND outcome IN ('likely', 'duplicate') AND plan <> 'done'
               AND (CAST($5 AS TEXT) IS NULL OR outcome = $5) AND (CAST($6 AS BIGINT) IS NULL OR number = $6)"
        ),
        &[&scope.account(), &scope.group(), &scope.object(), &plan, &outcome, &line],
    )
    .await
}

/// The lines after this one that became no client and were merged into none.
pub(super) async fn left_over(tx: &Tx, scope: &ImportScope, after: i64, limit: i64) -> Result<Vec<LineRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM client_import_lines
             WHERE account_id = $1 AND group_id = $2 AND import_id = $3 AND number > $4
               AND outcome NOT IN ('added', 'merged')
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
    pub(super) plan: Plan,
    pub(super) detail: String,
    pub(super) client: Option<ClientId>,
}

/// Writes what became of lines, which are all there: an insert that meets them goes from line to line by their
/// keys, where an update would look through the whole import for each.
pub(super) async fn settle(tx: &Tx, scope: &ImportScope, lines: &[Settled]) -> Result<()> {
    let rows = lines.iter().map(|line| {
        json!({ "n": line.number, "content": "", "outcome": line.outcome, "plan": line.plan, "detail": line.detail,
                "client": line.client.map(hex), "animals": 0, "noticed": false })
    });
    let rows = Value::Array(rows.collect()).to_string();
    let statement = write_lines!(
        "(account_id, group_id, import_id, number) DO UPDATE SET outcome = excluded.outcome, plan = excluded.plan,
             detail = excluded.detail, client_id = excluded.client_id",
        "(account_id, group_id, import_id, number) DO UPDATE SET outcome = excluded.outcome, plan = excluded.plan,
             detail = excluded.detail, client_id = excluded.client_id"
    );
    tx.exec(statement, &[&scope.account(), &scope.group(), &scope.object(), &rows]).await?;
    Ok(())
}

/// Forgets the content of the lines.
pub(super) async fn forget_lines(tx: &Tx, scope: &ImportScope) -> Result<()> {
    tx.exec(
        sql!("DELETE FROM client_import_lines WHERE account_id = $1 AND group_id = $2 AND import_id = $3"),
        &[&scope.account(), &scope.group(), &scope.object()],
    )
    .await?;
    Ok(())
}

row! {
    /// A client of the group that a line may be.
    pub(super) struct Candidate {
        pub(super) client: ClientId = "c.id",
        pub(super) name: String = "c.name",
        pub(super) email: String = "c.email",
        pub(super) reference: String = "c.reference",
        pub(super) phone: String = "c.phone",
        pub(super) birth_date: Option<String> = "c.birth_date",
    }
}

/// The clients of the group, archived ones aside, who share a name, an address for mail or a file number with any
/// of these; one may come several times. Keys are looked up, each once, so that a shared address costs no more than
/// its clients. SQLite, left to itself, looks through the whole group for each.
pub(super) async fn candidates(
    tx: &Tx,
    scope: &GroupScope,
    drafts: impl Iterator<Item = &Draft>,
) -> Result<Vec<Candidate>> {
    let mut keys = std::collections::BTreeSet::new();
    for draft in drafts {
        for (kind, key) in
            [("n", text::fold(&draft.name)), ("e", text::fold(&draft.email)), ("r", draft.reference.clone())]
        {
            if !key.is_empty() {
                keys.insert((kind, key));
            }
        }
    }
    let keys = keys.into_iter().map(|(kind, key)| json!({ "kind": kind, "key": key })).collect();
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM (
                     SELECT x.id FROM json_each($3) r CROSS JOIN clients x INDEXED BY clients_by_email
                     WHERE x.account_id = $1 AND x.group_id = $2 AND r.value ->> 'kind' = 'e'
                       AND x.email_key = r.value ->> 'key' AND x.email_key <> '' AND x.archived_at IS NULL
                     UNION
                     SELECT x.id FROM json_each($3) r CROSS JOIN clients x INDEXED BY clients_by_reference
                     WHERE x.account_id = $1 AND x.group_id = $2 AND r.value ->> 'kind' = 'r'
                       AND x.reference = r.value ->> 'key' AND x.reference <> '' AND x.archived_at IS NULL
                     UNION
                     SELECT x.id FROM json_each($3) r CROSS JOIN clients x INDEXED BY clients_by_name
                     WHERE x.account_id = $1 AND x.group_id = $2 AND r.value ->> 'kind' = 'n'
                       AND x.name_key = r.value ->> 'key' AND x.archived_at IS NULL) found
                     CROSS JOIN clients c WHERE c.account_id = $1 AND c.group_id = $2 AND c.id = found.id
                     ORDER BY c.id",
            postgres: "WITH r AS MATERIALIZED (SELECT x.kind, x.key
                           FROM jsonb_to_recordset(CAST(CAST($3 AS TEXT) AS JSONB)) AS x(kind TEXT,
                               key TEXT COLLATE \"C\"))
                       SELECT {} FROM (
                       SELECT x.id FROM r JOIN clients x ON x.email_key = r.key
                       WHERE x.account_id = $1 AND x.group_id = $2 AND r.kind = 'e' AND x.email_key <> ''
                         AND x.archived_at IS NULL
                       UNION
                       SELECT x.id FROM r JOIN clients x ON x.reference = CAST(r.key AS TEXT) COLLATE \"default\"
                       WHERE x.account_id = $1 AND x.group_id = $2 AND r.kind = 'r' AND x.reference <> ''
                         AND x.archived_at IS NULL
                       UNION
                       SELECT x.id FROM r JOIN clients x ON x.name_key = r.key
                       WHERE x.account_id = $1 AND x.group_id = $2 AND r.kind = 'n' AND x.archived_at IS NULL) found
                       JOIN clients c ON c.account_id = $1 AND c.group_id = $2 AND c.id = found.id
                       ORDER BY c.id",
            Candidate,
        ),
        &[&scope.account(), &scope.group(), &Value::Array(keys).to_string()],
    )
    .await
}
