//! The verbs of billing.

use serde_json::json;

use crate::{
    access::{AccountAdmin, AccountOwner, InvoiceAdmin, Role},
    accounts,
    audit::{self, Event},
    billing::{
        Effect, InvoiceKind, Offer, PaymentKind, PaymentState, QuoteState, Shop, Wish,
        invoice::{self, Draft, details, issue},
        mail, quote,
        renewal::{self, must_be_quiet, subscription_page},
        store::{self, Details, InvoiceRow, LineRow, NewPayment, PaymentRow, Quote},
    },
    clock::{DAY, HOUR, MINUTE, SECOND, Time},
    db::Tx,
    error::{Checks, Error, Result},
    id::{AccountId, InvoiceId, PaymentId, QuoteId, UserId},
    jobs::enqueue,
    licences,
    money::Money,
    payments::{Method, Outcome},
    plans::{self, State, Subscription},
    text::{self, Email},
    web::Site,
};

/// How long whoever made a payment, or a keeper, asks the provider before another may: longer than an
/// answer is waited for.
pub(super) const LEASE: i64 = MINUTE;
/// The pauses after a renewal's card was refused; after the last, the invoice stays open.
const AFTER_REFUSAL: [i64; 3] = [2 * DAY, 3 * DAY, 5 * DAY];

/// The price of a change, without fixing it.
///
/// # Errors
/// It can't be had.
pub async fn price(tx: &Tx, by: &AccountAdmin, shop: &Shop, wish: Wish) -> Result<(Subscription, Offer)> {
    let has = plans::subscription(tx, by.account()).await?;
    let seats = licences::seats_of(tx, by.account()).await?;
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
            "The owner has cancelled this subscription for its renewal. Only the owner can go on with it.",
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
        next_at: tx.now().plus(LEASE),
    };
    let payment = store::insert_payment(tx, has.account, &new).await?;
    store::move_quote(tx, has.account, quote.id, QuoteState::Open, QuoteState::Confirming, None).await?;
    Ok(Purchased::Charging(payment))
}

/// Makes a quote's change; gives the invoice, if there is one.
async fn apply(
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
        "licences": quote.licences, "plan": quote.plan, "billed": quote.billed,
        "total": Money::new(quote.total, quote.currency), "terms": shop.terms,
    });
    audit::record(tx, Event::new(has.account, by, action, has.id).with(detail)).await?;
    Ok(invoice)
}

fn plan_ahead(has: &mut Subscription, quote: &Quote) {
    has.next_plan = (quote.plan != has.plan).then_some(quote.plan);
    has.next_billed = (quote.billed != has.billed).then_some(quote.billed);
    has.next_licences = (quote.licences != has.licences).then_some(quote.licences);
    has.ends_at_renewal = false;
}

async fn change_now(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    has: &mut Subscription,
    quote: &Quote,
) -> Result<InvoiceId> {
    licences::resize(tx, has.account, quote.licences, quote.plan.support_staff()).await?;
    if quote.licences > 1 {
        accounts::become_group(tx, has.account).await?;
    }
    let running = has.state == State::Active;
    let meter = has.meter().changed(quote.difference, quote.seconds, quote.total);
    (has.plan, has.billed, has.licences) = (quote.plan, quote.billed, quote.licences);
    (has.price, has.tiers, has.currency) = (quote.price, quote.tiers.clone(), quote.currency);
    (has.next_plan, has.next_billed, has.next_licences, has.ends_at_renewal) = (None, None, None, false);
    match running {
        true => (has.exact, has.charged) = (meter.exact, meter.charged),
        false => renewal::begin(has, tx.now()),
    }
    let due_at = if shop.by_card { tx.now() } else { tx.now().plus(shop.payment_time) };
    let draft = Draft { kind: InvoiceKind::Invoice, lines: quote.lines(), due_at };
    Ok(issue(tx, shop, site, has, draft).await?.id)
}

/// What the provider needs to know for a charge that was begun.
///
/// # Errors
/// There is no card any more.
pub(super) async fn order(tx: &Tx, payment: &PaymentRow) -> Result<crate::payments::Order> {
    let has = plans::subscription(tx, payment.account).await?;
    let (Some(customer), Some(method)) = (has.customer, has.payment_method) else {
        return Err(Error::conflict("no_card", "There is no card to charge."));
    };
    let name = accounts::account_name(tx, payment.account).await?;
    Ok(crate::payments::Order {
        payment: payment.id,
        amount: payment.money(),
        customer,
        method,
        text: format!("Covey for {name}"),
    })
}

