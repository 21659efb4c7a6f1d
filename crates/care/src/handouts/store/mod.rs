//! The statements of handouts, by topic.

mod content;
mod library;
mod moving;
mod reader;
mod shares;
mod starters;

pub use content::VersionRow;
pub use library::{Filter, HandoutRow};
pub use moving::{count_own, move_all};
pub use shares::{ShareRow, Shared, Shares};

pub(super) use content::{Content, New, insert, insert_version, to_copy, update, version, versions};
pub(super) use library::{list, show};
pub(super) use reader::{note, set_favorite, set_note};
pub(super) use shares::{
    NewShare, by_token, emailed_since, insert_share, opened, revoke, revoke_all_of, share, shares,
};
pub(super) use starters::{StarterRow, set_practice_kind, starters};
