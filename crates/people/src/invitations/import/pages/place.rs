//! Where people are imported.

use access::{Manager, Proof};
use kernel::id::{AccountId, GroupId};
use web::{
    May,
    page::{Crumb, Here, crumb},
};

/// Where people are imported: into an account, or into one of its groups.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) account: AccountId,
    pub(super) group: Option<GroupId>,
}

impl Place {
    pub(super) fn of<P: Proof>(may: &May<P>, by: &Manager) -> Self {
        Self { account: by.account(), group: group(may) }
    }

    pub(super) fn base(self) -> String {
        self.group.map_or_else(|| format!("/a/{}", self.account), |group| format!("/g/{group}"))
    }

    pub(super) fn path(self, rest: &str) -> String {
        format!("{}/{rest}", self.base())
    }

    pub(super) fn own_path(self) -> String {
        self.path("invite/import")
    }

    pub(super) fn here(self) -> Here {
        self.group.map_or(Here::Account(self.account), |group| Here::Group(self.account, group))
    }

    pub(super) fn crumbs(self) -> [Crumb; 2] {
        [crumb("Users", self.path("users")), crumb("Invite users", self.path("invite"))]
    }
}

/// The group in the path of what is asked, if there is one.
pub(super) fn group<P: Proof>(may: &May<P>) -> Option<GroupId> {
    may.id("group").ok()
}