/// Notes what came of a payment, and does what depends on it: once, whoever tells it first, and however
/// often it is told.
///
/// # Errors
/// The database fails.
pub async fn settle_payment(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    id: PaymentId,
    outcome: &Outcome,
) -> Result<()> {
    let Some(payment) = store::payment(tx, id).await? else { return Ok(()) };
    // What is told of another charge than the one that was written down for it is none of this payment's.
    if let (PaymentKind::Charge, Some(known), Outcome::Done(told)) =
        (payment.kind, &payment.reference, outcome)
        && known != told
    {
        tracing::error!(payment = %id, %told, "the payment provider told of another charge");
        return Ok(());
    }
    match (payment.state, outcome) {
        (PaymentState::Succeeded, _) => Ok(()),
        (_, Outcome::Done(reference)) => succeeded(tx, shop, site, &payment, reference).await,
        (PaymentState::Failed, _) => Ok(()),
        (_, Outcome::Declined(why)) => declined(tx, site, &payment, why).await,
        (_, Outcome::Unknown(why)) => {
            let pauses = [30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR];
            let tries = usize::try_from(payment.attempts.max(1) - 1).unwrap_or(usize::MAX);
            let pause = pauses.get(tries).copied().unwrap_or(6 * HOUR);
            store::put_off(tx, id, tx.now().plus(pause), why).await
        }
    }
}

async fn succeeded(tx: &Tx, shop: &Shop, site: &Site, payment: &PaymentRow, reference: &str) -> Result<()> {
    if !store::settle_payment(tx, payment.id, PaymentState::Succeeded, Some(reference), None).await? {
        return Ok(());
    }
    let (account, money, object) = (payment.account, payment.money(), payment.id.to_string());
    if payment.kind == PaymentKind::Refund {
        invoice::enter(tx, account, Money::new(-money.amount, money.currency), &object, reference).await?;
        return refresh(tx, shop, account).await;
    }
    invoice::enter(tx, account, money, &object, reference).await?;
    if let Some(quote) = payment.quote {
        bought(tx, shop, site, payment, quote, reference).await?;
    }
    let to = details(tx, account).await?.email;
    enqueue(tx, &mail::paid(account, &to, money, &subscription_page(site, account))).await?;
    let detail = json!({ "amount": money, "reference": reference });
    audit::record(tx, Event::unattended(account, "payment.received", payment.id).with(detail)).await?;
    refresh(tx, shop, account).await
}

/// Makes the change that a charge has paid for. Where that is no longer possible, the money goes back.
async fn bought(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    payment: &PaymentRow,
    quote: QuoteId,
    reference: &str,
) -> Result<()> {
    let quote = store::quote(tx, payment.account, quote).await?;
    let has = plans::subscription(tx, payment.account).await?;
    if quote.state != QuoteState::Used && quote.version == has.version {
        let by = quote.made_by;
        return apply(tx, shop, site, has, &quote, by).await.map(|_| ());
    }
    tracing::warn!(payment = %payment.id, "what was paid for is no longer to be had; the money goes back");
    renewal::give_back_to_card(tx, payment.account, payment.money(), reference).await
}

async fn declined(tx: &Tx, site: &Site, payment: &PaymentRow, why: &str) -> Result<()> {
    let account = payment.account;
    store::settle_payment(tx, payment.id, PaymentState::Failed, None, Some(why)).await?;
    let detail = json!({ "amount": payment.money(), "why": why });
    audit::record(tx, Event::unattended(account, "payment.refused", payment.id).with(detail)).await?;
    match (payment.quote, payment.kind) {
        (Some(quote), _) => {
            store::move_quote(tx, account, quote, QuoteState::Confirming, QuoteState::Open, None).await?;
            Ok(())
        }
        (None, PaymentKind::Charge) => try_later(tx, site, payment, why).await,
        (None, PaymentKind::Refund) => {
            tracing::error!(payment = %payment.id, %why, "money could not be given back");
            Ok(())
        }
    }
}

/// Has the card charged again in some days, as a try of its own: a provider repeats its answer to the old
/// one. Tells whoever the invoices go to.
async fn try_later(tx: &Tx, site: &Site, payment: &PaymentRow, why: &str) -> Result<()> {
    let account = payment.account;
    let refusals = usize::try_from(store::refusals(tx, account).await?).unwrap_or(usize::MAX);
    if let Some(pause) = AFTER_REFUSAL.get(refusals.saturating_sub(1)) {
        renewal::charge_at(tx, account, payment.money(), tx.now().plus(*pause)).await?;
    }
    let to = details(tx, account).await?.email;
    let link = subscription_page(site, account);
    enqueue(tx, &mail::declined(account, &to, payment.money(), why, &link)).await?;
    Ok(())
}

