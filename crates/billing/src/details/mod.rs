//! Billing details: to whom an account's invoices go, and what the practice is called on them.
//!
//! As long as nobody has said, invoices go to the owner, under the account's name. A change counts for the
//! invoices to come; those that were issued stay as they are.

mod actions;
pub mod api;
pub mod pages;
mod store;

pub use actions::{change, show};
pub use store::Details;

use kernel::{error::Result, id::AccountId};
use people::{accounts, users};
use storage::Tx;

/// To whom the account's invoices go: as it said, or to its owner.
pub(crate) async fn of(tx: &Tx, account: AccountId) -> Result<Details> {
    if let Some(given) = store::details(tx, account).await? {
        return Ok(given);
    }
    let owner = users::user(tx, store::owner(tx, account).await?).await?;
    let name = accounts::account_name(tx, account).await?;
    Ok(Details { name, email: owner.email, ..Details::default() })
}

impl Details {
    /// As they appear on an invoice, a line each.
    pub(crate) fn on_invoice(&self) -> String {
        let tax = if self.tax_id.is_empty() { String::new() } else { format!("Tax number {}", self.tax_id) };
        let parts = [self.name.as_str(), self.address.as_str(), tax.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }
}
