//! The statements of user groups, by topic.

mod groups;
mod members;
mod privileges;

pub(super) use groups::{
    Kept, count, default_of, delete, insert, list, name_is_taken, show, take_default, update,
};
pub use groups::{UserGroupRow, UserGroups};
pub use members::Person;
pub(super) use members::{Candidate, Unfit, begin, candidates, end, join, leave_all, members, people, unfit};
pub(super) use privileges::{Giver, administered, given_alone, givers, grant, open_requests, receivers};
