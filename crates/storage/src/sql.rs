//! One text for two engines.

/// A statement in the forms that the engines want. Made by [`sql!`](crate::sql) alone.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    /// With `?1` for the first parameter: in SQLite `$1` would be a *name*, numbered by its first
    /// appearance, so that `$2 … $1` would silently swap the values.
    pub(super) sqlite: &'static str,
    /// With `$1`.
    pub(super) postgres: &'static str,
}

impl Sql {
    #[doc(hidden)]
    pub const fn new(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    /// The statement in a record that [`record`] made, of texts of these lengths.
    #[doc(hidden)]
    pub const fn recorded(record: &'static [u8], sqlite: usize, postgres: usize) -> Self {
        let (rest, _) = record.split_at(record.len() - END.len());
        let (rest, postgres) = rest.split_at(rest.len() - postgres);
        let (rest, _) = rest.split_at(rest.len() - BETWEEN.len());
        let (_, sqlite) = rest.split_at(rest.len() - sqlite);
        Self { sqlite: text(sqlite), postgres: text(postgres) }
    }
}

/// What a record begins with. Each statement lies in the program within a record: the mark, where it was
/// written, and both texts. So a test finds in the finished binary every statement that can ever be sent, after all
/// macros, and tries it on both engines (`tests/statements.rs`).
const MARK: &str = "\u{1e}sql!\u{1f}";
const BETWEEN: &str = "\u{1f}";
const END: &str = "\u{1e}";

/// How long the record of a statement is.
#[doc(hidden)]
pub const fn record_length(place: &str, sqlite: &[u8], postgres: &[u8]) -> usize {
    MARK.len() + place.len() + sqlite.len() + postgres.len() + 2 * BETWEEN.len() + END.len()
}

/// The record of a statement, at compile time.
#[doc(hidden)]
pub const fn record<const N: usize>(place: &str, sqlite: &[u8], postgres: &[u8]) -> [u8; N] {
    let between = BETWEEN.as_bytes();
    let parts = [MARK.as_bytes(), place.as_bytes(), between, sqlite, between, postgres, END.as_bytes()];
    let (mut out, mut at, mut part) = ([0; N], 0, 0);
    while part < parts.len() {
        let (_, rest) = out.split_at_mut(at);
        rest.split_at_mut(parts[part].len()).0.copy_from_slice(parts[part]);
        at += parts[part].len();
        part += 1;
    }
    out
}

/// What a `{}` of a statement stands for: the SELECT list of a row. Made by [`row!`](crate::row).
pub trait Columns {
    /// The columns, in the order of the fields: `c.id, c.name`.
    const COLUMNS: &'static str;
}

/// Cuts the separator off after the last column.
#[doc(hidden)]
pub const fn columns(with_separators: &'static str) -> &'static str {
    with_separators.split_at(with_separators.len() - ", ".len()).0
}

/// Whether a `{}` is at `i`.
const fn is_gap(text: &[u8], i: usize) -> bool {
    text[i] == b'{' && i + 1 < text.len() && text[i + 1] == b'}'
}

/// How long `text` is with its gaps filled.
///
/// # Panics
/// (So: does not compile.) There are more or fewer `{}` than lists. Without any list, `{}` is a text.
#[doc(hidden)]
pub const fn length(text: &str, lists: &[&str]) -> usize {
    let bytes = text.as_bytes();
    let (mut i, mut next, mut length) = (0, 0, bytes.len());
    while i < bytes.len() {
        if !lists.is_empty() && is_gap(bytes, i) {
            assert!(next < lists.len(), "there are more `{{}}` in this SQL than rows after it");
            length = length - "{}".len() + lists[next].len();
            next += 1;
        }
        i += 1;
    }
    assert!(next == lists.len(), "there are fewer `{{}}` in this SQL than rows after it");
    length
}

/// Puts the lists into the gaps, at compile time.
#[doc(hidden)]
pub const fn filled<const N: usize>(text: &str, lists: &[&str]) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut out = [0; N];
    let (mut i, mut at, mut next) = (0, 0, 0);
    while i < bytes.len() {
        if !lists.is_empty() && is_gap(bytes, i) {
            let list = lists[next].as_bytes();
            let (_, rest) = out.split_at_mut(at);
            rest.split_at_mut(list.len()).0.copy_from_slice(list);
            at += list.len();
            next += 1;
            i += "{}".len();
        } else {
            out[at] = bytes[i];
            at += 1;
            i += 1;
        }
    }
    out
}

/// Turns each `$n` into `?n`, at compile time.
///
/// # Panics
/// (So: does not compile.) A `$` without a digit after it.
#[doc(hidden)]
pub const fn numbered<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut out = [0; N];
    let mut i = 0;
    while i < N {
        out[i] = bytes[i];
        if bytes[i] == b'$' {
            assert!(i + 1 < N && bytes[i + 1].is_ascii_digit(), "a `$` in SQL is followed by a number");
            out[i] = b'?';
        }
        i += 1;
    }
    out
}

#[doc(hidden)]
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("replacing one ASCII letter keeps UTF-8 whole"),
    }
}

