//! Who opened what: the access log of a case, of a client with all that is theirs, and of a person. In JSON, on a page,
//! as CSV and on paper.
//!
//! What is shown of a client is everything that shows them: their page and chart, their notes, their cases with
//! files, the client groups that they were in at the time, group notes that they attended, requests about them, and
//! exports of the whole group. Which those are is read out of the records as they are now.

mod actions;
pub(crate) mod api;
mod document;
pub(crate) mod pages;
mod store;

use platform::access_log::Record;
pub(crate) use store::{OpeningRow, Openings};

/// What was opened, for people.
fn label(record: Record) -> &'static str {
    match record {
        Record::Client => "Client",
        Record::Chart => "Chart",
        Record::Note => "Note",
        Record::Case => "Case",
        Record::File => "File",
        Record::ClientGroup => "Client group",
        Record::GroupNote => "Group note",
        Record::Request => "Request",
        Record::ClientExport => "Export of all clients",
        Record::CaseExport => "Export of all cases",
    }
}
