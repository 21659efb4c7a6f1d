//! The statements of subscriptions.

use crate::plans::State;
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, SubscriptionId},
    money::{Currency, Meter, Money},
    prices::{Billed, Plan, Tiers, Trial},
};
use storage::{One, Tx, row, sql};

row! {
    /// A subscription.
    #[derive(Clone, Debug)]
    pub struct Subscription {
        /// Whose.
        pub account: AccountId = "s.account_id",
        /// Its id.
        pub id: SubscriptionId = "s.id",
        /// Where it is in its life.
        pub state: State = "s.state",
        /// What it offers.
        pub plan: Plan = "s.plan",
        /// How long its periods are.
        pub billed: Billed = "s.billed",
        /// What it is paid in.
        pub currency: Currency = "s.currency",
        /// The tiers that the running period was sold at, as JSON.
        pub tiers: String = "s.tiers",
        /// What a whole period of the present licenses costs, in minor units.
        pub price: i64 = "s.price",
        /// From when the periods are counted.
        pub anchor_at: Time = "s.anchor_at",
        /// The number of the running period, from 0.
        pub period: i64 = "s.period",
        /// When the running period began.
        pub period_start: Time = "s.period_start",
        /// When it ends: of a trial, the trial.
        pub period_end: Time = "s.period_end",
        /// The running period's exact cost so far: minor units times seconds.
        pub exact: i64 = "s.exact",
        /// What was charged for the running period, in minor units.
        pub charged: i64 = "s.charged",
        /// The plan from the renewal on, if it changes.
        pub next_plan: Option<Plan> = "s.next_plan",
        /// The length of the periods from the renewal on, if it changes.
        pub next_billed: Option<Billed> = "s.next_billed",
        /// The licenses from the renewal on, if they change.
        pub next_licenses: Option<i64> = "s.next_licenses",
        /// Whether it ends instead of being renewed.
        pub ends_at_renewal: bool = "s.ends_at_renewal",
        /// More licenses than self-service gives, by arrangement.
        pub license_limit: Option<i64> = "s.license_limit",
        /// Since when money is owed, or will be.
        pub due_at: Option<Time> = "s.due_at",
        /// From when the account is read-only.
        pub read_only_from: Option<Time> = "s.read_only_from",
        /// When it ended.
        pub ended_at: Option<Time> = "s.ended_at",
        /// When its people were last told that money is owed.
        pub told_at: Option<Time> = "s.reminded_at",
        /// What the payment provider knows the account by.
        pub customer: Option<String> = "s.customer",
        /// How it pays there.
        pub payment_method: Option<String> = "s.payment_method",
        /// What people call that: "Visa ending in 4242".
        pub payment_label: Option<String> = "s.payment_label",
        /// Counts the changes.
        pub version: i64 = "s.version",
        /// How many licenses there are.
        pub licenses: i64 = "t.total",
    }
}

impl Subscription {
    /// The tiers that the running period was sold at.
    pub fn tiers(&self) -> Tiers {
        serde_json::from_str(&self.tiers).unwrap_or_else(|_| Tiers::new(&[]))
    }

    /// The meter of the running period.
    pub fn meter(&self) -> Meter {
        Meter { seconds: self.seconds(), exact: self.exact, charged: self.charged }
    }

    /// The length of the running period, in seconds.
    pub fn seconds(&self) -> i64 {
        kernel::money::seconds_until(self.period_end, self.period_start)
    }

    /// An amount in its currency.
    pub fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.currency)
    }
}

/// An account's subscription. The caller has proved to manage the account, or is a job.
///
/// # Errors
/// The database fails.
pub async fn subscription(tx: &Tx, account: AccountId) -> Result<Subscription> {
    tx.one(sql!(
            "SELECT {} FROM subscriptions s JOIN license_counts t ON t.account_id = s.account_id AND t.kind = 'license'
             WHERE s.account_id = $1",
            Subscription
        ), &[&account]).await
}

