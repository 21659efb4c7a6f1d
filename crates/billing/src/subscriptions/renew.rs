//! The end of a period: renewal, or the subscription's end.

use serde_json::json;

use crate::{
    charges::{charge_what_is_owed, pending_charge},
    details,
    invoices::{self, Draft, InvoiceKind, issue},
    mail::subscription_page,
    periods::advance,
    quotes::{Renewal, whole_period},
    shop::Shop,
    subscriptions::{close::close, mail},
};
use kernel::{error::Result, id::AccountId, links::Site, money::Meter};
use people::{
    licenses::{self, Seat},
    plans::{self, State, Subscription},
};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// Renews a subscription whose period is over, or ends it. Does nothing where it is not, or where a
/// purchase is just being charged.
pub(crate) async fn renew(tx: &Tx, shop: &Shop, site: &Site, account: AccountId) -> Result<()> {
    let mut has = plans::subscription(tx, account).await?;
    let over = has.state == State::Active && has.period_end <= tx.now();
    let buying = pending_charge(tx, account).await?.is_some_and(|charge| charge.quote.is_some());
    if !over || buying {
        return Ok(());
    }
    if has.ends_at_renewal {
        return close(tx, shop, site, has, None, None).await.map(|_| ());
    }
    take_up_plans(tx, site, &mut has).await?;
    advance(&mut has, tx.now());
    charge_period(tx, shop, site, &mut has).await?;
    invoices::settle(tx, shop, &mut has).await?;
    plans::save(tx, &has).await?;
    let detail = json!({ "licenses": has.licenses, "plan": has.plan, "price": has.money(has.price) });
    audit::record(tx, Event::unattended(account, Action::SubscriptionRenewed, has.id).with(detail)).await
}

/// Changes to what was planned for the renewal, as far as the people who are there allow.
async fn take_up_plans(tx: &Tx, site: &Site, has: &mut Subscription) -> Result<()> {
    let wanted = has.next_licenses.take().unwrap_or(has.licenses);
    let mut plan = has.next_plan.take().unwrap_or(has.plan);
    licenses::sweep(tx, has.account).await?;
    let mut licenses = wanted;
    for seats in licenses::seats_of(tx, has.account).await? {
        let taken = seats.used + seats.reserved;
        match seats.kind {
            Seat::License => licenses = wanted.max(taken),
            Seat::SupportStaff if taken > plan.support_staff() => plan = has.plan,
            Seat::SupportStaff => {}
        }
    }
    if (licenses, plan) != (has.licenses, has.plan) {
        licenses::resize(tx, has.account, licenses, plan.support_staff()).await?;
    }
    if licenses > wanted {
        let to = details::of(tx, has.account).await?.email;
        let link = subscription_page(site, has.account);
        enqueue(tx, &mail::kept(has.account, &to, wanted, licenses, &link)).await?;
    }
    (has.licenses, has.plan) = (licenses, plan);
    Ok(())
}

/// Charges the period that just began, in full.
async fn charge_period(tx: &Tx, shop: &Shop, site: &Site, has: &mut Subscription) -> Result<()> {
    let tiers = shop.prices.tiers(has.plan, has.billed);
    (has.tiers, has.price) = (tiers.json(), tiers.price(has.licenses));
    let meter = Meter::paid(has.price, has.seconds());
    (has.exact, has.charged) = (meter.exact, meter.charged);
    let lines = whole_period(Renewal::as_now(has), tiers, has.currency, has.period_start, has.period_end);
    let by_card = shop.by_card && has.payment_method.is_some();
    let due_at = if by_card { tx.now() } else { tx.now().plus(shop.payment_time) };
    issue(tx, shop, site, has, Draft { kind: InvoiceKind::Invoice, lines, due_at }).await?;
    if by_card {
        charge_what_is_owed(tx, has).await?;
    }
    Ok(())
}
