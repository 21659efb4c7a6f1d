//! One search over everything that one opens by name: cases, clients, people, handouts, groups, pages and actions.
//!
//! It searches from where one is: in a group that group's records, in an account those of all groups that its owner and
//! administrators oversee or that a member is in, and elsewhere all of the caller's groups. Support staff find handouts
//! alone. Each slice searches its own, within the [`Reach`](access::Reach) that the proof gave; a search takes the same
//! few statements however many groups there are. To find a record is not to open it. What the owner or an administrator
//! is shown of groups that they are not in is noted, as for the lists of the parent account.

pub mod actions;
pub mod api;
mod looking;
mod offers;
pub mod pages;

use kernel::id::{AccountId, GroupId};

/// What is found, in the order in which kinds are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SearchKind)]
pub enum Kind {
    /// Something that can be done.
    Action,
    /// A page.
    Page,
    /// A group.
    Group,
    /// A case.
    Case,
    /// A client.
    Client,
    /// A person.
    Person,
    /// A handout.
    Handout,
}

impl Kind {
    /// The heading over what is found of it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Action => "Actions",
            Self::Page => "Pages",
            Self::Group => "Groups",
            Self::Case => "Cases",
            Self::Client => "Clients",
            Self::Person => "People",
            Self::Handout => "Handouts",
        }
    }

    /// The icon beside each.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Action => "plus",
            Self::Page => "chevron-right",
            Self::Group => "groups",
            Self::Case => "case",
            Self::Client => "user",
            Self::Person => "users",
            Self::Handout => "book",
        }
    }
}

/// A page, with what it is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Its path.
    pub path: String,
    /// The names and values of its query.
    pub query: Vec<(&'static str, String)>,
}

impl Target {
    /// A page that is asked nothing.
    pub fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), query: Vec::new() }
    }

    /// A list that is asked for a text.
    pub fn searched(path: impl Into<String>, text: &str) -> Self {
        Self { path: path.into(), query: vec![("q", text.to_owned())] }
    }
}

/// One thing that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its id; none for pages and actions.
    pub id: Option<String>,
    /// Its name.
    pub title: String,
    /// What tells it from others of the name.
    pub detail: String,
    /// The page that it opens.
    pub target: Target,
}

/// What was found of one kind.
#[derive(Clone, Debug)]
pub struct Section {
    /// Of which kind all of it is.
    pub kind: Kind,
    /// The best few.
    pub found: Vec<Found>,
    /// The list with all of them, where there are more and one list has them.
    pub more: Option<Target>,
}

/// What a search found, and what of it is to be noted before it is shown.
#[derive(Clone, Debug)]
pub struct Findings {
    /// Kinds without anything are left out.
    pub sections: Vec<Section>,
    /// Whether names of cases are shown from the parent account.
    pub cases_from_parent: bool,
    /// Whether names of clients are.
    pub clients_from_parent: bool,
}

/// Where a look from the parent account happened.
#[derive(Clone, Copy, Debug)]
pub struct Overseen {
    /// In which account.
    pub account: AccountId,
    /// In which group, if it was in one alone.
    pub group: Option<GroupId>,
}
