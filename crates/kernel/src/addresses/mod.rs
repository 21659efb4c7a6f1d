//! Email addresses: what one is, and how they are found in what people paste.
//!
//! [`Email::read`] reads a field that takes one address; [`read`] finds every address in a block of text, whether it
//! was copied from the header of a mail, a spreadsheet, a web page or a list with bullets; [`read_each`] reads a list
//! whose every item is meant as an address. Words without an @ are passed over. What has an @ and is no address is kept,
//! with a hint that says what to change.
//!
//! Each of them takes time in proportion to the text, whatever it holds: nothing here recurses, and nothing that was read
//! once is searched again.

mod clean;
mod email;
mod list;
mod scan;

#[cfg(test)]
mod tests;

pub use email::Email;
pub use list::{Entry, read, read_each};
