//! Bringing the schema up to date. A migration never changes once it is released: its hash is kept
//! beside its number, and a database that a newer version of Covey made is refused, not guessed at.

use data_encoding::HEXLOWER;
use deadpool_postgres::Object;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::statements;
use kernel::{
    clock::Clock,
    error::{Error, Result},
};

/// One step of the schema, for both engines.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// Every step, in order.
const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "baseline",
    sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/sqlite/0001_baseline.sql")),
    postgres: include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../migrations/postgres/0001_baseline.sql"
    )),
}];

const CREATE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations \
    (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)";
const APPLIED: &str = "SELECT version, digest FROM schema_migrations ORDER BY version";

fn digest(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text))
}

/// The steps that are still to do, once those done are found to be ours.
fn missing(
    applied: &[(i64, String)],
    text: impl Fn(&Migration) -> &'static str,
) -> Result<Vec<&'static Migration>> {
    for (version, found) in applied {
        match MIGRATIONS.iter().find(|migration| migration.version == *version) {
            None => {
                return Err(Error::conflict(
                    "newer_schema",
                    format!("This database was made by a newer version of Covey (its schema is {version})."),
                ));
            }
            Some(ours) if digest(text(ours)) != *found => {
                return Err(Error::conflict(
                    "other_schema",
                    format!(
                        "Step {version} of this database's schema is not the one in this version of Covey."
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    let done = |migration: &&Migration| applied.iter().any(|(version, _)| *version == migration.version);
    Ok(MIGRATIONS.iter().filter(|migration| !done(migration)).collect())
}

pub(super) fn sqlite(conn: &mut Connection, clock: &Clock) -> Result<()> {
    let tx = conn
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(statements::sqlite::failed)?;
    tx.execute_batch(CREATE).map_err(statements::sqlite::failed)?;
    let applied = {
        let mut statement = tx.prepare(APPLIED).map_err(statements::sqlite::failed)?;
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(statements::sqlite::failed)?;
        rows.collect::<Result<Vec<_>, _>>().map_err(statements::sqlite::failed)?
    };
    for migration in missing(&applied, |migration| migration.sqlite)? {
        tx.execute_batch(migration.sqlite).map_err(statements::sqlite::failed)?;
        tx.execute(
            "INSERT INTO schema_migrations VALUES (?1, ?2, ?3, ?4)",
            (migration.version, migration.name, digest(migration.sqlite), clock.now().micros()),
        )
        .map_err(statements::sqlite::failed)?;
    }
    tx.commit().map_err(statements::sqlite::failed)
}

pub(super) async fn postgres(client: &mut Object, clock: &Clock) -> Result<()> {
    let failed = statements::postgres::failed;
    let tx = client.transaction().await.map_err(failed)?;
    // Several processes may start at once: one migrates, the others wait here.
    tx.batch_execute("SELECT pg_advisory_xact_lock(7236823961)").await.map_err(failed)?;
    tx.batch_execute(CREATE).await.map_err(failed)?;
    let rows = tx.query(APPLIED, &[]).await.map_err(failed)?;
    let applied = rows.iter().map(|row| (row.get(0), row.get(1))).collect::<Vec<_>>();
    for migration in missing(&applied, |migration| migration.postgres)? {
        tx.batch_execute(migration.postgres).await.map_err(failed)?;
        tx.execute(
            "INSERT INTO schema_migrations VALUES ($1, $2, $3, $4)",
            &[&migration.version, &migration.name, &digest(migration.postgres), &clock.now().micros()],
        )
        .await
        .map_err(failed)?;
    }
    tx.commit().await.map_err(failed)
}
