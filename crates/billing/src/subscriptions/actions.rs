//! The verbs of subscriptions.

use serde_json::json;

use crate::{
    charges::cancel_retry_or_refuse,
    details,
    invoices::GivenBack,
    mail::subscription_page,
    periods,
    quotes::Effect,
    shop::Shop,
    subscriptions::{
        close::{close, given_back},
        mail,
    },
};
use access::AccountOwner;
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, UserId},
    links::Site,
};
use people::plans::{self, State};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// Plans the end of the subscription with its period, or ends it now with the unused time credited.
///
/// # Errors
/// It has ended already, or a payment is under way.
pub async fn cancel(
    tx: &Tx,
    by: &AccountOwner,
    shop: &Shop,
    site: &Site,
    effect: Effect,
) -> Result<GivenBack> {
    let mut has = plans::subscription(tx, by.account()).await?;
    if has.state == State::Trial && effect == Effect::Renewal {
        return Err(Error::conflict("trial", "A trial ends automatically. There's nothing to cancel."));
    }
    if effect == Effect::Now || has.state != State::Active {
        return close(tx, shop, site, has, Some(tx.now()), Some(by.user())).await;
    }
    cancel_retry_or_refuse(tx, by.account()).await?;
    periods::forget_plans(&mut has);
    has.ends_at_renewal = true;
    plans::save(tx, &has).await?;
    audit::record(tx, Event::new(by.account(), by.user(), Action::SubscriptionCanceled, has.id)).await?;
    Ok(GivenBack::of(has.money(0), 0))
}

/// Takes back what was planned for the renewal: the end, or fewer licenses.
///
/// # Errors
/// A payment is under way.
pub async fn keep(tx: &Tx, by: &AccountOwner) -> Result<()> {
    let mut has = plans::subscription(tx, by.account()).await?;
    cancel_retry_or_refuse(tx, by.account()).await?;
    periods::forget_plans(&mut has);
    plans::save(tx, &has).await?;
    audit::record(tx, Event::new(by.account(), by.user(), Action::SubscriptionKept, has.id)).await
}

/// What an account's subscription would give back if it ended at `at`.
pub async fn given_back_at(tx: &Tx, account: AccountId, at: Time) -> Result<GivenBack> {
    given_back(tx, &plans::subscription(tx, account).await?, at).await
}

/// Ends someone's own subscription at `at`, because they join another account.
///
/// # Errors
/// A payment of theirs is under way.
pub async fn end_own(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    account: AccountId,
    by: UserId,
    at: Time,
) -> Result<()> {
    let has = plans::subscription(tx, account).await?;
    if matches!(has.state, State::Ended | State::Unbilled) {
        return Ok(());
    }
    close(tx, shop, site, has, Some(at), Some(by)).await.map(|_| ())
}

/// Whether an account owes something: an invoice of it isn't settled.
///
/// # Errors
/// None but the database's.
pub async fn owes(tx: &Tx, account: AccountId) -> Result<bool> {
    Ok(!crate::invoices::open(tx, account).await?.is_empty())
}

/// Gives an account more licenses by self-service than others, by arrangement.
///
/// # Errors
/// There is no such account.
pub async fn arrange_limit(tx: &Tx, account: AccountId, limit: i64) -> Result<()> {
    let mut has = plans::subscription(tx, account).await?;
    has.license_limit = Some(limit);
    plans::save(tx, &has).await?;
    let detail = json!({ "limit": limit });
    audit::record(tx, Event::unattended(account, Action::SubscriptionArranged, has.id).with(detail)).await
}

/// Tells the people who get the invoices that money is owed, once per due date.
pub(crate) async fn remind(tx: &Tx, site: &Site, account: AccountId) -> Result<()> {
    let mut has = plans::subscription(tx, account).await?;
    has.told_at = Some(tx.now());
    plans::save(tx, &has).await?;
    let Some(from) = has.read_only_from.filter(|_| has.state != State::Ended) else { return Ok(()) };
    let to = details::of(tx, account).await?.email;
    let link = subscription_page(site, account);
    enqueue(tx, &mail::overdue(account, &to, has.state == State::Trial, from, &link)).await?;
    Ok(())
}
