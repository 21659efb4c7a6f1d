//! The statements of payments.

use crate::charges::{PaymentKind, PaymentState};
use kernel::{
    clock::{SKEW, Time},
    error::Result,
    id::{AccountId, PaymentId, QuoteId, UserId},
    money::{Currency, Money},
};
use storage::{
    Param, Tx,
    list::{Listing, Statements},
    orders, row, sorted, sql,
};

row! {
    /// A try to move money.
    #[derive(Clone, Debug)]
    pub struct PaymentRow {
        /// Whose.
        pub account: AccountId = "account_id",
        /// Its id.
        pub id: PaymentId,
        /// Which way.
        pub kind: PaymentKind,
        /// Where it is.
        pub state: PaymentState,
        /// By whom.
        pub provider: String,
        /// How much, above zero.
        pub amount: i64,
        /// In which currency.
        pub currency: Currency,
        /// The quote that it pays, if it pays one.
        pub quote: Option<QuoteId> = "quote_id",
        /// The provider's reference.
        pub reference: Option<String>,
        /// For a refund: the provider's reference of the charge.
        pub charge: Option<String>,
        /// How often it was tried.
        pub attempts: i64,
        /// What the provider last said, if it said no.
        pub failure: Option<String>,
    }
}

impl PaymentRow {
    /// How much.
    pub fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

/// A payment that is to be noted.
pub(super) struct NewPayment<'a> {
    pub(super) kind: PaymentKind,
    pub(super) state: PaymentState,
    pub(super) provider: &'a str,
    pub(super) amount: Money,
    pub(super) quote: Option<QuoteId>,
    pub(super) charge: Option<&'a str>,
    /// For a refund: whose decision it follows.
    pub(super) requested_by: Option<UserId>,
    pub(super) note: &'a str,
    /// When the scheduler asks the provider, unless who made it does so first.
    pub(super) next_at: Time,
}

pub(super) async fn insert(tx: &Tx, account: AccountId, new: &NewPayment<'_>) -> Result<PaymentId> {
    let id = tx.id();
    let open = [PaymentState::Pending, PaymentState::Reported, PaymentState::Requested];
    let settled = (!open.contains(&new.state)).then_some(tx.now());
    tx.exec(
        sql!(
            "INSERT INTO payments (account_id, id, kind, state, provider, amount, currency, quote_id, charge,
                    requested_by, note, attempts, next_at, waits_since, created_at, settled_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13, $13, $14)"
        ),
        &[
            &account,
            &id,
            &new.kind,
            &new.state,
            &new.provider,
            &new.amount.amount,
            &new.amount.currency,
            &new.quote,
            &new.charge,
            &new.requested_by,
            &new.note,
            &new.next_at,
            &tx.now(),
            &settled,
        ],
    )
    .await?;
    Ok(id)
}

/// The payment of this id, on the whole server: for what the provider tells.
pub(crate) async fn payment(tx: &Tx, id: PaymentId) -> Result<Option<PaymentRow>> {
    tx.maybe(sql!("SELECT {} FROM payments WHERE id = $1", PaymentRow), &[&id]).await
}

/// The charge that is under way, if one is.
pub(crate) async fn pending_charge(tx: &Tx, account: AccountId) -> Result<Option<PaymentRow>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM payments WHERE account_id = $1 AND kind = 'charge' AND state = 'pending'",
            PaymentRow
        ),
        &[&account],
    )
    .await
}

/// Takes one payment to ask the provider about, until `lease`; no other process takes it meanwhile. Says
/// in `attempts` how often it was taken, this time included.
pub(super) async fn claim(tx: &Tx, id: PaymentId, lease: Time) -> Result<Option<PaymentRow>> {
    tx.maybe(
        sql!(
            "UPDATE payments SET next_at = $2, waits_since = $3, attempts = attempts + 1
             WHERE id = $1 AND state = 'pending' RETURNING {}",
            PaymentRow
        ),
        &[&id, &lease, &tx.now()],
    )
    .await
}

