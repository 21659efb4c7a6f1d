//! The wing of talking: user groups and the requests that are sent to them.
//!
//! User groups import requests: a user group that changes or is deleted lets go of what its people held, or hands
//! it on. Requests read who is in a user group, and know nothing more of it.

pub mod requests;
mod routes;
pub mod user_groups;

pub use routes::routes;
