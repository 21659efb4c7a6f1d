//! What a database holds, told by its own catalog: a table that is made tomorrow is in it without being named here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{LazyLock, Mutex};

use kernel::error::Result;
use sha2::{Digest as _, Sha256};
use storage::{Db, One, Sql, Tx, sql};

use super::Server;

/// The rows of a table `t` that may change while a request is refused, and why that is no harm.
const BESIDE_THE_POINT: [(&str, &str, &str); 6] = [
    ("ceremonies", "true", "a question to a passkey is asked again, with the page that says what was wrong"),
    ("throttles", "true", "an attempt counts, all the more when it is refused"),
    ("wrong_passwords", "true", "a wrong password counts"),
    ("audit_heads", "true", "each refusal lengthens the chain; the events that it heads are looked at"),
    ("audit_events", "t.action = 'access.refused'", "that it was refused is noted, after the answer"),
    (
        "audit_personal",
        "EXISTS (SELECT 1 FROM audit_events e WHERE e.account_id = t.account_id AND e.seq = t.seq \
         AND e.action = 'access.refused')",
        "who was refused",
    ),
];

/// A hash of the rows of each table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fingerprint(BTreeMap<String, [u8; 32]>);

impl Fingerprint {
    /// The tables that differ.
    pub fn differs<'a>(&'a self, other: &'a Self) -> Vec<&'a str> {
        let tables = self.0.keys().chain(other.0.keys()).collect::<BTreeSet<_>>();
        tables
            .into_iter()
            .filter(|table| self.0.get(*table) != other.0.get(*table))
            .map(String::as_str)
            .collect()
    }

    pub fn tables(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

/// Every column of every row of every table.
pub async fn fingerprint(server: &Server) -> Fingerprint {
    fingerprint_but(server, &BESIDE_THE_POINT).await
}

/// The same, without the rows of these tables that meet these conditions.
pub async fn fingerprint_but(server: &Server, but: &[(&str, &str, &str)]) -> Fingerprint {
    let catalog = catalog(server.db()).await;
    for (table, _, _) in but {
        assert!(catalog.contains_key(*table), "there is no table {table} any more: no exception for it");
    }
    let postgres = server.db().engine() == "postgres";
    let statements = catalog.iter().map(|(table, columns)| {
        let but = but.iter().find(|(name, _, _)| name == table).map(|(_, rows, _)| *rows);
        (table.clone(), every_row(table, columns, but, postgres))
    });
    let statements = statements.collect::<Vec<_>>();
    let read = server.db().read(async |tx| {
        let mut tables = BTreeMap::new();
        for (table, statement) in &statements {
            tables.insert(table.clone(), hash(tx, *statement).await?);
        }
        Ok(tables)
    });
    Fingerprint(read.await.unwrap())
}

async fn hash(tx: &Tx, statement: Sql) -> Result<[u8; 32]> {
    let mut hash = Sha256::new();
    for One(row) in tx.all::<One<String>>(statement, &[]).await? {
        hash.update(row.len().to_be_bytes());
        hash.update(row);
    }
    Ok(hash.finalize().into())
}

/// The tables with their columns, as the engine itself knows them. The embedded engine's search index is made by
/// triggers from a table that is among them.
async fn catalog(db: &Db) -> BTreeMap<String, Vec<String>> {
    let columns = sql!(
        sqlite: "SELECT m.name, c.name FROM pragma_table_list m JOIN pragma_table_info(m.name) c
                 WHERE m.schema = 'main' AND m.type = 'table' AND m.name NOT LIKE 'sqlite|_%' ESCAPE '|'
                 ORDER BY m.name, c.cid",
        postgres: "SELECT CAST(c.table_name AS TEXT), CAST(c.column_name AS TEXT) FROM information_schema.columns c
                   JOIN information_schema.tables t USING (table_schema, table_name)
                   WHERE table_schema = current_schema() AND t.table_type = 'BASE TABLE'
                   ORDER BY 1, c.ordinal_position",
    );
    let mut tables = BTreeMap::<String, Vec<String>>::new();
    for (table, column) in db.read(async |tx| tx.all::<(String, String)>(columns, &[]).await).await.unwrap() {
        tables.entry(table).or_default().push(column);
    }
    tables
}

/// Each row as one text, in an order that depends on the rows alone.
fn every_row(table: &str, columns: &[String], but: Option<&str>, postgres: bool) -> Sql {
    let but = but.map_or(String::new(), |rows| format!(" WHERE NOT ({rows})"));
    let quoted = columns.iter().map(|column| {
        if postgres {
            format!("COALESCE(quote_literal(t.\"{column}\"), 'NULL')")
        } else {
            format!("quote(t.\"{column}\")")
        }
    });
    let row = quoted.collect::<Vec<_>>().join(" || ',' || ");
    let text = kept(format!("SELECT {row} FROM \"{table}\" t{but} ORDER BY 1"));
    Sql::new(text, text)
}

/// Statements live as long as the program; each of these is kept once.
fn kept(text: String) -> &'static str {
    static KEPT: LazyLock<Mutex<HashMap<String, &'static str>>> = LazyLock::new(Mutex::default);
    let mut kept = KEPT.lock().unwrap();
    kept.entry(text).or_insert_with_key(|text| text.clone().leak())
}
