//! The audit trail as an account's managers read it: in words on the page, as CSV, and in JSON with the check of
//! its chain of hashes. Receipts of the trail are given here, and go out daily.

pub mod api;
mod mail;
pub mod pages;
mod scheduler;
mod store;
mod trail;

pub use scheduler::{Scheduler, receipts_due};
pub use store::{Owner, owner};

use access::AccountAdmin;
use kernel::error::Result;
use platform::audit::{self, Action, Event};
use storage::Tx;

/// Notes that the trail is exported.
async fn begin_export(tx: &Tx, by: &AccountAdmin) -> Result<()> {
    audit::record(tx, Event::new(by.account(), by.user(), Action::AuditExported, by.account())).await
}
