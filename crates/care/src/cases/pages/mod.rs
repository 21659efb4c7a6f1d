//! Pages of cases: lists, the form, and one case with its notes, files and who can see it.

mod form;
mod lists;
mod show;

pub(crate) use form::{change, create, edit, new};
pub(crate) use lists::{index, index_of_account, index_of_mine, of_client};
pub(crate) use show::{add_file, add_note, remove_file, set_status, show};

use access::CaseEditor;
use kernel::{
    error::Result,
    id::{CaseId, GroupId},
};
use web::May;

/// The address of the case in the path.
fn own_path(may: &May<CaseEditor>) -> Result<String> {
    let (group, case): (GroupId, CaseId) = (may.id("group")?, may.id("case")?);
    Ok(format!("/g/{group}/cases/{case}"))
}
