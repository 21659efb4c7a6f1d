//! What the emails about money have in common.

use crate::paths;
use kernel::{id::AccountId, links::Site};
use platform::jobs::Letter;

/// An email without a button.
pub(crate) fn letter(account: AccountId, to: &str, subject: String, paragraphs: Vec<String>) -> Letter {
    Letter { account: Some(account), to: to.to_owned(), subject, paragraphs, button: None, small: Vec::new() }
}

/// The address of the page of an account's subscription.
pub(crate) fn subscription_page(site: &Site, account: AccountId) -> String {
    site.page(&paths::subscription(account))
}