/// Takes payments that are due, as [`claim`]. A wait for an answer that began in the future did so before the clock
/// was set back, and is over; a retry keeps the day that it was planned for.
pub(super) async fn claim_due(tx: &Tx, lease: Time, limit: i64) -> Result<Vec<PaymentRow>> {
    tx.all(
        sql!(
            "UPDATE payments SET next_at = $2, waits_since = $1, attempts = attempts + 1
             WHERE id IN (SELECT id FROM payments WHERE state = 'pending' AND (next_at <= $1 OR
                          (waits_since > $4 AND (quote_id IS NOT NULL OR reference IS NOT NULL)))
                          ORDER BY next_at LIMIT $3)
             RETURNING {}",
            PaymentRow
        ),
        &[&tx.now(), &lease, &limit, &tx.now().plus(SKEW)],
    )
    .await
}

/// Charges less than was planned.
pub(super) async fn reprice(tx: &Tx, id: PaymentId, amount: i64) -> Result<()> {
    tx.exec(
        sql!("UPDATE payments SET amount = $2 WHERE id = $1 AND state = 'pending' AND reference IS NULL"),
        &[&id, &amount],
    )
    .await?;
    Ok(())
}

/// Notes the provider's reference of a payment that is still to be made; says whether it still is.
pub(super) async fn set_provider_id(tx: &Tx, id: PaymentId, reference: &str) -> Result<bool> {
    let noted = tx
        .exec(
            sql!("UPDATE payments SET reference = $2 WHERE id = $1 AND state = 'pending'"),
            &[&id, &reference],
        )
        .await?;
    Ok(noted == 1)
}

/// Settles a payment that had not succeeded; says whether that was so.
pub(super) async fn settle(
    tx: &Tx,
    id: PaymentId,
    state: PaymentState,
    reference: Option<&str>,
    failure: Option<&str>,
) -> Result<bool> {
    let settled = tx
        .exec(
            sql!(
                "UPDATE payments SET state = $2, reference = COALESCE($3, reference), failure = $4, settled_at = $5
                 WHERE id = $1 AND state <> 'succeeded'"
            ),
            &[&id, &state, &reference, &failure, &tx.now()],
        )
        .await?;
    Ok(settled == 1)
}

/// How often in a row a card was refused for what is owed.
pub(super) async fn refusals(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT count(*) FROM payments f WHERE f.account_id = $1 AND f.kind = 'charge' AND f.state = 'failed'
               AND f.quote_id IS NULL AND NOT EXISTS (SELECT 1 FROM payments s WHERE s.account_id = f.account_id
                   AND s.kind = 'charge' AND s.state = 'succeeded' AND s.id > f.id)"
        ),
        &[&account],
    )
    .await
}

/// Has a pending payment asked about at another time.
pub(super) async fn reschedule(tx: &Tx, id: PaymentId, until: Time, failure: &str) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE payments SET next_at = $2, failure = $3, waits_since = $4 WHERE id = $1 AND state = 'pending'"
        ),
        &[&id, &until, &failure, &tx.now()],
    )
    .await?;
    Ok(())
}

/// The charges that could be given back, newest first: the reference, and how much is left of each.
pub(super) async fn refundable(tx: &Tx, account: AccountId, provider: &str) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT c.reference, c.amount - CAST(COALESCE((SELECT sum(r.amount) FROM payments r
                    WHERE r.account_id = c.account_id AND r.kind = 'refund' AND r.state <> 'failed'
                      AND r.charge = c.reference), 0) AS BIGINT)
             FROM payments c
             WHERE c.account_id = $1 AND c.kind = 'charge' AND c.state = 'succeeded' AND c.provider = $2
               AND c.reference IS NOT NULL
             ORDER BY c.id DESC"
        ),
        &[&account, &provider],
    )
    .await
}

