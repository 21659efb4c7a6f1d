//! The verbs of billing.

use serde_json::json;

use crate::{
    access::{AccountAdmin, AccountOwner, Role},
    accounts,
    audit::{self, Event},
    billing::{
        Effect, InvoiceKind, Offer, PaymentKind, PaymentState, QuoteState, Shop, Wish,
        invoice::{self, Draft, details, issue},
        quote,
        renewal::{self, must_be_quiet},
        settlement,
        store::{self, Details, NewPayment, Quote},
    },
    clock::{SECOND, Time},
    db::Tx,
    error::{Checks, Error, Result},
    id::{AccountId, InvoiceId, PaymentId, QuoteId, UserId},
    licenses,
    money::Money,
    payments::Method,
    plans::{self, State, Subscription},
    text::{self, Email},
    web::Site,
};

/// The price of a change, without fixing it.
///
/// # Errors
/// It can't be had.
pub async fn price(tx: &Tx, by: &AccountAdmin, shop: &Shop, wish: Wish) -> Result<(Subscription, Offer)> {
    let has = plans::subscription(tx, by.account()).await?;
    let seats = licenses::seats_of(tx, by.account()).await?;
    let kind = accounts::actions::show(tx, by).await?.kind;
    let offer = quote::reckon(&has, kind, &seats, wish, shop, tx.now())?;
    Ok((has, offer))
}

/// Fixes the price of a change for a quarter of an hour.
///
/// # Errors
/// It can't be had, or an invoice is overdue.
pub async fn make_quote(tx: &Tx, by: &AccountAdmin, shop: &Shop, wish: Wish) -> Result<Quote> {
    let (has, offer) = price(tx, by, shop, wish).await?;
    may_go_on(&has, by)?;
    let open = store::open_invoices(tx, by.account()).await?;
    let overdue = open.iter().any(|invoice| invoice.open > 0 && (shop.by_card || invoice.due_at <= tx.now()));
    if offer.effect == Effect::Now && overdue {
        return Err(Error::conflict(
            "invoice_open",
            "An invoice is still to be paid. Please pay that first, then add more.",
        ));
    }
    store::forget_quotes(tx, by.account()).await?;
    let credit = offer.total.min(store::credit(tx, by.account()).await?);
    let id = store::insert_quote(tx, &has, by.id(), &offer, credit, shop.prices.currency).await?;
    store::quote(tx, by.account(), id).await
}

/// What the owner has decided to end, only the owner goes on with.
fn may_go_on(has: &Subscription, by: &AccountAdmin) -> Result<()> {
    if has.ends_at_renewal && by.role() != Role::Owner {
        return Err(Error::conflict(
            "ending",
            "The owner has canceled this subscription for its renewal. Only the owner can go on with it.",
        ));
    }
    Ok(())
}

/// A quote of the account.
///
/// # Errors
/// There is none of this id.
pub async fn show_quote(tx: &Tx, by: &AccountAdmin, id: QuoteId) -> Result<Quote> {
    store::quote(tx, by.account(), id).await
}

/// What came of a purchase.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purchased {
    /// It is done; with its invoice, unless it begins with the renewal.
    Done(Option<InvoiceId>),
    /// The card is to be charged under this id.
    Charging(PaymentId),
    /// The card is being charged, by an earlier press of the button.
    Confirming,
}

/// Buys what a quote offers. Asking again gives the same answer and buys nothing more.
///
/// # Errors
/// There is no such quote, it no longer holds, the terms were not agreed to, or there is no card.
pub async fn purchase(
    tx: &Tx,
    by: &AccountAdmin,
    shop: &Shop,
    site: &Site,
    id: QuoteId,
    agreed: bool,
) -> Result<Purchased> {
    let quote = store::quote(tx, by.account(), id).await?;
    match quote.state {
        QuoteState::Used => return Ok(Purchased::Done(quote.invoice)),
        QuoteState::Confirming => return Ok(Purchased::Confirming),
        QuoteState::Open => {}
    }
    if !agreed {
        return Err(Error::field("accept_terms", "Please agree to the terms of use."));
    }
    let has = plans::subscription(tx, by.account()).await?;
    may_go_on(&has, by)?;
    still_holds(tx, &has, &quote)?;
    if quote.credit > store::credit(tx, by.account()).await? {
        return Err(outdated());
    }
    must_be_quiet(tx, by.account()).await?;
    store::agree(tx, by.account(), id, &shop.terms, by.id()).await?;
    if shop.by_card && quote.due() > 0 {
        return begin_charge(tx, &has, &quote).await;
    }
    apply(tx, shop, site, has, &quote, by.id()).await.map(Purchased::Done)
}

