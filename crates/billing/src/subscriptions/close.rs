//! The end of a subscription, and what it gives back.

use serde_json::json;

use crate::{
    charges::{cancel_retry_or_refuse, refund_credit},
    details,
    invoices::{self, Draft, GivenBack, InvoiceKind, Line, issue},
    mail::subscription_page,
    periods,
    quotes::{dates, fractions, share},
    shop::Shop,
    subscriptions::mail,
};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::UserId,
    links::Site,
    money::{Money, part, seconds_until},
    text::counted,
};
use people::{
    accounts,
    plans::{self, State, Subscription},
};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

/// What the account is given back if its subscription ends at `at`.
pub(super) async fn given_back(tx: &Tx, has: &Subscription, at: Time) -> Result<GivenBack> {
    let open = invoices::open(tx, has.account).await?.iter().map(|invoice| invoice.open).sum();
    Ok(GivenBack::of(unused(has, at), open))
}

/// What is given back if a subscription ends at `at`: nothing where nothing was paid for.
fn unused(has: &Subscription, at: Time) -> Money {
    if has.state != State::Active {
        return has.money(0);
    }
    let left = seconds_until(has.period_end, at).min(has.seconds());
    has.money(-has.meter().price(-has.price, left).total())
}

/// Ends a subscription: with the end of its period, or (`at`) now, where the unused time is credited
/// from that second on. Says what is given back.
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
) -> Result<GivenBack> {
    let account = has.account;
    if has.state == State::Ended {
        return Err(Error::conflict("ended_already", "This subscription has already ended."));
    }
    cancel_retry_or_refuse(tx, account).await?;
    let given = match at {
        Some(at) if has.state == State::Active => credit_unused(tx, shop, site, &mut has, at).await?,
        _ => GivenBack::of(has.money(0), 0),
    };
    has.state = State::Ended;
    has.ended_at = Some(tx.now());
    periods::forget_plans(&mut has);
    invoices::settle(tx, shop, &mut has).await?;
    plans::save(tx, &has).await?;
    refund_credit(tx, shop, &has, by).await?;
    let name = accounts::account_name(tx, account).await?;
    let to = details::of(tx, account).await?.email;
    enqueue(tx, &mail::ended(account, &to, &name, given, &subscription_page(site, account))).await?;
    let mut event = Event::unattended(account, Action::SubscriptionEnded, has.id);
    event.actor = by;
    audit::record(tx, event.with(json!({ "credit": given.credited, "canceled": given.canceled }))).await?;
    Ok(given)
}

/// Credits the unused time of the running period.
async fn credit_unused(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    has: &mut Subscription,
    at: Time,
) -> Result<GivenBack> {
    let whole = has.seconds();
    let left = seconds_until(has.period_end, at).min(whole);
    let total = has.meter().price(-has.price, left).total();
    let meter = has.meter().changed(-has.price, left, total);
    (has.exact, has.charged) = (meter.exact, meter.charged);
    if total == 0 {
        return Ok(GivenBack::of(has.money(0), 0));
    }
    let mut lines = vec![Line {
        text: format!(
            "Unused: {}, {}, {}",
            counted(has.licenses, "license", "licenses"),
            has.plan.label(),
            dates(at, has.period_end)
        ),
        sum: format!("{} × {}", has.money(-has.price), share(left, whole)),
        amount: part(-has.price, left, whole),
    }];
    fractions(&mut lines, total);
    let draft = Draft { kind: InvoiceKind::CreditNote, lines, due_at: tx.now() };
    Ok(issue(tx, shop, site, has, draft).await?.given_back())
}