/// Brings an account's invoices and standing up to date with its ledger.
async fn refresh(tx: &Tx, shop: &Shop, account: AccountId) -> Result<()> {
    let mut has = plans::subscription(tx, account).await?;
    invoice::settle(tx, shop, &mut has).await?;
    plans::save(tx, &has).await
}

/// Notes the provider's reference of a charge that is to be made; says whether it still is.
///
/// # Errors
/// The database fails.
pub(super) async fn written_down(tx: &Tx, id: PaymentId, reference: &str) -> Result<bool> {
    store::refer(tx, id, reference).await
}

/// Fits a charge that is not for a quote to what is owed by now, which may be less than when it was planned;
/// drops it where nothing is. Says how much is to be charged.
///
/// # Errors
/// The database fails.
pub(super) async fn fit(tx: &Tx, payment: &PaymentRow) -> Result<i64> {
    if payment.quote.is_some() {
        return Ok(payment.amount);
    }
    let owed = store::balance(tx, payment.account).await?.min(payment.amount).max(0);
    match owed {
        0 => renewal::drop_charge(tx, payment.id).await?,
        less if less < payment.amount => store::reprice(tx, payment.id, less).await?,
        _ => {}
    }
    Ok(owed)
}

/// Takes a payment in hand to ask the provider about.
///
/// # Errors
/// The database fails.
pub(super) async fn claim(tx: &Tx, id: PaymentId) -> Result<Option<PaymentRow>> {
    store::claim(tx, id, tx.now().plus(LEASE)).await
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
    (has.next_plan, has.next_billed, has.next_licences) = (None, None, None);
    plans::save(tx, &has).await?;
    audit::record(tx, Event::new(by.account(), by.id(), "subscription.cancelled", has.id)).await?;
    Ok(None)
}