/// A statement with `$1`, `$2` … as parameters, the same text for both engines:
/// `sql!("SELECT name FROM groups WHERE id = $1")`. Where the engines differ:
/// `sql!(sqlite: "…", postgres: "…")`.
///
/// Rows named after the text give their columns to its `{}`, in turn:
/// `sql!("SELECT {} FROM cases c WHERE c.id = $1", CaseRow)`.
#[macro_export]
macro_rules! sql {
    (sqlite: $sqlite:expr, postgres: $postgres:expr $(, $row:ty)* $(,)?) => {{
        const LISTS: &[&str] = &[$(<$row as $crate::Columns>::COLUMNS),*];
        const SQLITE: [u8; $crate::length($sqlite, LISTS)] = $crate::filled($sqlite, LISTS);
        const NUMBERED: [u8; SQLITE.len()] = $crate::numbered($crate::text(&SQLITE));
        const POSTGRES: [u8; $crate::length($postgres, LISTS)] = $crate::filled($postgres, LISTS);
        const PLACE: &str = concat!(file!(), ":", line!());
        const RECORD: &[u8] = &$crate::record::<{ $crate::record_length(PLACE, &NUMBERED, &POSTGRES) }>(
            PLACE, &NUMBERED, &POSTGRES,
        );
        const STATEMENT: $crate::Sql = $crate::Sql::recorded(RECORD, NUMBERED.len(), POSTGRES.len());
        STATEMENT
    }};
    ($text:expr $(, $row:ty)* $(,)?) => {
        $crate::sql!(sqlite: $text, postgres: $text $(, $row)*)
    };
}

#[cfg(test)]
mod tests {
    use super::Columns as _;
    use crate::{columns, filled, length, record, row};

    row! {
        #[expect(dead_code, reason = "its columns alone are looked at")]
        struct Cow {
            name: String,
            born: i64 = "c.born_at",
            calves: i64 = "(SELECT count(*) FROM cows k WHERE k.mother = c.id AND k.born_at < $2)",
        }
    }

    row! {
        #[expect(dead_code, reason = "its columns alone are looked at")]
        struct Farm {
            id: i64 = "f.id",
        }
    }

    #[test]
    fn parameters_keep_their_numbers_in_any_order() {
        let statement = sql!("SELECT é FROM t WHERE b = $2 AND a = $1");
        assert_eq!(statement.sqlite, "SELECT é FROM t WHERE b = ?2 AND a = ?1");
        assert_eq!(statement.postgres, "SELECT é FROM t WHERE b = $2 AND a = $1");
    }

    #[test]
    fn a_row_names_its_columns_in_the_order_of_its_fields() {
        assert_eq!(
            Cow::COLUMNS,
            "name, c.born_at, (SELECT count(*) FROM cows k WHERE k.mother = c.id AND k.born_at < $2)"
        );
        assert_eq!(Farm::COLUMNS, "f.id");
    }

    #[test]
    fn columns_fill_the_gaps_in_turn_and_their_parameters_are_numbered_too() {
        let statement = sql!("SELECT {}, {} FROM cows c WHERE c.farm = $1", Cow, Farm);
        let list =
            "name, c.born_at, (SELECT count(*) FROM cows k WHERE k.mother = c.id AND k.born_at < $2), f.id";
        let whole = format!("SELECT {list} FROM cows c WHERE c.farm = $1");
        assert_eq!(statement.postgres, whole);
        assert_eq!(statement.sqlite, whole.replace('$', "?"));
    }

    #[test]
    fn each_engine_has_its_own_text_around_the_columns() {
        let statement = sql!(
            sqlite: "SELECT {} FROM farms f INDEXED BY x WHERE f.id = $1",
            postgres: concat!("SELECT ", "{}", " FROM farms f WHERE f.id = $1"),
            Farm
        );
        assert_eq!(statement.sqlite, "SELECT f.id FROM farms f INDEXED BY x WHERE f.id = ?1");
        assert_eq!(statement.postgres, "SELECT f.id FROM farms f WHERE f.id = $1");
    }

    #[test]
    fn a_record_holds_where_a_statement_was_written_and_both_its_texts() {
        let record = record::<26>("a.rs:7", b"SELECT ?1", b"$1");
        assert_eq!(&record, b"\x1esql!\x1fa.rs:7\x1fSELECT ?1\x1f$1\x1e");
    }

    #[test]
    fn without_a_row_braces_are_text() {
        let statement = sql!("UPDATE t SET detail = '{}'");
        assert_eq!((statement.sqlite, statement.postgres), ("UPDATE t SET detail = '{}'", statement.sqlite));
    }

    #[test]
    #[should_panic(expected = "fewer `{}`")]
    fn a_row_without_a_gap_is_refused() {
        length("SELECT {} FROM t", &["a", "b"]);
    }

    #[test]
    #[should_panic(expected = "more `{}`")]
    fn a_gap_without_a_row_is_refused() {
        length("SELECT {}, {} FROM t", &["a"]);
    }

    #[test]
    #[should_panic(expected = "followed by a number")]
    fn a_parameter_without_a_number_is_refused() {
        super::numbered::<8>("SELECT $");
    }

    #[test]
    fn lists_may_be_shorter_than_their_gaps() {
        assert_eq!(&filled::<4>("a{}b{}", &["", "cd"]), b"abcd");
        assert_eq!(columns("a, b, "), "a, b");
    }
}
