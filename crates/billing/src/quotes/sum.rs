//! What a change costs, written out for a page.

use crate::{
    invoices::Line,
    periods::{boundary, day},
    quotes::{Effect, Offer, Quote},
    shop::Shop,
};
use kernel::{
    clock::Time,
    money::{Currency, Money},
    prices::Billed,
};
use people::plans::{State, Subscription};

/// What a period is called.
pub(crate) const fn period(billed: Billed) -> &'static str {
    match billed {
        Billed::Month => "month",
        Billed::Year => "year",
    }
}

/// A line of a sum, as it is read.
pub(super) struct SumLine {
    pub(super) text: String,
    pub(super) sum: String,
    pub(super) amount: String,
}

/// What a change costs, written out.
pub(super) struct Sum {
    /// Whether it begins now, and not with the renewal.
    pub(super) now: bool,
    pub(super) lines: Vec<SumLine>,
    /// What is charged now.
    pub(super) due: String,
    /// What of the total the account's credit pays, if any.
    pub(super) credit: Option<String>,
    /// What a whole period costs from the renewal on.
    pub(super) price: String,
    /// A month or a year.
    pub(super) per: &'static str,
    /// The day of the renewal.
    pub(super) renewal: String,
}

/// When the renewal comes that follows a change.
fn renewal_of(has: &Subscription, billed: Billed, now: Time) -> Time {
    match has.state {
        State::Active => has.period_end,
        State::Trial | State::Ended => boundary(now, billed.months().into()),
    }
}

fn sum_lines(lines: &[Line], currency: Currency) -> Vec<SumLine> {
    let line = |line: &Line| SumLine {
        text: line.text.clone(),
        sum: line.sum.clone(),
        amount: Money::new(line.amount, currency).to_string(),
    };
    lines.iter().map(line).collect()
}

impl Sum {
    pub(super) fn of_offer(has: &Subscription, offer: &Offer, shop: &Shop, now: Time) -> Self {
        let currency = shop.prices.currency;
        let money = |amount| Money::new(amount, currency).to_string();
        Self {
            now: offer.effect == Effect::Now,
            lines: sum_lines(&offer.lines, currency),
            due: money(offer.total),
            credit: None,
            price: money(offer.price),
            per: period(offer.billed),
            renewal: day(renewal_of(has, offer.billed, now)),
        }
    }

    /// No sum yet, for a script to fill in.
    pub(super) fn empty(has: &Subscription, billed: Billed, now: Time) -> Self {
        let none = has.money(0).to_string();
        Self {
            now: true,
            lines: Vec::new(),
            due: none.clone(),
            credit: None,
            price: none,
            per: period(billed),
            renewal: day(renewal_of(has, billed, now)),
        }
    }

    pub(super) fn of_quote(has: &Subscription, quote: &Quote) -> Self {
        let money = |amount| Money::new(amount, quote.currency).to_string();
        Self {
            now: quote.effect == Effect::Now,
            lines: sum_lines(&quote.lines(), quote.currency),
            due: money(quote.due()),
            credit: (quote.credit > 0).then(|| money(-quote.credit)),
            price: money(quote.price),
            per: period(quote.billed),
            renewal: day(renewal_of(has, quote.billed, quote.made_at)),
        }
    }
}