/// Takes back what was planned for the renewal: the end, or fewer licences.
///
/// # Errors
/// A payment is under way.
pub async fn keep(tx: &Tx, by: &AccountOwner) -> Result<()> {
    let mut has = plans::subscription(tx, by.account()).await?;
    must_be_quiet(tx, by.account()).await?;
    has.ends_at_renewal = false;
    (has.next_plan, has.next_billed, has.next_licences) = (None, None, None);
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

/// An invoice with its lines, and what is still to be paid of it.
pub struct Shown {
    /// The invoice.
    pub row: InvoiceRow,
    /// Its lines.
    pub lines: Vec<LineRow>,
    /// What is still to be paid of it, in minor units.
    pub open: i64,
    /// The account's time zone, by IANA's name.
    pub zone: String,
}

/// An invoice.
///
/// # Errors
/// The database fails.
pub async fn show_invoice(tx: &Tx, by: &InvoiceAdmin) -> Result<Shown> {
    let row = store::invoice(tx, by.account(), by.invoice()).await?;
    let lines = store::lines(tx, by.account(), row.id).await?;
    let open = row.open;
    let zone = accounts::actions::show(tx, by).await?.time_zone;
    Ok(Shown { row, lines, open, zone })
}

/// Records what was paid for an invoice outside of Covey: all that is open of it, unless said otherwise.
///
/// # Errors
/// Nothing is open, more than what is owed was given, or people here pay by card.
pub async fn record_payment(
    tx: &Tx,
    by: &InvoiceAdmin,
    shop: &Shop,
    site: &Site,
    amount: Option<i64>,
    note: &str,
) -> Result<PaymentId> {
    let row = store::invoice(tx, by.account(), by.invoice()).await?;
    record(tx, shop, site, &row, amount, note, Some(by.id())).await
}

/// As [`record_payment`], for the operator, by the invoice's number.
///
/// # Errors
/// As there, or there is no such invoice.
pub async fn record_by_operator(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    number: &str,
    amount: Option<i64>,
    note: &str,
) -> Result<PaymentId> {
    let row = store::invoice_by_number(tx, number).await?;
    let row = row.ok_or_else(|| Error::field("invoice", "There is no invoice of this number."))?;
    record(tx, shop, site, &row, amount, note, None).await
}

/// Records that all invoices were paid which have been open for ten days, as a bookkeeper does who goes
/// through the bank's statement.
///
/// # Errors
/// The database fails.
pub async fn record_all(tx: &Tx, shop: &Shop, site: &Site, account: AccountId, note: &str) -> Result<()> {
    for row in store::open_invoices(tx, account).await?.into_iter().rev() {
        if tx.now().since(row.issued_at) > 10 * DAY {
            record(tx, shop, site, &row, None, note, None).await?;
        }
    }
    Ok(())
}

async fn record(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    row: &InvoiceRow,
    amount: Option<i64>,
    note: &str,
    by: Option<UserId>,
) -> Result<PaymentId> {
    let note = text::optional_line(note).map_err(|why| Error::field("note", why))?.unwrap_or_default();
    let open = row.open;
    if open == 0 {
        return Err(Error::conflict("nothing_open", "Nothing is open on this invoice: it is paid."));
    }
    if shop.by_card && by.is_some() {
        return Err(Error::conflict(
            "paid_by_card",
            "Here invoices are paid by card; that is recorded by itself.",
        ));
    }
    must_be_quiet(tx, row.account).await?;
    let owed = store::balance(tx, row.account).await?;
    let amount = amount.unwrap_or(open);
    if !(1..=owed).contains(&amount) {
        let owed = Money::new(owed, row.currency);
        return Err(Error::field(
            "amount",
            format!("It is more than nothing, and at most the {owed} that is owed."),
        ));
    }
    let money = Money::new(amount, row.currency);
    moved(tx, shop, site, row.account, money, &note, by).await
}

/// Records that credit was paid out to the account outside of Covey.
///
/// # Errors
/// The account is not owed as much.
pub async fn record_payout(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    account: AccountId,
    amount: Option<i64>,
    note: &str,
) -> Result<PaymentId> {
    let credit = store::credit(tx, account).await?;
    if credit == 0 {
        return Err(Error::conflict(
            "nothing_owed",
            "Nothing is owed to this account: it was paid out already.",
        ));
    }
    let amount = amount.unwrap_or(credit);
    let has = plans::subscription(tx, account).await?;
    if !(1..=credit).contains(&amount) {
        let credit = has.money(credit);
        return Err(Error::field(
            "amount",
            format!("It is more than nothing, and at most the credit of {credit}."),
        ));
    }
    moved(tx, shop, site, account, has.money(-amount), note, None).await
}

/// Notes money that moved outside of Covey: above zero towards us.
async fn moved(
    tx: &Tx,
    shop: &Shop,
    site: &Site,
    account: AccountId,
    money: Money,
    note: &str,
    by: Option<UserId>,
) -> Result<PaymentId> {
    let towards_us = money.amount > 0;
    let new = NewPayment {
        kind: if towards_us { PaymentKind::Charge } else { PaymentKind::Refund },
        state: PaymentState::Succeeded,
        provider: "invoice",
        amount: Money::new(money.amount.abs(), money.currency),
        quote: None,
        charge: None,
        note,
        next_at: tx.now(),
    };
    let id = store::insert_payment(tx, account, &new).await?;
    invoice::enter(tx, account, money, &id.to_string(), note).await?;
    refresh(tx, shop, account).await?;
    if towards_us {
        let to = details(tx, account).await?.email;
        enqueue(tx, &mail::paid(account, &to, money, &subscription_page(site, account))).await?;
    }
    let action = if towards_us { "payment.recorded" } else { "refund.recorded" };
    let mut event = Event::unattended(account, action, id);
    event.actor = by;
    audit::record(tx, event.with(json!({ "amount": money, "note": note }))).await?;
    Ok(id)
}

/// Charges the card now with all that is owed, as after a refusal.
///
/// # Errors
/// Nothing is owed, there is no card, or it is being charged already.
pub async fn pay_now(tx: &Tx, by: &InvoiceAdmin, shop: &Shop) -> Result<()> {
    let has = plans::subscription(tx, by.account()).await?;
    if !shop.by_card || store::balance(tx, by.account()).await? <= 0 {
        return Err(Error::conflict("nothing_open", "Nothing is to be charged to a card."));
    }
    if has.payment_method.is_none() {
        return Err(Error::conflict("no_card", "There is no card to charge yet. Please enter one first."));
    }
    match store::pending_charge(tx, by.account()).await? {
        Some(waiting) if waiting.quote.is_none() => {
            let why = waiting.failure.unwrap_or_default();
            store::put_off(tx, waiting.id, tx.now(), &why).await?;
            tx.announce(super::keeper::TOPIC);
            Ok(())
        }
        Some(_) => must_be_quiet(tx, by.account()).await,
        None => renewal::charge_what_is_owed(tx, &has).await,
    }
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

/// Gives an account more licences by self-service than others, by arrangement.
///
/// # Errors
/// There is no such account.
pub async fn arrange(tx: &Tx, account: AccountId, limit: i64) -> Result<()> {
    let mut has = plans::subscription(tx, account).await?;
    has.licence_limit = Some(limit);
    plans::save(tx, &has).await?;
    let detail = json!({ "limit": limit });
    audit::record(tx, Event::unattended(account, "subscription.arranged", has.id).with(detail)).await
}
