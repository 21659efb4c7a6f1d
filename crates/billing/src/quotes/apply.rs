//! What a quote changes once it is bought.

use serde_json::json;

use crate::{
    invoices::{self, Draft, InvoiceKind, issue},
    periods,
    quotes::{
        Effect, QuoteState,
        store::{self, Quote},
    },
    shop::Shop,
};
use kernel::{
    error::Result,
    id::{InvoiceId, UserId},
    links::Site,
    money::Money,
};
use people::{
    accounts, licenses,
    plans::{self, State, Subscription},
};
use platform::audit::{self, Action, Event};
use storage::Tx;

/// Makes a quote's change; gives the invoice, if there is one.
pub(crate) async fn apply(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    mut has: Subscription,
    quote: &Quote,
    by: UserId,
) -> Result<Option<InvoiceId>> {
    let invoice = match quote.effect {
        Effect::Renewal => {
            plan_ahead(&mut has, quote);
            None
        }
        Effect::Now => Some(change_now(tx, shop, site, &mut has, quote).await?),
    };
    invoices::settle(tx, shop, &mut has).await?;
    plans::save(tx, &has).await?;
    for from in [QuoteState::Open, QuoteState::Confirming] {
        store::change_state(tx, has.account, quote.id, from, QuoteState::Used, invoice).await?;
    }
    let action = match quote.effect {
        Effect::Now => Action::SubscriptionBought,
        Effect::Renewal => Action::SubscriptionPlanned,
    };
    let detail = json!({
        "licenses": quote.licenses, "plan": quote.plan, "billed": quote.billed,
        "total": Money::new(quote.total, quote.currency), "terms": shop.terms,
    });
    audit::record(tx, Event::new(has.account, by, action, has.id).with(detail)).await?;
    Ok(invoice)
}

fn plan_ahead(has: &mut Subscription, quote: &Quote) {
    has.next_plan = (quote.plan != has.plan).then_some(quote.plan);
    has.next_billed = (quote.billed != has.billed).then_some(quote.billed);
    has.next_licenses = (quote.licenses != has.licenses).then_some(quote.licenses);
    has.ends_at_renewal = false;
}

async fn change_now(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    has: &mut Subscription,
    quote: &Quote,
) -> Result<InvoiceId> {
    licenses::resize(tx, has.account, quote.licenses, quote.plan.support_staff()).await?;
    if quote.licenses > 1 {
        accounts::become_group(tx, has.account).await?;
    }
    let running = has.state == State::Active;
    let higher = quote.plan != has.plan;
    let meter = has.meter().changed(quote.difference, quote.seconds, quote.total);
    (has.plan, has.billed, has.licenses) = (quote.plan, quote.billed, quote.licenses);
    (has.price, has.tiers, has.currency) = (quote.price, quote.tiers.clone(), quote.currency);
    if running {
        (has.exact, has.charged) = (meter.exact, meter.charged);
        has.next_plan = has.next_plan.filter(|_| !higher);
    } else {
        periods::forget_plans(has);
        periods::begin(has, tx.now());
    }
    let due_at = if shop.by_card { tx.now() } else { tx.now().plus(shop.payment_time) };
    let draft = Draft { kind: InvoiceKind::Invoice, lines: quote.lines(), due_at };
    Ok(issue(tx, shop, site, has, draft).await?.id)
}
