//! The home of a group: its numbers and its newest cases.

pub mod pages;
