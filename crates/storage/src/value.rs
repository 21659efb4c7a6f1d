//! What goes into a statement and comes out of a row, alike on both engines.
//!
//! A [`Param`] says what it is as one [`Value`]; a [`Column`] reads one [`Cell`]. The drivers' own traits
//! are implemented here once, for those two, and for nothing else.

use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use kernel::{
    clock::Time,
    error::{Error, Result},
    id::Id,
    money::Currency,
    practice::PracticeKind,
    prices::{Billed, Plan},
};

/// Why a cell can't be what was asked for: a mistake in the statement, or in the data.
pub type Mismatch = Box<dyn std::error::Error + Send + Sync>;

/// A value on its way to either engine.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// BOOLEAN; 0 or 1 on SQLite.
    Bool(bool),
    /// BIGINT, or a smaller integer that PostgreSQL asks for.
    Int(i64),
    /// TEXT.
    Text(&'a str),
    /// BYTEA; BLOB on SQLite.
    Bytes(&'a [u8]),
    /// UUID; its 16 bytes on SQLite.
    Id(&'a Uuid),
    /// A text that each engine wants in a form of its own.
    Either {
        /// For the embedded engine.
        sqlite: &'a str,
        /// For the shared one.
        postgres: &'a str,
    },
}

/// What can be a parameter of a statement.
pub trait Param: Sync {
    /// What it is to the engines.
    fn value(&self) -> Value<'_>;
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Bool(value) => ValueRef::Integer(value.into()),
            Self::Int(value) => ValueRef::Integer(value),
            Self::Text(value) | Self::Either { sqlite: value, .. } => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
            Self::Id(value) => ValueRef::Blob(value.as_bytes()),
        }))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Mismatch> {
        match (*self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Bool(value), &Type::BOOL) => value.to_sql(ty, out),
            (Self::Int(value), &Type::INT8) => value.to_sql(ty, out),
            (Self::Int(value), &Type::INT4) => i32::try_from(value)?.to_sql(ty, out),
            (Self::Int(value), &Type::INT2) => i16::try_from(value)?.to_sql(ty, out),
            (Self::Text(value) | Self::Either { postgres: value, .. }, _) if <&str as ToSql>::accepts(ty) => {
                value.to_sql(ty, out)
            }
            (Self::Bytes(value), &Type::BYTEA) => value.to_sql(ty, out),
            (Self::Id(value), &Type::UUID) => value.to_sql(ty, out),
            (value, ty) => Err(format!("{value:?} is no {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// One value out of a row of either engine.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// Out of SQLite.
    Sqlite(ValueRef<'a>),
    /// Out of PostgreSQL: its type, and its bytes unless it is NULL.
    Postgres(&'a Type, Option<&'a [u8]>),
}

impl<'a> Cell<'a> {
    fn is_null(self) -> bool {
        matches!(self, Self::Sqlite(ValueRef::Null) | Self::Postgres(_, None))
    }

    fn mismatch(self, wanted: &str) -> Mismatch {
        match self {
            Self::Sqlite(value) => format!("{} where {wanted} was expected", value.data_type()).into(),
            Self::Postgres(ty, _) => format!("{ty} where {wanted} was expected").into(),
        }
    }

    fn int(self) -> Result<i64, Mismatch> {
        match self {
            Self::Sqlite(ValueRef::Integer(value)) => Ok(value),
            Self::Postgres(ty @ &Type::INT8, Some(raw)) => i64::from_sql(ty, raw),
            Self::Postgres(ty @ &Type::INT4, Some(raw)) => i32::from_sql(ty, raw).map(i64::from),
            Self::Postgres(ty @ &Type::INT2, Some(raw)) => i16::from_sql(ty, raw).map(i64::from),
            other => Err(other.mismatch("an integer")),
        }
    }

    fn bool(self) -> Result<bool, Mismatch> {
        match self {
            Self::Sqlite(ValueRef::Integer(value)) => Ok(value != 0),
            Self::Postgres(ty @ &Type::BOOL, Some(raw)) => bool::from_sql(ty, raw),
            other => Err(other.mismatch("a boolean")),
        }
    }

    /// The text in it.
    ///
    /// # Errors
    /// It is NULL or something else.
    pub fn text(self) -> Result<&'a str, Mismatch> {
        match self {
            Self::Sqlite(ValueRef::Text(raw)) => Ok(str::from_utf8(raw)?),
            Self::Postgres(ty, Some(raw)) if <&str as FromSql<'_>>::accepts(ty) => {
                <&str as FromSql<'_>>::from_sql(ty, raw)
            }
            other => Err(other.mismatch("a text")),
        }
    }

    fn bytes(self) -> Result<&'a [u8], Mismatch> {
        match self {
            Self::Sqlite(ValueRef::Blob(raw)) | Self::Postgres(&Type::BYTEA, Some(raw)) => Ok(raw),
            other => Err(other.mismatch("bytes")),
        }
    }

    fn uuid(self) -> Result<Uuid, Mismatch> {
        match self {
            Self::Sqlite(ValueRef::Blob(raw)) | Self::Postgres(&Type::UUID, Some(raw)) => {
                Ok(Uuid::from_slice(raw)?)
            }
            other => Err(other.mismatch("an id")),
        }
    }
}

/// What can be read out of a column.
pub trait Column: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// The cell holds something else.
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch>;
}

