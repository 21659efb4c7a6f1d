//! Running statements on either engine, and turning the drivers' errors into ours.

use crate::{Failure, Param, Row, Sql, Value};
use kernel::error::{Error, Result};

/// On the embedded engine.
pub(super) mod sqlite {
    use rusqlite::Connection;

    use super::{Error, Failure, Param, Result, Row, Sql};

    pub(crate) fn each(
        conn: &Connection,
        sql: Sql,
        params: &[&dyn Param],
        limit: usize,
        take: &mut dyn FnMut(Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut statement = conn.prepare_cached(sql.sqlite).map_err(failed)?;
        bind(&mut statement, params)?;
        let mut cursor = statement.raw_query();
        let mut left = limit;
        while left > 0
            && let Some(row) = cursor.next().map_err(failed)?
        {
            take(Row::Sqlite(row))?;
            left -= 1;
        }
        Ok(())
    }

    pub(crate) fn exec(conn: &Connection, sql: Sql, params: &[&dyn Param]) -> Result<u64> {
        let mut statement = conn.prepare_cached(sql.sqlite).map_err(failed)?;
        bind(&mut statement, params)?;
        statement.raw_execute().map(|changed| changed as u64).map_err(failed)
    }

    /// Binds by position, which `sql!` made the numbers mean.
    fn bind(statement: &mut rusqlite::CachedStatement<'_>, params: &[&dyn Param]) -> Result<()> {
        if statement.parameter_count() != params.len() {
            return Err(Error::internal("a statement was given another number of parameters than it has"));
        }
        for (i, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(i + 1, param.value()).map_err(failed)?;
        }
        Ok(())
    }

    /// Turns the driver's error into ours.
    pub(crate) fn failed(error: rusqlite::Error) -> Error {
        use rusqlite::{ErrorCode, ffi};
        let (code, text) = match &error {
            rusqlite::Error::SqliteFailure(code, text) => (*code, text.clone().unwrap_or_default()),
            _ => return Error::internal(Failure::Other(error.into())),
        };
        match (code.code, code.extended_code) {
            (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
                Error::conflict("taken", "This already exists.").because(Failure::Unique(text))
            }
            (ErrorCode::DiskFull, _) => Error::unavailable(
                "The server's disk is full. Nothing was changed. Contact the server's operator.",
                Failure::Other(error.into()),
            ),
            (ErrorCode::SystemIoFailure | ErrorCode::CannotOpen, _) => Error::unavailable(
                "The server can't use its disk. Nothing was changed. Contact the server's operator.",
                Failure::Other(error.into()),
            ),
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Error::unavailable(
                "Another program has locked the database. Nothing was changed. Please try again.",
                Failure::Other(error.into()),
            ),
            _ => Error::internal(Failure::Other(error.into())),
        }
    }
}

/// On the shared engine.
pub(super) mod postgres {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Waker},
    };

    use deadpool_postgres::Object;
    use tokio_postgres::{error::SqlState, types::ToSql};

    use super::{Error, Failure, Param, Result, Sql, Value};

    fn values<'a>(params: &'a [&'a dyn Param]) -> Vec<Value<'a>> {
        params.iter().map(|param| param.value()).collect()
    }

    fn sent<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
        values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
    }

    pub(crate) async fn rows(
        client: &Object,
        sql: Sql,
        params: &[&dyn Param],
    ) -> Result<Vec<tokio_postgres::Row>> {
        let statement = client.prepare_cached(sql.postgres).await.map_err(failed)?;
        client.query(&statement, &sent(&values(params))).await.map_err(failed)
    }

    pub(crate) async fn exec(client: &Object, sql: Sql, params: &[&dyn Param]) -> Result<u64> {
        let statement = client.prepare_cached(sql.postgres).await.map_err(failed)?;
        client.execute(&statement, &sent(&values(params))).await.map_err(failed)
    }

    /// Sends a statement and doesn't wait for its answer. What is sent after it is carried out after it, and fails if
    /// it failed: inside a transaction alone.
    pub(crate) fn send(client: &Object, statement: &str) {
        let sending = pin!(client.batch_execute(statement));
        // The first poll hands it to the connection.
        let _ = sending.poll(&mut Context::from_waker(Waker::noop()));
    }

    pub(crate) fn unreachable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::unavailable("The server can't reach its database. Try again in a moment.", error)
    }

    /// Turns the driver's error into ours.
    pub(crate) fn failed(error: tokio_postgres::Error) -> Error {
        let text = error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
        match error.code() {
            None => unreachable(error),
            Some(&SqlState::UNIQUE_VIOLATION) => {
                Error::conflict("taken", "This already exists.").because(Failure::Unique(text))
            }
            Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
                crate::busy(Failure::Retry)
            }
            Some(code) if *code == SqlState::DISK_FULL => Error::unavailable(
                "The database server's disk is full. Nothing was changed. Contact the server's operator.",
                Failure::Other(error.into()),
            ),
            Some(_) => Error::internal(Failure::Other(error.into())),
        }
    }
}
