//! Who can see something of a group, and why: what a case and a client tell alike of it, in JSON and on their pages.
//!
//! Nothing is decided here. It is read out of the same memberships that guard the thing itself, by
//! [`access::explain`]; before the thing existed, nobody could see it.
//!
//! Someone who could see it for ten minutes of a day is named for that day. Days are those of the account's time zone.

mod api;
mod pages;
mod when;

pub(crate) use api::Sights;
pub(crate) use pages::{Asked, Panel};
pub(crate) use when::{When, WhenQuery};