/// Writes a subscription back, if nobody changed it since it was read.
///
/// # Errors
/// Someone did.
pub async fn save(tx: &Tx, new: &Subscription) -> Result<()> {
    let saved = tx
        .exec(
            sql!(
                "UPDATE subscriptions SET state = $3, plan = $4, billed = $5, currency = $6, tiers = $7, price = $8,
                        anchor_at = $9, period = $10, period_start = $11, period_end = $12, exact = $13,
                        charged = $14, next_plan = $15, next_billed = $16, next_licenses = $17,
                        ends_at_renewal = $18, license_limit = $19, due_at = $20, read_only_from = $21,
                        ended_at = $22, customer = $23, payment_method = $24, payment_label = $25,
                        reminded_at = $26, version = version + 1
                 WHERE account_id = $1 AND version = $2"
            ),
            &[
                &new.account,
                &new.version,
                &new.state,
                &new.plan,
                &new.billed,
                &new.currency,
                &new.tiers,
                &new.price,
                &new.anchor_at,
                &new.period,
                &new.period_start,
                &new.period_end,
                &new.exact,
                &new.charged,
                &new.next_plan,
                &new.next_billed,
                &new.next_licenses,
                &new.ends_at_renewal,
                &new.license_limit,
                &new.due_at,
                &new.read_only_from,
                &new.ended_at,
                &new.customer,
                &new.payment_method,
                &new.payment_label,
                &new.told_at,
            ],
        )
        .await?;
    if saved == 1 { Ok(()) } else { Err(Error::stale()) }
}

/// Notes how an account pays; what is absent stays. It changes nothing that a price depends on, so the version stays.
///
/// # Errors
/// The database fails.
pub async fn save_method(
    tx: &Tx,
    account: AccountId,
    customer: &str,
    method: Option<&str>,
    label: Option<&str>,
) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE subscriptions SET customer = $2, payment_method = COALESCE($3, payment_method),
                    payment_label = COALESCE($4, payment_label) WHERE account_id = $1"
        ),
        &[&account, &customer, &method, &label],
    )
    .await?;
    Ok(())
}

