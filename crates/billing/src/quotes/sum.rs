//! What a change costs, written out for a page.

use crate::{
    invoices::Line,
    periods::{boundary, day},
    quotes::{Effect, Offer, Quote, Renewal},
    shop::Shop,
};
use kernel::{
    clock::Time,
    money::{Currency, Money},
    prices::Billed,
    text::counted,
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
#[derive(Default)]
pub(super) struct Sum {
    /// Whether it begins now, and not with the renewal.
    pub(super) now: bool,
    pub(super) lines: Vec<SumLine>,
    /// What is charged now.
    pub(super) due: String,
    /// What of the total the account's credit pays, if any.
    pub(super) credit: Option<String>,
    /// What the renewal brings, as a sentence.
    pub(super) then: String,
    /// The day of the renewal.
    pub(super) renewal: String,
}

/// When the renewal comes that follows a change.
fn renewal_of(has: &Subscription, billed: Billed, now: Time) -> Time {
    match has.state {
        State::Active => has.period_end,
        State::Trial | State::Ended | State::Unbilled => boundary(now, billed.months().into()),
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

/// What the renewal brings after a change to `to`, whatever was planned for it before.
fn then(
    has: &Subscription,
    effect: Effect,
    to: Renewal,
    renewal: Option<Renewal>,
    shop: &Shop,
    on: &str,
) -> String {
    let Some(renewal) = renewal else {
        return format!("The subscription still ends on {on}, as planned.");
    };
    let price = format!(
        "{} a {}",
        Money::new(renewal.price(&shop.prices), shop.prices.currency),
        period(renewal.billed)
    );
    match effect {
        Effect::Renewal if has.ends_at_renewal => {
            format!("The subscription continues after {on}, at {price}.")
        }
        Effect::Renewal => format!("This starts with the renewal on {on}, at {price}."),
        Effect::Now if renewal == to => format!("After the renewal on {on}, you pay {price}."),
        Effect::Now => format!(
            "The renewal on {on} stays as planned: {}, {}, for {price}.",
            counted(renewal.licenses, "license", "licenses"),
            renewal.plan.label()
        ),
    }
}

impl Sum {
    pub(super) fn of_offer(has: &Subscription, offer: &Offer, shop: &Shop, now: Time) -> Self {
        let currency = shop.prices.currency;
        let to = Renewal { plan: offer.plan, billed: offer.billed, licenses: offer.licenses };
        let renewal = day(renewal_of(has, offer.billed, now));
        Self {
            now: offer.effect == Effect::Now,
            lines: sum_lines(&offer.lines, currency),
            due: Money::new(offer.total, currency).to_string(),
            credit: None,
            then: then(has, offer.effect, to, offer.renewal, shop, &renewal),
            renewal,
        }
    }

    pub(super) fn of_quote(has: &Subscription, quote: &Quote, shop: &Shop) -> Self {
        let money = |amount| Money::new(amount, quote.currency).to_string();
        let renewal = day(renewal_of(has, quote.billed, quote.made_at));
        Self {
            now: quote.effect == Effect::Now,
            lines: sum_lines(&quote.lines(), quote.currency),
            due: money(quote.due()),
            credit: (quote.credit > 0).then(|| money(-quote.credit)),
            then: then(has, quote.effect, quote.change(), quote.renewal(has), shop, &renewal),
            renewal,
        }
    }
}
