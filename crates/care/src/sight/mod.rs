//! Who can see something of a group, and why: what a case and a client tell alike of it, in JSON and on their pages.
//!
//! Nothing is decided here. It is read out of the same memberships that guard the thing itself, by
//! [`access::explain`]; a moment before the thing existed, nobody could see it.

mod api;
mod pages;

pub(crate) use api::{AtQuery, Sights};
pub(crate) use pages::{Day, Panel};