/// Accounts whose running period is over, oldest first. One that is read-only is not renewed, only ended.
///
/// # Errors
/// The database fails.
pub async fn to_renew(tx: &Tx, limit: i64) -> Result<Vec<AccountId>> {
    let found = tx
        .all::<One<AccountId>>(
            sql!(
                "SELECT account_id FROM subscriptions s WHERE state = 'active' AND period_end <= $1
                   AND (ends_at_renewal OR read_only_from IS NULL OR read_only_from > $1)
                   AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.account_id = s.account_id
                       AND p.kind = 'charge' AND p.state = 'pending' AND p.quote_id IS NOT NULL)
                 ORDER BY period_end LIMIT $2"
            ),
            &[&tx.now(), &limit],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

/// Accounts that owe money and were not told so yet, oldest first.
///
/// # Errors
/// The database fails.
pub async fn to_tell(tx: &Tx, limit: i64) -> Result<Vec<AccountId>> {
    let found = tx
        .all::<One<AccountId>>(
            sql!(
                "SELECT account_id FROM subscriptions
                 WHERE due_at <= $1 AND (reminded_at IS NULL OR reminded_at < due_at) ORDER BY due_at LIMIT $2"
            ),
            &[&tx.now(), &limit],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

pub(super) async fn read_only_from(tx: &Tx, account: AccountId) -> Result<Option<Time>> {
    let found = tx
        .maybe::<One<Option<Time>>>(
            sql!("SELECT read_only_from FROM subscriptions WHERE account_id = $1"),
            &[&account],
        )
        .await?;
    Ok(found.and_then(|one| one.0))
}

pub(super) async fn insert_trial(
    tx: &Tx,
    account: AccountId,
    currency: Currency,
    until: Time,
    read_only_from: Time,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO subscriptions (account_id, id, state, plan, billed, currency, tiers, price, anchor_at, period,
                    period_start, period_end, exact, charged, ends_at_renewal, due_at, read_only_from, version)
             VALUES ($1, $2, 'trial', 'pro', 'month', $3, '[]', 0, $4, 0, $4, $5, 0, 0, FALSE, $5, $6, 1)"
        ),
        &[&account, &tx.id::<kernel::id::Subscription>(), &currency, &tx.now(), &until, &read_only_from],
    )
    .await?;
    Ok(())
}

/// The subscription of an account where nothing is sold. Its period means nothing.
pub(super) async fn insert_unbilled(tx: &Tx, account: AccountId, currency: Currency) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO subscriptions (account_id, id, state, plan, billed, currency, tiers, price, anchor_at, period,
                    period_start, period_end, exact, charged, ends_at_renewal, version)
             VALUES ($1, $2, 'unbilled', 'pro', 'month', $3, '[]', 0, $4, 0, $4, $4, 0, 0, FALSE, 1)"
        ),
        &[&account, &tx.id::<kernel::id::Subscription>(), &currency, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Accounts that are not in line with whether anything is sold here, or, where nothing is, with the number of licenses
/// that is set.
///
/// # Errors
/// The database fails.
pub async fn to_align(tx: &Tx, trial: Trial) -> Result<Vec<AccountId>> {
    let found = tx
        .all::<One<AccountId>>(
            sql!(
                "SELECT s.account_id FROM subscriptions s
                 JOIN license_counts c ON c.account_id = s.account_id AND c.kind = 'license'
                 WHERE (s.state = 'unbilled') = $1
                    OR (s.state = 'unbilled' AND c.total <> $2 AND (c.total < $2 OR c.total > c.used + c.reserved))"
            ),
            &[&trial.sold, &trial.licenses],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

/// Whether an account was opened before there were subscriptions.
///
/// # Errors
/// The database fails.
pub async fn any_to_adopt(tx: &Tx) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM accounts a
             WHERE NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.account_id = a.id))"
        ),
        &[],
    )
    .await
}

/// Begins the trial of every account that was opened before there were subscriptions, with at least as
/// many licenses as it has people. Invitations from then reserve no license; people who accept one use an available one.
/// An account of several people is a practice's. Says how many accounts those were.
///
/// # Errors
/// The database fails.
pub async fn adopt(tx: &Tx, trial: Trial) -> Result<usize> {
    let found = tx
        .all::<(AccountId, i64, i64)>(
            sql!(
                "SELECT a.id,
                        (SELECT count(*) FROM workers m WHERE m.account_id = a.id),
                        (SELECT count(*) FROM members m WHERE m.account_id = a.id AND m.until IS NULL
                            AND m.role = 'support_staff')
                 FROM accounts a
                 WHERE NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.account_id = a.id)"
            ),
            &[],
        )
        .await?;
    for (account, licensed, support) in &found {
        if *licensed > 1 {
            tx.exec(sql!("UPDATE accounts SET kind = 'group' WHERE id = $1"), &[account]).await?;
        }
        super::begin(tx, *account, trial, trial.licenses.max(*licensed)).await?;
        tx.exec(
            sql!(
                "UPDATE license_counts SET total = CASE WHEN total < $3 THEN $3 ELSE total END, used = $3
                 WHERE account_id = $1 AND kind = $2"
            ),
            &[account, &"support_staff", support],
        )
        .await?;
        tx.exec(
            sql!("UPDATE license_counts SET used = $2 WHERE account_id = $1 AND kind = 'license'"),
            &[account, licensed],
        )
        .await?;
        tx.exec(
            sql!(
                "INSERT INTO license_holders (account_id, id, user_id, since)
                 SELECT account_id, id, user_id, since FROM workers WHERE account_id = $1"
            ),
            &[account],
        )
        .await?;
    }
    Ok(found.len())
}
