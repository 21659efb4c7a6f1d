//! Asking the payment provider, outside of our transactions, and taking up what it says.

use futures_util::future::join_all;

use crate::{
    charges::{
        LEASE, PaymentKind,
        settle::settle_payment,
        start::drop_charge,
        store::{self, PaymentRow},
    },
    ledger,
    shop::Shop,
};
use kernel::{
    error::{Error, Kind, Result},
    id::PaymentId,
};
use people::{accounts, plans};
use platform::{
    Services,
    payments::{ChargeRequest, Notice, Outcome, Refund},
};
use storage::Tx;

/// How many payments are claimed at a time.
const BATCH: i64 = 50;

/// Asks the provider about every payment that waits. One payment's trouble is not the others': it is told to
/// the operator, and tried again at the next look.
pub(crate) async fn ask_about_due(services: &Services) -> Result<()> {
    if !services.payments.by_card() {
        return Ok(());
    }
    let lease = async |tx: &Tx| store::claim_due(tx, tx.now().plus(LEASE), BATCH).await;
    let claimed = services.db.write(lease).await?;
    for settled in join_all(claimed.iter().map(|payment| ask(services, payment))).await {
        if let Err(error) = settled {
            tracing::error!(?error, "a payment could not be settled and is tried again");
        }
    }
    Ok(())
}

/// Charges for a purchase that was just begun, and waits for what comes of it, which is noted with the payment.
pub(crate) async fn charge_now(services: &Services, id: PaymentId) -> Result<()> {
    let claimed = services.db.write(async move |tx| store::claim(tx, id, tx.now().plus(LEASE)).await).await?;
    match claimed {
        Some(payment) => ask(services, &payment).await,
        None => Ok(()),
    }
}

/// Takes up what the provider tells by itself, once.
pub(super) async fn handle_webhook(services: &Services, notice: Notice) -> Result<()> {
    let Ok(id) = notice.payment.parse::<PaymentId>() else { return Ok(()) };
    let (shop, site) = (Shop::of(&services.config), services.site.clone());
    let take_up = async move |tx: &Tx| {
        if store::mark_event_seen(tx, &notice.id).await? {
            settle_payment(tx, &shop, &site, id, &notice.outcome).await?;
        }
        Ok(())
    };
    services.db.write(take_up).await
}

/// Asks the provider to move money that was claimed, and notes what came of it.
async fn ask(services: &Services, payment: &PaymentRow) -> Result<()> {
    let outcome = match payment.kind {
        PaymentKind::Charge => charge(services, payment).await?,
        PaymentKind::Refund => services.payments.get().refund(&refund_request(payment)).await,
    };
    let (shop, site, id) = (Shop::of(&services.config), services.site.clone(), payment.id);
    services.db.write(async move |tx| settle_payment(tx, &shop, &site, id, &outcome).await).await
}

fn refund_request(payment: &PaymentRow) -> Refund {
    Refund {
        payment: payment.id,
        again: payment.attempts > 1,
        amount: payment.money(),
        charge: payment.charge.clone().unwrap_or_default(),
    }
}

/// Charges: first written down at the provider, its id kept here, and only then confirmed.
async fn charge(services: &Services, payment: &PaymentRow) -> Result<Outcome> {
    let provider = services.payments.get();
    if let Some(known) = &payment.reference {
        return Ok(provider.charge(payment.id, known, true).await);
    }
    let planned = payment.clone();
    let amount = services.db.write(async move |tx| clamp_to_balance(tx, &planned).await).await?;
    if amount == 0 {
        return Ok(dropped());
    }
    let payment = &PaymentRow { amount, ..payment.clone() };
    let request = match services.db.read(async |tx| charge_request(tx, payment).await).await {
        Err(error) if error.kind() == Kind::Conflict => {
            return Ok(Outcome::Declined(error.public().to_owned()));
        }
        request => request?,
    };
    let provider_id = match provider.begin(&request).await {
        Err(outcome) => return Ok(outcome),
        Ok(provider_id) => provider_id,
    };
    match record_provider_id(services, payment.id, provider_id.clone()).await? {
        true => Ok(provider.charge(payment.id, &provider_id, false).await),
        false => Ok(dropped()),
    }
}

/// What came of a charge that was dropped meanwhile: it is settled, so this is not noted.
fn dropped() -> Outcome {
    Outcome::Unknown("no longer needed".to_owned())
}

/// Keeps the provider's id of a charge that is to be made; says whether it still is.
async fn record_provider_id(services: &Services, payment: PaymentId, id: String) -> Result<bool> {
    services.db.write(async move |tx| store::set_provider_id(tx, payment, &id).await).await
}

/// Lowers a charge that is not for a quote to what is owed by now, which may be less than when it was planned;
/// drops it where nothing is. Says how much is to be charged.
async fn clamp_to_balance(tx: &Tx, payment: &PaymentRow) -> Result<i64> {
    if payment.quote.is_some() {
        return Ok(payment.amount);
    }
    let owed = ledger::balance(tx, payment.account).await?.min(payment.amount).max(0);
    match owed {
        0 => drop_charge(tx, payment.id).await?,
        less if less < payment.amount => store::reprice(tx, payment.id, less).await?,
        _ => {}
    }
    Ok(owed)
}

/// What the provider needs to know for a charge that was begun.
///
/// # Errors
/// There is no card any more.
async fn charge_request(tx: &Tx, payment: &PaymentRow) -> Result<ChargeRequest> {
    let has = plans::subscription(tx, payment.account).await?;
    let (Some(customer), Some(method)) = (has.customer, has.payment_method) else {
        return Err(Error::conflict("no_card", "Enter a card first."));
    };
    let name = accounts::account_name(tx, payment.account).await?;
    Ok(ChargeRequest {
        payment: payment.id,
        amount: payment.money(),
        customer,
        method,
        text: format!("Covey for {name}"),
    })
}