/// Notes that an event of the provider's was seen; says whether it is new.
pub(super) async fn mark_event_seen(tx: &Tx, event: &str) -> Result<bool> {
    let new = tx
        .exec(
            sql!("INSERT INTO provider_events (id, seen_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING"),
            &[&event, &tx.now()],
        )
        .await?;
    Ok(new == 1)
}

row! {
    /// A payment that was reported and is to be confirmed.
    #[derive(Clone, Debug)]
    pub struct Reported {
        /// Its id.
        pub id: PaymentId = "p.id",
        /// Whose.
        pub account: AccountId = "p.account_id",
        /// The account's name.
        pub name: String = "a.name",
        /// How much.
        pub amount: i64 = "p.amount",
        /// In which currency.
        pub currency: Currency = "p.currency",
        /// What was said with it.
        pub note: String = "p.note",
        /// When it was reported.
        pub at: Time = "p.created_at",
    }
}

/// The payments that are to be confirmed, oldest first.
///
/// # Errors
/// The database fails.
pub async fn reported(tx: &Tx) -> Result<Vec<Reported>> {
    tx.all(
        sql!(
            "SELECT {} FROM payments p JOIN accounts a ON a.id = p.account_id
             WHERE p.state = 'reported' ORDER BY p.id",
            Reported
        ),
        &[],
    )
    .await
}

/// The refund that is requested and not paid out, if one is.
pub(super) async fn requested(tx: &Tx, account: AccountId) -> Result<Option<PaymentRow>> {
    tx.maybe(
        sql!("SELECT {} FROM payments WHERE account_id = $1 AND state = 'requested'", PaymentRow),
        &[&account],
    )
    .await
}

pub(super) async fn change_request(tx: &Tx, id: PaymentId, amount: i64) -> Result<()> {
    tx.exec(sql!("UPDATE payments SET amount = $2 WHERE id = $1 AND state = 'requested'"), &[&id, &amount])
        .await?;
    Ok(())
}

row! {
    /// A refund on its way, or at its end.
    #[derive(Clone, Debug)]
    pub struct RefundRow {
        /// Its id.
        pub id: PaymentId = "p.id",
        /// Where it is.
        pub state: PaymentState = "p.state",
        /// How much.
        pub amount: i64 = "p.amount",
        /// In which currency.
        pub currency: Currency = "p.currency",
        /// When it was requested.
        pub requested_at: Time = "p.created_at",
        /// Whose decision it follows; nobody's where the server gave back what it charged in vain.
        pub requested_by: Option<UserId> = "u.id",
        /// Their name.
        pub name: Option<String> = "u.name",
        /// When it was paid out, or came to nothing.
        pub settled_at: Option<Time> = "p.settled_at",
        /// The reference of the transfer, or the card company's.
        pub reference: Option<String> = "p.reference",
        /// Why it came to nothing.
        pub failure: Option<String> = "p.failure",
    }
}

orders! {
    /// The refunds of an account.
    pub Refunds of Payment: "-created_at" ["created_at" Created];
}

macro_rules! refunds {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM payments p LEFT JOIN users u ON u.id = p.requested_by
                 WHERE p.account_id = $4 AND p.kind = 'refund' AND p.id > $3 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $5"
            ),
            RefundRow
        )
    };
}

const REFUNDS: Statements = sorted!(refunds; "p.id"; Created);

/// A page of an account's refunds.
pub(crate) async fn refunds(
    tx: &Tx,
    account: AccountId,
    listing: &Listing<Refunds>,
    limit: i64,
) -> Result<Vec<RefundRow>> {
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &limit]);
    tx.all(listing.statement(REFUNDS)?, &params).await
}

/// Takes a report up, once; says whether it was one.
pub(super) async fn settle_report(tx: &Tx, id: PaymentId, state: PaymentState) -> Result<bool> {
    let settled = tx
        .exec(
            sql!("UPDATE payments SET state = $2, settled_at = $3 WHERE id = $1 AND state = 'reported'"),
            &[&id, &state, &tx.now()],
        )
        .await?;
    Ok(settled == 1)
}
