//! The statements of cases, by topic.

/// The columns of a [`CaseRow`], with the names of what a case refers to: from these tables, where this.
macro_rules! select_cases {
    ($from:literal, $($rest:literal)+) => {
        sql!(
            concat!(
                "SELECT {} ",
                $from,
                " JOIN protocols p ON p.account_id = c.account_id AND p.id = c.protocol_id \
                  JOIN locations l ON l.account_id = c.account_id AND l.group_id = c.group_id AND l.id = c.location_id \
                  JOIN users u ON u.id = c.created_by ",
                $($rest),+
            ),
            CaseRow
        )
    };
}

mod export;
mod files;
mod find;
mod lists;
mod moving;
mod notes;
mod record;
mod sorted;
mod subjects;

pub use export::ExportRow;
pub use files::{CaseFiles, FileRow, stored_files};
pub use find::{FoundCase, find as find_everywhere};
pub use lists::{Cases, Filter};
pub use moving::{count_all, move_all};
pub use notes::{CaseNotes, NoteRow};
pub use record::CaseRow;
pub use sorted::Sort;
pub use subjects::SubjectRow;

pub(super) use export::export;
pub(super) use files::{file, files, insert_file, remove_file};
pub(super) use lists::{in_group, of_account, of_client, of_person};
pub(super) use notes::{insert_note, notes};
pub(super) use record::{New, insert, next_number, of_group, show, touch, update};
pub(super) use sorted::{
    in_group as sorted_in_group, of_account as sorted_of_account, of_person as sorted_of_person,
};
pub(super) use subjects::{set_subject, subject};
