//! The developers wing: what vendors and IT departments integrate with.
//!
//! - [`keys`]: API keys of an account, which are nobody's in person.
//! - [`events`]: the account's event feed.
//! - [`webhooks`]: endpoints that hear of the events, signed. Imports events.

#![allow(missing_docs, reason = "a comment says what a name doesn't")]

pub mod events;
pub mod keys;
mod routes;
pub mod webhooks;

pub use routes::routes;
