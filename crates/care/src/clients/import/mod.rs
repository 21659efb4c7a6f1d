//! Importing clients: a file is read, its columns are given a meaning, and every line is shown with the client and
//! animals that would come of it; then it is run, in pieces that don't depend on each other, so that it can be cut
//! off at any moment and continued.
//!
//! What a column becomes is guessed, can be changed until the run, and is remembered in the account for files with
//! the same headings. A cell that can't be read is left out and said; only a missing name makes a line useless.
//!
//! A line is *new*, brings an *animal* to a client who is there, is *likely* someone or a *duplicate* for certain,
//! or *broken*. Its plan says what the run does with it: add, merge or skip. What is likely or a duplicate is
//! skipped unless someone decides otherwise. A line changes its outcome in the transaction that adds its client, so
//! none is ever added twice.
//!
//! [`reading`] makes a table of bytes, [`columns`] gives its columns a meaning, [`drafts`] makes clients of its rows,
//! [`judging`] tells whom there is already: all pure. [`intake`] and [`running`] are the verbs.

pub mod actions;
pub mod api;
mod columns;
mod drafts;
pub mod intake;
mod judging;
pub mod pages;
mod reading;
pub mod running;
#[cfg(test)]
mod shapes;
mod store;
mod upload;

pub use columns::{DateOrder, Field, Mapping};
pub use store::{ImportRow, LineRow, NewLine};

use serde::{Deserialize, Serialize};

use crate::clients::Kind;
use storage::word;

/// The largest file in bytes.
pub const LARGEST: usize = 20 << 20;
/// The most lines of a file, not counting the headings.
pub const MOST_LINES: usize = 100_000;

word! {
    /// How far an import is.
    pub enum State as ClientImportState {
        /// Its lines are being written; if that broke off, it is read again or discarded.
        Reading = "reading",
        /// It can be looked at, changed and run.
        Ready = "ready",
        /// Some of it was added; the rest follows when it is run again.
        Running = "running",
        /// Everything that was to be added was.
        Done = "done",
        /// It was thrown away.
        Discarded = "discarded",
    }
}

word! {
    /// What a line is, or became.
    pub enum Outcome as ClientImportOutcome {
        /// A new client.
        New = "new",
        /// A client who is there, or of an earlier line, with an animal that is not.
        Animal = "animal",
        /// Perhaps a client who is there, or an earlier line. Skipped unless someone decides otherwise.
        Likely = "likely",
        /// A client who is there, or an earlier line. Skipped unless someone decides otherwise.
        Duplicate = "duplicate",
        /// It can't be used; the detail says why.
        Broken = "broken",
        /// It became a client.
        Added = "added",
        /// It was merged into a client.
        Merged = "merged",
    }
}

word! {
    /// What the run does with a line.
    pub enum Plan as ClientImportAction {
        /// Adds its client.
        Add = "add",
        /// Adds its animals, and what is empty, to the client that it is.
        Merge = "merge",
        /// Nothing.
        Skip = "skip",
        /// It was done.
        Done = "done",
    }
}

word! {
    /// How the order of day and month is known.
    pub enum Because as DateOrderReason {
        /// Someone chose it.
        Chosen = "chosen",
        /// A heading says it.
        Heading = "heading",
        /// Most dates of the file have it.
        Dates = "dates",
        /// Nothing says it.
        Assumed = "assumed",
    }
}

/// A column of a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ClientImportColumn)]
pub struct ImportColumn {
    /// As it is written in the file.
    pub heading: String,
    /// The first cells that hold something.
    pub samples: Vec<String>,
    /// How many cells hold something.
    pub filled: i64,
    /// What it becomes: `email`, `animal_name`, `animal_2_name` …; null where it is left out.
    #[schema(value_type = Option<String>)]
    pub field: Option<Field>,
}

/// How a file was read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ClientImportFile)]
pub struct About {
    /// `UTF-8`, `UTF-16LE`, `UTF-16BE`, or `windows-1252` where it is none of these; `XLSX` of workbooks.
    pub encoding: String,
    /// What separates the columns: `comma`, `semicolon`, `tab`, `pipe` or `other`; `cell` in workbooks.
    pub separator: String,
    /// What is written above the headings.
    pub above: Vec<String>,
    /// Other sheets of a workbook, which are left out.
    pub other_sheets: Vec<String>,
    /// Its columns, and what becomes of them.
    pub columns: Vec<ImportColumn>,
    /// The headings of columns that hold something and are left out.
    pub ignored: Vec<String>,
    /// In which order dates such as 3/4/2019 are read.
    pub date_order: DateOrder,
    /// How that order is known.
    pub date_order_from: Because,
    /// Whether a column gives clients their names. Without one, nothing can be added.
    pub names: bool,
    /// Whether the columns are as someone chose them before, for a file with the same headings.
    pub remembered: bool,
    /// What clients are whose line does not say it.
    pub kind: Kind,
}

impl About {
    /// The meaning of the columns, as it was guessed or chosen.
    pub fn mapping(&self) -> Mapping {
        Mapping {
            columns: self.columns.iter().map(|column| column.field).collect(),
            order: (self.date_order_from == Because::Chosen).then_some(self.date_order),
        }
    }

    /// The headings as they are in the file.
    pub fn headings(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.heading.clone()).collect()
    }
}
