//! What actions need that reach beyond one transaction.

use kernel::{links::Site, passwords::Passwords};
use pdf::Fonts;
use storage::Db;

use crate::{blobs::Blobs, config::Config, payments::Provider, readiness::Readiness};

/// The server's services.
pub struct Services {
    /// The database.
    pub db: Db,
    /// The configuration.
    pub config: Config,
    /// What links begin with, and whether mail leaves.
    pub site: Site,
    /// The hashing of passwords.
    pub passwords: Passwords,
    /// The bytes of attached files.
    pub blobs: Blobs,
    /// Fonts for PDFs, beside those in the binary.
    pub fonts: Fonts,
    /// Who moves money.
    pub payments: Provider,
    /// Whether the server can do its work, as it was found last.
    pub readiness: Readiness,
}
