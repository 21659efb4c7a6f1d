//! Importing people: a file, or what was copied from a spreadsheet, becomes invitations. A page shows beforehand what
//! would become of each line; the run invites by the same actions as a typed list, so every check holds there too.
//!
//! Nothing of a file is kept: the page that shows what would come of it brings its lines along, and the run reads them
//! again. Running it twice invites nobody twice, for an address that is invited already says so.
//!
//! A cell that can't be read costs no line: the line comes without it, and says so. Only a missing address does. Lines
//! with the same address are one person, in the groups of all of them. A name that is no group's may stand for one.
//!
//! Who manages a group imports into it alone: everyone as a member of the account, and in no other group.
//!
//! [`columns`] and [`groups`] say what headings and cells mean, [`lines`] makes people of rows: all pure. [`plan`] says
//! what would become of them, [`running`] does it.

pub mod api;
mod columns;
mod groups;
mod lines;
pub mod pages;
pub mod plan;
pub mod running;
mod store;
mod upload;

pub use columns::{Columns, PersonField};

use std::collections::{BTreeMap, BTreeSet};

use crate::{invitations::AT_ONCE, users::UserType};
use access::{GroupRole, Role};
use kernel::{id::GroupId, text};
use storage::word;
use tables::Reader;

/// The largest file in bytes.
pub const LARGEST: usize = 5 << 20;

/// How a file of people is read.
const READER: Reader =
    Reader { what: "people", largest: LARGEST, most_rows: AT_ONCE, heading: columns::is_known };

/// How a file is understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// What its columns become; none where that is guessed.
    pub columns: Option<Columns>,
    /// The role of those whose line says none.
    pub role: Role,
    /// What they are in the practice.
    pub user_type: UserType,
    /// The one group that everyone is invited into, whatever their line says, and the role in it of those whose line says
    /// none. Without it, each line has its own groups.
    pub into: Option<(GroupId, GroupRole)>,
    /// Whether to change every existing invitation that differs from the list.
    pub change: bool,
    /// The numbers of the lines whose invitations are changed.
    pub changes: BTreeSet<i64>,
    /// Which group is meant by a name that is none's.
    pub instead: Instead,
}

impl Options {
    /// Whether the invitation of a line's address is changed where it differs.
    fn changes(&self, line: i64) -> bool {
        self.change || self.changes.contains(&line)
    }
}

/// The groups that are meant by names that are none's.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Instead(BTreeMap<String, GroupId>);

impl Instead {
    /// Out of names as the file has them.
    pub fn of(chosen: impl IntoIterator<Item = (String, GroupId)>) -> Self {
        Self(chosen.into_iter().map(|(name, group)| (text::fold(&name), group)).collect())
    }

    /// Everything in it, in an order that doesn't change.
    fn words(&self) -> String {
        self.0.iter().map(|(name, group)| format!("{name}={group}")).collect::<Vec<_>>().join(",")
    }

    /// What is meant by a name.
    fn get(&self, name: &str) -> Option<GroupId> {
        self.0.get(&text::fold(name)).copied()
    }
}

word! {
    /// What would happen to a line of a file of people.
    pub enum Expected as ImportedPersonOutcome {
        /// The person is invited.
        Invite = "invite",
        /// They are already in the account, and are added to the groups.
        Add = "add",
        /// Their invitation is changed, as was asked for.
        Change = "change",
        /// They are already in the account and in the groups.
        AlreadyMember = "already_member",
        /// They have an invitation, which stays as it is; `change` says what differs, if anything.
        AlreadyInvited = "already_invited",
        /// No license is available for them, or the support-staff seat is used or reserved.
        NoLicense = "no_license",
        /// The account can't send that many emails today.
        EnoughMail = "enough_mail",
        /// The line has no address, or what it has is none.
        NotAnAddress = "not_an_address",
        /// The address is on an earlier line, which brings these groups along.
        Repeated = "repeated",
    }
}
