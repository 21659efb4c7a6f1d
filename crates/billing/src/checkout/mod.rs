//! The purchase: a quote is bought, and charged, once, however often that is asked for.
//!
//! A purchase charges exactly the quote, and is known by it: pressing again gives the same answer. The version
//! of the terms of use, who agreed and when are kept with the quote.

mod actions;
pub mod api;
pub mod pages;

pub use actions::{Begun, Purchased, begin_purchase, complete_purchase};
