//! The statements of group notes, by topic. Lists of ids and texts go in and out as one JSON parameter, so that the
//! number of statements does not grow with the group.

mod attendance;
mod made;
mod record;

pub use attendance::AttendanceRow;
pub use record::{GroupNoteRow, GroupNotes};

pub(super) use attendance::{
    Attends, attend_all, attendance, candidates, known, members, missing, set_attendance,
};
pub(super) use made::{
    Made, Standing, make_notes, release_notes, renew_notes, set_notes_created, standings, withdraw_notes,
};
pub(super) use record::{client_group, delete, insert, list, show, update};

use serde::Serialize;

use kernel::error::{Error, Result};

fn json(rows: &impl Serialize) -> Result<String> {
    serde_json::to_string(rows).map_err(Error::internal)
}
