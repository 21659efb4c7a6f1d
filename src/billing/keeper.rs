//! What happens to money by itself: renewals, reminders, and payments whose outcome is not known yet.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use crate::{
    billing::{
        PaymentKind, Shop, renewal,
        settlement::{self, LEASE},
        store::{self, PaymentRow},
    },
    db::Db,
    error::{Kind, Result},
    id::{AccountId, PaymentId},
    payments::{Outcome, Refund},
    plans,
    web::App,
};

/// What is announced when there is something to be asked of the provider.
pub(super) const TOPIC: &str = "payments";
/// How often the keeper looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many accounts or payments are taken at a time.
const BATCH: i64 = 50;

/// Does what is due until it is told to stop.
pub struct Keeper {
    /// The state.
    pub app: App,
}

impl Keeper {
    /// Runs until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut changes = self.app.db.changes();
        // Once: every account that is opened from now on begins with its trial.
        let mut adopted = false;
        while !*stop.borrow() {
            let done = if adopted { round(&self.app).await } else { tick(&self.app).await };
            adopted |= done.is_ok();
            if let Err(error) = done {
                tracing::error!(?error, "billing failed and is tried again");
            }
            tokio::select! {
                () = Db::heard(&mut changes, TOPIC) => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

/// Gives accounts from before there were subscriptions their trial, and does all that is due now.
///
/// # Errors
/// The database fails.
pub async fn tick(app: &App) -> Result<()> {
    let trial = app.config.trial();
    if app.db.read(async |tx| plans::any_to_adopt(tx).await).await? {
        app.db.write(async move |tx| plans::adopt(tx, trial).await).await?;
    }
    round(app).await
}

/// Does all that is due now.
async fn round(app: &App) -> Result<()> {
    for account in due(app, plans::to_renew).await? {
        let (shop, site) = (Shop::of(&app.config), app.site.clone());
        passable(app.db.write(async move |tx| renewal::renew(tx, &shop, &site, account).await).await);
    }
    for account in due(app, plans::to_tell).await? {
        let site = app.site.clone();
        passable(app.db.write(async move |tx| renewal::tell(tx, &site, account).await).await);
    }
    ask_again(app).await
}

async fn due(
    app: &App,
    list: impl AsyncFn(&crate::db::Tx, i64) -> Result<Vec<AccountId>>,
) -> Result<Vec<AccountId>> {
    app.db.read(async |tx| list(tx, BATCH).await).await
}

/// One account's trouble is not the others': it is told to the operator, and tried again at the next look.
fn passable(done: Result<()>) {
    if let Err(error) = done {
        tracing::error!(?error, "billing of one account failed and is tried again");
    }
}

/// Asks the provider about every payment that waits.
async fn ask_again(app: &App) -> Result<()> {
    if !app.payments.by_card() {
        return Ok(());
    }
    let claimed = app.db.write(async |tx| store::claim_due(tx, tx.now().plus(LEASE), BATCH).await).await?;
    for settled in join_all(claimed.iter().map(|payment| ask(app, payment))).await {
        passable(settled);
    }
    Ok(())
}

/// Asks the provider to move money that was claimed, and notes what came of it.
async fn ask(app: &App, payment: &PaymentRow) -> Result<()> {
    let outcome = match payment.kind {
        PaymentKind::Charge => charge(app, payment).await?,
        PaymentKind::Refund => {
            let refund = Refund {
                payment: payment.id,
                again: payment.attempts > 1,
                amount: payment.money(),
                charge: payment.charge.clone().unwrap_or_default(),
            };
            app.payments.get().refund(&refund).await
        }
    };
    note(app, payment.id, outcome).await
}

/// Charges: first written down at the provider, its reference kept here, and only then made.
async fn charge(app: &App, payment: &PaymentRow) -> Result<Outcome> {
    let provider = app.payments.get();
    if let Some(reference) = &payment.reference {
        return Ok(provider.charge(payment.id, reference, true).await);
    }
    let planned = payment.clone();
    let amount = app.db.write(async move |tx| settlement::fit(tx, &planned).await).await?;
    if amount == 0 {
        return Ok(dropped());
    }
    let payment = &PaymentRow { amount, ..payment.clone() };
    let order = match app.db.read(async |tx| settlement::order(tx, payment).await).await {
        Err(error) if error.kind() == Kind::Conflict => {
            return Ok(Outcome::Declined(error.public().to_owned()));
        }
        order => order?,
    };
    match provider.begin(&order).await {
        Err(outcome) => Ok(outcome),
        Ok(reference) => {
            let (id, kept) = (payment.id, reference.clone());
            match app.db.write(async move |tx| settlement::written_down(tx, id, &kept).await).await? {
                true => Ok(provider.charge(id, &reference, false).await),
                false => Ok(dropped()),
            }
        }
    }
}

/// What came of a charge that was dropped meanwhile: it is settled, so this is not noted.
fn dropped() -> Outcome {
    Outcome::Unknown("no longer needed".to_owned())
}

/// Notes what came of a payment, in a transaction of its own.
///
/// # Errors
/// The database fails.
pub(super) async fn note(app: &App, id: PaymentId, outcome: Outcome) -> Result<()> {
    let (shop, site) = (Shop::of(&app.config), app.site.clone());
    app.db.write(async move |tx| settlement::settle_payment(tx, &shop, &site, id, &outcome).await).await
}

/// Charges for a purchase that was just begun, and waits for what comes of it.
///
/// # Errors
/// The database fails. What the provider says is noted with the payment.
pub(super) async fn charge_now(app: &App, id: PaymentId) -> Result<()> {
    match app.db.write(async move |tx| settlement::claim(tx, id).await).await? {
        Some(payment) => ask(app, &payment).await,
        None => Ok(()),
    }
}

/// Notes what the provider tells by itself, once.
///
/// # Errors
/// The database fails.
pub(super) async fn told(app: &App, notice: crate::payments::Notice) -> Result<()> {
    let Ok(id) = notice.payment.parse::<PaymentId>() else { return Ok(()) };
    let (shop, site) = (Shop::of(&app.config), app.site.clone());
    app.db
        .write(async move |tx| {
            if store::heard(tx, &notice.id).await? {
                settlement::settle_payment(tx, &shop, &site, id, &notice.outcome).await?;
            }
            Ok(())
        })
        .await
}
