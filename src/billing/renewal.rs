//! The end of a period: renewal, or the subscription's end.
//!
//! Periods are counted in calendar months from the anchor, in UTC, so that one that begins on the 31st
//! ends on the last day of shorter months and returns to the 31st. Periods that passed whole while no
//! server ran are skipped: nobody could use what they would pay for. So a clock that jumps charges
//! nobody for time that never was.

use jiff::{ToSpan as _, tz::TimeZone};
use serde_json::json;

use crate::{
    accounts,
    audit::{self, Event},
    billing::{
        InvoiceKind, Line, PaymentKind, PaymentState, Shop,
        invoice::{self, Draft, details, issue},
        mail,
        quote::{fractions, share, whole_period},
        store::{self, NewPayment},
    },
    clock::Time,
    db::Tx,
    error::{Error, Result},
    id::{AccountId, PaymentId, UserId},
    jobs::enqueue,
    licenses::{self, Seat},
    money::{Meter, Money, part, seconds_until},
    plans::{self, State, Subscription},
    web::Site,
};

/// When a period begins: so many months after the anchor.
pub(super) fn boundary(anchor: Time, months: i64) -> Time {
    let zoned = anchor.timestamp().to_zoned(TimeZone::UTC);
    let span = i32::try_from(months).unwrap_or(i32::MAX).months();
    zoned.saturating_add(span).timestamp().into()
}

/// Begins a subscription's first period now, paid in full.
pub(super) fn begin(has: &mut Subscription, now: Time) {
    has.state = State::Active;
    (has.anchor_at, has.period) = (now, 0);
    (has.period_start, has.period_end) = (now, boundary(now, i64::from(has.billed.months())));
    let meter = Meter::paid(has.price, has.seconds());
    (has.exact, has.charged, has.ended_at, has.told_at) = (meter.exact, meter.charged, None, None);
}

/// Moves to the period that `now` lies in, with the length that was planned.
fn advance(has: &mut Subscription, now: Time) {
    match has.next_billed.take() {
        Some(billed) => (has.anchor_at, has.period, has.billed) = (has.period_end, 0, billed),
        None => has.period += 1,
    }
    let months = i64::from(has.billed.months());
    loop {
        has.period_start = boundary(has.anchor_at, has.period * months);
        has.period_end = boundary(has.anchor_at, (has.period + 1) * months);
        // The calendar ends some day; we end with it rather than count for ever.
        if has.period_end > now || has.period_end <= has.period_start {
            return;
        }
        has.period += 1;
    }
}

/// Renews a subscription whose period is over, or ends it. Does nothing where it is not, or where a
/// purchase is just being charged.
///
/// # Errors
/// The database fails.
pub(super) async fn renew(tx: &Tx, shop: &Shop, site: &Site, account: AccountId) -> Result<()> {
    let mut has = plans::subscription(tx, account).await?;
    let over = has.state == State::Active && has.period_end <= tx.now();
    let buying = store::pending_charge(tx, account).await?.is_some_and(|charge| charge.quote.is_some());
    if !over || buying {
        return Ok(());
    }
    if has.ends_at_renewal {
        return close(tx, shop, site, has, None, None).await.map(|_| ());
    }
    take_up_plans(tx, site, &mut has).await?;
    advance(&mut has, tx.now());
    charge_period(tx, shop, site, &mut has).await?;
    invoice::settle(tx, shop, &mut has).await?;
    plans::save(tx, &has).await?;
    let detail = json!({ "licenses": has.licenses, "plan": has.plan, "price": has.money(has.price) });
    audit::record(tx, Event::unattended(account, "subscription.renewed", has.id).with(detail)).await
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
        let to = details(tx, has.account).await?.email;
        let link = subscription_page(site, has.account);
        enqueue(tx, &mail::kept(has.account, &to, wanted, licenses, &link)).await?;
    }
    (has.licenses, has.plan) = (licenses, plan);
    Ok(())
}

/// The page of an account's subscription.
pub(super) fn subscription_page(site: &Site, account: AccountId) -> String {
    site.page(&format!("/a/{account}/subscription"))
}

