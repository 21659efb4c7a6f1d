//! Showing an invoice.

use crate::invoices::store::{self, InvoiceRow, LineRow};
use access::InvoiceAdmin;
use kernel::error::Result;
use people::accounts;
use storage::Tx;

/// An invoice with its lines, and what is still to be paid of it.
pub struct Shown {
    /// The invoice.
    pub row: InvoiceRow,
    /// Its lines.
    pub lines: Vec<LineRow>,
    /// What is still to be paid of it, in minor units.
    pub open: i64,
    /// The account's time zone, by IANA's name.
    pub zone: String,
}

/// An invoice.
pub async fn show(tx: &Tx, by: &InvoiceAdmin) -> Result<Shown> {
    let row = store::invoice(tx, by.account(), by.invoice()).await?;
    let lines = store::lines(tx, by.account(), row.id).await?;
    let open = row.open;
    let zone = accounts::actions::show(tx, by).await?.time_zone;
    Ok(Shown { row, lines, open, zone })
}
