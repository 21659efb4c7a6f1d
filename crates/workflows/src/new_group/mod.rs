//! Making a group, with the person who is to administer it: at once if they are a member, else by an invitation.

pub mod actions;
pub mod api;
mod mail;
pub mod pages;
