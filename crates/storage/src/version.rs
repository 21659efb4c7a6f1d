//! What a caller saw of a row before changing it, and how a read is done.

use kernel::error::{Error, Result};

/// The version that the caller last saw; none where it doesn't matter to them.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedVersion(pub Option<i64>);

impl ExpectedVersion {
    /// Checks it against the present version.
    ///
    /// # Errors
    /// Someone changed the object meanwhile.
    pub fn check(self, version: i64) -> Result<()> {
        if self.0.is_none_or(|seen| seen == version) { Ok(()) } else { Err(Error::stale()) }
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
