//! Locations: the places of one group. A group needs one before its first case.

pub mod actions;
pub mod api;
pub mod pages;
mod store;

pub use store::{LocationRow, Locations, Sort, copy_all, create, forget_all, list, page, show};