/// Charges the period that just began, in full.
async fn charge_period(tx: &Tx, shop: &Shop, site: &Site, has: &mut Subscription) -> Result<()> {
    let tiers = shop.prices.tiers(has.plan, has.billed);
    (has.tiers, has.price) = (tiers.json(), tiers.price(has.licenses));
    let meter = Meter::paid(has.price, has.seconds());
    (has.exact, has.charged) = (meter.exact, meter.charged);
    let mut lines = whole_period(has.plan, has.billed, has.licenses, tiers, has.currency);
    for line in &mut lines {
        line.text.push_str(&format!(", {} to {}", mail::day(has.period_start), mail::day(has.period_end)));
    }
    let by_card = shop.by_card && has.payment_method.is_some();
    let due_at = if by_card { tx.now() } else { tx.now().plus(shop.payment_time) };
    issue(tx, shop, site, has, Draft { kind: InvoiceKind::Invoice, lines, due_at }).await?;
    if by_card {
        charge_what_is_owed(tx, has).await?;
    }
    Ok(())
}

/// Has the keeper charge the card with all that is owed, unless it is being charged already.
///
/// # Errors
/// The database fails.
pub(super) async fn charge_what_is_owed(tx: &Tx, has: &Subscription) -> Result<()> {
    let owed = store::balance(tx, has.account).await?;
    if owed <= 0 || store::pending_charge(tx, has.account).await?.is_some() {
        return Ok(());
    }
    charge_at(tx, has.account, has.money(owed), tx.now()).await
}

/// Has the keeper charge the card at a moment.
///
/// # Errors
/// The database fails.
pub(super) async fn charge_at(tx: &Tx, account: AccountId, amount: Money, next_at: Time) -> Result<()> {
    let new = NewPayment {
        kind: PaymentKind::Charge,
        state: PaymentState::Pending,
        provider: "stripe",
        amount,
        quote: None,
        charge: None,
        note: "",
        next_at,
    };
    store::insert_payment(tx, account, &new).await?;
    tx.announce(super::keeper::TOPIC);
    Ok(())
}

/// What is given back if a subscription ends at `at`: nothing where nothing was paid for.
pub(super) fn unused(has: &Subscription, at: Time) -> Money {
    if has.state != State::Active {
        return has.money(0);
    }
    let left = seconds_until(has.period_end, at).min(has.seconds());
    has.money(-has.meter().price(-has.price, left).total())
}

/// Ends a subscription: with the end of its period, or (`at`) now, where the unused time is credited
/// from that second on. Gives the credit note.
///
/// # Errors
/// It has ended already, or a payment is under way.
pub(super) async fn close(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    mut has: Subscription,
    at: Option<Time>,
    by: Option<UserId>,
) -> Result<Option<Money>> {
    let account = has.account;
    if has.state == State::Ended {
        return Err(Error::conflict("ended_already", "This subscription has ended already."));
    }
    must_be_quiet(tx, account).await?;
    let credit = match at {
        Some(at) if has.state == State::Active => give_back(tx, shop, site, &mut has, at).await?,
        _ => None,
    };
    has.state = State::Ended;
    has.ended_at = Some(tx.now());
    (has.next_plan, has.next_billed, has.next_licenses, has.ends_at_renewal) = (None, None, None, false);
    invoice::settle(tx, shop, &mut has).await?;
    plans::save(tx, &has).await?;
    pay_out(tx, shop, &has).await?;
    let name = accounts::account_name(tx, account).await?;
    let to = details(tx, account).await?.email;
    enqueue(tx, &mail::ended(account, &to, &name, credit, &subscription_page(site, account))).await?;
    let mut event = Event::unattended(account, "subscription.ended", has.id);
    event.actor = by;
    audit::record(tx, event.with(json!({ "credit": credit }))).await?;
    Ok(credit)
}

