//! Importing clients: a file is read and shown first, line by line, with what would become of each; then it is
//! run, in pieces that each stand for themselves, so that it can be cut off at any moment and continued.
//!
//! A line is *new*, a *duplicate* of a client or of an earlier line, or *broken*; the run makes new ones *added*.
//! A line changes its outcome in the transaction that adds its client, so none is ever added twice.

pub mod actions;
pub mod api;
pub mod pages;
mod reading;
mod store;
mod upload;

pub use store::{ImportRow, LineRow, NewLine};

use serde::{Deserialize, Serialize};

use storage::word;

/// The largest file in bytes.
pub const LARGEST: usize = 20 << 20;
/// The most lines of a file, besides the headings.
pub const MOST_LINES: usize = 100_000;

word! {
    /// How far an import is.
    pub enum State {
        /// The file is being read; if that broke off, it can only be discarded.
        Reading = "reading",
        /// It can be looked at and run.
        Ready = "ready",
        /// Some of it was added; the rest follows when it is run again.
        Running = "running",
        /// Everything that could be added was.
        Done = "done",
        /// It was thrown away.
        Discarded = "discarded",
    }
}

word! {
    /// What becomes of a line.
    pub enum Outcome {
        /// It will be a new client.
        New = "new",
        /// There is such a client already, or such an earlier line.
        Duplicate = "duplicate",
        /// It can't be used; the detail says why.
        Broken = "broken",
        /// It became a client.
        Added = "added",
    }
}

/// How a file was read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct About {
    /// `UTF-8`, `UTF-16LE`, `UTF-16BE`, or `windows-1252` where it is none of these.
    pub encoding: String,
    /// What separates the columns: `comma`, `semicolon` or `tab`.
    pub separator: String,
    /// The headings as they stand in the file.
    pub headings: Vec<String>,
    /// The headings of columns that mean nothing here.
    pub ignored: Vec<String>,
}
