//! The messaging wing: user groups, and the requests sent to them.
//!
//! User groups import requests: when a user group changes or is deleted, its people's requests are released or forwarded.
//! Requests only read who is in a user group.

#![allow(missing_docs, reason = "a comment says what a name doesn't")]

pub mod requests;
mod routes;
pub mod user_groups;

pub use routes::routes;
