//! API keys: secrets of an account, not of a person, for the programs that work with it.
//!
//! - A key has scopes, and is for all groups of the account or for some. What it may do beyond that is never more than
//!   an administrator may. It takes no license, and outlives the person who made it.
//! - The secret is shown once; the database knows its hash, and people tell keys apart by name and beginning.
//! - A key that is rotated gets a second secret, and the first goes on for a while, so that programs can change over.
//! - A key acts through a row of `users` of its own, so that what it makes has an author, and the trail names it.

pub mod actions;
pub mod api;
mod mail;
pub mod pages;
mod store;

pub use store::KeyRow;

/// The most keys of an account that are in use.
pub const LIMIT: i64 = 50;
/// For how many hours a replaced secret may go on at most: a week.
pub const LONGEST_OVERLAP: u32 = 7 * 24;
