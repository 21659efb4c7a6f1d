//! What is sold, and on which terms.

use kernel::{clock::DAY, prices::PriceList};
use platform::config::{Config, Payments};

/// What selling needs of the configuration.
#[derive(Clone, Debug)]
pub struct Shop {
    /// What things cost.
    pub prices: PriceList,
    /// The fewest licenses of a group account.
    pub least: i64,
    /// The most licenses by self-service.
    pub most: i64,
    /// Microseconds in which an invoice is to be paid.
    pub payment_time: i64,
    /// Microseconds from then until the account is read-only.
    pub grace: i64,
    /// The version of the terms of use.
    pub terms: String,
    /// Who issues the invoices: name and address, a line each.
    pub seller: String,
    /// Whether money moves by itself.
    pub by_card: bool,
}

impl Shop {
    /// What of this configuration selling needs.
    pub fn of(config: &Config) -> Self {
        Self {
            prices: config.prices.clone(),
            least: config.licenses_least.into(),
            most: config.licenses_most.into(),
            payment_time: i64::from(config.payment_days) * DAY,
            grace: i64::from(config.grace_days) * DAY,
            terms: config.terms_version.clone(),
            seller: config.seller.clone(),
            by_card: config.payments == Payments::Stripe,
        }
    }
}