/// Refuses while a payment is under way, whose outcome would meet another subscription than it was for.
///
/// # Errors
/// One is.
pub(super) async fn must_be_quiet(tx: &Tx, account: AccountId) -> Result<()> {
    match store::pending_charge(tx, account).await? {
        None => Ok(()),
        // A retry that still waits for its day is none: whoever changes what it is for, ends it.
        Some(waiting) if waiting.quote.is_none() && waiting.reference.is_none() => {
            drop_charge(tx, waiting.id).await
        }
        Some(_) => Err(Error::conflict(
            "payment_under_way",
            "A payment of this account is just being confirmed. Please try again in a minute.",
        )),
    }
}

/// Drops a charge that was not written down at the provider yet.
///
/// # Errors
/// The database fails.
pub(super) async fn drop_charge(tx: &Tx, id: PaymentId) -> Result<()> {
    store::settle_payment(tx, id, PaymentState::Failed, None, Some("no longer needed")).await?;
    Ok(())
}

/// Credits the unused time of the running period.
async fn give_back(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    has: &mut Subscription,
    at: Time,
) -> Result<Option<Money>> {
    let whole = has.seconds();
    let left = seconds_until(has.period_end, at).min(whole);
    let total = has.meter().price(-has.price, left).total();
    let meter = has.meter().changed(-has.price, left, total);
    (has.exact, has.charged) = (meter.exact, meter.charged);
    if total == 0 {
        return Ok(None);
    }
    let mut lines = vec![Line {
        text: format!("{} licenses, {}, the unused rest of the period", has.licenses, has.plan.label()),
        sum: format!("{} × {}", has.money(-has.price), share(left, whole)),
        amount: part(-has.price, left, whole),
    }];
    fractions(&mut lines, total);
    let draft = Draft { kind: InvoiceKind::CreditNote, lines, due_at: tx.now() };
    issue(tx, shop, site, has, draft).await?;
    Ok(Some(has.money(-total)))
}

/// Has the keeper give back to the card what the account is owed, from the newest charges on.
async fn pay_out(tx: &Tx, shop: &Shop, has: &Subscription) -> Result<()> {
    if !shop.by_card {
        return Ok(());
    }
    let mut owed = store::credit(tx, has.account).await?;
    for (charge, left) in store::refundable(tx, has.account, "stripe").await? {
        let amount = owed.min(left);
        if amount <= 0 {
            continue;
        }
        give_back_to_card(tx, has.account, has.money(amount), &charge).await?;
        owed -= amount;
    }
    Ok(())
}

/// Has the keeper give back some of a charge.
///
/// # Errors
/// The database fails.
pub(super) async fn give_back_to_card(
    tx: &Tx,
    account: AccountId,
    amount: Money,
    charge: &str,
) -> Result<()> {
    let new = NewPayment {
        kind: PaymentKind::Refund,
        state: PaymentState::Pending,
        provider: "stripe",
        amount,
        quote: None,
        charge: Some(charge),
        note: "",
        next_at: tx.now(),
    };
    store::insert_payment(tx, account, &new).await?;
    tx.announce(super::keeper::TOPIC);
    Ok(())
}

/// Tells whoever the invoices go to that money is owed, once per due date.
///
/// # Errors
/// The database fails.
pub(super) async fn tell(tx: &Tx, site: &Site, account: AccountId) -> Result<()> {
    let mut has = plans::subscription(tx, account).await?;
    has.told_at = Some(tx.now());
    plans::save(tx, &has).await?;
    let Some(from) = has.read_only_from.filter(|_| has.state != State::Ended) else { return Ok(()) };
    let to = details(tx, account).await?.email;
    let link = subscription_page(site, account);
    enqueue(tx, &mail::overdue(account, &to, has.state == State::Trial, from, &link)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::read(text, &TimeZone::UTC).unwrap()
    }

    #[test]
    fn months_return_to_the_31st() {
        let anchor = at("2026-01-31T10:00:00Z");
        let ends = (1..=4).map(|n| boundary(anchor, n).to_string()).collect::<Vec<_>>();
        assert_eq!(
            ends,
            ["2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z", "2026-05-31T10:00:00Z"]
        );
    }
}
