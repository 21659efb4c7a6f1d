//! *Introduce the team*: an email to the practice's people that its administrators make their own.
//!
//! It begins as Covey proposes it. Words in braces are filled in for each reader; it goes only to members of the
//! account and to who has a pending invitation.

mod actions;
mod api;
mod mail;
mod pages;
mod routes;
mod store;

pub(crate) use routes::routes;

use store::{Introduction, Recipient};
