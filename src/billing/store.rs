//! The statements of billing.

use crate::{
    billing::{
        Effect, EntryKind, InvoiceKind, Line, Offer, PaymentKind, PaymentState, QUOTE_HOLDS, QuoteState,
    },
    clock::Time,
    db::{One, Tx},
    error::Result,
    id::{AccountId, EntryId, InvoiceId, PaymentId, QuoteId, UserId},
    money::{Currency, Money},
    plans::Subscription,
    prices::{Billed, Plan},
    row, sql,
};

row! {
    /// A quote.
    #[derive(Clone, Debug)]
    pub struct Quote {
        /// Its id.
        pub id: QuoteId,
        /// Who asked for it.
        pub made_by: UserId,
        /// When. What it charges is counted from this second.
        pub made_at: Time,
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
        pub invoice: Option<InvoiceId>,
    }
}

impl Quote {
    /// The sum written out.
    pub fn lines(&self) -> Vec<Line> {
        serde_json::from_str(&self.lines).unwrap_or_default()
    }

    /// What a card is charged, or an invoice leaves to pay.
    pub fn due(&self) -> i64 {
        self.total - self.credit
    }
}

macro_rules! quotes {
    ($rest:literal) => {
        concat!(
            "SELECT id, made_by, made_at, expires_at, version, state, effect, plan, billed, licenses, price, tiers, \
                    difference, seconds, total, credit, currency, lines, invoice_id FROM quotes ",
            $rest
        )
    };
}

pub(super) async fn insert_quote(
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
            "INSERT INTO quotes (account_id, id, made_by, made_at, expires_at, version, state, effect, plan, billed,
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

pub(super) async fn quote(tx: &Tx, account: AccountId, id: QuoteId) -> Result<Quote> {
    tx.one(sql!(quotes!("WHERE account_id = $1 AND id = $2")), &[&account, &id]).await
}

/// Notes who agreed to which terms of use with a quote.
pub(super) async fn agree(tx: &Tx, account: AccountId, id: QuoteId, terms: &str, by: UserId) -> Result<()> {
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
pub(super) async fn move_quote(
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

row! {
    /// An invoice or a credit note.
    #[derive(Clone, Debug)]
    pub struct InvoiceRow {
        /// Whose.
        pub account: AccountId,
        /// Its id.
        pub id: InvoiceId,
        /// Its number: they run without gaps.
        pub number: String,
        /// What it is.
        pub kind: InvoiceKind,
        /// To whom, as it was then.
        pub bill_to: String,
        /// In which currency.
        pub currency: Currency,
        /// The sum of its lines; below zero on a credit note.
        pub total: i64,
        /// What is still to be paid of it.
        pub open: i64,
        /// When it was issued.
        pub issued_at: Time,
        /// When it is to be paid.
        pub due_at: Time,
        /// When it was paid, by whatever means.
        pub settled_at: Option<Time>,
    }
}

impl InvoiceRow {
    /// Its total.
    pub fn money(&self) -> Money {
        Money::new(self.total, self.currency)
    }

    /// What it is, and whether it is paid, at a moment.
    pub fn state(&self, now: Time) -> &'static str {
        match (self.kind, self.settled_at) {
            (InvoiceKind::CreditNote, _) => "credit",
            (_, Some(_)) => "paid",
            _ if self.due_at <= now => "overdue",
            _ => "open",
        }
    }
}

row! {
    /// A line of an invoice.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    pub struct LineRow {
        /// What for.
        pub text: String,
        /// How it comes about.
        pub sum: String,
        /// How much, in minor units.
        pub amount: i64,
    }
}

/// The next number of a run without gaps, from 1.
pub(super) async fn next_number(tx: &Tx) -> Result<i64> {
    tx.value(
        sql!(
            "INSERT INTO counters (name, value) VALUES ('invoices', 1)
             ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
        ),
        &[],
    )
    .await
}

pub(super) async fn insert_invoice(tx: &Tx, new: &InvoiceRow, lines: &[Line]) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO invoices (account_id, id, number, kind, bill_to, currency, total, open, issued_at, due_at,
                                   settled_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        &[
            &new.account,
            &new.id,
            &new.number,
            &new.kind,
            &new.bill_to,
            &new.currency,
            &new.total,
            &new.open,
            &new.issued_at,
            &new.due_at,
            &new.settled_at,
        ],
    )
    .await?;
    for (position, line) in (1_i64..).zip(lines) {
        tx.exec(
            sql!(
                "INSERT INTO invoice_lines (account_id, invoice_id, position, text, sum, amount)
                 VALUES ($1, $2, $3, $4, $5, $6)"
            ),
            &[&new.account, &new.id, &position, &line.text, &line.sum, &line.amount],
        )
        .await?;
    }
    Ok(())
}