fn still_holds(tx: &Tx, has: &Subscription, quote: &Quote) -> Result<()> {
    if quote.expires_at <= tx.now() || tx.now() < quote.made_at.plus(-SECOND) {
        return Err(Error::conflict(
            "quote_expired",
            "This price held for 15 minutes, which are over. Please look at the new one; nothing was charged.",
        ));
    }
    if quote.version != has.version {
        return Err(outdated());
    }
    Ok(())
}

fn outdated() -> Error {
    Error::conflict(
        "quote_outdated",
        "The subscription was changed since this price was made, perhaps by somebody else. Please look at the \
         new price; nothing was charged.",
    )
}

async fn begin_charge(tx: &Tx, has: &Subscription, quote: &Quote) -> Result<Purchased> {
    if has.payment_method.is_none() {
        return Err(Error::conflict("no_card", "There is no card to charge yet. Please enter one first."));
    }
    let new = NewPayment {
        kind: PaymentKind::Charge,
        state: PaymentState::Pending,
        provider: "stripe",
        amount: Money::new(quote.due(), quote.currency),
        quote: Some(quote.id),
        charge: None,
        note: "",
        next_at: tx.now().plus(settlement::LEASE),
    };
    let payment = store::insert_payment(tx, has.account, &new).await?;
    store::move_quote(tx, has.account, quote.id, QuoteState::Open, QuoteState::Confirming, None).await?;
    Ok(Purchased::Charging(payment))
}

/// Makes a quote's change; gives the invoice, if there is one.
pub(super) async fn apply(
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
    invoice::settle(tx, shop, &mut has).await?;
    plans::save(tx, &has).await?;
    for from in [QuoteState::Open, QuoteState::Confirming] {
        store::move_quote(tx, has.account, quote.id, from, QuoteState::Used, invoice).await?;
    }
    let action = match quote.effect {
        Effect::Now => "subscription.bought",
        Effect::Renewal => "subscription.planned",
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
    let meter = has.meter().changed(quote.difference, quote.seconds, quote.total);
    (has.plan, has.billed, has.licenses) = (quote.plan, quote.billed, quote.licenses);
    (has.price, has.tiers, has.currency) = (quote.price, quote.tiers.clone(), quote.currency);
    (has.next_plan, has.next_billed, has.next_licenses, has.ends_at_renewal) = (None, None, None, false);
    match running {
        true => (has.exact, has.charged) = (meter.exact, meter.charged),
        false => renewal::begin(has, tx.now()),
    }
    let due_at = if shop.by_card { tx.now() } else { tx.now().plus(shop.payment_time) };
    let draft = Draft { kind: InvoiceKind::Invoice, lines: quote.lines(), due_at };
    Ok(issue(tx, shop, site, has, draft).await?.id)
}

/// What came of the payment of a quote, for whoever waits for it.
///
/// # Errors
/// The card was refused, with the reason.
pub async fn outcome_of(tx: &Tx, by: &AccountAdmin, quote: QuoteId, payment: PaymentId) -> Result<Purchased> {
    let row = store::quote(tx, by.account(), quote).await?;
    if row.state == QuoteState::Used {
        return Ok(Purchased::Done(row.invoice));
    }
    match store::payment(tx, payment).await?.filter(|payment| payment.account == by.account()) {
        Some(payment) if payment.state == PaymentState::Failed => Err(Error::conflict(
            "card_declined",
            format!("Nothing was charged. {}", payment.failure.unwrap_or_default()),
        )),
        _ => Ok(Purchased::Confirming),
    }
}

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
) -> Result<Option<Money>> {
    let mut has = plans::subscription(tx, by.account()).await?;
    if has.state == State::Trial && effect == Effect::Renewal {
        return Err(Error::conflict("trial", "A trial ends by itself; there is nothing to cancel."));
    }
    if effect == Effect::Now || has.state != State::Active {
        return renewal::close(tx, shop, site, has, Some(tx.now()), Some(by.id())).await;
    }
    must_be_quiet(tx, by.account()).await?;
    has.ends_at_renewal = true;
    (has.next_plan, has.next_billed, has.next_licenses) = (None, None, None);
    plans::save(tx, &has).await?;
    audit::record(tx, Event::new(by.account(), by.id(), "subscription.canceled", has.id)).await?;
    Ok(None)
}

