//! Merging: two clients of one group that are the same become one.
//!
//! What belonged to the one (animals, chart, cases, places in client groups, attendance, requests) moves to the
//! other, whose empty fields are filled; then the one is archived and says into whom it was merged. Its own facts
//! stay readable. All of it in one transaction, and looked at beforehand.

pub mod actions;
pub mod api;
pub mod pages;
mod store;

pub use store::Belongings;