macro_rules! invoices {
    ($rest:literal) => {
        concat!(
            "SELECT account_id, id, number, kind, bill_to, currency, total, open, issued_at, due_at, settled_at \
             FROM invoices ",
            $rest
        )
    };
}

pub(super) async fn invoice(tx: &Tx, account: AccountId, id: InvoiceId) -> Result<InvoiceRow> {
    tx.one(sql!(invoices!("WHERE account_id = $1 AND id = $2")), &[&account, &id]).await
}

/// The invoice of a number, on the whole server: for the operator.
pub(super) async fn invoice_by_number(tx: &Tx, number: &str) -> Result<Option<InvoiceRow>> {
    tx.maybe(sql!(invoices!("WHERE number = $1")), &[&number]).await
}

pub(super) async fn lines(tx: &Tx, account: AccountId, id: InvoiceId) -> Result<Vec<LineRow>> {
    tx.all(
        sql!(
            "SELECT text, sum, amount FROM invoice_lines WHERE account_id = $1 AND invoice_id = $2 ORDER BY position"
        ),
        &[&account, &id],
    )
    .await
}

/// A page of an account's invoices and credit notes, newest first.
pub(super) async fn invoices(
    tx: &Tx,
    account: AccountId,
    before: InvoiceId,
    limit: i64,
) -> Result<Vec<InvoiceRow>> {
    tx.all(
        sql!(invoices!("WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3")),
        &[&account, &before, &limit],
    )
    .await
}

/// The invoices that are not settled, newest first.
pub(super) async fn open_invoices(tx: &Tx, account: AccountId) -> Result<Vec<InvoiceRow>> {
    tx.all(
        sql!(invoices!("WHERE account_id = $1 AND settled_at IS NULL AND kind = 'invoice' ORDER BY id DESC")),
        &[&account],
    )
    .await
}

/// Takes off what is still to be paid of an invoice.
pub(super) async fn take_off(tx: &Tx, account: AccountId, id: InvoiceId, amount: i64) -> Result<()> {
    tx.exec(
        sql!("UPDATE invoices SET open = open - $3 WHERE account_id = $1 AND id = $2"),
        &[&account, &id, &amount],
    )
    .await?;
    Ok(())
}

/// What the account has to its credit and is not on its way back already: it pays the next invoice.
pub(super) async fn credit(tx: &Tx, account: AccountId) -> Result<i64> {
    let open: i64 = tx
        .value(
            sql!("SELECT CAST(COALESCE(sum(open), 0) AS BIGINT) FROM invoices WHERE account_id = $1"),
            &[&account],
        )
        .await?;
    let credit = open - balance(tx, account).await? - refunds_under_way(tx, account).await?;
    Ok(credit.max(0))
}

