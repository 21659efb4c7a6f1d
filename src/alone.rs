//! One server per data folder. The embedded database would bear two, but their announcements, sweeps and schedulers
//! would not know of each other. Commands beside a running server are fine.

use std::fs::{File, TryLockError};

use kernel::error::{Error, Result};
use platform::config::Config;
use storage::private;

const LOCK: &str = "lock";

/// Being the only server in a data folder. The system ends it with the process, however that ends.
pub(crate) struct Alone {
    _lock: Option<File>,
}

impl Alone {
    /// Takes the data folder of an embedded database. With PostgreSQL servers may share one.
    ///
    /// # Errors
    /// Another server has it, or the file system knows no locks.
    pub(crate) fn in_folder(config: &Config) -> Result<Self> {
        if config.database != "sqlite" {
            return Ok(Self { _lock: None });
        }
        let path = config.data.join(LOCK);
        let file = private::keep(&path).map_err(|error| {
            Error::unavailable(format!("Can't create the file {}: {error}.", path.display()), error)
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _lock: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(Error::conflict(
                "already_running",
                format!(
                    "Another Covey server is running on {}. Stop it first, or name another folder with --data.",
                    config.data.display()
                ),
            )),
            Err(TryLockError::Error(error)) => Err(Error::unavailable(
                format!("Can't lock the file {}: {error}. Use a local disk.", path.display()),
                error,
            )),
        }
    }
}
