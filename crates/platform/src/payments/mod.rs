//! Moving money: what a payment provider does for us, and the two that there are.
//!
//! Nothing here knows what is sold. A try to move money has an id of ours, and a charge a reference of
//! the provider's before it is made; so after a cut connection we look whether it happened, and never
//! move money twice.

mod stripe;

use futures_util::future::BoxFuture;

pub use stripe::{Notice, Stripe};

use crate::config::{self, Config};
use kernel::{
    error::{Error, Result},
    id::{AccountId, PaymentId},
    money::Money,
};

/// A charge to be made.
#[derive(Clone, Debug)]
pub struct ChargeRequest {
    /// Our id of this try: the same for every repetition.
    pub payment: PaymentId,
    /// How much, above zero.
    pub amount: Money,
    /// What the provider knows the account by.
    pub customer: String,
    /// How the account pays.
    pub method: String,
    /// What is paid for, for people who look at the payment there.
    pub text: String,
}

/// Money to be given back.
#[derive(Clone, Debug)]
pub struct Refund {
    /// Our id of this try.
    pub payment: PaymentId,
    /// Whether it was asked for before.
    pub again: bool,
    /// How much, above zero.
    pub amount: Money,
    /// The provider's reference of the charge.
    pub charge: String,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is done, under this reference of the provider's.
    Done(String),
    /// It was refused, for a reason that the payer may read. Nothing was moved.
    Declined(String),
    /// Nobody knows: the provider could not be reached, or broke off. It is asked again later.
    Unknown(String),
}

/// A card or the like that an account pays with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Method {
    /// The provider's reference.
    pub reference: String,
    /// What people call it: "Visa ending in 4242".
    pub label: String,
}

/// Who moves money for us.
pub trait PaymentProvider: Send + Sync {
    /// Its name, as it is stored with payments.
    fn name(&self) -> &'static str;

    /// Writes down a charge that is to be made, and gives the provider's reference of it. No money moves.
    fn begin<'a>(&'a self, charge: &'a ChargeRequest) -> BoxFuture<'a, Result<String, Outcome>>;

    /// Makes the charge of a reference: once, however often it is asked for. `again` says that it was
    /// asked for before, so that it may have happened already.
    fn charge<'a>(&'a self, payment: PaymentId, reference: &'a str, again: bool) -> BoxFuture<'a, Outcome>;

    /// Gives back, once per [`Refund::payment`].
    fn refund<'a>(&'a self, refund: &'a Refund) -> BoxFuture<'a, Outcome>;
}

/// By invoice: the bookkeeper records what was paid and paid back.
#[derive(Debug)]
pub struct ByInvoice;

fn outside() -> Outcome {
    Outcome::Declined("Invoices are paid outside Covey here.".to_owned())
}

impl PaymentProvider for ByInvoice {
    fn name(&self) -> &'static str {
        "invoice"
    }

    fn begin<'a>(&'a self, _: &'a ChargeRequest) -> BoxFuture<'a, Result<String, Outcome>> {
        Box::pin(async { Err(outside()) })
    }

    fn charge<'a>(&'a self, _: PaymentId, _: &'a str, _: bool) -> BoxFuture<'a, Outcome> {
        Box::pin(async { outside() })
    }

    fn refund<'a>(&'a self, _: &'a Refund) -> BoxFuture<'a, Outcome> {
        Box::pin(async { outside() })
    }
}

/// The provider that the configuration names.
pub enum Provider {
    /// By invoice.
    ByInvoice(ByInvoice),
    /// By card.
    Stripe(Stripe),
}

impl Provider {
    /// The one that the configuration names.
    ///
    /// # Errors
    /// Its keys are missing, or no connection can be made ready.
    pub fn new(config: &Config) -> Result<Self> {
        match (config.payments, &config.stripe_key, &config.stripe_webhook_secret) {
            (config::Payments::Invoice, ..) => Ok(Self::ByInvoice(ByInvoice)),
            (config::Payments::Stripe, Some(key), Some(secret)) => {
                Stripe::new(&config.stripe_url, key, secret).map(Self::Stripe)
            }
            _ => Err(Error::field("payments", "Stripe needs stripe_key and stripe_webhook_secret.")),
        }
    }

    /// What it does for us.
    pub fn get(&self) -> &dyn PaymentProvider {
        match self {
            Self::ByInvoice(provider) => provider,
            Self::Stripe(provider) => provider,
        }
    }

    /// Stripe, where people pay by card.
    ///
    /// # Errors
    /// They pay by invoice: there is nothing of that kind here.
    pub fn stripe(&self) -> Result<&Stripe> {
        match self {
            Self::Stripe(stripe) => Ok(stripe),
            Self::ByInvoice(_) => Err(Error::not_found()),
        }
    }

    /// Whether money moves by itself.
    pub fn by_card(&self) -> bool {
        matches!(self, Self::Stripe(_))
    }
}

/// Who an account is, for the provider's books.
#[derive(Clone, Debug)]
pub struct Payer {
    /// The account.
    pub account: AccountId,
    /// The name on its invoices.
    pub name: String,
    /// Where its invoices go.
    pub email: String,
}