/// Forgets the account's quotes that nobody bought, once they are a day old.
pub(super) async fn forget_quotes(tx: &Tx, account: AccountId) -> Result<()> {
    tx.exec(
        sql!("DELETE FROM quotes WHERE account_id = $1 AND state = 'open' AND expires_at < $2"),
        &[&account, &tx.now().plus(-crate::clock::DAY)],
    )
    .await?;
    Ok(())
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

pub(super) async fn mark_settled(tx: &Tx, account: AccountId, id: InvoiceId) -> Result<()> {
    tx.exec(
        sql!("UPDATE invoices SET settled_at = $3 WHERE account_id = $1 AND id = $2 AND settled_at IS NULL"),
        &[&account, &id, &tx.now()],
    )
    .await?;
    Ok(())
}

row! {
    /// An entry of the ledger.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    pub struct EntryRow {
        /// Its id.
        pub id: EntryId,
        /// When.
        pub at: Time,
        /// What it stands for.
        pub kind: EntryKind,
        /// Above zero where the account owes more, in minor units.
        pub amount: i64,
        /// In which currency.
        pub currency: Currency,
        /// The invoice or payment.
        pub object: String,
        /// What else there is to say.
        pub note: String,
    }
}

pub(super) async fn enter(
    tx: &Tx,
    account: AccountId,
    kind: EntryKind,
    amount: Money,
    object: &str,
    note: &str,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO ledger (account_id, id, at, kind, amount, currency, object, note)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        &[
            &account,
            &tx.id::<crate::id::Entry>(),
            &tx.now(),
            &kind,
            &amount.amount,
            &amount.currency,
            &object,
            &note,
        ],
    )
    .await?;
    Ok(())
}

/// What an account owes; below zero what it is owed. In minor units.
///
/// # Errors
/// The database fails.
pub async fn balance(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!("SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT) FROM ledger WHERE account_id = $1"),
        &[&account],
    )
    .await
}

/// A page of an account's ledger, newest first.
pub(super) async fn ledger(
    tx: &Tx,
    account: AccountId,
    before: EntryId,
    limit: i64,
) -> Result<Vec<EntryRow>> {
    tx.all(
        sql!(
            "SELECT id, at, kind, amount, currency, object, note FROM ledger
             WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        ),
        &[&account, &before, &limit],
    )
    .await
}