/// Takes back what was planned for the renewal: the end, or fewer licenses.
///
/// # Errors
/// A payment is under way.
pub async fn keep(tx: &Tx, by: &AccountOwner) -> Result<()> {
    let mut has = plans::subscription(tx, by.account()).await?;
    must_be_quiet(tx, by.account()).await?;
    has.ends_at_renewal = false;
    (has.next_plan, has.next_billed, has.next_licenses) = (None, None, None);
    plans::save(tx, &has).await?;
    audit::record(tx, Event::new(by.account(), by.id(), "subscription.kept", has.id)).await
}

/// What somebody's own subscription would give back if it ended at `at`.
///
/// # Errors
/// The database fails.
pub async fn unused(tx: &Tx, account: AccountId, at: Time) -> Result<Money> {
    Ok(renewal::unused(&plans::subscription(tx, account).await?, at))
}

/// Ends somebody's own subscription at `at`, because they join another account.
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
) -> Result<Option<Money>> {
    let has = plans::subscription(tx, account).await?;
    if has.state == State::Ended {
        return Ok(None);
    }
    renewal::close(tx, shop, site, has, Some(at), Some(by)).await
}

/// Takes up how an account pays by itself from now on.
///
/// # Errors
/// The database fails.
pub async fn use_method(tx: &Tx, by: &AccountAdmin, customer: &str, method: &Method) -> Result<()> {
    let (reference, label) = (Some(method.reference.as_str()), Some(method.label.as_str()));
    plans::save_method(tx, by.account(), customer, reference, label).await?;
    let detail = json!({ "name": method.label });
    audit::record(tx, Event::new(by.account(), by.id(), "billing.card_entered", by.account()).with(detail))
        .await
}

/// To whom the account's invoices go.
///
/// # Errors
/// The database fails.
pub async fn show_details(tx: &Tx, by: &AccountAdmin) -> Result<Details> {
    details(tx, by.account()).await
}

/// Changes to whom the account's invoices go. Those that were issued stay as they are.
///
/// # Errors
/// A field can't be used, or somebody changed them meanwhile.
pub async fn change_details(tx: &Tx, by: &AccountAdmin, input: &Details) -> Result<()> {
    let mut checks = Checks::default();
    let name = checks.take("name", text::line(&input.name));
    let address = checks.take("address", text::prose(&input.address));
    let email = checks.take("email", Email::read(&input.email));
    let tax_id = checks.take("tax_id", text::optional_line(&input.tax_id));
    checks.done()?;
    let new = Details {
        name: name.unwrap_or_default(),
        address: address.unwrap_or_default(),
        email: email.map(|email| email.shown).unwrap_or_default(),
        tax_id: tax_id.flatten().unwrap_or_default(),
        version: input.version,
    };
    if !store::save_details(tx, by.account(), &new).await? {
        return Err(Error::stale());
    }
    let detail = json!({ "name": new.name, "email": new.email });
    audit::record(tx, Event::new(by.account(), by.id(), "billing.changed", by.account()).with(detail)).await
}

/// Gives an account more licenses by self-service than others, by arrangement.
///
/// # Errors
/// There is no such account.
pub async fn arrange(tx: &Tx, account: AccountId, limit: i64) -> Result<()> {
    let mut has = plans::subscription(tx, account).await?;
    has.license_limit = Some(limit);
    plans::save(tx, &has).await?;
    let detail = json!({ "limit": limit });
    audit::record(tx, Event::unattended(account, "subscription.arranged", has.id).with(detail)).await
}
