//! What a caller saw of a row before changing it, and how a read is done.

use kernel::error::{Error, Result};

/// How many versions a caller may name at once.
const MOST: usize = 8;

/// The version that the caller last saw, or several that will do; none where it doesn't matter to them.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExpectedVersion([Option<i64>; MOST]);

impl ExpectedVersion {
    /// Whatever the version is.
    pub const ANY: Self = Self([None; MOST]);

    /// This version; any, where there is none.
    pub const fn of(version: Option<i64>) -> Self {
        let mut seen = [None; MOST];
        seen[0] = version;
        Self(seen)
    }

    /// One of these, as far as they are counted: the first few.
    pub fn one_of(versions: impl IntoIterator<Item = i64>) -> Self {
        let mut seen = [None; MOST];
        for (place, version) in seen.iter_mut().zip(versions) {
            *place = Some(version);
        }
        Self(seen)
    }

    /// Checks it against the present version.
    ///
    /// # Errors
    /// Someone changed the object meanwhile.
    pub fn check(self, version: i64) -> Result<()> {
        let Self(seen) = self;
        if seen[0].is_none() || seen.contains(&Some(version)) { Ok(()) } else { Err(Error::stale()) }
    }
}

/// How a read is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight {
    /// On the spot: a few rows by their keys.
    Light,
    /// On another thread: searches and exports.
    Heavy,
}
