//! The wing of talking: user groups and the requests that are sent to them.
//!
//! User groups stand on requests: one that changes or goes lets go of what it held, or hands it on. Requests read
//! who is in a user group, and know nothing more of it.

pub mod requests;
mod routes;
pub mod user_groups;

pub use routes::routes;
