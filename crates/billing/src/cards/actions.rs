//! The verbs of cards.

use serde_json::json;

use crate::details::{self, Details};
use access::AccountAdmin;
use kernel::{error::Result, id::AccountId};
use people::plans;
use platform::{
    Services,
    audit::{self, Action, Event},
    payments::{Method, Payer},
};
use storage::Tx;

/// An account that is to pay by card, found by someone who may say so.
pub(super) struct Account {
    payer: Payer,
    /// What the provider knows it by.
    customer: Option<String>,
}

impl Account {
    pub(super) fn id(&self) -> AccountId {
        self.payer.account
    }
}

/// The account, as it is to be told to the provider.
pub(super) async fn account(tx: &Tx, by: &AccountAdmin) -> Result<Account> {
    let Details { name, email, .. } = details::show(tx, by).await?;
    let customer = plans::subscription(tx, by.account()).await?.customer;
    Ok(Account { payer: Payer { account: by.account(), name, email }, customer })
}

/// What the provider knows the account by; makes it known there, if it wasn't.
///
/// # Errors
/// People here pay by invoice, or the provider can't be reached.
pub(super) async fn customer(services: &Services, account: Account) -> Result<String> {
    if let Some(known) = account.customer {
        return Ok(known);
    }
    let made = services.payments.stripe()?.customer(&account.payer).await?;
    let (id, customer) = (account.payer.account, made.clone());
    services.db.write(async move |tx| plans::save_method(tx, id, &customer, None, None).await).await?;
    Ok(made)
}

/// Has the account pay with this card from now on.
pub(super) async fn pay_with(tx: &Tx, by: &AccountAdmin, customer: &str, method: &Method) -> Result<()> {
    let (reference, label) = (Some(method.reference.as_str()), Some(method.label.as_str()));
    plans::save_method(tx, by.account(), customer, reference, label).await?;
    let detail = json!({ "name": method.label });
    audit::record(
        tx,
        Event::new(by.account(), by.user(), Action::BillingCardEntered, by.account()).with(detail),
    )
    .await
}
