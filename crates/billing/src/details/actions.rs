//! The verbs of billing details.

use serde_json::json;

use crate::details::{Details, of, store};
use access::AccountAdmin;
use kernel::{
    addresses::Email,
    error::{Checks, Error, Result},
    text,
};
use platform::audit::{self, Action, Event};
use storage::Tx;

/// To whom the account's invoices go.
pub async fn show(tx: &Tx, by: &AccountAdmin) -> Result<Details> {
    of(tx, by.account()).await
}

/// Changes to whom the account's invoices go.
///
/// # Errors
/// A field can't be used, or someone changed them meanwhile.
pub async fn change(tx: &Tx, by: &AccountAdmin, input: &Details) -> Result<()> {
    let mut checks = Checks::default();
    let name = checks.take("name", text::line(&input.name));
    let address = checks.take("address", text::prose(&input.address));
    let email = checks.take("email", Email::read(&input.email));
    let tax_id = checks.take("tax_id", text::optional_line(&input.tax_id));
    checks.done()?;
    let new = Details {
        name: name.unwrap_or_default(),
        address: address.unwrap_or_default(),
        email: email.map(|email| email.shown).unwrap_or_default(),
        tax_id: tax_id.flatten().unwrap_or_default(),
        version: input.version,
    };
    if !store::save(tx, by.account(), &new).await? {
        return Err(Error::stale());
    }
    let detail = json!({ "name": new.name, "email": new.email });
    audit::record(tx, Event::new(by.account(), by.user(), Action::BillingChanged, by.account()).with(detail))
        .await
}
