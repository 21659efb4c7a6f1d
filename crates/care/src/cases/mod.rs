//! Cases: clinical work in one group, permanently. Notes and files belong to a case.
//!
//! Members of the group create and edit; the account's owner and administrators read from the parent
//! account, and every such read is noted in the audit trail in the same transaction. Nobody else
//! learns that a case exists. The cases on a client are read by who may read the client.

pub mod actions;
pub mod api;
pub mod pages;
mod store;

pub use actions::of_client;
pub use store::{
    CaseFiles, CaseNotes, CaseRow, Cases, ExportRow, FileRow, Filter, FoundCase, NoteRow, Sort, SubjectRow,
    count_all, find_everywhere, move_all, stored_files,
};

use storage::word;

word! {
    /// Whether work on a case goes on.
    pub enum Status as CaseStatus {
        /// It goes on.
        Open = "open",
        /// It is done; it can be opened again.
        Closed = "closed",
    }
}