/// PostgreSQL's bytes as they are, for [`Cell`].
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Mismatch> {
        Ok(Self(Some(raw)))
    }
    fn from_sql_null(_: &Type) -> Result<Self, Mismatch> {
        Ok(Self(None))
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}

/// One row of an answer.
#[derive(Clone, Copy)]
pub enum Row<'a> {
    /// Out of SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// Out of PostgreSQL.
    Postgres(&'a tokio_postgres::Row),
}

impl<'a> Row<'a> {
    /// The column at `index`, from 0.
    ///
    /// # Errors
    /// The column is not there or has another type: a mistake in the statement.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        T::read(self.cell(index)?).map_err(Error::internal)
    }

    fn cell(&self, index: usize) -> Result<Cell<'a>> {
        match self {
            Self::Sqlite(row) => row.get_ref(index).map(Cell::Sqlite).map_err(Error::internal),
            Self::Postgres(row) => {
                let column = row.columns().get(index).ok_or_else(|| Error::internal("no such column"))?;
                let Raw(raw) = row.try_get(index).map_err(Error::internal)?;
                Ok(Cell::Postgres(column.type_(), raw))
            }
        }
    }
}

/// A type that is read from a whole row, its parts in the order of the columns.
pub trait FromRow: Sized {
    /// Reads the row.
    ///
    /// # Errors
    /// The row has other columns: a mistake in the statement.
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

/// Declares a struct that is read from a row, and names the columns of that row: the fields in their order.
/// A field's column is called like the field, or is the SQL after `=`:
/// `row! { struct CaseRow { id: CaseId = "c.id", name: String, } }`. [`sql!`](crate::sql) makes the SELECT
/// list from it.
#[macro_export]
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty $(= $column:literal)?,)*
    }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $type,)* }

        impl $crate::Columns for $name {
            const COLUMNS: &'static str =
                $crate::columns(concat!($($crate::column!($field $($column)?), ", "),*));
        }

        impl $crate::FromRow for $name {
            fn from_row(row: $crate::Row<'_>) -> $crate::Result<Self> {
                let mut next = 0..;
                $(let $field = row.get(next.next().unwrap_or_default())?;)*
                Ok(Self { $($field),* })
            }
        }
    };
}

/// The column of one field.
#[doc(hidden)]
#[macro_export]
macro_rules! column {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $column:literal) => {
        $column
    };
}

/// Declares an enum that is a word in the database, in JSON and in forms.
#[macro_export]
macro_rules! word {
    ($(#[$meta:meta])* $vis:vis enum $name:ident $(as $alias:ident)? { $($body:tt)* }) => {
        $crate::kernel_word! { $(#[$meta])* $vis enum $name $(as $alias)? { $($body)* } }
        $crate::word_value!($name);
    };
}

/// Stores a type that has `word` and `read` as TEXT.
#[doc(hidden)]
#[macro_export]
macro_rules! word_value {
    ($($name:ty)*) => {$(
        impl $crate::Param for $name {
            fn value(&self) -> $crate::Value<'_> {
                $crate::Value::Text(self.word())
            }
        }
        impl $crate::Column for $name {
            fn read(cell: $crate::Cell<'_>) -> std::result::Result<Self, $crate::Mismatch> {
                let word = cell.text()?;
                Self::read(word).ok_or_else(|| format!("unknown word {word}").into())
            }
        }
    )*};
}
word_value!(Currency Plan Billed PracticeKind);

macro_rules! values {
    ($($type:ty: $this:ident => $value:expr, $cell:ident => $read:expr;)*) => {$(
        impl Param for $type {
            fn value(&self) -> Value<'_> {
                let $this = self;
                $value
            }
        }
        impl Column for $type {
            fn read($cell: Cell<'_>) -> Result<Self, Mismatch> {
                $read
            }
        }
    )*};
}
values! {
    bool: this => Value::Bool(*this), cell => cell.bool();
    i64: this => Value::Int(*this), cell => cell.int();
    i32: this => Value::Int((*this).into()), cell => Ok(cell.int()?.try_into()?);
    String: this => Value::Text(this), cell => cell.text().map(str::to_owned);
    Vec<u8>: this => Value::Bytes(this), cell => cell.bytes().map(<[u8]>::to_vec);
    Time: this => Value::Int(this.micros()), cell => cell.int().map(Self::from_micros);
    Hash: this => Value::Bytes(&this.0), cell => Ok(Self(cell.bytes()?.try_into()?));
}

impl Param for str {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Param for [u8] {
    fn value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl<T> Param for Id<T> {
    fn value(&self) -> Value<'_> {
        Value::Id(self.uuid_ref())
    }
}

impl<T> Column for Id<T> {
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.uuid().map(Self::from_uuid)
    }
}

impl<T: Param> Param for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Param::value)
    }
}

impl<T: Column> Column for Option<T> {
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        if cell.is_null() { Ok(None) } else { T::read(cell).map(Some) }
    }
}

impl<T: Param + ?Sized> Param for &T {
    fn value(&self) -> Value<'_> {
        T::value(self)
    }
}

/// The SHA-256 of a secret or of a record, as 32 bytes in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hash(pub [u8; 32]);

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

impl Param for PerEngine {
    fn value(&self) -> Value<'_> {
        Value::Either { sqlite: &self.sqlite, postgres: &self.postgres }
    }
}
