//! What goes into a statement and comes out of a row, alike on both engines.

use std::error::Error as StdError;

use bytes::BytesMut;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use tokio_postgres::types::{FromSql as PgFromSql, IsNull, ToSql as PgToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::{
    clock::Time,
    error::{Error, Result},
    id::{Id, Named},
};

/// A value that both drivers can send.
pub trait Param: rusqlite::ToSql + PgToSql + Sync {}
impl<T: rusqlite::ToSql + PgToSql + Sync> Param for T {}

/// A value that both drivers can read.
pub trait Column: FromSql + for<'a> PgFromSql<'a> {}
impl<T: FromSql + for<'a> PgFromSql<'a>> Column for T {}

/// One row of an answer.
#[derive(Clone, Copy)]
pub enum Row<'a> {
    /// Out of SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// Out of PostgreSQL.
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The column at `index`, from 0.
    ///
    /// # Errors
    /// The column is not there or has another type: a mistake in the statement.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        match self {
            Self::Sqlite(row) => row.get(index).map_err(Error::internal),
            Self::Postgres(row) => row.try_get(index).map_err(Error::internal),
        }
    }
}

/// A type that is read from a whole row, its fields in the order of the columns.
pub trait FromRow: Sized {
    /// Reads the row.
    fn from_row(row: Row<'_>) -> Result<Self>;
}

/// A row of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct One<T>(pub T);

impl<T: Column> FromRow for One<T> {
    fn from_row(row: Row<'_>) -> Result<Self> {
        row.get(0).map(Self)
    }
}

macro_rules! tuples {
    ($($($name:ident $index:literal)+;)+) => {$(
        impl<$($name: Column),+> FromRow for ($($name,)+) {
            fn from_row(row: Row<'_>) -> Result<Self> {
                Ok(($(row.get::<$name>($index)?,)+))
            }
        }
    )+};
}
tuples! {
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}

/// Declares a struct whose fields are read from a row in their order.
#[macro_export]
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $type,)* }

        impl $crate::db::FromRow for $name {
            fn from_row(row: $crate::db::Row<'_>) -> $crate::error::Result<Self> {
                let mut next = 0..;
                $(let $field = row.get(next.next().unwrap_or_default())?;)*
                Ok(Self { $($field),* })
            }
        }
    };
}

/// Declares an enum that is a word in the database, in JSON and in forms.
#[macro_export]
macro_rules! word {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        $vis enum $name { $($(#[$variant_meta])* #[serde(rename = $text)] $variant,)* }

        #[allow(dead_code, unreachable_pub, reason = "what every word has, though not each is used")]
        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value of a word.
            pub fn read(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        $crate::db::word_value!($name);
    };
}

/// Stores a type that has `word` and `read` as TEXT.
#[doc(hidden)]
#[macro_export]
macro_rules! word_value {
    ($name:ty) => {
        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.word().into())
            }
        }
        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                Self::read(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
            }
        }
        impl tokio_postgres::types::ToSql for $name {
            fn to_sql(
                &self,
                ty: &tokio_postgres::types::Type,
                out: &mut bytes::BytesMut,
            ) -> std::result::Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>>
            {
                self.word().to_sql(ty, out)
            }
            fn accepts(ty: &tokio_postgres::types::Type) -> bool {
                <&str as tokio_postgres::types::ToSql>::accepts(ty)
            }
            tokio_postgres::types::to_sql_checked!();
        }
        impl<'a> tokio_postgres::types::FromSql<'a> for $name {
            fn from_sql(
                ty: &tokio_postgres::types::Type,
                raw: &'a [u8],
            ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                let word = <&str as tokio_postgres::types::FromSql>::from_sql(ty, raw)?;
                Self::read(word).ok_or_else(|| format!("unknown word {word}").into())
            }
            fn accepts(ty: &tokio_postgres::types::Type) -> bool {
                <&str as tokio_postgres::types::FromSql>::accepts(ty)
            }
        }
    };
}
pub use word_value;

impl<T> rusqlite::ToSql for Id<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_bytes().as_slice().into())
    }
}

impl<T> FromSql for Id<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = <[u8; 16]>::column_result(value)?;
        Ok(Self::from_uuid(Uuid::from_bytes(bytes)))
    }
}

impl<T: Named> PgToSql for Id<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.uuid().to_sql(ty, out)
    }
    fn accepts(ty: &Type) -> bool {
        <Uuid as PgToSql>::accepts(ty)
    }
    to_sql_checked!();
}

impl<'a, T> PgFromSql<'a> for Id<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Uuid::from_sql(ty, raw).map(Self::from_uuid)
    }
    fn accepts(ty: &Type) -> bool {
        <Uuid as PgFromSql>::accepts(ty)
    }
}

impl rusqlite::ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.micros().into())
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self::from_micros)
    }
}

impl PgToSql for Time {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.micros().to_sql(ty, out)
    }
    fn accepts(ty: &Type) -> bool {
        <i64 as PgToSql>::accepts(ty)
    }
    to_sql_checked!();
}

impl<'a> PgFromSql<'a> for Time {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        i64::from_sql(ty, raw).map(Self::from_micros)
    }
    fn accepts(ty: &Type) -> bool {
        <i64 as PgFromSql>::accepts(ty)
    }
}

/// The SHA-256 of a secret or of a record, as 32 bytes in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hash(pub [u8; 32]);

impl rusqlite::ToSql for Hash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

impl FromSql for Hash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self)
    }
}

impl PgToSql for Hash {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.0.as_slice().to_sql(ty, out)
    }
    fn accepts(ty: &Type) -> bool {
        <&[u8] as PgToSql>::accepts(ty)
    }
    to_sql_checked!();
}

impl<'a> PgFromSql<'a> for Hash {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(raw.try_into()?))
    }
    fn accepts(ty: &Type) -> bool {
        <&[u8] as PgFromSql>::accepts(ty)
    }
}

/// An id as statements take it that take many at once, in one parameter: 32 hexadecimal digits. SQLite reads
/// them with `unhex`, PostgreSQL as a UUID.
pub fn hex<T>(id: Id<T>) -> String {
    id.uuid().simple().to_string()
}

/// Many texts in one parameter: a JSON array, for `json_each` and `jsonb_array_elements_text`.
pub fn many(texts: impl IntoIterator<Item = String>) -> String {
    serde_json::Value::from_iter(texts).to_string()
}

/// Many ids in one parameter.
pub fn ids<T>(ids: &[Id<T>]) -> String {
    many(ids.iter().map(|id| hex(*id)))
}

/// A text that each engine wants in a form of its own, such as the words of a full-text search.
#[derive(Clone, Debug)]
pub struct PerEngine {
    /// For the embedded engine.
    pub sqlite: String,
    /// For the shared one.
    pub postgres: String,
}

impl rusqlite::ToSql for PerEngine {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.sqlite.as_str().into())
    }
}

impl PgToSql for PerEngine {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.postgres.to_sql(ty, out)
    }
    fn accepts(ty: &Type) -> bool {
        <String as PgToSql>::accepts(ty)
    }
    to_sql_checked!();
}
