//! How a file of clients is read: by the headings that such files have.

use crate::clients::import::{LARGEST, MOST_LINES, columns};
use kernel::error::{Error, Result};
use tables::Reader;

pub(super) use tables::{Row, Table};

const READER: Reader =
    Reader { what: "clients", largest: LARGEST, most_rows: MOST_LINES, heading: columns::is_known };

/// Reads a file.
///
/// # Errors
/// It is no table: empty, too large, not text.
pub(super) fn read(bytes: &[u8]) -> Result<Table> {
    READER.read(bytes)
}

pub(super) fn too_large() -> Error {
    READER.too_large()
}