row! {
    /// A try to move money.
    #[derive(Clone, Debug)]
    pub struct PaymentRow {
        /// Whose.
        pub account: AccountId,
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
        pub quote: Option<QuoteId>,
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

macro_rules! payments {
    () => {
        "account_id, id, kind, state, provider, amount, currency, quote_id, reference, charge, attempts, failure"
    };
}

/// A payment that is to be noted.
pub(super) struct NewPayment<'a> {
    pub(super) kind: PaymentKind,
    pub(super) state: PaymentState,
    pub(super) provider: &'a str,
    pub(super) amount: Money,
    pub(super) quote: Option<QuoteId>,
    pub(super) charge: Option<&'a str>,
    pub(super) note: &'a str,
    /// When the keeper asks the provider, unless who made it does so first.
    pub(super) next_at: Time,
}

pub(super) async fn insert_payment(tx: &Tx, account: AccountId, new: &NewPayment<'_>) -> Result<PaymentId> {
    let id = tx.id();
    let settled = (new.state != PaymentState::Pending).then_some(tx.now());
    tx.exec(
        sql!(
            "INSERT INTO payments (account_id, id, kind, state, provider, amount, currency, quote_id, charge, note,
                    attempts, next_at, created_at, settled_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13)"
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
pub(super) async fn payment(tx: &Tx, id: PaymentId) -> Result<Option<PaymentRow>> {
    tx.maybe(sql!(concat!("SELECT ", payments!(), " FROM payments WHERE id = $1")), &[&id]).await
}

/// The charge that is under way, if one is.
pub(super) async fn pending_charge(tx: &Tx, account: AccountId) -> Result<Option<PaymentRow>> {
    tx.maybe(
        sql!(concat!(
            "SELECT ",
            payments!(),
            " FROM payments WHERE account_id = $1 AND kind = 'charge' AND state = 'pending'"
        )),
        &[&account],
    )
    .await
}

/// Takes one payment to ask the provider about, until `lease`; no other process takes it meanwhile. Says
/// in `attempts` how often it was taken, this time included.
pub(super) async fn claim(tx: &Tx, id: PaymentId, lease: Time) -> Result<Option<PaymentRow>> {
    tx.maybe(
        sql!(concat!(
            "UPDATE payments SET next_at = $2, attempts = attempts + 1 WHERE id = $1 AND state = 'pending' RETURNING ",
            payments!()
        )),
        &[&id, &lease],
    )
    .await
}

/// Takes payments that are due, as [`claim`].
pub(super) async fn claim_due(tx: &Tx, lease: Time, limit: i64) -> Result<Vec<PaymentRow>> {
    tx.all(
        sql!(concat!(
            "UPDATE payments SET next_at = $2, attempts = attempts + 1
             WHERE id IN (SELECT id FROM payments WHERE state = 'pending' AND next_at <= $1 ORDER BY next_at LIMIT $3)
             RETURNING ",
            payments!()
        )),
        &[&tx.now(), &lease, &limit],
    )
    .await
}

/// Notes the provider's reference of a payment that is still to be made; says whether it still is.
pub(super) async fn refer(tx: &Tx, id: PaymentId, reference: &str) -> Result<bool> {
    let noted = tx
        .exec(
            sql!("UPDATE payments SET reference = $2 WHERE id = $1 AND state = 'pending'"),
            &[&id, &reference],
        )
        .await?;
    Ok(noted == 1)
}

/// Settles a payment that had not succeeded; says whether that was so.
pub(super) async fn settle_payment(
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

/// Puts a pending payment off.
pub(super) async fn put_off(tx: &Tx, id: PaymentId, until: Time, failure: &str) -> Result<()> {
    tx.exec(
        sql!("UPDATE payments SET next_at = $2, failure = $3 WHERE id = $1 AND state = 'pending'"),
        &[&id, &until, &failure],
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

/// How much is on its way back already, in minor units.
pub(super) async fn refunds_under_way(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT) FROM payments
             WHERE account_id = $1 AND kind = 'refund' AND state = 'pending'"
        ),
        &[&account],
    )
    .await
}

/// Notes that the provider told something; says whether it is new.
pub(super) async fn heard(tx: &Tx, event: &str) -> Result<bool> {
    let new = tx
        .exec(
            sql!("INSERT INTO provider_events (id, seen_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING"),
            &[&event, &tx.now()],
        )
        .await?;
    Ok(new == 1)
}

row! {
    /// To whom and where invoices go.
    #[derive(Clone, Debug, Default)]
    pub struct Details {
        /// The name on them.
        pub name: String,
        /// The address on them.
        pub address: String,
        /// Where they are mailed.
        pub email: String,
        /// The tax number on them.
        pub tax_id: String,
        /// Counts the changes.
        pub version: i64,
    }
}

/// The details that the account gave, if it did.
pub(super) async fn details(tx: &Tx, account: AccountId) -> Result<Option<Details>> {
    tx.maybe(
        sql!("SELECT name, address, email, tax_id, version FROM billing_details WHERE account_id = $1"),
        &[&account],
    )
    .await
}

/// Writes the details, if nobody else did since; says so.
pub(super) async fn save_details(tx: &Tx, account: AccountId, new: &Details) -> Result<bool> {
    let saved = tx
        .exec(
            sql!(
                "INSERT INTO billing_details (account_id, name, address, email, tax_id, version)
                 VALUES ($1, $2, $3, $4, $5, CAST($6 AS BIGINT) + 1)
                 ON CONFLICT (account_id) DO UPDATE SET name = $2, address = $3, email = $4, tax_id = $5,
                     version = billing_details.version + 1
                 WHERE billing_details.version = $6"
            ),
            &[&account, &new.name, &new.address, &new.email, &new.tax_id, &new.version],
        )
        .await?;
    Ok(saved == 1)
}

/// The account's owner.
pub(super) async fn owner(tx: &Tx, account: AccountId) -> Result<UserId> {
    let found = tx
        .one::<One<UserId>>(
            sql!("SELECT user_id FROM members WHERE account_id = $1 AND role = 'owner' AND until IS NULL"),
            &[&account],
        )
        .await?;
    Ok(found.0)
}

row! {
    /// The letter that introduces the team.
    #[derive(Clone, Debug)]
    pub struct Introduction {
        /// Its subject.
        pub subject: String,
        /// Its text, with placeholders.
        pub body: String,
        /// Counts the changes.
        pub version: i64,
    }
}

pub(super) async fn introduction(tx: &Tx, account: AccountId) -> Result<Option<Introduction>> {
    tx.maybe(sql!("SELECT subject, body, version FROM introductions WHERE account_id = $1"), &[&account])
        .await
}

/// Writes the letter, if nobody else did since; says so.
pub(super) async fn save_introduction(tx: &Tx, account: AccountId, new: &Introduction) -> Result<bool> {
    let saved = tx
        .exec(
            sql!(
                "INSERT INTO introductions (account_id, subject, body, version) VALUES ($1, $2, $3, CAST($4 AS BIGINT) + 1)
                 ON CONFLICT (account_id) DO UPDATE SET subject = $2, body = $3, version = introductions.version + 1
                 WHERE introductions.version = $4"
            ),
            &[&account, &new.subject, &new.body, &new.version],
        )
        .await?;
    Ok(saved == 1)
}

row! {
    /// Somebody whom the introduction can be sent to.
    #[derive(Clone, Debug)]
    pub struct Recipient {
        /// Their address.
        pub email: String,
        /// Their name; empty while they are invited.
        pub name: String,
    }
}

/// The account's members and whoever has a pending invitation, members first, by name.
pub(super) async fn recipients(tx: &Tx, account: AccountId) -> Result<Vec<Recipient>> {
    tx.all(
        sql!(
            "SELECT email, name FROM (
                SELECT u.email, u.name, u.name_key FROM members m JOIN users u ON u.id = m.user_id
                WHERE m.account_id = $1 AND m.until IS NULL
                UNION ALL
                SELECT i.email, '', '' FROM invitations i
                WHERE i.account_id = $1 AND i.state = 'pending' AND i.expires_at > $2) people
             ORDER BY CASE WHEN name = '' THEN 1 ELSE 0 END, name_key, email"
        ),
        &[&account, &tx.now()],
    )
    .await
}

/// How many invitations of an account are in each state, expired ones apart.
pub(super) async fn invitations_by_state(tx: &Tx, account: AccountId) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT CASE WHEN state = 'pending' AND expires_at <= $2 THEN 'expired' ELSE state END, count(*)
             FROM invitations WHERE account_id = $1 GROUP BY 1 ORDER BY 1"
        ),
        &[&account, &tx.now()],
    )
    .await
}

/// How many events each group's part of the trail holds since a moment, busiest first; archived groups
/// are left out.
pub(super) async fn activity_by_group(
    tx: &Tx,
    account: AccountId,
    since: Time,
    limit: i64,
) -> Result<Vec<(String, i64)>> {
    tx.all(
        sql!(
            "SELECT g.name, (SELECT count(*) FROM cases c WHERE c.account_id = g.account_id AND c.group_id = g.id
                             AND c.created_at >= $2)
                          + (SELECT count(*) FROM case_notes n WHERE n.account_id = g.account_id
                             AND n.group_id = g.id AND n.created_at >= $2) AS done
             FROM groups g WHERE g.account_id = $1 AND g.archived_at IS NULL
             ORDER BY done DESC, g.name_key LIMIT $3"
        ),
        &[&account, &since, &limit],
    )
    .await
}
