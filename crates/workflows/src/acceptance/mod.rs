//! Accepting an invitation: a new person is made with the address that the link proved, a known one signs in
//! with it. A person with a subscription of their own brings their groups along; it ends, and what was not used
//! is credited.

pub mod actions;
pub mod api;
mod closed;
mod landing;
mod mail;
mod merge;
pub mod pages;
