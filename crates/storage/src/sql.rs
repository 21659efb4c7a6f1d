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
#[macro_export]
macro_rules! sql {
    (sqlite: $sqlite:expr, postgres: $postgres:expr $(,)?) => {{
        const SQLITE: &str = $sqlite;
        const BYTES: [u8; SQLITE.len()] = $crate::numbered(SQLITE);
        const STATEMENT: $crate::Sql = $crate::Sql::new($crate::text(&BYTES), $postgres);
        STATEMENT
    }};
    ($text:expr $(,)?) => {
        $crate::sql!(sqlite: $text, postgres: $text)
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn parameters_keep_their_numbers_in_any_order() {
        let statement = sql!("SELECT é FROM t WHERE b = $2 AND a = $1");
        assert_eq!(statement.sqlite, "SELECT é FROM t WHERE b = ?2 AND a = ?1");
        assert_eq!(statement.postgres, "SELECT é FROM t WHERE b = $2 AND a = $1");
    }
}
