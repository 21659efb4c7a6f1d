//! The statements of quotes.

use crate::{
    invoices::Line,
    quotes::{Effect, Offer, QUOTE_HOLDS, QuoteState, Renewal},
};
use kernel::{
    clock::{DAY, Time},
    error::Result,
    id::{AccountId, InvoiceId, QuoteId, UserId},
    money::Currency,
    prices::{Billed, Plan},
};
use people::plans::Subscription;
use storage::{Tx, row, sql};

row! {
    /// A quote.
    #[derive(Clone, Debug)]
    pub struct Quote {
        /// Whose.
        pub account: AccountId = "account_id",
        /// Its id.
        pub id: QuoteId,
        /// Who asked for it.
        pub made_by: UserId = "created_by",
        /// When. What it charges is counted from this second.
        pub made_at: Time = "created_at",
        /// Until when it holds.
        pub expires_at: Time,
        /// The version of the subscription that it is for.
        pub version: i64,
        /// Where it is.
        pub state: QuoteState,
        /// When the change begins.
        pub effect: Effect,
        /// The plan.
        pub plan: Plan,
        /// How it is billed.
        pub billed: Billed,
        /// How many licenses in all.
        pub licenses: i64,
        /// What a whole period costs then.
        pub price: i64,
        /// At these tiers, as JSON.
        pub tiers: String,
        /// By how much that is more than now.
        pub difference: i64,
        /// For how many seconds; 0 for a whole period.
        pub seconds: i64,
        /// What is charged now.
        pub total: i64,
        /// How much of that the account's credit pays.
        pub credit: i64,
        /// In which currency.
        pub currency: Currency,
        /// The sum, as JSON.
        pub lines: String,
        /// The invoice, once it was bought.
        pub invoice: Option<InvoiceId> = "invoice_id",
    }
}

impl Quote {
    /// The sum written out.
    pub fn lines(&self) -> Vec<Line> {
        serde_json::from_str(&self.lines).unwrap_or_default()
    }

    /// What it changes to.
    pub(super) fn change(&self) -> Renewal {
        Renewal { plan: self.plan, billed: self.billed, licenses: self.licenses }
    }

    /// What the renewal brings once it is bought; nothing where the subscription ends with its period.
    pub(super) fn renewal(&self, has: &Subscription) -> Option<Renewal> {
        match self.state {
            QuoteState::Used => (!has.ends_at_renewal).then(|| Renewal::planned(has)),
            QuoteState::Open | QuoteState::Confirming => Renewal::after(has, self.effect, self.change()),
        }
    }

    /// What a card is charged, or an invoice leaves to pay.
    pub fn due(&self) -> i64 {
        self.total - self.credit
    }
}

pub(super) async fn insert(
    tx: &Tx,
    has: &Subscription,
    by: UserId,
    offer: &Offer,
    credit: i64,
    currency: Currency,
) -> Result<QuoteId> {
    let id = tx.id();
    tx.exec(
        sql!(
            "INSERT INTO quotes (account_id, id, created_by, created_at, expires_at, version, state, effect, plan, billed,
                    licenses, price, tiers, difference, seconds, total, credit, currency, lines)
             VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
        ),
        &[
            &has.account,
            &id,
            &by,
            &tx.now(),
            &tx.now().plus(QUOTE_HOLDS),
            &has.version,
            &offer.effect,
            &offer.plan,
            &offer.billed,
            &offer.licenses,
            &offer.price,
            &offer.tiers.json(),
            &offer.difference,
            &offer.seconds,
            &offer.total,
            &credit,
            &currency,
            &serde_json::to_string(&offer.lines).unwrap_or_default(),
        ],
    )
    .await?;
    Ok(id)
}

pub(crate) async fn quote(tx: &Tx, account: AccountId, id: QuoteId) -> Result<Quote> {
    tx.one(sql!("SELECT {} FROM quotes WHERE account_id = $1 AND id = $2", Quote), &[&account, &id]).await
}

/// Notes who agreed to which terms of use with a quote.
pub(crate) async fn agree(tx: &Tx, account: AccountId, id: QuoteId, terms: &str, by: UserId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE quotes SET terms = $3, agreed_by = $4, agreed_at = $5 WHERE account_id = $1 AND id = $2"
        ),
        &[&account, &id, &terms, &by, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Moves a quote from one state to another; says whether it was in the first.
pub(crate) async fn change_state(
    tx: &Tx,
    account: AccountId,
    id: QuoteId,
    from: QuoteState,
    to: QuoteState,
    invoice: Option<InvoiceId>,
) -> Result<bool> {
    let moved = tx
        .exec(
            sql!(
                "UPDATE quotes SET state = $4, invoice_id = $5 WHERE account_id = $1 AND id = $2 AND state = $3"
            ),
            &[&account, &id, &from, &to, &invoice],
        )
        .await?;
    Ok(moved == 1)
}

/// Forgets the account's quotes that nobody bought, once they are a day old.
pub(super) async fn forget_old(tx: &Tx, account: AccountId) -> Result<()> {
    tx.exec(
        sql!("DELETE FROM quotes WHERE account_id = $1 AND state = 'open' AND expires_at < $2"),
        &[&account, &tx.now().plus(-DAY)],
    )
    .await?;
    Ok(())
}
