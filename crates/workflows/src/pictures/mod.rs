//! Pictures of an account and its groups, each with its table: a group's year, who sees what, and one person's access
//! over time. Each is one bounded statement, or two; they show what is there and change nothing.

pub(crate) mod api;
mod months;
pub(crate) mod pages;
mod routes;
mod sights;
mod store;
mod timeline;

pub(crate) use routes::routes;
